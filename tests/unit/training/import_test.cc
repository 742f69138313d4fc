// Exports of the learning system: every row ends somewhere, once.
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "services/training/export_file.h"
#include "services/training/import_completions.h"
#include "tests/unit/training/completions_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::PartiallyEqualsProto;
using testing::ProtoEquals;
using ::testing::SizeIs;

TEST(ExportTest, ColumnsAreFoundByNameAndTheRestIsReadPast) {
  const auto exported = ReadExport(
      "\xEF\xBB\xBF"
      "SSN, Result ,DATE,Course,Officer,Full Name\r\n"
      "123,passed,2025-01-02,x,officers/a,Jane\r\n\r\n"
      ",,,,,\r\n"
      "456,failed,2025-01-03,y,officers/b\r\n");
  ASSERT_THAT(exported, IsOk());
  ASSERT_THAT(exported->rows, SizeIs(2));
  EXPECT_EQ(exported->rows[0].officer, "officers/a");
  EXPECT_EQ(exported->rows[0].result, "passed");
  EXPECT_EQ(exported->rows[0].row_number, 2);
  EXPECT_EQ(exported->rows[1].row_number, 4);
  EXPECT_THAT(exported->warnings, ElementsAre(HasSubstr("\"ssn\""), HasSubstr("\"full name\"")));
}

TEST(ExportTest, TheContentIsTheRowsInAnyOrder) {
  const std::string header = "officer,course,date,result,attempt\n";
  const auto a = ReadExport(header +
                            "officers/a,x,2025-01-02,failed,10\n"
                            "officers/a,x,2025-01-02,failed,2\n");
  const auto b = ReadExport(header +
                            "officers/a,x,2025-01-02,failed,2\n"
                            "officers/a,x,2025-01-02,failed,10\n");
  const auto twice = ReadExport(header +
                                "officers/a,x,2025-01-02,failed,2\n"
                                "officers/a,x,2025-01-02,failed,10\n"
                                "officers/a,x,2025-01-02,failed,10\n");
  ASSERT_THAT(a, IsOk());
  ASSERT_THAT(b, IsOk());
  ASSERT_THAT(twice, IsOk());
  EXPECT_EQ(a->content_digest, b->content_digest);
  EXPECT_NE(a->file_digest, b->file_digest);
  EXPECT_NE(b->content_digest, twice->content_digest);
  // In the order of time.
  EXPECT_EQ(a->rows[0].attempt, "2");
}

TEST(ExportTest, WhatCannotBeReadIsRefusedWithoutQuotingIt) {
  const auto fails = [](const std::string& bytes) { return ReadExport(bytes).status(); };
  EXPECT_THAT(fails("officer,course,date,result\n"),
              FailsWith(StatusCode::kInvalidArgument, "EXPORT_EMPTY"));
  EXPECT_THAT(fails("\n\n"), FailsWith(StatusCode::kInvalidArgument, "EXPORT_EMPTY"));
  const absl::Status missing = fails("Jane Roe,course,date\nx,y,z\n");
  EXPECT_THAT(missing, FailsWith(StatusCode::kInvalidArgument, "EXPORT_HEADER_MISSING"));
  EXPECT_THAT(missing.ToString(), HasSubstr("officer, result"));
  EXPECT_THAT(missing.ToString(), Not(HasSubstr("Jane")));
  EXPECT_THAT(fails("officer,course,date,result\n\"Jane,b\n"),
              FailsWith(StatusCode::kInvalidArgument, "EXPORT_DAMAGED"));
  EXPECT_THAT(fails("officer,\xFF\n"), FailsWith(StatusCode::kInvalidArgument, "EXPORT_DAMAGED"));
}

class ImportTest : public CompletionsTest {
 protected:
  // Stops the import after the chunk that is the `stop`th, as when the process is killed.
  absl::StatusOr<Imported> ImportUntil(const std::string& content, int stop) {
    ACCORD_ASSIGN_OR_RETURN(const Export exported, ReadExport(content));
    store::MutationContext context;
    context.action = "ImportCompletions";
    context.actor = "unverified:clerk";
    int chunks = 0;
    return ImportExport({*store_, policy_->AtOrFirst(today_), exported, "export.csv", today_,
                         context, [&](const v1::CompletionImport&) {
                           return ++chunks < stop ? absl::OkStatus()
                                                  : absl::CancelledError("killed");
                         }});
  }

