// The officers of the program counted in the database, by what is kept of them: no completion
// is read, and of most officers nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/reach.h"
#include "common/store/reader.h"

namespace accord::training {

// Of officers, by columns of theirs; `where` empty is all.
struct OfficerScope {
  // "f_agency = $1 AND …": its parameters come first.
  std::string where{};
  std::vector<sql::Value> params{};
  // Few officers, who are found by an index of their own.
  bool narrow = false;
  // It chooses groups that are counted, by their columns.
  bool counted = false;
};

// Either the made-up officers or the real ones.
OfficerScope Fictitious(bool fictitious);
OfficerScope OfAgency(const std::string& agency);
// Of these, who has that field office.
OfficerScope OfOffice(const std::string& field_office, OfficerScope scope);
// Of these, whom the reach covers.
OfficerScope Within(const Reach& reach, const store::Reader& reader, OfficerScope scope);

// Officers of one agency, model, field office and, where that is asked about, agreement; in a count
// of those that lapse, only how many these are.
struct OfficerCount {
  std::string model{};
  std::string field_office{};
  std::string agency{};
  std::string agreement{};
  bool fictitious = false;
  int64_t officers = 0;
  // Of those, by certification; of the rest it is not known. Who is current by training, and whose
  // authority has ended, is not current.
  int64_t current = 0;
  int64_t authority_ended = 0;
  int64_t lapsed = 0;
  int64_t not_certified = 0;
  int64_t no_rule = 0;
  // CERTIFIED or AUTHORIZED, without those whose authority has ended; so are the annual numbers.
  int64_t on_duty = 0;
  // Of those on duty, whom an annual rule binds, or may bind.
  int64_t annual_bound = 0;
  // Of those, by the annual courses alone: who is not known to be current, and of these, who is
  // known not to be. Of the others it cannot be said whether the rule binds them or is met.
  int64_t annual_not_known_current = 0;
  int64_t annual_known_not_current = 0;
  // CURRENT until a day on or before that asked about.
  int64_t lapsing = 0;
  // Of those that are CURRENT, the earliest.
  std::optional<Date> current_through{};
};

// What is kept of an officer holds on `as_of` unless it changes by then, or was kept under
// another policy.
struct KeptAsk {
  const OfficerScope& scope;
  // Today or later.
  Date as_of;
  std::string policy_version;
  // Last day of an end that counts as lapsing.
  Date lapsing_through;
  // Else `agreement` is left empty.
  bool by_agreement = false;
  absl::Time deadline = absl::InfiniteFuture();
};
// Officers in the program of whom it holds; a group may come in parts, to be added. The first end
// is known in narrow scopes only.
absl::StatusOr<std::vector<OfficerCount>> CountKept(store::Reader& reader, const KeptAsk& ask);
// Gives those of whom it does not, each once and at most `batch` at a time.
using OfficersFunction = std::function<absl::Status(std::vector<v1::Officer> officers)>;
absl::Status ForEachNotKept(store::Reader& reader, const KeptAsk& ask, int64_t batch,
                            const OfficersFunction& fn);
// All in the scope, in the program or not.
absl::StatusOr<int64_t> CountInScope(store::Reader& reader, const OfficerScope& scope,
                                     absl::Time deadline);
// Gives these by name, at most `batch` at a time.
absl::Status ForEachInScope(store::Reader& reader, const OfficerScope& scope, int64_t batch,
                            const OfficersFunction& fn);

// Gives each case of an officer in the scope whose decision was due before `as_of`, decided since
// or not, with its officer's model and agreement; of those that are open now only when that is
// all that is asked about, so that old cases cost nothing.
using CaseFunction = std::function<void(const v1::RevocationCase& revocation,
                                        const std::string& model, const std::string& agreement)>;
absl::Status ForEachCaseDueBefore(store::Reader& reader, const OfficerScope& scope, Date as_of,
                                  bool open_only, const CaseFunction& fn);

// IsInProgram and IsOnDuty as conditions of a row with `f_state`.
std::string InProgramSql();
std::string OnDutySql();

}  // namespace accord::training
