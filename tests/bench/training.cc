// Reads of the training service, and its first sweep, as the record grows.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/calendar/date.h"
#include "common/rpc/channel.h"
#include "common/sql/sql.h"
#include "common/testing/eventually.h"
#include "common/testing/postgres_server.h"
#include "tests/bench/benches.h"
#include "tests/bench/corps.h"
#include "tests/bench/corps_record.h"
#include "tests/bench/host.h"
#include "tests/bench/load.h"
#include "tests/integration/identities.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;
using Stub = tv1::Training::Stub;

// 1x, 10x and 100x: ten completions an officer.
constexpr int kOfficers = 15'000;
constexpr int kFewOfficers = 300;
constexpr int kLargest = 100;
constexpr int kPairs = 5;
// PostgreSQL settles on a plan for all values after a statement has run five times.
constexpr int kWarm = 6;
// No read gets longer.
constexpr absl::Duration kPatience = absl::Seconds(60);
// For a first start with the largest record.
constexpr absl::Duration kSweepPatience = absl::Minutes(30);
constexpr int kOffice = 7;
constexpr char kOfficeManager[] = "manager";
const SystemClock kClock;

Date LastMonth() { return Today(kClock.Now(), absl::UTCTimeZone()) - days(30); }

// A database that holds a corps, and the service over it: for everybody, and as one field office
// sees it.
class Scene {
 public:
  static absl::StatusOr<std::unique_ptr<Scene>> Make(testing::PostgresServer& server,
                                                     const testing::GatedSuite& people,
                                                     int officers);

  int officers() const { return record_.officers; }
  // "150,000 officers, …"
  std::string name() const;
  const CorpsRecord& record() const { return record_; }
  double gibibytes() const { return gibibytes_; }
  double first_sweep() const { return first_sweep_; }
  double next_sweep() const { return next_sweep_; }
  double mebibytes() const { return mebibytes_; }
  const testing::Program& program() const { return whole_; }

  // Milliseconds until the answer, whatever it is; a refusal is kept, to be told.
  template <typename Method, typename Request>
  absl::StatusOr<double> Ask(Stub& stub, Method method, const Request& request,
                             const std::string& what) {
    const absl::Time started = absl::Now();
    const absl::Status status =
        rpc::CallUnary(stub, method, request, {.timeout = kPatience}).status();
    if (absl::IsUnavailable(status) || absl::IsInternal(status)) return status;
    if (!status.ok()) refusals_[what] = status.ToString();
    return absl::ToDoubleMilliseconds(absl::Now() - started);
  }
  Stub& whole() { return *whole_stub_; }
  Stub& office() { return *office_stub_; }
  const std::map<std::string, std::string>& refusals() const { return refusals_; }

 private:
  Scene(std::string url, const testing::GatedSuite& people);
  // Seconds from the start of the program until it has swept the day.
  absl::StatusOr<double> StartAndSweep(testing::Program& program);
  absl::Status Connect(const testing::GatedSuite& people);
  absl::Status Measure();

  const std::string url_;
  testing::Program whole_;
  testing::Program office_;
  std::unique_ptr<Stub> whole_stub_;
  std::unique_ptr<Stub> office_stub_;
  std::map<std::string, std::string> refusals_;
  CorpsRecord record_;
  double gibibytes_ = 0;
  double first_sweep_ = 0;
  double next_sweep_ = 0;
  double mebibytes_ = 0;
};

std::vector<std::string> Flags(const std::string& url, std::vector<std::string> more) {
  more.insert(more.end(), {"--store", url, "--policy", testing::PolicyPath(),
                           // Nobody asks it about agreements here.
                           "--agreements", "127.0.0.1:1"});
  return more;
}

Scene::Scene(std::string url, const testing::GatedSuite& people)
    : url_(std::move(url)),
      whole_("accord-training", Flags(url_, {})),
      office_("accord-training", Flags(url_, people.GateFlags())) {}

absl::StatusOr<std::unique_ptr<Scene>> Scene::Make(testing::PostgresServer& server,
                                                   const testing::GatedSuite& people,
                                                   int officers) {
  ACCORD_ASSIGN_OR_RETURN(const std::string url,
                          server.CreateDatabase(absl::StrCat("corps_", officers)));
  auto scene = std::unique_ptr<Scene>(new Scene(url, people));
  ACCORD_ASSIGN_OR_RETURN(scene->record_, WriteCorps(url, server.folder(), officers));
  ACCORD_ASSIGN_OR_RETURN(scene->first_sweep_, scene->StartAndSweep(scene->whole_));
  ACCORD_ASSIGN_OR_RETURN(scene->next_sweep_, scene->StartAndSweep(scene->office_));
  ACCORD_RETURN_IF_ERROR(scene->Connect(people));
  ACCORD_RETURN_IF_ERROR(scene->Measure());
  return scene;
}