  std::string Offer(const std::string& course, Date first) {
    v1::CreateOfferingRequest request;
    v1::Offering& offering = *request.mutable_offering();
    offering.set_course(course);
    offering.set_place("Demo Academy");
    *offering.mutable_first_date() = ToProto(first);
    *offering.mutable_last_date() = ToProto(first + days(25));
    offering.set_seats(8);
    offering.set_fictitious(true);
    const auto created = handlers_->CreateOffering(call_, request);
    EXPECT_THAT(created, IsOk());
    return created.value_or(v1::Offering()).name();
  }
  void Enroll(const std::string& officer, const std::string& offering) {
    v1::EnrollOfficerRequest request;
    request.mutable_enrollment()->set_officer(officer);
    request.mutable_enrollment()->set_offering(offering);
    EXPECT_THAT(handlers_->EnrollOfficer(call_, request), IsOk());
  }

  // Another process on the same database.
  void Restart() {
    handlers_.reset();
    store_.reset();
    auto store = store::Store::Open("training", kDomain, Types(), clock_,
                                    {.url = absl::StrCat("sqlite:", dir_.path(), "/t.db")});
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_, Separated());
  }

  // The import that is not done, as the list shows it.
  v1::CompletionImport Unfinished() {
    v1::ListCompletionImportsRequest request;
    request.set_filter("state = APPLYING");
    const auto page = handlers_->ListCompletionImports(call_, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok() || page->completion_imports_size() != 1) {
      ADD_FAILURE() << "not one import that is not done";
      return {};
    }
    v1::GetCompletionImportRequest get;
    get.set_name(page->completion_imports(0).name());
    return handlers_->GetCompletionImport(call_, get).value_or(v1::CompletionImport());
  }

  std::map<v1::CompletionOutcome, int> CountsOf(const v1::CompletionImport& import) {
    std::map<v1::CompletionOutcome, int> counts;
    for (const auto& count : import.outcome_counts()) counts[count.outcome()] = count.rows();
    return counts;
  }
};

