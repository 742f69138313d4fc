#include "services/agreements/lifecycle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/agreements/errors.h"

namespace accord::agreements {
namespace {

using State = v1::Agreement;

struct MoveRule {
  Move move;
  absl::string_view method;
  std::vector<v1::Agreement::State> from;
  v1::Agreement::State to;
};

const std::vector<MoveRule>& Rules() {
  static const auto& rules = *new std::vector<MoveRule>{
      {Move::kStartReview, "StartReview", {State::APPLIED, State::PENDING}, State::IN_REVIEW},
      {Move::kSendToBoard, "SendToBoard", {State::IN_REVIEW}, State::BOARD_REVIEW},
      {Move::kApprove,
       "ApproveAgreement",
       {State::IN_REVIEW, State::BOARD_REVIEW},
       State::APPROVED},
      {Move::kDecline,
       "DeclineAgreement",
       {State::APPLIED, State::PENDING, State::IN_REVIEW, State::BOARD_REVIEW},
       State::DECLINED},
      {Move::kWithdraw,
       "WithdrawAgreement",
       {State::APPLIED, State::PENDING, State::IN_REVIEW, State::BOARD_REVIEW, State::APPROVED},
       State::WITHDRAWN},
      {Move::kSign, "SignAgreement", {State::APPROVED, State::PENDING}, State::ACTIVE},
      {Move::kSuspend, "SuspendAgreement", {State::ACTIVE}, State::SUSPENDED},
      {Move::kReinstate, "ReinstateAgreement", {State::SUSPENDED}, State::ACTIVE},
      {Move::kTerminate,
       "TerminateAgreement",
       {State::ACTIVE, State::SUSPENDED},
       State::TERMINATED},
      {Move::kRescind, "RescindAgreement", {State::ACTIVE}, State::RESCINDED},
      {Move::kSupersede,
       "SupersedeAgreement",
       {State::ACTIVE, State::SUSPENDED},
       State::SUPERSEDED},
  };
  return rules;
}

const MoveRule& RuleOf(Move move) { return Rules()[static_cast<size_t>(move)]; }

bool IsOneOf(const std::vector<v1::Agreement::State>& states, v1::Agreement::State state) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

// With a board, approval comes from the board; without one there is no board step.
bool GateAllows(Move move, v1::Agreement::State from, bool board_gate) {
  if (move == Move::kSendToBoard) return board_gate;
  if (move == Move::kApprove && from == State::IN_REVIEW) return !board_gate;
  return true;
}

std::string MethodNames(const std::vector<Move>& moves) {
  return absl::StrJoin(moves, ", ",
                       [](std::string* out, Move move) { absl::StrAppend(out, MethodOf(move)); });
}

}  // namespace

absl::string_view MethodOf(Move move) { return RuleOf(move).method; }

v1::Agreement::State TargetOf(Move move) { return RuleOf(move).to; }

std::vector<Move> LegalMoves(v1::Agreement::State state, bool board_gate) {
  std::vector<Move> moves;
  for (const MoveRule& rule : Rules()) {
    if (IsOneOf(rule.from, state) && GateAllows(rule.move, state, board_gate)) {
      moves.push_back(rule.move);
    }
  }
  return moves;
}

v1::Agreement::State StateOn(const v1::Agreement& agreement, Date date) {
  v1::Agreement::State state = State::STATE_UNSPECIFIED;
  for (const v1::Transition& transition : agreement.transitions()) {
    if (EffectiveOf(transition) > date) break;
    state = transition.state();
  }
  return state;
}

std::optional<Date> NextChange(const v1::Agreement& agreement, Date date) {
  const v1::Agreement::State now = StateOn(agreement, date);
  for (const v1::Transition& transition : agreement.transitions()) {
    const Date effective = EffectiveOf(transition);
    if (effective > date && transition.state() != now) return effective;
  }
  return std::nullopt;
}

Date EffectiveOf(const v1::Transition& transition) {
  return FromProto(transition.effective_date()).value_or(Date::min());
}

v1::Agreement::State LastState(const v1::Agreement& agreement) {
  const auto& transitions = agreement.transitions();
  return transitions.empty() ? State::STATE_UNSPECIFIED : transitions.rbegin()->state();
}

bool IsEnded(v1::Agreement::State state) {
  return IsOneOf(
      {State::TERMINATED, State::SUPERSEDED, State::WITHDRAWN, State::DECLINED, State::RESCINDED},
      state);
}

bool HasEnded(const v1::Agreement& agreement) { return IsEnded(LastState(agreement)); }

bool IsPipeline(v1::Agreement::State state) {
  return IsOneOf(
      {State::APPLIED, State::IN_REVIEW, State::BOARD_REVIEW, State::APPROVED, State::PENDING},
      state);
}

absl::Status Apply(v1::Agreement& agreement, Move move, const v1::Transition& transition,
                   bool board_gate, Date today) {
  const auto& past = agreement.transitions();
  const v1::Agreement::State last = LastState(agreement);
  if (move == Move::kSendToBoard && last == State::IN_REVIEW && !board_gate) {
    return error::NoBoardGate(agreement.name());
  }
  const std::vector<Move> legal = LegalMoves(last, board_gate);
  if (std::find(legal.begin(), legal.end(), move) == legal.end()) {
    return error::IllegalTransition(agreement.name(), MethodOf(move), last, MethodNames(legal));
  }
  if (!past.empty() && EffectiveOf(transition) < EffectiveOf(*past.rbegin())) {
    return error::DateOutOfOrder(agreement.name(), EffectiveOf(transition),
                                 EffectiveOf(*past.rbegin()));
  }
  v1::Transition* added = agreement.add_transitions();
  *added = transition;
  added->set_state(TargetOf(move));
  Recompute(agreement, today);
  return absl::OkStatus();
}

std::optional<Date> EffectiveDate(const v1::Agreement& agreement) {
  const auto agency = FromProto(agreement.agency_signed_date());
  const auto federal = FromProto(agreement.federal_signed_date());
  if (agency && federal) return std::max(*agency, *federal);
  return FromProto(agreement.published_signed_date());
}

void Recompute(v1::Agreement& agreement, Date today) {
  const std::optional<Date> effective = EffectiveDate(agreement);
  if (effective) {
    *agreement.mutable_effective_date() = ToProto(*effective);
  } else {
    agreement.clear_effective_date();
  }
  agreement.set_state(StateOn(agreement, today));
  if (const std::optional<Date> next = NextChange(agreement, today)) {
    *agreement.mutable_next_change_date() = ToProto(*next);
  } else {
    agreement.clear_next_change_date();
  }
}

}  // namespace accord::agreements
