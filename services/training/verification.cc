#include "services/training/verification.h"

#include <algorithm>

#include "common/calendar/fiscal.h"
#include "services/training/authority.h"
#include "services/training/officer_events.h"

namespace accord::training {

using policy::v1::AnnualVerificationRule;

VerificationYear YearOf(const AnnualVerificationRule* rule, int year) {
  const bool fiscal = rule != nullptr && rule->year() == AnnualVerificationRule::FISCAL;
  if (fiscal) return {FiscalYearStart(year), FiscalYearEnd(year)};
  return {MakeDate(year, 1, 1), MakeDate(year, 12, 31)};
}

std::optional<Date> FirstDayOnDuty(const v1::Officer& officer, const VerificationYear& year) {
  if (IsOnDuty(TrailOn(officer, year.first).state)) return year.first;
  for (const v1::OfficerEvent& event : officer.events()) {
    const auto day = FromProto(event.date());
    const bool in_year = day && *day > year.first && *day <= year.last;
    if (in_year && IsOnDuty(TrailOn(officer, *day).state)) return day;
  }
  return std::nullopt;
}

Date JudgedOn(Date verified, const VerificationYear& year) { return std::min(verified, year.last); }

}  // namespace accord::training
