// The caller's freshness tokens: "I have seen this revision, do not show me less".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/rpc/call.h"

namespace accord::gateway {

// A place in a service's log, written "service@log:revision".
struct Revision {
  std::string service;
  std::string log;
  int64_t revision = 0;

  bool operator==(const Revision&) const = default;
};

std::string FormatRevision(const Revision& revision);
// Empty unless `text` is exactly of that form.
std::optional<Revision> ParseRevision(absl::string_view text);

// Says what the answer was read at, unless that is not known.
void StateRevision(const Revision& revision, rpc::Call& call);
void StateRevisions(const std::vector<Revision>& revisions, rpc::Call& call);

// The revisions in the call's `accord-revision` metadata. What is none is a violation
// of the field `accord-revision`.
std::vector<Revision> WantedRevisions(const rpc::Call& call, FieldViolations& violations);

// Whether an answer read at `have` shows all of `wanted` that its service can show. Tokens
// of other services do not bear on it. Another log never does: revisions of two logs
// cannot be compared.
bool Covers(const Revision& have, const std::vector<Revision>& wanted);

// The same of an answer that several services were asked for.
bool CoverAll(const std::vector<Revision>& have, const std::vector<Revision>& wanted);

// Until when a call may wait for `most`, so that a fifth of its time is left to answer.
absl::Time WaitUntil(const rpc::Call& call, absl::Duration most);

}  // namespace accord::gateway
