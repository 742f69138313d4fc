#include "services/training/write_seats.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <utility>

#include "absl/time/time.h"
#include "common/base/status.h"
#include "services/training/seats.h"
#include "services/training/store.h"
#include "services/training/store_seats.h"

namespace accord::training {
namespace {

constexpr char kPromotion[] = "PromoteEnrollment";
constexpr char kWhy[] = "a seat came free";
constexpr char kLeaving[] = "CancelEnrollment";
constexpr char kWhyLeaving[] = "the officer is out of the program";

bool HasBegun(const v1::Offering& offering, Date today) {
  const auto first = FromProto(offering.first_date());
  return first && *first <= today;
}

// The live places by offering.
absl::StatusOr<std::map<std::string, std::vector<v1::Enrollment>>> PlacesOf(
    store::Reader& reader, const std::vector<std::string>& officers) {
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Enrollment> all, EnrollmentsOf(reader, officers));
  std::map<std::string, std::vector<v1::Enrollment>> places;
  for (v1::Enrollment& enrollment : all) {
    if (IsLive(enrollment)) places[enrollment.offering()].push_back(std::move(enrollment));
  }
  return places;
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

absl::Status LeaveClasses(const std::vector<std::string>& officers, Date today,
                          store::Transaction& transaction, store::WriteSet& writes) {
  ACCORD_ASSIGN_OR_RETURN(auto places, PlacesOf(transaction, officers));
  for (auto& [name, enrollments] : places) {
    ACCORD_ASSIGN_OR_RETURN(v1::Offering offering, transaction.Get<v1::Offering>(name));
    std::set<std::string> ended;
    for (v1::Enrollment& enrollment : enrollments) {
      const bool is_waiting = enrollment.state() == v1::Enrollment::WAITING;
      if (!is_waiting && HasBegun(offering, today)) continue;
      End(offering, enrollment, v1::Enrollment::CANCELLED);
      store::WriteSet::Entry& entry = writes.Update(enrollment);
      entry.action = kLeaving;
      entry.reason = kWhyLeaving;
      entry.by_rule = true;  // The place may be of an agency that the officer has left.
      ended.insert(enrollment.name());
    }
    if (ended.empty()) continue;
    ACCORD_RETURN_IF_ERROR(WriteOffering(std::move(offering), today, transaction, writes, ended));
  }
  return absl::OkStatus();
}

}  // namespace accord::training
