#include "tests/bench/training_record.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/store/store.h"
#include "services/training/errors.h"
#include "services/training/types.h"
#include "tests/bench/corps.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;

constexpr int kBatch = 2'000;
// Days over which basic courses are spread, up to this many days ago.
constexpr int kSpread = 700;
constexpr int kNewest = 30;
const SystemClock kClock;

constexpr const char* kAnnual[] = {
    "annual-ina-overview",          "annual-immigration-fundamentals",
    "annual-trafficking-awareness", "annual-information-awareness",
    "annual-records-management",    "annual-privacy-awareness",
    "annual-operations-security",   "annual-language-access",
};

struct Taken {
  std::string course;
  Date date;
};

// The basic course, the annual ones when they come due or soon after it, and one of them again.
std::vector<Taken> CoursesOf(int officer, Date today) {
  const Date basic = today - days(kNewest + officer % kSpread);
  const Date due = basic + days(340);
  const Date again = due < today ? due : basic + days(20);
  std::vector<Taken> taken = {{"jem-basic", basic}};
  for (const char* course : kAnnual) taken.push_back({course, again});
  taken.push_back({kAnnual[officer % 8], again + days(1)});
  return taken;
}

tv1::Officer TraineeOf(int number) {
  tv1::Officer officer;
  officer.set_name(OfficerName(number));
  officer.set_given_name("Demo");
  officer.set_family_name(absl::StrCat("Person-", number));
  const int agency = number / kOfficersOfAgency;
  officer.set_agency(AgencyName(agency));
  officer.set_agreement(absl::StrCat("agreements/b", agency));
  officer.set_agency_state("GA");
  officer.set_field_office(OfficeName(agency % kOffices));
  officer.set_model("JEM");
  officer.set_template_("JEM-2025-02-15");
  officer.set_state(tv1::Officer::IN_TRAINING);
  officer.set_fictitious(true);
  return officer;
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const std::string& url) {
  return store::Store::Open("training", training::kDomain, training::Types(), kClock, {.url = url});
}

}  // namespace

absl::Status WriteTrainees(const std::string& url, int officers) {
  ACCORD_ASSIGN_OR_RETURN(const auto store, OpenStore(url));
  for (int begin = 0; begin < officers; begin += kBatch) {
    store::MutationContext context;
    context.action = "Bench";
    ACCORD_RETURN_IF_ERROR(
        store
            ->Mutate(context,
                     [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                       store::WriteSet writes;
                       const int end = std::min(officers, begin + kBatch);
                       for (int number = begin; number < end; ++number) {
                         writes.Create(TraineeOf(number));
                       }
                       return writes;
                     })
            .status());
  }
  return absl::OkStatus();
}

std::string ExportOf(int officers, int each) {
  const Date today = Today(kClock.Now(), absl::UTCTimeZone()) - days(1);
  std::string file = "officer,course,date,result,attempt,evidence\n";
  for (int number = 0; number < officers; ++number) {
    std::vector<Taken> courses = CoursesOf(number, today);
    courses.resize(each);
    for (const Taken& taken : courses) {
      absl::StrAppend(&file, OfficerName(number), ",", taken.course, ",", FormatDate(taken.date),
                      ",passed,1,DEMO-", number, "\n");
    }
  }
  return file;
}

}  // namespace accord::bench
