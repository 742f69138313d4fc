// Counting in business days: neither a Saturday, a Sunday nor a day off.
#pragma once

#include "common/calendar/date.h"
#include "common/calendar/holidays.h"

namespace accord {

bool IsWeekend(Date date);
bool IsBusinessDay(Date date, const HolidayCalendar& holidays);

// The `count`-th business day after `date`, or before it when negative; `date`
// itself is never counted. 0 gives `date`, even if that is no business day.
Date AddBusinessDays(Date date, int count, const HolidayCalendar& holidays);

// Business days after `from` up to and including `to`; negative when `to` is the
// earlier one. For count >= 0, BusinessDaysBetween(d, AddBusinessDays(d, count)) == count.
int BusinessDaysBetween(Date from, Date to, const HolidayCalendar& holidays);

}  // namespace accord
