// Whom another policy would affect.
#include <gmock/gmock.h>

#include <set>

#include "tests/unit/training/completions_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using testing::FailsWith;
using testing::IsOk;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;

using Request = v1::PreviewPolicyRequest;

class PreviewTest : public CompletionsTest {
 protected:
  // The annual course every six months, in a second version from that day on.
  static std::string Stricter(Date from, const std::string& applies_to = "ALL") {
    const std::string text = ExamPolicyText();
    const std::string version = text.substr(text.find("versions {"));
    const std::string second = absl::StrReplaceAll(
        version, {{"id: \"v1\"", "id: \"v2\""},
                  {"effective_from { year: 2020 month: 1 day: 1 }",
                   absl::StrCat("effective_from { ", ToProto(from).ShortDebugString(), " }")},
                  {"lapse_policy {", absl::StrCat("applies_to: ", applies_to, " lapse_policy {")},
                  {"after_completion { count: 12", "after_completion { count: 6"}});
    return absl::StrCat(text.substr(0, text.find("versions {")), version, second);
  }

  static Request RequestOf(const std::string& text, int page_size = 0,
                           const std::string& token = "") {
    Request request;
    request.set_policy_text(text);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return request;
  }

  absl::StatusOr<v1::PreviewPolicyResponse> Preview(const Request& request) {
    return handlers_->PreviewPolicy(call_, request);
  }

  int AffectedBy(const Request& request) {
    const auto preview = Preview(request);
    EXPECT_THAT(preview, IsOk());
    return preview.value_or(v1::PreviewPolicyResponse()).officers_affected();
  }
  int AffectedBy(const std::string& text) { return AffectedBy(RequestOf(text)); }

  absl::StatusOr<v1::PolicyPreview> RecordPreview(const std::string& token,
                                                  const std::string& reason = "a shorter period") {
    v1::RecordPolicyPreviewRequest request;
    request.set_preview_token(token);
    request.set_reason(reason);
    return handlers_->RecordPolicyPreview(director_, request);
  }

  // Of the service, started with another file.
  absl::Status StartWith(const std::string& text, const std::string& without_preview = "") {
    return Handlers(*store_, ParsePolicy(text), agreements_, Separated())
        .RecordPolicy(without_preview);
  }

  std::string LastStart() {
    log::v1::ListChangesRequest request;
    request.set_filter("action = StartWithPolicy");
    request.set_order_by("revision desc");
    request.set_page_size(1);
    const auto page = store::ListChanges(*store_, request, "test", absl::Now() + absl::Minutes(1));
    EXPECT_THAT(page, IsOk());
    return page.ok() && page->changes_size() == 1 ? page->changes(0).reason() : "";
  }
};

TEST_F(PreviewTest, SaysWhatChangesForWhomAndWhen) {
  const std::string officer = Authorized().name();  // Through 4 March 2026.
  Certified(kUnderB);
  const v1::Officer gone = InTraining();
  ASSERT_THAT(DoStep(Step::kWithdraw, gone.name(), today_), IsOk());
  const auto preview = Preview(RequestOf(Stricter(MakeDate(2026, 3, 3))));
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->officers_looked_at(), 2);
  EXPECT_EQ(preview->officers_affected(), 1);
  EXPECT_EQ(preview->fictitious_affected(), 1);
  ASSERT_THAT(preview->affected(), SizeIs(1));
  // Today it is the same; the version begins tomorrow.
  EXPECT_THAT(preview->affected(0),
              PartiallyEqualsProto(absl::StrCat(R"pb(
                                                  date { year: 2026 month: 3 day: 3 }
                                                  state_now: CURRENT
                                                  state_then: LAPSED
                                                  ends_by_then: "aaa-annual"
                                                  fictitious: true
                                                  current_through_now { year: 2026 month: 3 day: 4 }
                                                  officer: ")pb",
                                                officer, "\"")));
  // The policy as it is changes nothing.
  EXPECT_EQ(AffectedBy(ExamPolicyText()), 0);
  // Asked for today alone, neither does the other.
  Request today = RequestOf(Stricter(MakeDate(2026, 3, 3)));
  *today.mutable_as_of() = ToProto(today_);
  EXPECT_EQ(AffectedBy(today), 0);
}

