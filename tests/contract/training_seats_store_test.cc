// What the training service's seats and figures ask of the store, on both databases.
#include "services/training/store_figures.h"
#include "services/training/store_seats.h"
#include "services/training/types.h"
#include "tests/contract/store_fixture.h"

namespace accord::training {
namespace {

using accord::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::Pair;
using v1::Certification;
using v1::Completion;
using v1::Enrollment;
using v1::Offering;
using v1::Officer;

const Date kDay = MakeDate(2026, 3, 2);
constexpr char kO1[] = "offerings/o1";

class TrainingSeatsStoreTest : public store::StoreTest {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    auto store = TryOpen({}, Types());
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  std::unique_ptr<store::Snapshot> Snapshot() { return *store_->Read(Soon()); }

  void PutEnrollment(const std::string& id, const std::string& officer, Enrollment::State state,
                     Enrollment::Priority priority, int64_t sequence,
                     const std::string& offering = kO1) {
    Enrollment enrollment;
    enrollment.set_name(absl::StrCat("enrollments/", id));
    enrollment.set_offering(offering);
    enrollment.set_officer(absl::StrCat("officers/", officer));
    enrollment.set_state(state);
    enrollment.set_priority(priority);
    enrollment.set_sequence(sequence);
    enrollment.set_course(sequence % 2 == 0 ? "even" : "odd");
    *enrollment.mutable_request_date() = ToProto(kDay + days(sequence));
    enrollment.set_fictitious(true);
    Do(store::Creates(enrollment));
  }

  struct OfficerFacts {
    Officer::State state;
    Certification::State certification;
    std::string course;
    // Until when the course need not be taken again; none before the first time.
    std::optional<Date> through;
    std::string model = "AAA";
  };
  void PutOfficer(const OfficerFacts& facts, bool fictitious = true) {
    Officer officer;
    officer.set_name(absl::StrCat("officers/p", officers_++));
    officer.set_model(facts.model);
    officer.set_field_office("fieldOffices/west");
    officer.set_state(facts.state);
    officer.set_certification(facts.certification);
    officer.set_ends_by(facts.course);
    if (facts.through) {
      officer.set_next_class(facts.course);
      *officer.mutable_next_class_date() = ToProto(*facts.through);
    }
    officer.set_fictitious(fictitious);
    Do(store::Creates(officer));
  }

  void PutOffering(const std::string& id, Date first, int seats, Offering::State state) {
    Offering offering;
    offering.set_name(absl::StrCat("offerings/", id));
    offering.set_course("basic");
    *offering.mutable_first_date() = ToProto(first);
    offering.set_seats(seats);
    offering.set_instructor_capacity(20);
    offering.set_state(state);
    offering.set_fictitious(true);
    Do(store::Creates(offering));
  }

  struct Exam {
    std::string officer;
    int day;
    Completion::Result result;
    int attempt;
    std::string offering;
    // Of the row that it voids.
    std::string voids = "";
  };
  void PutExams(const std::vector<Exam>& exams) {
    Do([&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
      std::vector<std::unique_ptr<google::protobuf::Message>> rows;
      for (size_t i = 0; i < exams.size(); ++i) {
        const Exam& exam = exams[i];
        auto row = std::make_unique<Completion>();
        row->set_name(absl::StrCat("completions/c", i));
        row->set_officer(absl::StrCat("officers/", exam.officer));
        row->set_course("basic");
        *row->mutable_date() = ToProto(kDay + days(exam.day));
        row->set_result(exam.result);
        row->set_attempt(exam.attempt);
        row->set_offering(exam.offering);
        row->set_voids(exam.voids);
        row->set_fictitious(true);
        rows.push_back(std::move(row));
      }
      store::WriteSet writes;
      writes.AppendRows("officers/all", std::move(rows));
      return writes;
    });
  }
  std::vector<ResultCount> Results(Date from, Date to, const FailureLimits& limits = {}) {
    auto counts = CountResults(***Hold(), {.fictitious = true}, limits, from, to);
    EXPECT_THAT(counts, IsOk());
    return counts.value_or(std::vector<ResultCount>());
  }
  // Keeps the snapshot until the next one.
  std::unique_ptr<store::Snapshot>* Hold() {
    held_ = Snapshot();
    return &held_;
  }

