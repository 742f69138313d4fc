// The life cycle of an agreement: which moves are legal, and which state follows
// on a date. Pure: facts, policy and date in; verdict with reasons out.
//
// Source: domain facts on the life cycle (MOA texts, OIG-18-77, published lists):
// in force on the second signature; suspension and termination by notice; absence
// from a published list is not an end.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::agreements {

// A step of the life cycle, named as its method.
enum class Move {
  kStartReview,
  kSendToBoard,
  kApprove,
  kDecline,
  kWithdraw,
  kSign,
  kSuspend,
  kReinstate,
  kTerminate,
  kRescind,
  kSupersede,
};

// "StartReview", "SuspendAgreement", …: the name of the move's method.
absl::string_view MethodOf(Move move);

// The state that the move leads to.
v1::Agreement::State TargetOf(Move move);

// The moves that are legal from `state`. `board_gate`: the policy has an advisory
// board between review and approval.
std::vector<Move> LegalMoves(v1::Agreement::State state, bool board_gate);

// The state on `date` by the recorded transitions: that of the last one whose
// effective date is not after it. STATE_UNSPECIFIED before the first.
v1::Agreement::State StateOn(const v1::Agreement& agreement, Date date);

// First day after `date` on which the recorded transitions change the state.
std::optional<Date> NextChange(const v1::Agreement& agreement, Date date);

// The first day of the transition; Date::min() when it has none.
Date EffectiveOf(const v1::Transition& transition);

// The state that the last recorded transition leads to, also when its date is yet to come.
// STATE_UNSPECIFIED without any.
v1::Agreement::State LastState(const v1::Agreement& agreement);

// No agreement leaves these.
bool IsEnded(v1::Agreement::State state);
// Its last transition leads to a state that it does not leave.
bool HasEnded(const v1::Agreement& agreement);
// Not yet in force: from application to signature.
bool IsPipeline(v1::Agreement::State state);

// Appends a transition and recomputes `state` as of `today`.
// The move must be legal from the last recorded state, and its date not before the
// last transition's.
// Errors: ILLEGAL_TRANSITION (with `legal_moves`), NO_BOARD_GATE, DATE_OUT_OF_ORDER.
absl::Status Apply(v1::Agreement& agreement, Move move, const v1::Transition& transition,
                   bool board_gate, Date today);

// The later of the two signatures; else the one published date; else none.
std::optional<Date> EffectiveDate(const v1::Agreement& agreement);

// Sets `effective_date`, `state` and `next_change_date` from the facts, as of `today`.
void Recompute(v1::Agreement& agreement, Date today);

}  // namespace accord::agreements
