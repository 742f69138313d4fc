#include "common/policy/validate_rules.h"

#include "absl/strings/str_cat.h"
#include "common/calendar/date.h"

namespace accord {
namespace {

using policy::v1::Duty;
using policy::v1::HolidayRule;
using policy::v1::Recurrence;
using policy::v1::TimeLimit;

constexpr int kMaxNth = 4;  // Not every month has a fifth.
constexpr int kLongestMonth = 31;
constexpr int kMaxChunkRows = 5000;
constexpr int kMaxSilenceSeconds = 60;
constexpr int kCommonYear = 2001;
constexpr int kLastYear = 9999;

void CheckCounting(const TimeLimit& limit, absl::string_view path, FieldViolations& violations) {
  const bool hours = limit.unit() == TimeLimit::HOURS;
  const bool whole_days = limit.unit() == TimeLimit::DAYS;
  const std::string counting = FieldPath(path, "counting");
  if (!IsSet(limit.counting(), TimeLimit::Counting_IsValid(limit.counting()))) {
    violations.Add(counting, "must be set");
  } else if (limit.counting() == TimeLimit::EXCLUDING_WEEKENDS && !hours && !whole_days) {
    violations.Add(counting, "EXCLUDING_WEEKENDS needs HOURS or DAYS");
  } else if (limit.counting() == TimeLimit::BUSINESS_DAYS && !whole_days) {
    violations.Add(counting, "BUSINESS_DAYS needs DAYS");
  }
}

void CheckFirstWindow(const Recurrence& recurrence, absl::string_view path,
                      FieldViolations& violations) {
  const std::string opening = FieldPath(path, "first_not_before");
  CheckTimeLimit(recurrence.first_not_before(), opening, violations);
  const bool comparable = recurrence.has_first() &&
                          recurrence.first().unit() == recurrence.first_not_before().unit() &&
                          recurrence.first().from() == recurrence.first_not_before().from();
  if (!comparable) {
    violations.Add(opening, "needs a `first` with the same unit and event");
  } else if (recurrence.first_not_before().count() > recurrence.first().count()) {
    violations.Add(opening, "is later than `first`");
  }
}

void CheckRecurrence(const Recurrence& recurrence, absl::string_view path,
                     FieldViolations& violations) {
  const std::string every = FieldPath(path, "every");
  CheckTimeLimit(recurrence.every(), every, violations);
  if (recurrence.every().from() != policy::v1::PREVIOUS_OCCURRENCE) {
    violations.Add(FieldPath(every, "from"), "must be PREVIOUS_OCCURRENCE");
  }
  if (recurrence.has_first()) {
    CheckTimeLimit(recurrence.first(), FieldPath(path, "first"), violations);
  }
  if (recurrence.has_first_not_before()) CheckFirstWindow(recurrence, path, violations);
}

void CheckMonth(int month, absl::string_view path, FieldViolations& violations) {
  if (month < 1 || month > 12) violations.Add(FieldPath(path, "month"), "must be 1 to 12");
}

void CheckWeekday(HolidayRule::Weekday weekday, absl::string_view path,
                  FieldViolations& violations) {
  if (!IsSet(weekday, HolidayRule::Weekday_IsValid(weekday))) {
    violations.Add(FieldPath(path, "weekday"), "must be set");
  }
}

void CheckHolidayDay(const HolidayRule& rule, absl::string_view path, FieldViolations& violations) {
  switch (rule.day_case()) {
    case HolidayRule::kFixed:
      return CheckYearlyDay(rule.fixed().month(), rule.fixed().day(), FieldPath(path, "fixed"),
                            violations);
    case HolidayRule::kNthWeekday: {
      const std::string nth = FieldPath(path, "nth_weekday");
      CheckMonth(rule.nth_weekday().month(), nth, violations);
      CheckWeekday(rule.nth_weekday().weekday(), nth, violations);
      if (rule.nth_weekday().nth() < 1 || rule.nth_weekday().nth() > kMaxNth) {
        violations.Add(FieldPath(nth, "nth"), "must be 1 to 4");
      }
      return;
    }
    case HolidayRule::kLastWeekday: {
      const std::string last = FieldPath(path, "last_weekday");
      CheckMonth(rule.last_weekday().month(), last, violations);
      CheckWeekday(rule.last_weekday().weekday(), last, violations);
      return;
    }
    case HolidayRule::DAY_NOT_SET:
      violations.Add(FieldPath(path, "day"), "must be fixed, nth_weekday or last_weekday");
  }
}

bool IsYearOrUnbounded(int year) { return year >= 0 && year <= kLastYear; }

}  // namespace

std::string FieldPath(absl::string_view parent, absl::string_view field) {
  return parent.empty() ? std::string(field) : absl::StrCat(parent, ".", field);
}

std::string FieldPath(absl::string_view parent, absl::string_view field, int index) {
  return absl::StrCat(FieldPath(parent, field), "[", index, "]");
}

void CheckNotEmpty(absl::string_view text, absl::string_view path, FieldViolations& violations) {
  if (text.empty()) violations.Add(path, "must not be empty");
}

void CheckCode(absl::string_view code, absl::string_view allowed, absl::string_view path,
               FieldViolations& violations) {
  CheckNotEmpty(code, path, violations);
  if (code.find_first_not_of(allowed) == absl::string_view::npos) return;
  violations.Add(path, absl::StrCat("\"", code, "\" has characters outside ", allowed));
}

void Claims::Claim(absl::string_view key, absl::string_view path, FieldViolations& violations) {
  const auto [holder, is_new] = holders_.try_emplace(std::string(key), std::string(path));
  if (is_new) return;
  violations.Add(path, absl::StrCat("\"", key, "\" is already taken by ", holder->second));
}

const std::string* Claims::Holder(absl::string_view key) const {
  const auto found = holders_.find(std::string(key));
  return found == holders_.end() ? nullptr : &found->second;
}

void CheckTimeLimit(const TimeLimit& limit, absl::string_view path, FieldViolations& violations) {
  if (limit.count() < 1) violations.Add(FieldPath(path, "count"), "must be at least 1");
  if (!IsSet(limit.unit(), TimeLimit::Unit_IsValid(limit.unit()))) {
    violations.Add(FieldPath(path, "unit"), "must be set");
  }
  if (!IsSet(limit.from(), policy::v1::Event_IsValid(limit.from()))) {
    violations.Add(FieldPath(path, "from"), "must be set");
  }
  CheckCounting(limit, path, violations);
}

void CheckYearlyDay(int month, int day, absl::string_view path, FieldViolations& violations) {
  CheckMonth(month, path, violations);
  google::type::Date date;
  date.set_year(kCommonYear);
  date.set_month(month);
  date.set_day(day);
  const bool month_is_fine = month >= 1 && month <= 12;
  const bool day_is_fine =
      month_is_fine ? FromProto(date).has_value() : day >= 1 && day <= kLongestMonth;
  if (!day_is_fine) violations.Add(FieldPath(path, "day"), "does not exist in every year");
}

void CheckDutyValue(const Duty& duty, absl::string_view path, FieldViolations& violations) {
  switch (duty.value_case()) {
    case Duty::kTimeLimit:
      return CheckTimeLimit(duty.time_limit(), FieldPath(path, "time_limit"), violations);
    case Duty::kRecurrence:
      return CheckRecurrence(duty.recurrence(), FieldPath(path, "recurrence"), violations);
    case Duty::kText:
      return CheckNotEmpty(duty.text(), FieldPath(path, "text"), violations);
    case Duty::kRequired:
      return;
    case Duty::VALUE_NOT_SET:
      violations.Add(FieldPath(path, "value"), "must be time_limit, recurrence, required or text");
  }
}

void CheckHoliday(const HolidayRule& rule, absl::string_view path, FieldViolations& violations) {
  CheckNotEmpty(rule.name(), FieldPath(path, "name"), violations);
  CheckHolidayDay(rule, path, violations);
  if (!IsYearOrUnbounded(rule.first_year())) {
    violations.Add(FieldPath(path, "first_year"), "must be 0 to 9999");
  }
  if (!IsYearOrUnbounded(rule.last_year())) {
    violations.Add(FieldPath(path, "last_year"), "must be 0 to 9999");
  } else if (rule.last_year() != 0 && rule.last_year() < rule.first_year()) {
    violations.Add(FieldPath(path, "last_year"), "is before first_year");
  }
  if (!IsSet(rule.observed(), HolidayRule::Observed_IsValid(rule.observed()))) {
    violations.Add(FieldPath(path, "observed"), "must be set");
  }
}

void CheckImportPolicy(const policy::v1::ImportPolicy& policy, absl::string_view path,
                       FieldViolations& violations) {
  // Written so that NaN fails too.
  const double share = policy.minimum_share_of_previous();
  if (!(share > 0 && share <= 1)) {
    violations.Add(FieldPath(path, "minimum_share_of_previous"), "must be above 0, at most 1");
  }
  if (policy.absences_before_proposal() < 1) {
    violations.Add(FieldPath(path, "absences_before_proposal"), "must be at least 1");
  }
  if (policy.first_plausible_signing_year() < 1 ||
      policy.first_plausible_signing_year() > kLastYear) {
    violations.Add(FieldPath(path, "first_plausible_signing_year"), "must be 1 to 9999");
  }
  if (policy.chunk_rows() < 1 || policy.chunk_rows() > kMaxChunkRows) {
    violations.Add(FieldPath(path, "chunk_rows"), "must be 1 to 5000");
  }
}

void CheckFreshness(const policy::v1::FreshnessPolicy& policy, absl::string_view path,
                    FieldViolations& violations) {
  const auto& silence = policy.authority_feed_silence();
  const bool normal = silence.nanos() >= 0 && silence.nanos() < 1'000'000'000;
  const bool positive = silence.seconds() > 0 || (silence.seconds() == 0 && silence.nanos() > 0);
  const bool short_enough = silence.seconds() < kMaxSilenceSeconds ||
                            (silence.seconds() == kMaxSilenceSeconds && silence.nanos() == 0);
  if (normal && positive && short_enough) return;
  violations.Add(FieldPath(path, "authority_feed_silence"), "must be positive, at most 60 s");
}

}  // namespace accord