TEST_F(ImportTest, EveryRowHasOneOutcome) {
  const std::string a = InTraining().name();
  const std::string b = InTraining(kUnderB).name();
  ASSERT_THAT(Record(a, "aaa-annual", MakeDate(2025, 3, 4)), IsOk());
  const auto import = Import(ExportOf(
      {
          absl::StrCat(a, ",Basic Course (A),2025-02-28,Passed,,95.125%,list 7"),
          absl::StrCat(a, ",aaa-annual,2025-03-04,passed,1,,"),
          absl::StrCat(a, ",aaa-annual,2025-03-04,failed,1,,"),
          absl::StrCat(a, ",aaa-annual,2025-04-04,passed,1,,"),
          absl::StrCat(a, ",aaa-annual,2025-04-04,passed,1,,"),
          "officers/none,aaa-basic,2025-02-28,passed,,,",
          "Jane Roe,aaa-basic,2025-02-28,passed,,,",
          absl::StrCat(a, ",nothing,2025-02-28,passed,,,"),
          absl::StrCat(b, ",aaa-basic,2025-02-28,passed,,,"),
          absl::StrCat(b, ",bbb-basic,28/02/2025,passed,,,"),
          absl::StrCat(b, ",bbb-basic,2026-03-03,passed,,,"),
          absl::StrCat(b, ",bbb-basic,2025-02-28,maybe,,,"),
          absl::StrCat(b, ",bbb-basic,2025-02-28,passed,x,,"),
          absl::StrCat(b, ",bbb-basic,2025-02-27,passed,,high,"),
          absl::StrCat(a, ",aaa-basic,2025-02-27,failed,,70,"),
          absl::StrCat(b, ",bbb-basic,2025-02-26,passed,,,\"a\x01 b\""),
      },
      "officer,course,date,result,attempt,score,evidence"));
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(import->state(), v1::CompletionImport::APPLIED);
  EXPECT_EQ(import->rows(), 16);
  EXPECT_EQ(import->rows_applied(), 16);
  EXPECT_TRUE(import->fictitious());
  EXPECT_THAT(
      CodesOf(import->name()),
      ElementsAre("2 RECORDED", "3 COMPLETION_KNOWN", "4 COMPLETION_EXISTS", "5 RECORDED",
                  "6 COMPLETION_KNOWN", "7 OFFICER_UNKNOWN", "8 OFFICER_UNREADABLE",
                  "9 COURSE_UNKNOWN", "10 COURSE_OF_OTHER_MODEL", "11 DATE_UNREADABLE",
                  "12 DATE_IN_FUTURE", "13 RESULT_UNREADABLE", "14 ATTEMPT_UNREADABLE",
                  "15 SCORE_UNREADABLE", "16 SCORE_CONTRADICTS_RESULT", "17 EVIDENCE_UNREADABLE"));
  EXPECT_EQ(CountsOf(*import),
            (std::map<v1::CompletionOutcome, int>{{v1::COMPLETION_OUTCOME_RECORDED, 2},
                                                  {v1::COMPLETION_OUTCOME_KNOWN, 2},
                                                  {v1::COMPLETION_OUTCOME_REJECTED, 12}}));
  const std::vector<v1::CompletionRow> rows = RowsOf(import->name());
  for (const v1::CompletionRow& row : rows) {
    EXPECT_THAT(row.SerializeAsString(), Not(HasSubstr("Jane")));
    EXPECT_THAT(row.SerializeAsString(), Not(HasSubstr("95.125")));
    // Rejected rows too; but nobody is known by the names of these two.
    const bool of_nobody = row.code() == "OFFICER_UNKNOWN" || row.code() == "OFFICER_UNREADABLE";
    EXPECT_EQ(row.fictitious(), !of_nobody) << row.code();
  }
  // The same one.
  EXPECT_EQ(rows[4].completion(), rows[3].completion());
  v1::GetCompletionRequest request;
  request.set_name(rows[0].completion());
  const auto recorded = handlers_->GetCompletion(call_, request);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_THAT(*recorded, PartiallyEqualsProto(absl::StrCat(
                             "course: 'aaa-basic' evidence: 'list 7' source: '", rows[0].name(),
                             "' agency: 'agencies/one' fictitious: true attempt: 1")));
  EXPECT_EQ(GetOfficer(a).certification(), v1::Certification::CURRENT);
  ExpectKeptIsTrue();
}

TEST_F(ImportTest, WithoutAnExamRuleAScoreIsOnlyOneOfPercent) {
  const std::string a = InTraining().name();
  const auto import = Import(ExportOf({absl::StrCat(a, ",aaa-annual,2025-03-04,passed,95.125%"),
                                       absl::StrCat(a, ",aaa-annual,2025-03-05,passed,0"),
                                       absl::StrCat(a, ",aaa-annual,2025-03-06,passed,101")},
                                      "officer,course,date,result,score"));
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(CodesOf(import->name()),
              ElementsAre("2 RECORDED", "3 RECORDED", "4 SCORE_CONTRADICTS_RESULT"));
  for (const v1::Completion& completion : All<v1::Completion>()) {
    EXPECT_THAT(completion.SerializeAsString(), Not(HasSubstr("95.125")));
  }
}

TEST_F(ImportTest, WhoIsExaminedOftenIsWeighedInTheOrderOfTime) {
  const std::string a = InTraining().name();
  const auto import = Import(ExportOf({absl::StrCat(a, ",aaa-basic,2025-02-20,passed"),
                                       absl::StrCat(a, ",aaa-basic,2025-02-10,disqualified"),
                                       absl::StrCat(a, ",aaa-basic,2025-02-05,failed")}));
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(CodesOf(import->name()),
              ElementsAre("2 ATTEMPTS_EXHAUSTED", "3 RECORDED", "4 RECORDED"));
  EXPECT_EQ(GetOfficer(a).state(), v1::Officer::DISQUALIFIED);
}

