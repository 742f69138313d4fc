// Reads of the training service, and its first sweep, as the record grows.
#pragma once

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace accord::bench {

// On PostgreSQL: at 10x, and at 100x where that is asked for, against 1x.
absl::Status MeasureTrainingReads(Report& report);

}  // namespace accord::bench