 private:
  int officers_ = 0;
  std::unique_ptr<store::Snapshot> held_;
};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingSeatsStoreTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         store::DialectName);

TEST_P(TrainingSeatsStoreTest, TheWaitingListInItsOrder) {
  PutEnrollment("e1", "p1", Enrollment::ENROLLED, Enrollment::LAPSED, 1);
  PutEnrollment("e2", "p2", Enrollment::WAITING, Enrollment::STANDARD, 2);
  PutEnrollment("e3", "p3", Enrollment::WAITING, Enrollment::STANDARD, 10);
  PutEnrollment("e4", "p4", Enrollment::WAITING, Enrollment::LAPSED, 11);
  PutEnrollment("e5", "p5", Enrollment::CANCELLED, Enrollment::LAPSED, 5);
  PutEnrollment("e6", "p6", Enrollment::WAITING, Enrollment::LAPSED, 1, "offerings/o2");
  const auto first = FirstWaiting(***Hold(), kO1, 2);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ((*first)[0].name(), "enrollments/e4");
  EXPECT_EQ((*first)[1].name(), "enrollments/e2");
  const auto live = LiveEnrollmentsOf(***Hold(), kO1);
  ASSERT_THAT(live, IsOk());
  ASSERT_EQ(live->size(), 4u);
  EXPECT_EQ((*live)[0].name(), "enrollments/e1");
}

TEST_P(TrainingSeatsStoreTest, TheLivePlaceOfAnOfficer) {
  PutEnrollment("e1", "p1", Enrollment::CANCELLED, Enrollment::STANDARD, 1);
  PutEnrollment("e2", "p1", Enrollment::WAITING, Enrollment::STANDARD, 2);
  PutEnrollment("e3", "p1", Enrollment::ENROLLED, Enrollment::STANDARD, 1, "offerings/o2");
  PutEnrollment("e4", "p2", Enrollment::ATTENDED, Enrollment::STANDARD, 3);
  EXPECT_EQ(LiveEnrollmentOf(***Hold(), "officers/p1", kO1).value()->name(), "enrollments/e2");
  EXPECT_EQ(LiveEnrollmentOf(***Hold(), "officers/p2", kO1).value(), std::nullopt);
}

TEST_P(TrainingSeatsStoreTest, LongWaitsOldestFirstAndAllCounted) {
  for (int i = 1; i <= 6; ++i) {
    PutEnrollment(absl::StrCat("e", i), absl::StrCat("p", i), Enrollment::WAITING,
                  Enrollment::STANDARD, i);
  }
  PutEnrollment("e7", "p7", Enrollment::ENROLLED, Enrollment::STANDARD, 1);
  const FigureScope scope = {.fictitious = true};
  // On another list too, for longer: once, since then.
  PutEnrollment("e8", "p6", Enrollment::WAITING, Enrollment::STANDARD, 0, "offerings/o2");
  const Date before = kDay + days(5);
  const auto waits = LongWaitsBefore(***Hold(), scope, {.before = before, .limit = 2});
  ASSERT_THAT(waits, IsOk());
  EXPECT_EQ(waits->count, 5);
  ASSERT_EQ(waits->first.size(), 2u);
  EXPECT_EQ(waits->first[0].enrollment(), "enrollments/e8");
  EXPECT_EQ(waits->first[0].officer(), "officers/p6");
  EXPECT_EQ(FromProto(waits->first[0].since_date()), kDay);
  EXPECT_EQ(waits->first[1].enrollment(), "enrollments/e1");
  const auto count = [&](const FigureScope& of, const WaitAsk& ask) {
    return LongWaitsBefore(***Hold(), of, ask)->count;
  };
  EXPECT_EQ(count(scope, {.before = before, .courses = {"odd", "x"}, .limit = 9}), 2);
  EXPECT_EQ(count(scope, {.before = before + days(9), .courses = {"even", "odd"}, .limit = 9}), 6);
  EXPECT_EQ(count({}, {.before = before, .limit = 9}), 0);
}

TEST_P(TrainingSeatsStoreTest, WhoNeedsTheBasicCourseWaitsSinceTheNomination) {
  policy::v1::Course of_one;
  of_one.set_code("odd");
  of_one.set_model("AAA");
  of_one.add_templates("AAA-1");
  policy::v1::Course of_all;
  of_all.set_code("basic-b");
  of_all.set_model("BBB");
  struct Nominee {
    const char* id;
    Officer::State state;
    int day;
    const char* model = "AAA";
    const char* text = "AAA-1";
    Certification::State certification = Certification::NOT_CERTIFIED;
  };
  const Nominee all[] = {
      {"first", Officer::NOMINATED, 1},
      {"second", Officer::IN_TRAINING, 2, "BBB", ""},
      {"third", Officer::SCREENED, 3, "AAA", "AAA-1", Certification::UNKNOWN},
      {"on_the_day", Officer::SCREENED, 5},
      {"other_text", Officer::SCREENED, 1, "AAA", "AAA-2"},
      {"no_text", Officer::SCREENED, 1, "AAA", ""},
      {"no_course", Officer::SCREENED, 1, "CCC", ""},
      {"withdrawn", Officer::WITHDRAWN, 1},
      {"on_duty", Officer::AUTHORIZED, 1},
      {"came_trained", Officer::SCREENED, 1, "AAA", "AAA-1", Certification::CURRENT},
      {"lapsed", Officer::SCREENED, 1, "AAA", "AAA-1", Certification::LAPSED},
      {"seated", Officer::SCREENED, 1},
      {"attended", Officer::IN_TRAINING, 1},
      {"cancelled", Officer::SCREENED, 4},
      {"listed", Officer::SCREENED, 1},
      {"queued", Officer::SCREENED, 2},
  };
  for (const Nominee& nominee : all) {
    Officer officer;
    officer.set_name(absl::StrCat("officers/", nominee.id));
    officer.set_model(nominee.model);
    officer.set_template_(nominee.text);
    officer.set_state(nominee.state);
    officer.set_certification(nominee.certification);
    officer.set_fictitious(true);
    *officer.mutable_nomination_date() = ToProto(kDay + days(nominee.day));
    Do(store::Creates(officer));
  }
  PutEnrollment("e1", "seated", Enrollment::ENROLLED, Enrollment::STANDARD, 1);
  PutEnrollment("e2", "attended", Enrollment::ATTENDED, Enrollment::STANDARD, 1);
  PutEnrollment("e3", "cancelled", Enrollment::CANCELLED, Enrollment::STANDARD, 1);
  // Of another course than the basic one: since the fourth day, by the list.
  PutEnrollment("e4", "listed", Enrollment::WAITING, Enrollment::STANDARD, 4);
  // To be on a list since the fifth day makes no wait shorter.
  PutEnrollment("e5", "queued", Enrollment::WAITING, Enrollment::STANDARD, 5);
  const FigureScope scope = {.fictitious = true};
  WaitAsk ask = {.before = kDay + days(5), .basics = {&of_one, &of_all}, .limit = 9};
  const auto waits = LongWaitsBefore(***Hold(), scope, ask);
  ASSERT_THAT(waits, IsOk());
  EXPECT_EQ(waits->count, 6);
  std::vector<std::string> told;
  for (const auto& wait : waits->first) {
    told.push_back(absl::StrCat(wait.officer(), " ", wait.course(), " ", wait.enrollment(), " ",
                                FormatDate(*FromProto(wait.since_date()))));
  }
  EXPECT_THAT(
      told,
      ElementsAre("officers/first odd  2026-03-03", "officers/queued odd enrollments/e5 2026-03-04",
                  "officers/second basic-b  2026-03-04", "officers/third odd  2026-03-05",
                  "officers/cancelled odd  2026-03-06",
                  "officers/listed even enrollments/e4 2026-03-06"));
  ask.limit = 2;
  EXPECT_EQ(LongWaitsBefore(***Hold(), scope, ask)->first.size(), 2u);
  EXPECT_EQ(LongWaitsBefore(***Hold(), scope, ask)->count, 6);
  EXPECT_EQ(LongWaitsBefore(***Hold(), {}, ask)->count, 0);
  ask.basics = {&of_all};
  ask.courses = {"basic-b"};
  EXPECT_EQ(LongWaitsBefore(***Hold(), scope, ask)->count, 1);
}

TEST_P(TrainingSeatsStoreTest, OfficersAndSeatsByMonth) {
  PutOfficer({Officer::AUTHORIZED, Certification::CURRENT, "refresher", MakeDate(2026, 3, 31)});
  PutOfficer({Officer::CERTIFIED, Certification::CURRENT, "refresher", MakeDate(2026, 4, 1)});
  PutOfficer({Officer::AUTHORIZED, Certification::CURRENT, "refresher", MakeDate(2026, 4, 30)});
  PutOfficer({Officer::AUTHORIZED, Certification::CURRENT, "refresher", MakeDate(2027, 3, 1)});
  PutOfficer({Officer::WITHDRAWN, Certification::CURRENT, "refresher", MakeDate(2026, 4, 30)});
  PutOfficer({Officer::AUTHORIZED, Certification::LAPSED, "refresher", MakeDate(2026, 2, 28)});
  PutOfficer({Officer::AUTHORIZED, Certification::LAPSED, "refresher", MakeDate(2024, 5, 1)});
  PutOfficer({Officer::REVOKED, Certification::LAPSED, "refresher", MakeDate(2026, 2, 28)});
  PutOfficer({Officer::AUTHORIZED, Certification::UNKNOWN, "", std::nullopt});
  PutOfficer({Officer::NOMINATED, Certification::NOT_CERTIFIED, "basic", std::nullopt});
  PutOfficer({Officer::IN_TRAINING, Certification::NOT_CERTIFIED, "basic", std::nullopt});
  PutOfficer({Officer::SCREENED, Certification::CURRENT, "refresher", MakeDate(2026, 4, 2)});
  PutOfficer({Officer::SCREENED_OUT, Certification::NOT_CERTIFIED, "basic", std::nullopt});
  PutOfficer({Officer::SCREENED, Certification::NOT_CERTIFIED, "b", std::nullopt, "BBB"});
  PutOfficer({Officer::NOMINATED, Certification::NOT_CERTIFIED, "basic", std::nullopt},
             /*fictitious=*/false);
  PutOffering("o1", MakeDate(2026, 4, 6), 24, Offering::OPEN);
  PutOffering("o2", MakeDate(2026, 4, 27), 12, Offering::HELD);
  PutOffering("o3", MakeDate(2026, 4, 27), 12, Offering::CANCELLED);
  PutOffering("o4", MakeDate(2027, 3, 1), 12, Offering::OPEN);
  const auto facts = CountCapacity(***Hold(), {.fictitious = true, .model = "AAA"}, kDay);
  ASSERT_THAT(facts, IsOk());
  const auto march = std::chrono::year(2026) / std::chrono::March;
  const auto april = std::chrono::year(2026) / std::chrono::April;
  EXPECT_THAT(facts->ending,
              ElementsAre(Pair(Pair("refresher", march), 1), Pair(Pair("refresher", april), 3)));
  EXPECT_THAT(facts->offered, ElementsAre(Pair(Pair("basic", april), 32)));
  EXPECT_THAT(facts->overdue, ElementsAre(Pair("refresher", 2)));
  ASSERT_EQ(facts->untrained.size(), 1u);
  EXPECT_EQ(facts->untrained[0].officers, 2);
  ASSERT_EQ(facts->trained.size(), 1u);
  EXPECT_EQ(facts->trained[0].officers, 7);
  EXPECT_EQ(facts->trained[0].field_office, "fieldOffices/west");
  EXPECT_EQ(CountCapacity(***Hold(), {.fictitious = true}, kDay)->untrained.size(), 2u);
  EXPECT_EQ(CountCapacity(***Hold(), {}, kDay)->untrained.size(), 1u);
}

TEST_P(TrainingSeatsStoreTest, ATakingIsAFirstAttemptAndWhatFollows) {
  PutExams({
      {"passed", 0, Completion::PASSED, 1, kO1},
      {"remedial", 0, Completion::FAILED, 1, kO1},
      {"remedial", 5, Completion::PASSED, 2, "offerings/o2"},
      {"gave-up", 0, Completion::FAILED, 1, kO1},
      {"out", 0, Completion::FAILED, 1, kO1},
      {"out", 5, Completion::DISQUALIFIED, 2, kO1},
      // Years later anew, and elsewhere.
      {"passed", 900, Completion::FAILED, 1, "offerings/o2"},
      {"passed", 901, Completion::PASSED, 2, "offerings/o2"},
      // On record by mistake.
      {"mistake", 0, Completion::DISQUALIFIED, 1, kO1},
      {"mistake", 1, Completion::RESULT_UNSPECIFIED, 0, "", "completions/c8"},
      // The first attempt is not on record.
      {"unknown", 3, Completion::PASSED, 2, kO1},
  });
  const auto all = Results(kDay, kDay + days(1000));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].offering, kO1);
  EXPECT_EQ(all[0].officers, 4);
  EXPECT_EQ(all[0].failed_first, 3);
  EXPECT_EQ(all[0].took_another, 2);
  EXPECT_EQ(all[0].disqualified, 1);
  EXPECT_EQ(all[1].offering, "offerings/o2");
  EXPECT_EQ(all[1].officers, 1);
  EXPECT_EQ(all[1].took_another, 1);
  const auto first_day = Results(kDay, kDay);
  ASSERT_EQ(first_day.size(), 1u);
  EXPECT_EQ(first_day[0].failed_first, 3);
  EXPECT_EQ(first_day[0].took_another, 0);
}

TEST_P(TrainingSeatsStoreTest, FailingAsOftenAsTheRuleSaysDisqualifies) {
  PutExams({
      {"passed", 0, Completion::PASSED, 1, kO1},
      {"retake", 0, Completion::FAILED, 1, kO1},
      {"retake", 5, Completion::PASSED, 2, kO1},
      {"by-rule", 0, Completion::FAILED, 1, kO1},
      {"by-rule", 5, Completion::FAILED, 2, kO1},
      {"recorded", 0, Completion::FAILED, 1, kO1},
      {"recorded", 5, Completion::DISQUALIFIED, 2, kO1},
      {"once", 0, Completion::FAILED, 1, kO1},
  });
  const auto disqualified = [&](const FailureLimits& limits) -> int64_t {
    const auto all = Results(kDay, kDay + days(30), limits);
    return all.size() == 1 ? all[0].disqualified : -1;
  };
  EXPECT_EQ(disqualified({}), 1);
  EXPECT_EQ(disqualified({{"other", 1}}), 1);
  EXPECT_EQ(disqualified({{"basic", 2}, {"other", 1}}), 2);
  EXPECT_EQ(disqualified({{"basic", 1}}), 4);
}

}  // namespace
}  // namespace accord::training
