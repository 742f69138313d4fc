#include "common/calendar/date.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace accord {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;
constexpr size_t kIsoLength = 10;

std::optional<Date> Checked(int y, int m, int d) {
  if (y < kFirstYear || y > kLastYear || m < 1 || m > 12 || d < 1 || d > 31) return std::nullopt;
  const year_month_day ymd(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!ymd.ok()) return std::nullopt;
  return Date(ymd);
}

// SimpleAtoi takes signs and spaces, which a date may not have.
std::optional<int> Digits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  int value = 0;
  if (!absl::SimpleAtoi(text, &value)) return std::nullopt;
  return value;
}

absl::CivilDay ToCivilDay(Date date) {
  return absl::CivilDay(1970, 1, 1) + date.time_since_epoch().count();
}

}  // namespace

std::optional<Date> FromProto(const google::type::Date& date) {
  return Checked(date.year(), date.month(), date.day());
}

google::type::Date ToProto(Date date) {
  const year_month_day ymd(date);
  google::type::Date proto;
  proto.set_year(static_cast<int>(ymd.year()));
  proto.set_month(static_cast<int>(static_cast<unsigned>(ymd.month())));
  proto.set_day(static_cast<int>(static_cast<unsigned>(ymd.day())));
  return proto;
}

std::string FormatDate(Date date) {
  const year_month_day ymd(date);
  return absl::StrFormat("%04d-%02d-%02d", static_cast<int>(ymd.year()),
                         static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

std::optional<Date> ParseDate(absl::string_view text) {
  if (text.size() != kIsoLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = Digits(text.substr(0, 4));
  const auto m = Digits(text.substr(5, 2));
  const auto d = Digits(text.substr(8, 2));
  if (!y || !m || !d) return std::nullopt;
  return Checked(*y, *m, *d);
}

Date MakeDate(int y, unsigned m, unsigned d) {
  return Date(year_month_day(year(y), month(m), day(d)));
}

int YearOf(Date date) { return static_cast<int>(year_month_day(date).year()); }

Date Today(absl::Time now, absl::TimeZone zone) {
  const absl::CivilDay day = absl::ToCivilDay(now, zone);
  return Date(days(day - absl::CivilDay(1970, 1, 1)));
}

absl::Time StartOfDay(Date date, absl::TimeZone zone) {
  const auto info = zone.At(absl::CivilSecond(ToCivilDay(date)));
  // Where clocks jump over midnight, the day starts at the jump.
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

Date AddMonths(Date date, int months) {
  const year_month_day ymd(date);
  const year_month_day moved = ymd + std::chrono::months(months);
  if (moved.ok()) return Date(moved);
  return Date(year_month_day_last(moved.year(), std::chrono::month_day_last(moved.month())));
}

Date AddYears(Date date, int years, LeapDayRule leap_day) {
  const year_month_day moved = year_month_day(date) + std::chrono::years(years);
  if (moved.ok()) return Date(moved);
  const Date february_28 = Date(year_month_day(moved.year(), month(2), day(28)));
  return leap_day == LeapDayRule::kFebruary28 ? february_28 : february_28 + days(1);
}

}  // namespace accord