TEST_F(ImportTest, FailingAsOftenAsTheExamRuleSaysDisqualifies) {
  const std::string a = InTraining().name();
  const auto import = Import(ExportOf({absl::StrCat(a, ",aaa-basic,2025-02-05,failed,1"),
                                       absl::StrCat(a, ",aaa-basic,2025-02-10,failed,2"),
                                       absl::StrCat(a, ",aaa-basic,2025-02-20,passed,3")},
                                      "officer,course,date,result,attempt"));
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(CodesOf(import->name()),
              ElementsAre("2 RECORDED", "3 RECORDED", "4 ATTEMPTS_EXHAUSTED"));
  EXPECT_EQ(GetOfficer(a).state(), v1::Officer::DISQUALIFIED);
  ExpectKeptIsTrue();
}

TEST_F(ImportTest, ARetakeWithoutAnAttemptIsTheNextOne) {
  UsePolicy(ExamPolicyText("1"));
  const std::string a = InTraining().name();
  const std::string failed = absl::StrCat(a, ",aaa-basic,2025-02-05,failed");
  const std::string passed = absl::StrCat(a, ",aaa-basic,2025-02-10,passed");
  ASSERT_THAT(Import(ExportOf({passed, failed})), IsOk());
  const std::vector<v1::Completion> all = All<v1::Completion>();
  ASSERT_THAT(all, SizeIs(2));
  for (const v1::Completion& completion : all) {
    EXPECT_EQ(completion.attempt(), completion.result() == v1::Completion::FAILED ? 1 : 2);
  }
  // They are known, whichever file they come in again, and with their attempts.
  const auto again = Import(ExportOf({passed}));
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(CodesOf(again->name()), ElementsAre("2 COMPLETION_KNOWN"));
  const auto numbered = Import(
      ExportOf({passed + ",2", failed + ",1", absl::StrCat(a, ",aaa-basic,2025-02-09,passed,1")},
               "officer,course,date,result,attempt"));
  ASSERT_THAT(numbered, IsOk());
  EXPECT_THAT(CodesOf(numbered->name()),
              ElementsAre("2 COMPLETION_KNOWN", "3 COMPLETION_KNOWN", "4 ATTEMPT_CONTRADICTS"));
}

TEST_F(ImportTest, ARowIsOfAClassThatTheOfficerCouldAttend) {
  const std::string a = InTraining().name();
  const std::string b = InTraining().name();
  const std::string held = Offer("aaa-basic", MakeDate(2026, 3, 2));
  const std::string past = Offer("aaa-basic", MakeDate(2025, 2, 3));
  Enroll(a, held);
  const auto import = Import(ExportOf(
      {
          absl::StrCat(a, ",aaa-basic,2025-02-28,failed,", past),
          absl::StrCat(a, ",aaa-basic,2026-03-02,passed,", held),
          absl::StrCat(b, ",aaa-basic,2026-03-02,passed,", held),
          absl::StrCat(b, ",aaa-annual,2025-02-28,passed,", held),
          absl::StrCat(b, ",aaa-basic,2025-02-26,passed,offerings/none"),
          absl::StrCat(b, ",aaa-basic,2025-02-27,passed,Hall 7"),
          absl::StrCat(b, ",aaa-basic,2025-02-28,passed,"),
      },
      "officer,course,date,result,offering"));
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(
      CodesOf(import->name()),
      ElementsAre("2 RECORDED", "3 RECORDED", "4 OFFERING_CONTRADICTS", "5 OFFERING_CONTRADICTS",
                  "6 OFFERING_UNKNOWN", "7 OFFERING_UNREADABLE", "8 RECORDED"));
  EXPECT_EQ(RowsOf(import->name())[3].reason(),
            "the offering is of the course aaa-basic; it begins on 2026-03-02, after the "
            "completion's date; it has no seat of the officer's: name where it was taken, or "
            "nothing");
  v1::GetResultRatesRequest request;
  *request.mutable_from() = ToProto(MakeDate(2025, 1, 1));
  request.set_fictitious(true);
  const auto rates = handlers_->GetResultRates(call_, request);
  ASSERT_THAT(rates, IsOk());
  ASSERT_EQ(rates->by_offering_size(), 1);
  EXPECT_THAT(rates->by_offering(0),
              PartiallyEqualsProto(absl::StrCat("offering: '", past,
                                                "' officers: 1 failed_first: 1 took_another: 1")));
}

