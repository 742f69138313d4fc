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

// Officers who are the same in all this; in a count of those that lapse, without `officers`, only
// in model, office and agency.
struct OfficerCount {
  std::string model{};
  std::string field_office{};
  std::string agency{};
  std::string agreement{};
  bool fictitious = false;
  // CERTIFIED or AUTHORIZED.
  bool on_duty = false;
  v1::Certification::State certification = v1::Certification::STATE_UNSPECIFIED;
  // By the annual courses alone.
  v1::Certification::State annual = v1::Certification::STATE_UNSPECIFIED;
  int64_t officers = 0;
  // Of those, CURRENT until a day on or before that asked about.
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
// Officers in the program of whom it holds. Their sums by agency, office and model are what they
// are; the first end is known in narrow scopes only.
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
