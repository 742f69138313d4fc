// What holds of every certification, on records made at random; seeded, so they come again.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/training/made_record.h"

namespace accord::training {
namespace {

using C = v1::Certification;

constexpr int kRecords = 400;
constexpr int kDays = 2200;

// Every kind of recurrence, a retired course and the one in its place.
std::string Courses(bool spaced) {
  const std::string spacing = spaced ? Spacing("count: 1 unit: YEARS") : "";
  return CourseText("basic", "BASIC",
                    "exam { pass_percent: 70 retakes: 1 failures_that_disqualify: 2 }") +
         CourseText(
             "after", "REFRESHER",
             Every("after_completion", "count: 18 unit: MONTHS") + " window_days: 60 " + spacing) +
         CourseText("anniversary", "ANNUAL",
                    Every("anniversary_of_basic", "count: 1 unit: YEARS") + " window_days: 90") +
         CourseText("fiscal", "ANNUAL",
                    "recurrence { fiscal_date { month: 1 day: 31 } } window_days: 150") +
         CourseText("retired", "ANNUAL",
                    Every("after_completion", "count: 1 unit: YEARS") +
                        " retirement { date { year: 2018 month: 7 day: 1 } replaced_by: 'next' }") +
         CourseText("next", "ANNUAL", Every("after_completion", "count: 1 unit: YEARS"));
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  Date AnyDay() { return On("2015-02-28") + days(Below(kDays)); }
  std::string AnyCourse() {
    static constexpr const char* kCodes[] = {"basic",  "after",   "anniversary",
                                             "fiscal", "retired", "next"};
    return kCodes[Below(6)];
  }

  // Mostly trained officers, so that there is something to lapse.
  MadeRecord Record() {
    MadeRecord record;
    if (Below(8) > 0) record.Completed("basic", FormatDate(On("2015-02-28") + days(Below(400))));
    if (Below(4) == 0) *record.officer.mutable_certification_date() = ToProto(AnyDay());
    for (int left = Below(30); left > 0; --left) {
      const bool failed = Below(12) == 0;
      record.Completed(AnyCourse(), FormatDate(AnyDay()),
                       failed ? v1::Completion::FAILED : v1::Completion::PASSED);
    }
    for (int left = Below(4); left > 0; --left) {
      const Date first = AnyDay();
      record.Waived(AnyCourse(), FormatDate(first), FormatDate(first + days(Below(400))));
    }
    const int recorded = static_cast<int>(record.completions.size());
    if (recorded > 0 && Below(4) == 0) record.Voided(1 + Below(recorded), "2019-01-01");
    return record;
  }

  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

class CertificationPropertyTest : public testing::TestWithParam<bool> {
 protected:
  CertificationPropertyTest() : policy_(Courses(GetParam())) {}

  const MadePolicy policy_;
};

TEST_P(CertificationPropertyTest, TheOrderOfFactsDoesNotMatter) {
  Maker maker(1);
  for (int i = 0; i < kRecords; ++i) {
    MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    const C before = record.At(policy_.view(), day, true);
    std::shuffle(record.completions.begin(), record.completions.end(), maker.random());
    std::shuffle(record.waivers.begin(), record.waivers.end(), maker.random());
    const C after = record.At(policy_.view(), day, true);
    ASSERT_EQ(before.SerializeAsString(), after.SerializeAsString()) << after.DebugString();
  }
}

// Facts taken in one by one, each time kept on the officer, end where all at once do.
TEST_P(CertificationPropertyTest, OneByOneEndsWhereAllAtOnceDoes) {
  Maker maker(2);
  for (int i = 0; i < kRecords; ++i) {
    const MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    MadeRecord growing;
    growing.officer = record.officer;
    for (const auto& completion : record.completions) {
      growing.completions.push_back(completion);
      Keep(growing.At(policy_.view(), day), growing.officer);
    }
    for (const auto& waiver : record.waivers) {
      growing.waivers.push_back(waiver);
      Keep(growing.At(policy_.view(), day), growing.officer);
    }
    Keep(growing.At(policy_.view(), day), growing.officer);
    v1::Officer at_once = record.officer;
    Keep(record.At(policy_.view(), day), at_once);
    ASSERT_EQ(growing.officer.SerializeAsString(), at_once.SerializeAsString());
  }
}

TEST_P(CertificationPropertyTest, CurrentThroughItsLastDayAndNotTheNext) {
  Maker maker(3);
  int with_an_end = 0;
  for (int i = 0; i < kRecords; ++i) {
    const MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    const C now = record.At(policy_.view(), day);
    const auto last = FromProto(now.current_through());
    if (!last) continue;
    ++with_an_end;
    ASSERT_GE(*last, day);
    for (const Date then : {*last, day + (*last - day) / 2}) {
      const C later = record.At(policy_.view(), then);
      ASSERT_EQ(later.state(), C::CURRENT) << now.DebugString() << later.DebugString();
      ASSERT_EQ(FromProto(later.current_through()), last);
    }
    ASSERT_NE(record.At(policy_.view(), *last + days(1)).state(), C::CURRENT);
  }
  EXPECT_GT(with_an_end, kRecords / 10);
}

// Of one that is not current also which requirements are met: cases are about these.
std::string MetOf(const C& certification) {
  std::string met;
  if (certification.state() == C::CURRENT) return met;
  for (const v1::Requirement& requirement : certification.requirements()) {
    const bool is_met = requirement.state() == v1::Requirement::MET ||
                        requirement.state() == v1::Requirement::WAIVED;
    if (is_met) absl::StrAppend(&met, requirement.code(), " ");
  }
  return met;
}

using Kept = std::tuple<C::State, C::State, std::string, std::string, std::string>;
Kept KeptOf(const C& certification) {
  return {certification.state(), certification.annual_training(), certification.next_class(),
          Text(certification.next_class_date()), MetOf(certification)};
}

// Until the day that was told, looked at every week and on the day before it, what is kept stays;
// on that day it is another.
TEST_P(CertificationPropertyTest, TheNextChangeIsTheFirstOne) {
  Maker maker(4);
  int changes = 0;
  for (int i = 0; i < kRecords / 4; ++i) {
    const MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    const C now = record.At(policy_.view(), day);
    const auto change = FromProto(now.next_change_date());
    const Date until = change.value_or(day + days(500));
    for (Date then = day; then < until; then += days(7)) {
      ASSERT_EQ(KeptOf(record.At(policy_.view(), then)), KeptOf(now)) << FormatDate(then);
    }
    ASSERT_EQ(KeptOf(record.At(policy_.view(), until - days(1))), KeptOf(now));
    if (!change) continue;
    ++changes;
    ASSERT_NE(KeptOf(record.At(policy_.view(), *change)), KeptOf(now));
  }
  EXPECT_GT(changes, 10);
}

// One more course passed never shortens what is current, unless the minimum spacing makes a
// later one too early. The basic course is left out: anniversaries are counted from it.
TEST_P(CertificationPropertyTest, OneMoreCompletionNeverShortens) {
  Maker maker(5);
  int compared = 0;
  for (int i = 0; i < 4 * kRecords; ++i) {
    MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    const C before = record.At(policy_.view(), day);
    if (before.state() != C::CURRENT) continue;
    const std::string course = maker.AnyCourse();
    if (course == "basic" || (GetParam() && course == "after")) continue;
    record.Completed(course, FormatDate(maker.AnyDay()));
    const C after = record.At(policy_.view(), day);
    ++compared;
    ASSERT_EQ(after.state(), C::CURRENT);
    if (!before.has_current_through()) continue;
    if (!after.has_current_through()) continue;
    ASSERT_GE(*FromProto(after.current_through()), *FromProto(before.current_through())) << course;
  }
  EXPECT_GT(compared, 50);
}

// A basic course passed once more, later, moves nothing.
TEST_P(CertificationPropertyTest, ALaterBasicCourseMovesNothing) {
  Maker maker(6);
  for (int i = 0; i < kRecords; ++i) {
    MadeRecord record = maker.Record();
    const Date day = maker.AnyDay();
    const C before = record.At(policy_.view(), day);
    if (before.state() != C::CURRENT ||
        Find(before, "basic").fact().rfind("completions/", 0) != 0) {
      continue;
    }
    record.Completed("basic", "2021-12-31");
    ASSERT_EQ(record.At(policy_.view(), day).SerializeAsString(), before.SerializeAsString());
  }
}

INSTANTIATE_TEST_SUITE_P(Spacing, CertificationPropertyTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Spaced" : "Free"; });

}  // namespace
}  // namespace accord::training
