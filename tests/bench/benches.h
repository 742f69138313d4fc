// The benchmarks. Each starts what it needs, measures and ends it.
#pragma once

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace accord::bench {

// Status reads: kept in memory and in Redis against a bare gRPC server, and asked for
// every time against one call to the owner; with TLS and a token against without.
absl::Status BenchStatus(Report& report);
// Durable small writes against a bare loop that commits in groups, on both databases.
absl::Status BenchWrites(Report& report);
// From a change to its watcher and to the status that shows it, at 500 changes a second.
absl::Status BenchChanges(Report& report);
// What is still answered at several times the concurrency of the best throughput.
absl::Status BenchOverload(Report& report);
// A list of 250,000 rows against raw inserts of what comes of it.
absl::Status BenchImport(Report& report);
// Start-up, memory, status reads and metrics at 250,000 agreements against 2,500.
absl::Status BenchSize(Report& report);
// Completions, ten an officer and one, against the bare insert of their rows, on both databases.
absl::Status BenchCompletions(Report& report);
// Reads of training on PostgreSQL at 10x, and at 100x where that is asked for, against 1x.
absl::Status BenchTraining(Report& report);

}  // namespace accord::bench
