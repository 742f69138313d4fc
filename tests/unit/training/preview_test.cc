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
  static std::string Stricter(Date from) {
    const std::string text = ExamPolicyText();
    const std::string version = text.substr(text.find("versions {"));
    const std::string second = absl::StrReplaceAll(
        version, {{"id: \"v1\"", "id: \"v2\""},
                  {"effective_from { year: 2020 month: 1 day: 1 }",
                   absl::StrCat("effective_from { ", ToProto(from).ShortDebugString(), " }")},
                  {"after_completion { count: 12", "after_completion { count: 6"}});
    return absl::StrCat(text.substr(0, text.find("versions {")), version, second);
  }

  absl::StatusOr<v1::PreviewPolicyResponse> Preview(const std::string& text,
                                                    Request::Applicability applies_to,
                                                    int page_size = 0,
                                                    const std::string& token = "") {
    Request request;
    request.set_policy_text(text);
    request.set_applies_to(applies_to);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return handlers_->PreviewPolicy(call_, request);
  }

  int AffectedBy(const std::string& text, Request::Applicability applies_to) {
    const auto preview = Preview(text, applies_to);
    EXPECT_THAT(preview, IsOk());
    return preview.value_or(v1::PreviewPolicyResponse()).officers_affected();
  }
};

TEST_F(PreviewTest, SaysWhatChangesForWhom) {
  const std::string officer = Authorized().name();  // Through 4 March 2026.
  Certified(kUnderB);
  const v1::Officer gone = InTraining();
  ASSERT_THAT(DoStep(Step::kWithdraw, gone.name(), today_), IsOk());
  const auto preview = Preview(Stricter(MakeDate(2026, 3, 1)), Request::ALL);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->officers_looked_at(), 2);
  EXPECT_EQ(preview->officers_affected(), 1);
  ASSERT_THAT(preview->affected(), SizeIs(1));
  EXPECT_THAT(preview->affected(0),
              PartiallyEqualsProto(absl::StrCat(R"pb(
                                                  state_now: CURRENT
                                                  state_then: LAPSED
                                                  ends_by_then: "aaa-annual"
                                                  fictitious: true
                                                  current_through_now { year: 2026 month: 3 day: 4 }
                                                  officer: ")pb",
                                                officer, "\"")));
  // The policy as it is changes nothing.
  EXPECT_EQ(AffectedBy(ExamPolicyText(), Request::ALL), 0);
}

TEST_F(PreviewTest, AppliesToThoseItIsFor) {
  Authorized();  // Certified on 3 March 2025, current through 4 March 2026.
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 1)), Request::NEW), 0);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 1)), Request::OPEN), 1);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2025, 3, 3)), Request::NEW), 1);
  // On its first day the training was not current any more.
  GoTo(MakeDate(2026, 4, 1));
  const std::string officer = All<v1::Officer>()[0].name();
  ASSERT_THAT(Record(officer, "aaa-annual", MakeDate(2026, 3, 20)), IsOk());
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 10)), Request::OPEN), 0);
  EXPECT_EQ(AffectedBy(Stricter(MakeDate(2026, 3, 10)), Request::ALL), 1);
}

TEST_F(PreviewTest, PagesHoldEachOnceAndTheCountsOfAll) {
  std::set<std::string> expected;
  for (int i = 0; i < 5; ++i) expected.insert(Authorized().name());
  const std::string text = Stricter(MakeDate(2026, 3, 1));
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const auto page = Preview(text, Request::ALL, 2, token);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(page->officers_affected(), 5);
    EXPECT_EQ(page->officers_looked_at(), 5);
    for (const auto& affected : page->affected()) {
      EXPECT_TRUE(seen.insert(affected.officer()).second);
    }
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(pages, 3);
  // A token is of its question alone.
  const auto first = Preview(text, Request::ALL, 2);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Preview(text, Request::OPEN, 2, first->next_page_token()),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(PreviewTest, WhatIsNoPolicyIsRefused) {
  EXPECT_THAT(Preview("nonsense {", Request::ALL),
              FailsWith(StatusCode::kInvalidArgument, "POLICY_UNREADABLE"));
  EXPECT_THAT(Preview("", Request::APPLICABILITY_UNSPECIFIED),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace accord::training
