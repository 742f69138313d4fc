// More than 100,000 calls that enroll, cancel and move officers at once, from several processes,
// and what became of every seat. Each rule also has a history that breaks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/store/log_reader.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "common/testing/process.h"
#include "common/testing/temp_dir.h"
#include "tests/fault/put_officers.h"
#include "tests/fault/seats_history.h"
#include "tests/fault/seats_stage.h"

namespace accord::fault {
namespace {

using accord::testing::IsOk;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using training::v1::Enrollment;
using training::v1::Offering;
using training::v1::Officer;

constexpr char kWorker[] = ACCORD_BIN_DIR "/training-seats-worker";
constexpr int kOfferings = 12;
constexpr int kOfficers = 500;
// Nothing here takes so long unless it hangs.
constexpr absl::Duration kPatience = absl::Minutes(4);

struct Scene {
  // "sqlite:" is a file of the test's own; empty is a PostgreSQL of its own.
  std::string scheme;
  int processes = 1;
  int clients = 1;
  int calls = 0;
};

class SeatsHistoryTest : public ::testing::TestWithParam<Scene> {
 protected:
  void SetUp() override {
    if (GetParam().scheme.empty()) {
      auto url = accord::testing::NewPostgresDatabase();
      ASSERT_THAT(url, IsOk());
      url_ = *std::move(url);
    } else {
      url_ = absl::StrCat(GetParam().scheme, dir_.File("training.db"));
    }
  }

  void PutPeopleAndClasses() {
    const auto replica = SeatsReplica::Open(url_);
    ASSERT_THAT(replica, IsOk());
    std::vector<Officer> officers(kOfficers);
    for (int i = 0; i < kOfficers; ++i) {
      officers[i].set_name(absl::StrCat("officers/p", i));
      officers[i].set_model("AAA");
      officers[i].set_state(Officer::SCREENED);
      officers[i].set_fictitious(true);
    }
    ASSERT_THAT(PutOfficers((*replica)->store(), officers), IsOk());
    for (int i = 0; i < kOfferings; ++i) {
      training::v1::CreateOfferingRequest request;
      Offering& offering = *request.mutable_offering();
      offering.set_course("aaa-basic");
      offering.set_place("Demo Academy");
      *offering.mutable_first_date() = ToProto(kSeatsFirstDay);
      *offering.mutable_last_date() = ToProto(kSeatsFirstDay + days(25));
      offering.set_seats(16);
      // Of some the instructors are what limits them.
      offering.set_instructor_capacity(i % 3 == 0 ? 12 : 0);
      offering.set_fictitious(true);
      rpc::Call call = SeatsCall();
      ASSERT_THAT((*replica)->handlers().CreateOffering(call, request), IsOk());
    }
  }

  // Runs the workers to their end; all that their clients were told.
  std::vector<SeatCall> RunWorkers() {
    const Scene& scene = GetParam();
    std::vector<std::thread> waiting;
    for (int i = 0; i < scene.processes; ++i) {
      waiting.emplace_back([this, &scene, i] {
        const auto output = accord::testing::RunCommand(
            {kWorker, url_, absl::StrCat(i + 1), absl::StrCat(scene.calls / scene.processes),
             absl::StrCat(scene.clients), HistoryOf(i)},
            kPatience);
        ASSERT_THAT(output, IsOk());
        EXPECT_EQ(output->exit_code, 0) << output->err;
      });
    }
    for (std::thread& thread : waiting) thread.join();
    std::vector<SeatCall> calls;
    for (int i = 0; i < scene.processes; ++i) ReadCalls(HistoryOf(i), calls);
    return calls;
  }
  std::string HistoryOf(int process) { return dir_.File(absl::StrCat("calls", process)); }
  static void ReadCalls(const std::string& path, std::vector<SeatCall>& calls) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      const auto call = ParseSeatCall(line);
      ASSERT_THAT(call, IsOk());
      calls.push_back(*call);
    }
  }