// Terms and papers hold for everybody, whomever the courses apply to.
TEST_F(PreviewTest, SaysWhoseAuthorityEndsAnotherDayOrNeedsOtherPapers) {
  const std::string officer = Authorized(MakeDate(2025, 3, 4), kUnderB).name();
  const auto shorter = Preview(RequestOf(absl::StrReplaceAll(
      ExamPolicyText(), {{"term { count: 2 unit: YEARS", "term { count: 6 unit: MONTHS"}})));
  ASSERT_THAT(shorter, IsOk());
  ASSERT_THAT(shorter->affected(), SizeIs(1));
  EXPECT_EQ(shorter->affected(0).officer(), officer);
  EXPECT_THAT(shorter->affected(0).changes(), ::testing::ElementsAre("authorization_term"));
  const auto papers = Preview(RequestOf(absl::StrReplaceAll(
      ExamPolicyText(), {{"lapse_policy {",
                          "paper_requirements { model: \"BBB\" papers: FORM_70_006 sources: "
                          "\"DOC\" } lapse_policy {"}})));
  ASSERT_THAT(papers, IsOk());
  ASSERT_THAT(papers->affected(), SizeIs(1));
  EXPECT_THAT(papers->affected(0).changes(), ::testing::ElementsAre("papers"));
}

// A course that was not there before is first due after its own first day.
TEST_F(PreviewTest, ANewCourseIsNotMissedInTheYearsBeforeIt) {
  Authorized(MakeDate(2026, 3, 1));
  const std::string text = ExamPolicyText();
  const std::string version = text.substr(text.find("versions {"));
  const std::string course =
      "courses { code: \"aaa-new\" title: \"New\" kind: ANNUAL model: \"AAA\" sources: \"DOC\" "
      "recurrence { anniversary_of_basic { count: 1 unit: YEARS counting: EVERY_DAY from: "
      "PREVIOUS_OCCURRENCE } } }";
  UsePolicy(absl::StrCat(
      text, absl::StrReplaceAll(
                version,
                {{"id: \"v1\"", "id: \"v2\""},
                 {"effective_from { year: 2020 month: 1", "effective_from { year: 2026 month: 3"},
                 {"lapse_policy {", absl::StrCat(course, " applies_to: ALL lapse_policy {")}})));
  GoTo(MakeDate(2026, 3, 2));
  const v1::Officer officer = All<v1::Officer>().front();
  v1::GetCertificationRequest request;
  request.set_officer(officer.name());
  const auto certification = handlers_->GetCertification(call_, request);
  ASSERT_THAT(certification, IsOk());
  // Trained on 28 February 2025: the first anniversary since is that of 2027.
  EXPECT_EQ(certification->state(), v1::Certification::CURRENT);
  EXPECT_EQ(policy_->AtOrFirst(today_).CourseSince("aaa-new"), MakeDate(2026, 3, 1));
  EXPECT_EQ(policy_->AtOrFirst(today_).CourseSince("aaa-annual"), std::nullopt);
}

TEST_F(PreviewTest, AppliesToThoseItIsFor) {
  Authorized();  // Certified on 3 March 2025, current through 4 March 2026.
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 1), "NEW")), 0);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 1), "OPEN")), 1);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2025, 3, 3), "NEW")), 1);
  // On its first day the training was not current any more.
  GoTo(MakeDate(2026, 4, 1));
  const std::string officer = All<v1::Officer>()[0].name();
  ASSERT_THAT(Record(officer, "aaa-annual", MakeDate(2026, 3, 20)), IsOk());
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 10), "OPEN")), 0);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 10), "ALL")), 1);
}

TEST_F(PreviewTest, SaysWhatIfItAppliedToOthers) {
  Authorized();
  Request what_if = RequestOf(Stricter(MakeDate(2026, 3, 1)));
  what_if.set_applies_to(Request::NEW);
  EXPECT_EQ(AffectedBy(what_if), 0);
  what_if.set_applies_to(Request::OPEN);
  const auto open = Preview(what_if);
  ASSERT_THAT(open, IsOk());
  EXPECT_EQ(open->officers_affected(), 1);
  // It is not what the file would do.
  EXPECT_EQ(open->preview_token(), "");
}

