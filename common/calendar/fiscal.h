// The federal fiscal year: it starts on 1 October and is named after the
// calendar year in which it ends (31 U.S.C. 1102).
#pragma once

#include <compare>
#include <string>

#include "common/calendar/date.h"

namespace accord {

// The fiscal year that holds `date`: 2025-10-01 is in 2026.
int FiscalYear(Date date);
// First and last day, both part of the fiscal year.
Date FiscalYearStart(int fiscal_year);
Date FiscalYearEnd(int fiscal_year);

// Quarter 1 is October to December of the calendar year before `year`.
struct FiscalQuarter {
  int year = 0;
  int quarter = 1;  // 1 to 4.

  friend auto operator<=>(const FiscalQuarter&, const FiscalQuarter&) = default;
};

FiscalQuarter FiscalQuarterOf(Date date);
// First and last day, both part of the quarter.
Date QuarterStart(FiscalQuarter quarter);
Date QuarterEnd(FiscalQuarter quarter);
// `count` quarters later; earlier when negative.
FiscalQuarter AddQuarters(FiscalQuarter quarter, int count);

// "FY2025" and "FY2025 Q3".
std::string FormatFiscalYear(int fiscal_year);
std::string FormatFiscalQuarter(FiscalQuarter quarter);

}  // namespace accord
