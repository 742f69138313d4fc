// The one rule that decides whether a cached view may be used. Pure.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cache/envelope.h"

namespace accord::cache {

enum class Verdict {
  kUsable,
  // A service has since named the subject in a change.
  kOlder,
  // A date that the view rests on has passed.
  kExpired,
  // Computed from a log that is no longer the service's: revisions cannot be compared.
  kOtherLog,
  // Computed from a service that is not followed, or not from one that is.
  kUnknownService,
  // Not what was stored, or under another key.
  kDamaged,
};

// Lower-case, as metrics name it: "usable", "older", "expired", "other_log",
// "unknown_service", "damaged".
absl::string_view VerdictName(Verdict verdict);

// A view may be used only if it was computed at or after the newest change of every service
// that named its subject (`seen`: one position per service), and `now` < valid_until.
// So an old view is never wrong, only refused, and nothing ever needs to be deleted.
// Of several reasons the gravest is told: unknown service, other log, older, expired.
Verdict Usable(const Version& version, const std::vector<LogPosition>& seen, absl::Time now);

// Whether `fresh` may take the place of `held`: only what is older is replaced. Older is
// what no service moved past in `held` and some did in `fresh`; at equal revisions, what
// is valid for less long. Versions of other services or logs cannot be compared: the last
// one written stays, and the rule above refuses it if it is the wrong one.
bool Replaces(const Version& fresh, const Version& held);

}  // namespace accord::cache