TEST_F(ImportTest, IsOfMadeUpOfficersAlsoWhenNothingIsRecorded) {
  const std::string officer = InTraining().name();
  const auto import =
      Import(ExportOf({absl::StrCat(officer, ",no-such-course,2025-02-28,passed")}));
  ASSERT_THAT(import, IsOk());
  EXPECT_THAT(CodesOf(import->name()), ElementsAre(::testing::HasSubstr("COURSE")));
  EXPECT_TRUE(import->fictitious());
}

TEST_F(ImportTest, TheSameContentAgainChangesNothing) {
  const std::string a = InTraining().name();
  const std::string basic = absl::StrCat(a, ",aaa-basic,2025-02-28,passed");
  const std::string annual = absl::StrCat(a, ",aaa-annual,2025-03-04,passed");
  const auto first = Import(ExportOf({basic, annual}));
  ASSERT_THAT(first, IsOk());
  const int64_t revision = Revision();
  for (const std::string& content : {ExportOf({basic, annual}), ExportOf({annual, basic})}) {
    const auto again = Import(content);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->state(), v1::CompletionImport::ALREADY_IMPORTED);
    EXPECT_EQ(again->name(), first->name());
    EXPECT_EQ(again->rows_applied(), 2);
  }
  EXPECT_EQ(Revision(), revision);
}

TEST_F(ImportTest, ARetryWithTheSameRequestIsTheFirstAnswer) {
  const std::string content =
      ExportOf({absl::StrCat(InTraining().name(), ",aaa-basic,2025-02-28,passed")});
  const auto first = Import(content, false, "4be0643f-1d98-573b-97cd-ca98a65347dd");
  const auto again = Import(content, false, "4be0643f-1d98-573b-97cd-ca98a65347dd");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(*again, ProtoEquals(*first));
}

TEST_F(ImportTest, ATrialSaysWhatWouldHappenAcrossChunks) {
  UsePolicy(ExamPolicyText("1"));
  const std::string a = InTraining().name();
  const std::string content = ExportOf({absl::StrCat(a, ",aaa-basic,2025-02-28,passed"),
                                        absl::StrCat(a, ",aaa-basic,2025-02-28,passed"),
                                        "officers/none,aaa-basic,2025-02-28,passed"});
  const int64_t revision = Revision();
  const auto planned = Import(content, true);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->state(), v1::CompletionImport::PLANNED);
  EXPECT_EQ(planned->name(), "");
  EXPECT_EQ(Revision(), revision);
  const auto import = Import(content);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(CountsOf(*planned), CountsOf(*import));
  EXPECT_EQ(CountsOf(*import)[v1::COMPLETION_OUTCOME_KNOWN], 1);
}

