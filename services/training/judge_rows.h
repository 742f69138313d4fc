// What becomes of the rows of an export, against the record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "common/store/mutation.h"
#include "services/training/export_file.h"
#include "services/training/facts.h"

namespace accord::training {

struct JudgeOptions {
  const PolicyView& policy;
  Date today;
  // Whose rows they are.
  std::string import;
  // Of the events that follow from rows.
  std::string actor;
  google::protobuf::Timestamp now;
  absl::TimeZone zone;
};

// Every row has exactly one outcome.
struct JudgedRows {
  std::vector<v1::CompletionRow> rows;
  // Those to be recorded, and their officers with them among their facts.
  std::vector<v1::Completion> completions;
  std::vector<OfficerFacts> officers;
};

// In their order; a row is weighed with those before it. `before`: an officer's facts as the
// rows before these leave them, when that is not on record; null when it is.
absl::StatusOr<JudgedRows> JudgeRows(store::Reader& reader, absl::Span<const ExportRow> rows,
                                     const JudgeOptions& options,
                                     const OfficerFacts* before = nullptr);

}  // namespace accord::training
