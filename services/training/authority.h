// Whether an officer may act on a date, as far as the training service knows. Pure.
//
// Sources: the paper trail of the agreements' texts (MOA-J25, MOA-W25: everything must exist
// before duty), the term of task force authorizations (MOA-T25, MOA-TX), revocation by the
// field office director's letter. Where no source states a condition it is not required.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord::training {

// Of an authority's conditions, those that may end it whatever the training.
inline constexpr char kAgreement[] = "agreement";
inline constexpr char kAuthorizationTerm[] = "authorization_term";

// kDisproven: known not to hold; kNotProven: not known to hold. Either is enough to fail.
enum class Proof { kProven, kDisproven, kNotProven, kNotRequired };

// One thing that authority rests on.
struct Condition {
  // `training`, `authorization`, `authorization_term`, `agreement`, `not_revoked`, and one for
  // each paper: `certification_paper`, `authorization_letter`, `form_70_006`, `credentials`; or
  // `papers` where no rule names any, or which ones cannot be said.
  std::string code;
  Proof proof = Proof::kNotProven;
  std::string text{};
  // First day on which it is another by what is recorded.
  std::optional<Date> date{};
  std::vector<std::string> sources{};
};

// An officer's state and papers on a date, by the events until then. Papers begin anew with a
// transfer; a revocation ends the authorization.
struct PaperTrail {
  v1::Officer::State state = v1::Officer::STATE_UNSPECIFIED;
  std::optional<Date> certified;
  std::optional<Date> authorized;
  std::optional<Date> form_70_006;
  std::optional<Date> credentials_issued;
  std::optional<Date> credentials_returned;
};
PaperTrail TrailOn(const v1::Officer& officer, Date date);

// Last day of the authorization that runs on `as_of`; empty when none does, or its text sets no
// end, or which text it is cannot be said.
std::optional<Date> AuthorizationLastDay(const v1::Officer& officer, const PolicyView& policy,
                                         Date as_of);

// What ends authority on a day, whatever the training: the agreement's suspension or end (from its
// effective date), or the authorization's term (MOA-T25: two years).
struct AuthorityEnd {
  bool ended = false;
  // The last day before it, past or ahead; empty when none is on record.
  std::optional<Date> through{};
  // `agreement` or `authorization_term`.
  std::string ends_by{};
  // First day on which this is another by what is recorded.
  std::optional<Date> next_change{};
};
// Nothing, of who is neither CERTIFIED nor AUTHORIZED on that day.
AuthorityEnd EndOfAuthority(const v1::Officer& officer, const PolicyView& policy, Date as_of);
// Puts what holds today on the officer; `next_change_date` is brought forward to its next change.
void Keep(const AuthorityEnd& today, v1::Officer& officer);

// Every condition, in the order of the list above. `certification` is that of `as_of`;
// `cases` are the officer's; a reinstatement ends a revocation on its `close_date`.
std::vector<Condition> AuthorityOf(const v1::Officer& officer,
                                   const v1::Certification& certification,
                                   const std::vector<v1::RevocationCase>& cases,
                                   const PolicyView& policy, Date as_of);

}  // namespace accord::training
