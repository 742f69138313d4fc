#include "services/training/write_seats.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <utility>

#include "absl/time/time.h"
#include "common/base/status.h"
#include "services/training/officer_events.h"
#include "services/training/seats.h"
#include "services/training/store.h"
#include "services/training/store_seats.h"

namespace accord::training {
namespace {

constexpr char kPromotion[] = "PromoteEnrollment";
constexpr char kWhy[] = "a seat came free";
constexpr char kLeaving[] = "CancelEnrollment";
constexpr char kMoving[] = "MoveEnrollment";
constexpr char kWhyOut[] = "the officer is out of the program";
constexpr char kWhyOtherModel[] = "the officer serves under another model than the course's";
constexpr char kWhyMoved[] = "the officer is of another agency or office";

bool HasBegun(const v1::Offering& offering, Date today) {
  const auto first = FromProto(offering.first_date());
  return first && *first <= today;
}

using OfficersByName = std::map<std::string, const v1::Officer*>;

// The live places by offering.
absl::StatusOr<std::map<std::string, std::vector<v1::Enrollment>>> PlacesOf(
    store::Reader& reader, const OfficersByName& officers) {
  std::vector<std::string> names;
  for (const auto& [name, officer] : officers) names.push_back(name);
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Enrollment> all, EnrollmentsOf(reader, names));
  std::map<std::string, std::vector<v1::Enrollment>> places;
  for (v1::Enrollment& enrollment : all) {
    if (IsLive(enrollment)) places[enrollment.offering()].push_back(std::move(enrollment));
  }
  return places;
}

// Why the place cannot be kept; null when it can.
const char* WhyLeaves(const v1::Officer& officer, const std::string& course,
                      const PolicyView& policy) {
  if (HasLeftProgram(officer.state())) return kWhyOut;
  const policy::v1::Course* rule = policy.FindCourse(course);
  const bool is_other = rule != nullptr && rule->model() != officer.model();
  return is_other ? kWhyOtherModel : nullptr;
}

// The place may be of an agency that the officer has left.
void WriteByRule(const v1::Enrollment& enrollment, const char* action, const char* reason,
                 store::WriteSet& writes) {
  store::WriteSet::Entry& entry = writes.Update(enrollment);
  entry.action = action;
  entry.reason = reason;
  entry.by_rule = true;
}

}  // namespace

absl::Status WriteOffering(v1::Offering offering, Date today, store::Transaction& transaction,
                           store::WriteSet& writes, const std::set<std::string>& ended) {
  int seats = SeatsToFill(offering, today);
  if (seats > 0) {
    const auto now = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        absl::ToUnixMicros(transaction.now()));
    ACCORD_ASSIGN_OR_RETURN(
        std::vector<v1::Enrollment> next,
        FirstWaiting(transaction, offering.name(), seats + static_cast<int>(ended.size())));
    for (v1::Enrollment& enrollment : next) {
      if (ended.contains(enrollment.name())) continue;
      if (seats-- == 0) break;
      Promote(offering, enrollment, now);
      store::WriteSet::Entry& entry = writes.Update(enrollment);
      entry.action = kPromotion;
      entry.reason = kWhy;
      entry.by_rule = true;  // Whoever is next, of whatever agency.
    }
  }
  writes.Update(offering);
  return absl::OkStatus();
}

absl::Status FollowInClasses(const std::vector<const v1::Officer*>& officers,
                             const PolicyView& policy, Date today, store::Transaction& transaction,
                             store::WriteSet& writes) {
  OfficersByName by_name;
  for (const v1::Officer* officer : officers) by_name[officer->name()] = officer;
  ACCORD_ASSIGN_OR_RETURN(auto places, PlacesOf(transaction, by_name));
  for (auto& [name, enrollments] : places) {
    ACCORD_ASSIGN_OR_RETURN(v1::Offering offering, transaction.Get<v1::Offering>(name));
    std::set<std::string> ended;
    for (v1::Enrollment& enrollment : enrollments) {
      const v1::Officer& officer = *by_name[enrollment.officer()];
      const bool is_waiting = enrollment.state() == v1::Enrollment::WAITING;
      const bool is_over = !is_waiting && HasBegun(offering, today);
      const char* why = is_over ? nullptr : WhyLeaves(officer, enrollment.course(), policy);
      if (why != nullptr) {
        End(offering, enrollment, v1::Enrollment::CANCELLED);
        WriteByRule(enrollment, kLeaving, why, writes);
        ended.insert(enrollment.name());
      } else if (CopyOfficer(officer, enrollment)) {
        WriteByRule(enrollment, kMoving, kWhyMoved, writes);
      }
    }
    if (ended.empty()) continue;
    ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(offering), today, transaction, writes, ended));
  }
  return absl::OkStatus();
}

}  // namespace accord::training
