// What follows from time: notices before something ends, and the proposal to revoke after it
// did. Pure. Nobody is revoked by it: a case is a question put to a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::training {

struct DueNotice {
  // A course's code, or kAuthorizationTerm.
  std::string requirement;
  Date end_date;  // The last day.
  // The rung of the policy's ladder.
  int days_before = 0;

  // Officer, requirement, end and rung: who told it once does not tell it again.
  std::string KeyFor(const v1::Officer& officer) const;
};

// Of everything that ends, the lowest rung that has been reached on `as_of`; so days without a
// sweep lose no notice and pile none up. None for officers who are neither certified nor
// authorized or whose authority has ended (EndOfAuthority), and none after the last day.
// `certification` is that of `as_of`.
std::vector<DueNotice> NoticesDue(const v1::Officer& officer,
                                  const v1::Certification& certification, const PolicyView& policy,
                                  Date as_of);

// The notice as it is given on `today`.
v1::Notice NoticeOf(const std::string& name, const DueNotice& due, const v1::Officer& officer,
                    Date today);

struct CaseToOpen {
  std::string requirement;
  // First day without it.
  Date lapse_date;
  // By the policy.
  Date decision_due_date;
};

// The case to open on `as_of` for an authorized officer: that of the requirement that lapsed
// first of those past grace. None while a case of the officer is open, for a lapse that a
// decision to retain had before it, and while there is no authority to decide about
// (EndOfAuthority). None without a lapse policy. `cases` are the officer's; `certification` is that
// of `as_of`.
std::optional<CaseToOpen> CaseDue(const v1::Officer& officer,
                                  const v1::Certification& certification,
                                  const std::vector<v1::RevocationCase>& cases,
                                  const PolicyView& policy, Date as_of);

// What an open case goes on about once its own requirement is met again: the requirement that
// lapsed first of those past grace. Its clock and notice stay: the officer was never current.
std::optional<CaseToOpen> StillLapsed(const v1::Certification& certification,
                                      const std::vector<v1::RevocationCase>& cases,
                                      const PolicyView& policy, Date as_of);

// OPEN or NOTICE_GIVEN: not decided.
bool IsOpen(const v1::RevocationCase& revocation_case);
// Opened by that day, and neither decided nor closed by it.
bool WasOpenOn(const v1::RevocationCase& revocation_case, Date day);
// Whether an open case's requirement is not lapsed any more. Never of a case that names none:
// a person opened it for a reason that training does not know.
bool IsCured(const v1::RevocationCase& revocation_case, const v1::Certification& certification);

}  // namespace accord::training
