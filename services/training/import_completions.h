// Puts an export on record, chunk by chunk. Each chunk is one mutation, and judged inside it, so
// that it rests on the record as it is; what is written of it is all or nothing.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "common/store/store.h"
#include "services/training/export_file.h"

namespace accord::training {

struct ImportCall {
  store::Store& store;
  const PolicyView& policy;
  const Export& exported;
  std::string file_name;
  Date today;
  // Action "ImportCompletions" with the caller's request id; also of each chunk.
  const store::MutationContext& context;
  // Told after each chunk but the last; its error stops the import there.
  std::function<absl::Status(const v1::CompletionImport&)> between_chunks;
  // The program's.
  absl::TimeZone zone = absl::UTCTimeZone();
};

// What ImportCompletions answers, and the position it was written or read at.
struct Imported {
  v1::CompletionImport import;
  store::Position position;
};

// Chunks have the policy's `chunk_rows` rows. An import that was cut short goes on at its chunk;
// nothing is written twice, also when several replicas import the file at once.
// Errors: IMPORT_UNFINISHED, those of `between_chunks`.
absl::StatusOr<Imported> ImportExport(const ImportCall& call);

}  // namespace accord::training
