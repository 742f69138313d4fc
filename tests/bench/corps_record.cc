#include "tests/bench/corps_record.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/policy/policy.h"
#include "common/store/store.h"
#include "services/training/errors.h"
#include "services/training/types.h"
#include "tests/bench/bulk_load.h"
#include "tests/bench/corps.h"
#include "tests/integration/suite.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;

// Of an officer with all that goes with them, indexes and the write-ahead log included.
constexpr int64_t kBytesOfOfficer = 14'000;
constexpr int64_t kBytesOfLog = int64_t{4} << 30;
const SystemClock kClock;

absl::Status CheckDisk(const std::string& folder, int officers) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder, ": ", error.message()));
  const int64_t needed = officers * kBytesOfOfficer + kBytesOfLog;
  if (static_cast<int64_t>(space.available) >= needed) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(officers, " officers need ", needed >> 30,
                                                   " GiB in ", folder, ", where ",
                                                   space.available >> 30, " GiB are free"));
}

// Seats by offering.
struct Places {
  int taken = 0;
  int waiting = 0;
};
using PlacesByOffering = absl::flat_hash_map<std::string, Places>;

template <typename Resource>
absl::Status AddAll(const std::vector<Resource>& resources, BulkLoad& load) {
  for (const Resource& resource : resources) ACCORD_RETURN_IF_ERROR(load.Add(resource));
  return absl::OkStatus();
}

template <typename Resource>
absl::StatusOr<std::unique_ptr<BulkLoad>> Begin(const std::string& url) {
  return BulkLoad::Begin(url, training::Types().Of<Resource>());
}

absl::StatusOr<PlacesByOffering> WriteMembers(const std::string& url, const Corps& corps) {
  ACCORD_ASSIGN_OR_RETURN(const auto officers, Begin<tv1::Officer>(url));
  ACCORD_ASSIGN_OR_RETURN(const auto enrollments, Begin<tv1::Enrollment>(url));
  ACCORD_ASSIGN_OR_RETURN(const auto cases, Begin<tv1::RevocationCase>(url));
  ACCORD_ASSIGN_OR_RETURN(const auto notices, Begin<tv1::Notice>(url));
  PlacesByOffering places;
  for (int number = 0; number < corps.size(); ++number) {
    const Member member = corps.MemberAt(number);
    ACCORD_RETURN_IF_ERROR(officers->Add(member.facts.officer));
    ACCORD_RETURN_IF_ERROR(AddAll(member.enrollments, *enrollments));
    ACCORD_RETURN_IF_ERROR(AddAll(member.cases, *cases));
    ACCORD_RETURN_IF_ERROR(AddAll(member.notices, *notices));
    for (const tv1::Enrollment& enrollment : member.enrollments) {
      Places& of_class = places[enrollment.offering()];
      ++(enrollment.state() == tv1::Enrollment::WAITING ? of_class.waiting : of_class.taken);
    }
  }
  for (BulkLoad* load : {officers.get(), enrollments.get(), cases.get(), notices.get()}) {
    ACCORD_RETURN_IF_ERROR(load->End());
  }
  return places;
}

// A class has a seat for everybody who was sent to it.
absl::Status WriteOfferings(const std::string& url, const Corps& corps,
                            const PlacesByOffering& places) {
  ACCORD_ASSIGN_OR_RETURN(const auto offerings, Begin<tv1::Offering>(url));
  for (tv1::Offering& offering : corps.Offerings()) {
    const auto found = places.find(offering.name());
    const Places of_class = found == places.end() ? Places() : found->second;
    offering.set_seats_taken(of_class.taken);
    offering.set_waiting(of_class.waiting);
    if (of_class.taken > offering.seats() || of_class.waiting > 0) {
      offering.set_seats(std::max(1, of_class.taken));
    }
    ACCORD_RETURN_IF_ERROR(offerings->Add(offering));
  }
  return offerings->End();
}

absl::StatusOr<int64_t> WriteCompletions(const std::string& url, const Corps& corps) {
  ACCORD_ASSIGN_OR_RETURN(const auto completions, Begin<tv1::Completion>(url));
  for (int year = 0; year < Corps::kYears; ++year) {
    for (int number = 0; number < corps.size(); ++number) {
      ACCORD_RETURN_IF_ERROR(AddAll(corps.CompletionsOf(number, year), *completions));
    }
  }
  ACCORD_RETURN_IF_ERROR(completions->End());
  return completions->rows();
}

absl::Status CountGroups(const std::string& url) {
  ACCORD_ASSIGN_OR_RETURN(const auto database,
                          sql::Database::Open(url, {.call_timeout = absl::Minutes(30)}));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
  for (const auto& type : training::Types().all()) {
    for (const store::Counts& counts : type->counts()) {
      ACCORD_RETURN_IF_ERROR(counts.Rebuild(*connection));
      ACCORD_RETURN_IF_ERROR(connection->ExecuteScript(absl::StrCat("ANALYZE ", counts.table())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CorpsRecord> WriteCorps(const std::string& url, const std::string& folder,
                                       int officers) {
  ACCORD_RETURN_IF_ERROR(CheckDisk(folder, officers));
  ACCORD_ASSIGN_OR_RETURN(const auto policy, Policy::Load(testing::PolicyPath()));
  const Date today = Today(kClock.Now(), policy->time_zone());
  // Makes the tables.
  ACCORD_RETURN_IF_ERROR(
      store::Store::Open("training", training::kDomain, training::Types(), kClock, {.url = url})
          .status());
  const absl::Time started = absl::Now();
  const Corps corps(policy->AtOrFirst(today), today, officers);
  ACCORD_ASSIGN_OR_RETURN(const PlacesByOffering places, WriteMembers(url, corps));
  ACCORD_RETURN_IF_ERROR(WriteOfferings(url, corps, places));
  ACCORD_ASSIGN_OR_RETURN(const int64_t completions, WriteCompletions(url, corps));
  ACCORD_RETURN_IF_ERROR(CountGroups(url));
  return CorpsRecord{officers, completions, absl::ToDoubleSeconds(absl::Now() - started)};
}

}  // namespace accord::bench
