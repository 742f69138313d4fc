#include "services/agreements/roster/loose_date.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace accord::agreements::roster {
namespace {

using Digits = absl::string_view;

bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// -1 when `digits` is no number of at most nine digits.
int ToInt(Digits digits) {
  int value = -1;
  if (digits.size() > 9 || !AllDigits(digits) || !absl::SimpleAtoi(digits, &value)) return -1;
  return value;
}

std::optional<Date> DateOf(Digits year, Digits month, Digits day) {
  if (month.size() > 2 || day.size() > 2) return std::nullopt;
  return RealDate(ToInt(year), ToInt(month), ToInt(day));
}

// "25" and "20025" stand for 2025; anything else stands for itself.
std::string ObviousYear(Digits year) {
  if (year.size() == 2) return absl::StrCat("20", year);
  if (year.size() == 5 && year.substr(0, 3) == "200") return absl::StrCat("20", year.substr(3));
  return year.size() == 4 ? std::string(year) : "";
}

// Splits "0508" or "111" into month and day, if only one split is a real day.
std::optional<Date> SplitMonthDay(Digits month_day, Digits year) {
  std::optional<Date> found;
  for (size_t cut = 1; cut < month_day.size(); ++cut) {
    const auto date = DateOf(year, month_day.substr(0, cut), month_day.substr(cut));
    if (date && found) return std::nullopt;
    if (date) found = date;
  }
  return found;
}

std::optional<Date> RepairTwoGroups(Digits first, Digits second) {
  if (second.size() == 4) return SplitMonthDay(first, second);
  if (second.size() < 5) return std::nullopt;
  const size_t year_at = second.size() - 4;
  return DateOf(second.substr(year_at), first, second.substr(0, year_at));
}

std::optional<Date> Repair(const std::vector<absl::string_view>& groups) {
  if (groups.size() == 3) return DateOf(ObviousYear(groups[2]), groups[0], groups[1]);
  if (groups.size() == 2) return RepairTwoGroups(groups[0], groups[1]);
  if (groups.size() == 1 && groups[0].size() == 8) return ReadMonthDayYear(groups[0]);
  return std::nullopt;
}

}  // namespace

std::optional<Date> RealDate(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Date(date);
}

std::optional<Date> ReadMonthDayYear(absl::string_view digits) {
  if (!AllDigits(digits) || (digits.size() != 6 && digits.size() != 8)) return std::nullopt;
  const int year = ToInt(digits.substr(4));
  return RealDate(digits.size() == 6 ? 2000 + year : year, ToInt(digits.substr(0, 2)),
                  ToInt(digits.substr(2, 2)));
}

std::optional<Date> FromSerial(double serial, bool epoch_1904) {
  constexpr double kLastSerial = 2'958'465;  // 9999-12-31 in the 1900 system.
  constexpr int kDaysBetweenEpochs = 1462;
  constexpr int kPhantomLeapDay = 60;
  if (!std::isfinite(serial) || serial < 0 || serial > kLastSerial + 1) return std::nullopt;
  int day = static_cast<int>(serial);
  if (epoch_1904) day += kDaysBetweenEpochs;
  if (day < 1 || day > kLastSerial || day == kPhantomLeapDay) return std::nullopt;
  // Serial 1 is 1900-01-01; from 61 on, one day was counted that never was.
  const Date zero = *RealDate(1899, 12, day < kPhantomLeapDay ? 31 : 30);
  return zero + days(day);
}

std::string FormatAsPublished(Date date) {
  const std::chrono::year_month_day ymd{date};
  return absl::StrCat(static_cast<unsigned>(ymd.month()), "/", static_cast<unsigned>(ymd.day()),
                      "/", static_cast<int>(ymd.year()));
}

std::optional<Date> ReadExactDate(absl::string_view text) {
  const std::vector<absl::string_view> slashed = absl::StrSplit(text, '/');
  if (slashed.size() == 3 && slashed[2].size() == 4) {
    return DateOf(slashed[2], slashed[0], slashed[1]);
  }
  const std::vector<absl::string_view> iso = absl::StrSplit(text, '-');
  if (iso.size() == 3 && iso[0].size() == 4 && iso[1].size() == 2 && iso[2].size() == 2) {
    return DateOf(iso[0], iso[1], iso[2]);
  }
  return std::nullopt;
}

std::optional<Date> SuggestDate(absl::string_view text) {
  const std::vector<absl::string_view> groups =
      absl::StrSplit(text, absl::ByAnyChar("/.- "), absl::SkipEmpty());
  if (!std::all_of(groups.begin(), groups.end(), AllDigits)) return std::nullopt;
  const std::optional<Date> date = Repair(groups);
  if (!date || *date < *RealDate(2000, 1, 1) || *date > *RealDate(2099, 12, 31)) {
    return std::nullopt;
  }
  return date;
}

}  // namespace accord::agreements::roster