TEST_F(ImportTest, OneCutShortAtAnyChunkGoesOnThere) {
  UsePolicy(ExamPolicyText("2"));
  std::vector<std::string> officers;
  for (int i = 0; i < 5; ++i) officers.push_back(InTraining().name());
  // Nine rows of a day of their own each time, so that every content is new.
  for (int stop = 1; stop <= 4; ++stop) {
    std::vector<std::string> rows;
    const std::string day = FormatDate(MakeDate(2025, 3, 1) + days(stop));
    for (const std::string& officer : officers) {
      rows.push_back(absl::StrCat(officer, ",aaa-annual,", day, ",passed"));
      if (rows.size() < 9) rows.push_back(absl::StrCat(officer, ",none,", day, ",passed"));
    }
    const std::string content = ExportOf(rows);
    const size_t before = All<v1::Completion>().size();
    EXPECT_THAT(ImportUntil(content, stop), testing::StatusIs(StatusCode::kCancelled));
    Restart();
    const v1::CompletionImport halfway = Unfinished();
    EXPECT_EQ(halfway.rows(), 9);
    EXPECT_EQ(halfway.rows_applied(), 2 * stop);
    EXPECT_THAT(RowsOf(halfway.name()), SizeIs(2 * stop));
    ExpectKeptIsTrue();
    // The same rows in another order have other numbers.
    std::vector<std::string> turned(rows.rbegin(), rows.rend());
    EXPECT_THAT(Import(ExportOf(turned)),
                FailsWith(StatusCode::kFailedPrecondition, "IMPORT_UNFINISHED"));
    const auto import = Import(content);
    ASSERT_THAT(import, IsOk());
    EXPECT_EQ(import->name(), halfway.name());
    EXPECT_EQ(import->state(), v1::CompletionImport::APPLIED);
    EXPECT_EQ(CountsOf(*import),
              (std::map<v1::CompletionOutcome, int>{{v1::COMPLETION_OUTCOME_RECORDED, 5},
                                                    {v1::COMPLETION_OUTCOME_REJECTED, 4}}));
    EXPECT_THAT(RowsOf(import->name()), SizeIs(9));
    EXPECT_EQ(All<v1::Completion>().size(), before + 5);
    ExpectKeptIsTrue();
  }
}

TEST_F(ImportTest, ARejectedRowIsNoCompletionByWhoImportedIt) {
  const std::string a = Certified().name();
  ASSERT_THAT(Import(ExportOf({absl::StrCat(a, ",none,2025-02-28,passed")})), IsOk());
  v1::GrantWaiverRequest request;
  request.mutable_waiver()->set_officer(a);
  request.mutable_waiver()->set_course("aaa-annual");
  request.mutable_waiver()->set_reason(v1::Waiver::TESTED_OUT);
  request.mutable_waiver()->set_explanation("as examined");
  *request.mutable_waiver()->mutable_first_date() = ToProto(today_);
  *request.mutable_waiver()->mutable_last_date() = ToProto(today_ + days(30));
  EXPECT_THAT(handlers_->GrantWaiver(call_, request), IsOk());
  ASSERT_THAT(Import(ExportOf({absl::StrCat(a, ",aaa-annual,2025-03-28,passed")})), IsOk());
  EXPECT_THAT(handlers_->GrantWaiver(call_, request),
              FailsWith(StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES"));
}

// Whatever comes in whatever way, what is kept is what follows from everything on record.
TEST_F(ImportTest, KeptIsAlwaysWhatFollowsFromScratch) {
  UsePolicy(ExamPolicyText("7"));
  std::mt19937 random(20260302);
  const auto below = [&random](int n) { return static_cast<int>(random() % n); };
  std::vector<std::string> officers;
  for (int i = 0; i < 6; ++i) officers.push_back(InTraining(i % 3 == 0 ? kUnderB : kUnderA).name());
  static constexpr const char* kCourses[] = {"aaa-basic", "aaa-annual", "bbb-basic"};
  static constexpr const char* kResults[] = {"passed", "passed", "passed", "failed",
                                             "disqualified"};
  for (int round = 0; round < 12; ++round) {
    std::vector<std::string> rows;
    for (int i = 0; i < 20; ++i) {
      rows.push_back(absl::StrCat(officers[below(6)], ",", kCourses[below(3)], ",",
                                  FormatDate(MakeDate(2024, 1, 1) + days(below(900))), ",",
                                  kResults[below(5)]));
    }
    ASSERT_THAT(Import(ExportOf(rows)), IsOk());
    const std::vector<v1::Completion> all = All<v1::Completion>();
    if (!all.empty()) Void(all[below(static_cast<int>(all.size()))].name()).status().IgnoreError();
    GoTo(today_ + days(below(20)));
    ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
    ExpectKeptIsTrue();
  }
  EXPECT_GT(All<v1::Completion>().size(), 60u);
}

}  // namespace
}  // namespace accord::training
