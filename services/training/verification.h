// Which year of annual verification a day lies in, and whom a year binds. Pure.
//
// Source: OIG-18-77 on ERO 13004.1 and 13004.2 (the recertification of every officer is verified
// once a year). Who had no authority in a year had nothing to verify in it (assumed).
#pragma once

#include <optional>

#include "accord/policy/v1/policy.pb.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::training {

// First and last day, both part of the year.
struct VerificationYear {
  Date first;
  Date last;
};

// As the rule counts years; the calendar year without a rule.
VerificationYear YearOf(const policy::v1::AnnualVerificationRule* rule, int year);

// First day of the year on which the officer was CERTIFIED or AUTHORIZED by the events on record;
// empty when there is none.
std::optional<Date> FirstDayOnDuty(const v1::Officer& officer, const VerificationYear& year);

// The day as of which what a verification found is judged: that of the verification, and of a
// late one the last day of its year. What was cured after the year was not current in it.
Date JudgedOn(Date verified, const VerificationYear& year);

}  // namespace accord::training
