// Durable small writes, 160 at a time: through the store and through the service, against
// a bare loop that inserts the same rows into the same tables, a group a transaction.
#include <atomic>
#include <future>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/sql/sql.h"
#include "common/store/store.h"
#include "common/testing/postgres_server.h"
#include "common/testing/temp_dir.h"
#include "services/agreements/types.h"
#include "tests/bench/benches.h"
#include "tests/bench/load.h"
#include "tests/bench/raw_rows.h"
#include "tests/integration/suite.h"

namespace accord::bench {
namespace {

using agreements::v1::Agency;

constexpr int kInFlight = 160;
constexpr absl::Duration kPatience = absl::Minutes(5);
const SystemClock kClock;

// An empty database for one run, gone after it (PostgreSQL: with the server).
class EmptyDatabase {
 public:
  absl::Status Make(sql::Dialect dialect) {
    url = absl::StrCat("sqlite:", dir_.File("bench.db"));
    if (dialect == sql::Dialect::kSqlite) return absl::OkStatus();
    ACCORD_ASSIGN_OR_RETURN(url, testing::NewPostgresDatabase());
    return absl::OkStatus();
  }

  std::string url;

 private:
  testing::TempDir dir_;
};

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const std::string& url) {
  return store::Store::Open("agreements", "agreements.accord", agreements::Types(), kClock,
                            {.url = url});
}

// Over many states, as the real ones are: the service looks a new agency's name up among
// those of its state.
constexpr const char* kStates[] = {"AL", "AR", "AZ", "CO", "FL", "GA", "IA", "ID", "IN",
                                   "KS", "KY", "LA", "MD", "MI", "MN", "MO", "MS", "MT",
                                   "NC", "ND", "NE", "NH", "NV", "NY", "OH", "OK", "PA",
                                   "SC", "SD", "TN", "TX", "UT", "VA", "WI", "WV", "WY"};

agreements::v1::CreateAgencyRequest RequestOf(int64_t number) {
  agreements::v1::CreateAgencyRequest request;
  Agency& agency = *request.mutable_agency();
  agency.set_display_name(absl::StrCat("Demo Place ", number, " Police Department"));
  agency.set_state(kStates[number % std::size(kStates)]);
  agency.set_county("Demo County");
  agency.set_kind(Agency::MUNICIPALITY);
  agency.set_field_office("fieldOffices/miami");
  agency.set_fictitious(true);
  request.set_request_id(NewUuid());
  return request;
}

// The agency as the service would store it.
Agency AgencyOf(int64_t number) {
  Agency agency = RequestOf(number).agency();
  agency.set_name(absl::StrCat("agencies/", NewId()));
  agency.add_keys(absl::StrCat(agency.state(), "|demo place ", number, " police department"));
  agency.set_field_office_pinned(true);
  agency.set_field_office_note("chosen by a person");
  return agency;
}

store::MutationContext ContextOf() {
  store::MutationContext context;
  context.action = "CreateAgency";
  context.actor = "unverified:bench";
  context.client = "accord-bench";
  context.request_id = NewUuid();
  context.request_digest = Hex(Sha256(context.request_id));
  context.deadline = absl::Now() + kPatience;
  return context;
}

store::Mutation CreateOf(int64_t number) {
  return [agency = AgencyOf(number)](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
    store::WriteSet writes;
    writes.Create(agency);
    return writes;
  };
}

Sample PerSecond(int writes, absl::Time started) {
  return {writes / absl::ToDoubleSeconds(absl::Now() - started)};
}

// Threads that each wait for their write, as the workers of the service do.
absl::StatusOr<Sample> ThroughMutate(const std::string& url, int writes) {
  ACCORD_ASSIGN_OR_RETURN(const auto store, OpenStore(url));
  std::atomic<int> next = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> writers;
  const absl::Time started = absl::Now();
  for (int i = 0; i < kInFlight; ++i) {
    writers.emplace_back([&] {
      for (int number = next++; number < writes; number = next++) {
        if (!store->Mutate(ContextOf(), CreateOf(number)).ok()) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  if (failed > 0) return absl::InternalError(absl::StrCat(failed.load(), " writes failed"));
  return PerSecond(writes, started);
}

// Submits as many as may be in flight, and another for each that is done.
class Submitter {
 public:
  Submitter(sql::Database& database, int writes)
      : writes_(writes),
        committer_(database, agreements::Types(), "agreements.accord", kClock,
                   [](const store::Position&) {}) {}

  absl::Status Run() {
    for (int i = 0; i < kInFlight; ++i) SubmitNext();
    all_done_.get_future().wait();
    if (failed_ > 0) return absl::InternalError(absl::StrCat(failed_.load(), " writes failed"));
    return absl::OkStatus();
  }

 private:
  void SubmitNext() {
    const int number = next_++;
    if (number >= writes_) return;
    committer_.Submit(ContextOf(), CreateOf(number),
                      [this](const absl::StatusOr<store::Committed>& committed) {
                        if (!committed.ok()) ++failed_;
                        SubmitNext();
                        if (++done_ == writes_) all_done_.set_value();
                      });
  }

  const int writes_;
  std::atomic<int> next_ = 0;
  std::atomic<int> done_ = 0;
  std::atomic<int> failed_ = 0;
  std::promise<void> all_done_;
  store::Committer committer_;  // Last: its thread uses the rest.
};

absl::StatusOr<Sample> ThroughCommitter(const std::string& url, int writes) {
  ACCORD_RETURN_IF_ERROR(OpenStore(url).status());  // Makes the tables.
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  Submitter submitter(*database, writes);
  const absl::Time started = absl::Now();
  ACCORD_RETURN_IF_ERROR(submitter.Run());
  return PerSecond(writes, started);
}

absl::StatusOr<Sample> ThroughService(const std::string& url, int writes) {
  testing::Program service("accord-agreements",
                           {"--store", url, "--policy", testing::PolicyPath()});
  ACCORD_RETURN_IF_ERROR(service.Start());
  ACCORD_ASSIGN_OR_RETURN(
      const LoadResult result,
      RunLoad({.address = service.address(),
               .method = "/accord.agreements.v1.Agreements/CreateAgency",
               .request = [](int64_t number) { return RequestOf(number).SerializeAsString(); },
               .in_flight = kInFlight,
               .connections = 8,
               .warm_up = absl::ZeroDuration(),
               .length = kPatience,
               .calls = writes}));
  return Sample{result.per_second};
}

// The rows that the store wrote, in the order of the writes.
class Tape {
 public:
  static absl::StatusOr<Tape> Record(const std::string& url, int writes) {
    ACCORD_RETURN_IF_ERROR(ThroughCommitter(url, writes).status());
    ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
    ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kRead));
    Tape tape;
    tape.writes_.resize(writes);
    for (const auto& [table, revision] : std::vector<std::pair<std::string, std::string>>{
             {agreements::Types().Of(Agency::descriptor()).table(), "revision"},
             {"changes", "f_revision"},
             {"change_subjects", "revision"},
             {"requests", "first_revision"}}) {
      ACCORD_RETURN_IF_ERROR(tape.RecordTable(*connection, table, revision));
    }
    return tape;
  }

  int writes() const { return static_cast<int>(writes_.size()); }

  // The inserts of writes [begin, end).
  std::vector<sql::Statement> Group(int begin, int end) const {
    std::vector<sql::Statement> group;
    for (int i = begin; i < end; ++i) {
      group.insert(group.end(), writes_[i].begin(), writes_[i].end());
    }
    return group;
  }

 private:
  absl::Status RecordTable(sql::Connection& connection, const std::string& table,
                           const std::string& revision_column) {
    return connection.ForEach(
        absl::StrCat("SELECT ", revision_column, ", ", table, ".* FROM ", table), {},
        [&](sql::Row& row) -> absl::Status {
          ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 0));
          row.erase(row.begin());
          std::string insert = InsertSql(table, row.size());
          writes_.at(revision - 1).push_back({std::move(insert), std::move(row)});
          return absl::OkStatus();
        });
  }

  std::vector<std::vector<sql::Statement>> writes_;
};

// One connection, one thread, no questions: a group's rows in one go, the head, COMMIT.
absl::StatusOr<Sample> BareLoop(const std::string& url, const Tape& tape) {
  ACCORD_RETURN_IF_ERROR(OpenStore(url).status());  // Makes the tables.
  ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(url));
  ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
  std::vector<std::vector<sql::Statement>> groups;
  for (int begin = 0; begin < tape.writes(); begin += kInFlight) {
    const int end = std::min(begin + kInFlight, tape.writes());
    groups.push_back(tape.Group(begin, end));
    groups.back().push_back(
        {"UPDATE head SET revision = $1, time_us = $2 WHERE id = 1", {int64_t{end}, int64_t{end}}});
  }
  const absl::Time started = absl::Now();
  for (std::vector<sql::Statement>& group : groups) {
    ACCORD_RETURN_IF_ERROR(connection->BeginWrite());
    ACCORD_RETURN_IF_ERROR(connection->ExecuteAll(std::move(group)).status());
    ACCORD_RETURN_IF_ERROR(connection->Commit());
  }
  return PerSecond(tape.writes(), started);
}