std::string Scene::name() const {
  return absl::StrCat(record_.officers, " officers, ", record_.completions, " completions");
}

absl::StatusOr<double> Scene::StartAndSweep(testing::Program& program) {
  ACCORD_ASSIGN_OR_RETURN(const auto database,
                          sql::Database::Open(url_, {.call_timeout = absl::Minutes(1)}));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
  ACCORD_RETURN_IF_ERROR(connection->Execute("DELETE FROM marks").status());
  const absl::Time started = absl::Now();
  ACCORD_RETURN_IF_ERROR(program.Start());
  const auto is_swept = [&] {
    const auto swept = connection->Execute("SELECT 1 FROM marks WHERE mark LIKE 'day-sweep/%'");
    return swept.ok() && !swept->rows.empty();
  };
  if (!testing::Eventually(is_swept, kSweepPatience)) {
    return absl::DeadlineExceededError(absl::StrCat("the day is not swept:\n", program.log()));
  }
  return absl::ToDoubleSeconds(absl::Now() - started);
}

absl::Status Scene::Connect(const testing::GatedSuite& people) {
  ACCORD_ASSIGN_OR_RETURN(const auto whole, rpc::MakeChannel(whole_.address()));
  whole_stub_ = tv1::Training::NewStub(whole);
  ACCORD_ASSIGN_OR_RETURN(
      const auto office,
      rpc::MakeChannel(office_.address(), {.token = people.TokenOf(kOfficeManager)}));
  office_stub_ = tv1::Training::NewStub(office);
  return absl::OkStatus();
}

absl::Status Scene::Measure() {
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url_));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kRead));
  ACCORD_ASSIGN_OR_RETURN(const sql::Result size,
                          connection->Execute("SELECT pg_database_size(current_database())"));
  ACCORD_ASSIGN_OR_RETURN(const int64_t bytes, sql::GetInt(size.rows[0], 0));
  gibibytes_ = static_cast<double>(bytes) / (1 << 30);
  ACCORD_ASSIGN_OR_RETURN(mebibytes_, ResidentMib(whole_.pid()));
  return absl::OkStatus();
}

// Something that is asked of every size.
struct Figure {
  std::string name;
  std::function<absl::StatusOr<double>(Scene&)> measure;
};

Figure Summary(const std::string& name, bool office, bool past) {
  return {name, [=](Scene& scene) {
            tv1::GetTrainingSummaryRequest request;
            request.set_fictitious(true);
            if (past) *request.mutable_as_of() = ToProto(LastMonth());
            return scene.Ask(office ? scene.office() : scene.whole(), &Stub::GetTrainingSummary,
                             request, name);
          }};
}

Figure Agency(const std::string& name, bool past) {
  return {name, [=](Scene& scene) {
            tv1::GetAgencyTrainingRequest request;
            request.set_agency(AgencyName(1));
            if (past) *request.mutable_as_of() = ToProto(LastMonth());
            return scene.Ask(scene.whole(), &Stub::GetAgencyTraining, request, name);
          }};
}

Figure List(const std::string& name, const std::string& filter) {
  return {name, [=](Scene& scene) {
            tv1::ListOfficersRequest request;
            request.set_filter(filter);
            return scene.Ask(scene.whole(), &Stub::ListOfficers, request, name);
          }};
}

const std::vector<Figure>& Figures() {
  static const auto& figures = *new std::vector<Figure>{
      Agency("agency", false),
      Agency("agency, past day", true),
      Summary("summary", false, false),
      Summary("summary, office", true, false),
      Summary("summary, past day", false, true),
      Summary("office, past day", true, true),
      {"capacity",
       [](Scene& scene) {
         tv1::GetTrainingCapacityRequest request;
         request.set_fictitious(true);
         return scene.Ask(scene.whole(), &Stub::GetTrainingCapacity, request, "capacity");
       }},
      {"rates of 30 days",
       [](Scene& scene) {
         tv1::GetResultRatesRequest request;
         request.set_fictitious(true);
         return scene.Ask(scene.whole(), &Stub::GetResultRates, request, "rates of 30 days");
       }},
      List("list, agency", absl::StrCat("agency = \"", AgencyName(1), "\"")),
      List("list, office lapsed",
           absl::StrCat("certification = LAPSED AND field_office = \"", OfficeName(kOffice), "\"")),
      List("list, end in a week",
           absl::StrCat("current_through > ", FormatDate(LastMonth() + days(30)),
                        " AND current_through < ", FormatDate(LastMonth() + days(37)))),
      List("list, nobody", absl::StrCat("next_change_date < ", FormatDate(LastMonth()))),
      List("list, few", "model = \"TFM\" AND certification = LAPSED"),
  };
  return figures;
}

