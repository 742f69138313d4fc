// The exit codes of accordctl. Scripts rely on them: add, never change.
#pragma once

#include "absl/status/status.h"

namespace accord::cli {

inline constexpr int kExitOk = 0;
// The command failed, or `verify` found a broken log.
inline constexpr int kExitError = 1;
// The command line, or a value in it, was refused.
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotFound = 3;
// The state of things forbids it: precondition, conflict, stale etag.
inline constexpr int kExitPrecondition = 4;
// No server, or it is overloaded: the same command may work later.
inline constexpr int kExitUnavailable = 5;
// Some of several things were done, and some failed.
inline constexpr int kExitPartial = 6;
// As timeout(1).
inline constexpr int kExitTimeout = 124;

// The exit code of a failed (or, with OK, a successful) call. A roster that
// cannot be read is INVALID_ARGUMENT to the server, but no usage error: 1.
int ExitCodeFor(const absl::Status& status);

}  // namespace accord::cli