absl::Status BenchWritesOn(Report& report, sql::Dialect dialect, const std::string& name) {
  const int writes = report.Size(16'000, 1'600);
  EmptyDatabase recorded;
  ACCORD_RETURN_IF_ERROR(recorded.Make(dialect));
  ACCORD_ASSIGN_OR_RETURN(const Tape tape, Tape::Record(recorded.url, writes));

  // Every run begins with an empty database.
  const auto on_empty = [dialect](auto measure) {
    return [dialect, measure]() -> absl::StatusOr<Sample> {
      EmptyDatabase database;
      ACCORD_RETURN_IF_ERROR(database.Make(dialect));
      return measure(database.url);
    };
  };
  const Side bare = {"bare group-commit loop",
                     on_empty([&](const std::string& url) { return BareLoop(url, tape); })};
  const std::vector<Quantity> throughput = {{.name = "durable writes", .unit = "/s"}};
  ACCORD_RETURN_IF_ERROR(report.Pairs(absl::StrCat("committer, 160 in flight, ", name), throughput,
                                      {"Committer::Submit", on_empty([=](const std::string& url) {
                                         return ThroughCommitter(url, writes);
                                       })},
                                      bare));
  ACCORD_RETURN_IF_ERROR(report.Pairs(absl::StrCat("store, 160 threads, ", name), throughput,
                                      {"Store::Mutate", on_empty([=](const std::string& url) {
                                         return ThroughMutate(url, writes);
                                       })},
                                      bare));
  return report.Pairs(absl::StrCat("CreateAgency by gRPC, 160 in flight, ", name), throughput,
                      {"accord-agreements", on_empty([=](const std::string& url) {
                         return ThroughService(url, writes);
                       })},
                      bare);
}

}  // namespace

absl::Status BenchWrites(Report& report) {
  ACCORD_RETURN_IF_ERROR(BenchWritesOn(report, sql::Dialect::kSqlite, "SQLite"));
  return BenchWritesOn(report, sql::Dialect::kPostgres, "PostgreSQL");
}

}  // namespace accord::bench