  void WalkTheLog(SeatLedger& ledger) {
    const auto replica = SeatsReplica::Open(url_);
    ASSERT_THAT(replica, IsOk());
    const auto snapshot = (*replica)->store().Read(absl::Now() + kPatience);
    ASSERT_THAT(snapshot, IsOk());
    for (int64_t revision = 0;;) {
      const auto changes = store::ReadTail(***snapshot, revision, 5000);
      ASSERT_THAT(changes, IsOk());
      if (changes->empty()) break;
      for (const log::v1::Change& change : *changes) ledger.Apply(change);
      revision = changes->back().revision();
    }
    const auto stored = (**snapshot)->Select<Enrollment>({});
    ASSERT_THAT(stored, IsOk());
    ledger.CheckStored(*stored);
  }

  accord::testing::TempDir dir_;
  std::string url_;
};

// How many calls ended with each reason; "" are those that were done.
std::map<std::string, int> CountReasons(const std::vector<SeatCall>& calls) {
  std::map<std::string, int> reasons;
  for (const SeatCall& call : calls) ++reasons[absl::StrCat(call.method, " ", call.reason)];
  return reasons;
}

TEST_P(SeatsHistoryTest, NeverOversoldNobodyPromotedTwiceNobodyLost) {
  PutPeopleAndClasses();
  const absl::Time begun = absl::Now();
  const std::vector<SeatCall> calls = RunWorkers();
  const absl::Duration took = absl::Now() - begun;
  // A few of those that were to be made found nothing to cancel yet.
  EXPECT_GE(calls.size(), 100'000u);
  // Refusals by the rules and nothing else: then the log must agree to the last call.
  const std::set<std::string> expected = {"", "ALREADY_ENROLLED", "ENROLLMENT_ENDED",
                                          "SEATS_TAKEN"};
  for (const SeatCall& call : calls) {
    ASSERT_TRUE(expected.contains(call.reason)) << call.method << " " << call.reason;
  }
  SeatLedger ledger;
  WalkTheLog(ledger);
  ledger.CheckCalls(calls);
  EXPECT_THAT(ledger.violations(), IsEmpty());
  // It is only worth something when there was something to get wrong.
  EXPECT_GT(ledger.promotions(), GetParam().calls / 100);
  std::cout << calls.size() << " calls in " << took << ", " << ledger.enrollments()
            << " enrollments, " << ledger.promotions() << " promotions; "
            << absl::StrJoin(CountReasons(calls), ", ", absl::PairFormatter(": ")) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Stores, SeatsHistoryTest,
                         // SQLite is for one process; PostgreSQL has replicas.
                         ::testing::Values(Scene{"sqlite:", 1, 64, 102'000},
                                           Scene{"", 3, 48, 102'000}),
                         [](const ::testing::TestParamInfo<Scene>& info) {
                           return info.param.scheme.empty() ? "Postgres" : "Sqlite";
                         });

// A log of two officers and one offering with a seat, to be broken.
class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    offering_.set_name("offerings/o1");
    offering_.set_state(Offering::OPEN);
    offering_.set_seats(1);
    first_ = EnrollmentOf("e1", 1, Enrollment::ENROLLED);
    second_ = EnrollmentOf("e2", 2, Enrollment::WAITING);
    third_ = EnrollmentOf("e3", 3, Enrollment::WAITING);
    Count(1, 2);
    Commit({&offering_, &first_, &second_, &third_});
    EXPECT_THAT(ledger_.violations(), IsEmpty());
  }

  static Enrollment EnrollmentOf(const std::string& id, int64_t sequence, Enrollment::State state) {
    Enrollment enrollment;
    enrollment.set_name(absl::StrCat("enrollments/", id));
    enrollment.set_offering("offerings/o1");
    enrollment.set_officer(absl::StrCat("officers/", id));
    enrollment.set_priority(Enrollment::STANDARD);
    enrollment.set_sequence(sequence);
    enrollment.set_state(state);
    return enrollment;
  }
  void Count(int taken, int waiting) {
    offering_.set_seats_taken(taken);
    offering_.set_waiting(waiting);
  }
  static void Promote(Enrollment& enrollment) {
    enrollment.set_state(Enrollment::ENROLLED);
    enrollment.mutable_promote_time()->set_seconds(1);
  }
  void Commit(const std::vector<const google::protobuf::Message*>& images) {
    const int64_t end = revision_ + static_cast<int64_t>(images.size());
    for (const google::protobuf::Message* image : images) {
      log::v1::Change change;
      change.set_revision(++revision_);
      change.set_mutation_end(end);
      change.mutable_image()->PackFrom(*image);
      ledger_.Apply(change);
    }
  }
  void ExpectViolated(const std::string& rule) {
    EXPECT_THAT(ledger_.violations(), Contains(HasSubstr(absl::StrCat(": ", rule, ": "))));
  }

  int64_t revision_ = 0;
  Offering offering_;
  Enrollment first_;
  Enrollment second_;
  Enrollment third_;
  SeatLedger ledger_;
};

TEST_F(LedgerTest, APromotionInTurnIsWell) {
  first_.set_state(Enrollment::CANCELLED);
  Promote(second_);
  Count(1, 1);
  Commit({&first_, &second_, &offering_});
  ledger_.CheckCalls({{"Enroll", "", "", first_.name()},
                      {"Enroll", "", "", second_.name()},
                      {"Enroll", "", "", third_.name()},
                      {"Cancel", "", first_.name(), first_.name()}});
  ledger_.CheckStored({first_, second_, third_});
  EXPECT_THAT(ledger_.violations(), IsEmpty());
  EXPECT_EQ(ledger_.promotions(), 1);
}

TEST_F(LedgerTest, OversoldAndMiscounted) {
  Promote(second_);
  Count(2, 1);
  Commit({&second_, &offering_});
  ExpectViolated("1");
}

TEST_F(LedgerTest, AFreeSeatWhileSomebodyWaits) {
  first_.set_state(Enrollment::CANCELLED);
  Count(0, 2);
  Commit({&first_, &offering_});
  ExpectViolated("1");
}

TEST_F(LedgerTest, CountsThatAreNotTheEnrollments) {
  Count(1, 1);
  Commit({&offering_});
  ExpectViolated("1");
}

TEST_F(LedgerTest, ChangedAfterItsEnd) {
  second_.set_state(Enrollment::CANCELLED);
  Count(1, 1);
  Commit({&second_, &offering_});
  second_.set_state(Enrollment::TRANSFERRED);
  Commit({&second_});
  ExpectViolated("2");
}

TEST_F(LedgerTest, MovedToNowhere) {
  second_.set_state(Enrollment::TRANSFERRED);
  second_.set_transferred_to("enrollments/none");
  Count(1, 1);
  Commit({&second_, &offering_});
  ExpectViolated("2");
}

TEST_F(LedgerTest, PromotedBeforeItsTurn) {
  first_.set_state(Enrollment::CANCELLED);
  Promote(third_);
  Count(1, 1);
  Commit({&first_, &third_, &offering_});
  ExpectViolated("3");
}

TEST_F(LedgerTest, PromotedTwice) {
  first_.set_state(Enrollment::CANCELLED);
  Promote(second_);
  Count(1, 1);
  Commit({&first_, &second_, &offering_});
  Commit({&second_, &offering_});
  ExpectViolated("3");
}

TEST_F(LedgerTest, TwoPlacesOfAnOfficerAndASequenceTwice) {
  Enrollment again = EnrollmentOf("e4", 3, Enrollment::WAITING);
  again.set_officer(first_.officer());
  Count(1, 3);
  Commit({&again, &offering_});
  ExpectViolated("4");
  EXPECT_EQ(ledger_.violations().size(), 2u);
}

TEST_F(LedgerTest, ToldOtherwise) {
  ledger_.CheckCalls({{"Enroll", "", "", first_.name()}});
  ExpectViolated("5");
}

TEST_F(LedgerTest, StoredOtherwise) {
  second_.set_state(Enrollment::CANCELLED);
  ledger_.CheckStored({first_, second_, third_});
  ExpectViolated("6");
}

}  // namespace
}  // namespace accord::fault
