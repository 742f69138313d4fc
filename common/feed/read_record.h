// Reads of the log that are recorded in the log: who audits leaves a trace too.
#pragma once

#include "absl/status/status.h"
#include "accord/log/v1/log.pb.h"
#include "common/rpc/call.h"
#include "common/store/store.h"

namespace accord::feed {

// To be asked before a read of the log is answered; the answer is refused unless it is OK.
// Writes `read` as an event on the resource "log" when the caller's reads are recorded, the
// first of each caller, method and hour (UTC).
// Errors: READ_NOT_RECORDED (UNAVAILABLE).
absl::Status RecordRead(store::Store& store, const rpc::Call& call, log::v1::LogRead read);

}  // namespace accord::feed