TEST_F(PreviewTest, PagesHoldEachOnceAndCountOn) {
  std::set<std::string> expected;
  for (int i = 0; i < 5; ++i) expected.insert(Authorized().name());
  const std::string text = Stricter(MakeDate(2026, 3, 1));
  std::set<std::string> seen;
  std::string token;
  std::vector<int> counts;
  do {
    const auto page = Preview(RequestOf(text, 2, token));
    ASSERT_THAT(page, IsOk());
    counts.push_back(page->officers_affected());
    EXPECT_EQ(page->officers_looked_at(), page->officers_affected());
    for (const auto& affected : page->affected()) {
      EXPECT_TRUE(seen.insert(affected.officer()).second);
    }
    token = page->next_page_token();
    EXPECT_EQ(page->preview_token().empty(), !token.empty());
  } while (!token.empty());
  EXPECT_EQ(seen, expected);
  EXPECT_THAT(counts, ::testing::ElementsAre(2, 4, 5));
  // A token is of its question alone.
  const auto first = Preview(RequestOf(text, 2));
  ASSERT_THAT(first, IsOk());
  Request other = RequestOf(text, 2, first->next_page_token());
  other.set_applies_to(Request::OPEN);
  EXPECT_THAT(Preview(other), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(PreviewTest, APageThatLookedAtEnoughEndsThoughItIsEmpty) {
  constexpr int kOfficers = 5'200;
  ASSERT_THAT(store_->Mutate({.action = "Put", .actor = "test"},
                             [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                               store::WriteSet writes;
                               for (int i = 0; i < kOfficers; ++i) {
                                 v1::Officer officer;
                                 officer.set_name(absl::StrCat("officers/o", 10'000 + i));
                                 officer.set_model("AAA");
                                 officer.set_state(v1::Officer::NOMINATED);
                                 writes.Create(officer);
                               }
                               return writes;
                             }),
              IsOk());
  const auto first = Preview(RequestOf(ExamPolicyText()));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->affected(), SizeIs(0));
  EXPECT_EQ(first->officers_looked_at(), 5'000);
  ASSERT_NE(first->next_page_token(), "");
  const auto last = Preview(RequestOf(ExamPolicyText(), 0, first->next_page_token()));
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ(last->officers_looked_at(), kOfficers);
  EXPECT_EQ(last->next_page_token(), "");
  EXPECT_NE(last->preview_token(), "");
}

TEST_F(PreviewTest, WhatIsNoPolicyIsRefused) {
  EXPECT_THAT(Preview(RequestOf("nonsense {")),
              FailsWith(StatusCode::kInvalidArgument, "POLICY_UNREADABLE"));
  Request request = RequestOf("");
  request.set_applies_to(static_cast<Request::Applicability>(9));
  const auto refused = Preview(request);
  EXPECT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("policy_text"));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("applies_to"));
}

TEST_F(PreviewTest, APolicyIsPreviewedBeforeItHolds) {
  ASSERT_THAT(handlers_->RecordPolicy(), IsOk());
  const std::string text = Stricter(MakeDate(2026, 3, 1));
  // With nobody on record there is nobody to affect.
  ASSERT_THAT(StartWith(text), IsOk());
  EXPECT_THAT(LastStart(), ::testing::HasSubstr("no officer is on record"));
  ASSERT_THAT(handlers_->RecordPolicy(), IsOk());

  Authorized();
  EXPECT_THAT(StartWith(text), FailsWith(StatusCode::kFailedPrecondition, "POLICY_NOT_PREVIEWED"));
  // It was not started with: the one before goes on without any ado.
  EXPECT_THAT(handlers_->RecordPolicy(), IsOk());

  const auto seen = Preview(RequestOf(text));
  ASSERT_THAT(seen, IsOk());
  EXPECT_THAT(StartWith(text), FailsWith(StatusCode::kFailedPrecondition, "POLICY_NOT_PREVIEWED"));
  const auto recorded = RecordPreview(seen->preview_token());
  ASSERT_THAT(recorded, IsOk());
  EXPECT_THAT(*recorded, PartiallyEqualsProto(R"pb(
    policy_version: "v2"
    officers_looked_at: 1
    officers_affected: 1
    fictitious_affected: 1
    preview_date { year: 2026 month: 3 day: 2 }
    recorder: "unverified:director"
    reason: "a shorter period"
  )pb"));
  ASSERT_THAT(StartWith(text), IsOk());
  EXPECT_THAT(LastStart(), ::testing::HasSubstr(recorded->name()));

  // What was compared with another policy says nothing about this one.
  const std::string third = Stricter(MakeDate(2026, 3, 2));
  const auto with_first = Preview(RequestOf(third));  // By the handlers of the first.
  ASSERT_THAT(with_first, IsOk());
  ASSERT_THAT(RecordPreview(with_first->preview_token()), IsOk());
  EXPECT_THAT(StartWith(third), FailsWith(StatusCode::kFailedPrecondition, "POLICY_NOT_PREVIEWED"));
  ASSERT_THAT(StartWith(third, "the exam office is closed"), IsOk());
  EXPECT_THAT(LastStart(), ::testing::HasSubstr("without preview: the exam office is closed"));
}

TEST_F(PreviewTest, OnlyAPreviewThatWasReadToItsEndIsRecorded) {
  Authorized();
  const std::string text = Stricter(MakeDate(2026, 3, 1));
  EXPECT_THAT(RecordPreview("made up"), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto first_page = Preview(RequestOf(text, 1));
  ASSERT_THAT(first_page, IsOk());
  EXPECT_THAT(RecordPreview(first_page->next_page_token()),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto seen = Preview(RequestOf(text));
  ASSERT_THAT(seen, IsOk());
  EXPECT_THAT(RecordPreview(seen->preview_token(), ""),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  UsePolicy(text);
  EXPECT_THAT(RecordPreview(seen->preview_token()),
              FailsWith(StatusCode::kFailedPrecondition, "PREVIEW_OUTDATED"));
}

TEST_F(PreviewTest, PreviewsAreReadByNameAndListed) {
  const auto seen = Preview(RequestOf(Stricter(MakeDate(2026, 3, 1))));
  ASSERT_THAT(seen, IsOk());
  const auto recorded = RecordPreview(seen->preview_token());
  ASSERT_THAT(recorded, IsOk());
  v1::GetPolicyPreviewRequest get;
  get.set_name(recorded->name());
  EXPECT_THAT(handlers_->GetPolicyPreview(call_, get)->policy_digest(), recorded->policy_digest());
  const auto list = handlers_->ListPolicyPreviews(call_, {});
  ASSERT_THAT(list, IsOk());
  EXPECT_THAT(list->policy_previews(), SizeIs(1));
}

// An officer whom an earlier version still binds takes its courses, by its rules.
TEST_F(PreviewTest, CompletionsAreCheckedByTheVersionThatBinds) {
  const std::string stricter =
      absl::StrReplaceAll(Stricter(MakeDate(2026, 3, 1), "NEW"),
                          {{"after_completion { count: 6", "after_completion { count: 7"}});
  // In the second version the annual course has an exam and, for the new, another code.
  const size_t second = stricter.find("id: \"v2\"");
  UsePolicy(absl::StrCat(
      stricter.substr(0, second),
      absl::StrReplaceAll(stricter.substr(second), {{"\"aaa-annual\"", "\"aaa-annual-2\""},
                                                    {"pass_percent: 70", "pass_percent: 95"}})));
  const std::string before = Authorized().name();
  const v1::Officer trainee = InTraining();
  auto exam = RecordOf(trainee.name(), "aaa-basic", MakeDate(2025, 2, 28));
  exam.set_score(80);
  EXPECT_THAT(Record(exam), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  exam.set_score(96);
  EXPECT_THAT(Record(exam), IsOk());
  auto again = RecordOf(before, "aaa-basic", MakeDate(2026, 3, 1));
  again.set_score(80);
  EXPECT_THAT(Record(again), IsOk());
  EXPECT_THAT(Record(before, "aaa-annual", MakeDate(2026, 3, 2)), IsOk());
  EXPECT_EQ(GetOfficer(before).certification(), v1::Certification::CURRENT);
  EXPECT_EQ(GetOfficer(before).policy_version(), "v2");
}

}  // namespace
}  // namespace accord::training
