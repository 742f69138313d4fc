#include "common/calendar/fiscal.h"

#include "absl/strings/str_cat.h"

namespace accord {
namespace {

constexpr unsigned kFirstMonth = 10;
constexpr int kMonthsPerQuarter = 3;
constexpr int kQuartersPerYear = 4;

}  // namespace

int FiscalYear(Date date) {
  const std::chrono::year_month_day ymd(date);
  const int year = static_cast<int>(ymd.year());
  return static_cast<unsigned>(ymd.month()) >= kFirstMonth ? year + 1 : year;
}

Date FiscalYearStart(int fiscal_year) { return MakeDate(fiscal_year - 1, kFirstMonth, 1); }

Date FiscalYearEnd(int fiscal_year) { return FiscalYearStart(fiscal_year + 1) - days(1); }

FiscalQuarter FiscalQuarterOf(Date date) {
  const std::chrono::year_month_day ymd(date);
  const int months_since_october = (static_cast<int>(static_cast<unsigned>(ymd.month())) + 2) % 12;
  return {FiscalYear(date), months_since_october / kMonthsPerQuarter + 1};
}

Date QuarterStart(FiscalQuarter quarter) {
  return AddMonths(FiscalYearStart(quarter.year), (quarter.quarter - 1) * kMonthsPerQuarter);
}

Date QuarterEnd(FiscalQuarter quarter) { return QuarterStart(AddQuarters(quarter, 1)) - days(1); }

FiscalQuarter AddQuarters(FiscalQuarter quarter, int count) {
  const int index = quarter.year * kQuartersPerYear + (quarter.quarter - 1) + count;
  return {index / kQuartersPerYear, index % kQuartersPerYear + 1};
}

std::string FormatFiscalYear(int fiscal_year) { return absl::StrCat("FY", fiscal_year); }

std::string FormatFiscalQuarter(FiscalQuarter quarter) {
  return absl::StrCat(FormatFiscalYear(quarter.year), " Q", quarter.quarter);
}

}  // namespace accord