absl::StatusOr<Sample> ReadPoints(const Report& report, const Scene& scene) {
  const int64_t officers = scene.officers();
  ACCORD_ASSIGN_OR_RETURN(
      const LoadResult result,
      RunLoad({.address = scene.program().address(),
               .method = "/accord.training.v1.Training/GetCertification",
               .request =
                   [officers](int64_t number) {
                     tv1::GetCertificationRequest request;
                     // Far from one another.
                     request.set_officer(
                         OfficerName(static_cast<int>((number * 7'919'019) % officers)));
                     return request.SerializeAsString();
                   },
               .in_flight = 4,
               .length = report.Size(absl::Seconds(3), absl::Milliseconds(300))}));
  return Sample{result.p50_us(), result.p99_us()};
}

absl::Status ComparePoints(Report& report, const std::string& name, Scene& large, Scene& small) {
  const auto side = [&report](Scene& scene) {
    return Side{scene.name(), [&] { return ReadPoints(report, scene); }};
  };
  return report.Pairs(name,
                      {{.name = "GetCertification p50", .unit = "us", .more_is_better = false},
                       {.name = "GetCertification p99", .unit = "us", .more_is_better = false}},
                      side(large), side(small), report.Size(kPairs, 1));
}

absl::Status CompareFigure(Report& report, const std::string& name, const Figure& figure,
                           Scene& large, Scene& small) {
  for (int i = 0; i < report.Size(kWarm, 1); ++i) {
    // One that takes so long is not worth the wait.
    ACCORD_ASSIGN_OR_RETURN(const double warm, figure.measure(large));
    ACCORD_RETURN_IF_ERROR(figure.measure(small).status());
    if (warm > absl::ToDoubleMilliseconds(absl::Seconds(5))) break;
  }
  const auto side = [&figure](Scene& scene) {
    return Side{scene.name(), [&]() -> absl::StatusOr<Sample> {
                  ACCORD_ASSIGN_OR_RETURN(const double took, figure.measure(scene));
                  return Sample{took};
                }};
  };
  return report.Pairs(name, {{.name = figure.name, .unit = "ms", .more_is_better = false}},
                      side(large), side(small), report.Size(kPairs, 1));
}

absl::Status TellStart(Report& report, const Scene& scene) {
  report.Note(absl::StrFormat("%s: written in %.0f s, %.1f GiB with indexes", scene.name(),
                              scene.record().seconds, scene.gibibytes()));
  return report.Values(scene.name(),
                       {{.name = "first start until swept", .unit = "s"},
                        {.name = "next start until swept", .unit = "s"},
                        {.name = "service after that", .unit = "MiB"}},
                       1, [&scene]() -> absl::StatusOr<Sample> {
                         return Sample{scene.first_sweep(), scene.next_sweep(), scene.mebibytes()};
                       });
}

absl::Status Compare(Report& report, Scene& large, Scene& small) {
  const std::string name = absl::StrCat(large.officers() / small.officers(), "x training reads");
  ACCORD_RETURN_IF_ERROR(ComparePoints(report, name, large, small));
  for (const Figure& figure : Figures()) {
    ACCORD_RETURN_IF_ERROR(CompareFigure(report, name, figure, large, small));
  }
  for (const auto& [what, status] : large.refusals()) {
    report.Note(absl::StrCat(name, ", ", what, ": ", status));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BenchTraining(Report& report) {
  // A small server's settings; the default of 32 MB says more about the disk than about us.
  ACCORD_ASSIGN_OR_RETURN(
      const auto server,
      testing::PostgresServer::Create({"shared_buffers=1GB", "max_wal_size=4GB",
                                       "checkpoint_timeout=15min", "effective_cache_size=4GB"}));
  policy::v1::Binding manager = testing::Bound(kOfficeManager, "field_pm");
  manager.add_field_offices(OfficeName(kOffice));
  const testing::GatedSuite people({.bindings = {manager}});
  const int officers = report.Size(kOfficers, kFewOfficers);
  ACCORD_ASSIGN_OR_RETURN(const auto small, Scene::Make(*server, people, officers));
  ACCORD_RETURN_IF_ERROR(TellStart(report, *small));
  for (const int times : {10, kLargest}) {
    if (times == kLargest && !report.largest()) continue;
    ACCORD_ASSIGN_OR_RETURN(const auto large, Scene::Make(*server, people, times * officers));
    ACCORD_RETURN_IF_ERROR(TellStart(report, *large));
    ACCORD_RETURN_IF_ERROR(Compare(report, *large, *small));
  }
  return absl::OkStatus();
}

}  // namespace accord::bench
