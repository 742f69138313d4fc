// The caller's freshness tokens: "I have seen this revision, do not show me less".
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/rpc/call.h"
#include "common/rpc/revision.h"

namespace accord::gateway {

using rpc::FormatRevision;
using rpc::ParseRevision;
using rpc::Revision;

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
