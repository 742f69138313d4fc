// Reads one export of the learning system: bytes in, rows out, nothing judged.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord::training {

// The cells of a row without surrounding space; "" where there is no such column.
struct ExportRow {
  int row_number = 0;  // Counts the records; the header is usually 1.
  std::string officer;
  std::string course;
  std::string date;
  std::string result;
  std::string attempt;
  std::string score;
  std::string evidence;
  std::string offering;
};

struct Export {
  // By officer, date, attempt and the rest: the same order however the file has them, so that
  // who was examined twice is weighed in the order of time.
  std::vector<ExportRow> rows;
  // Columns that were read past, by name.
  std::vector<std::string> warnings;
  // SHA-256, hex, of the rows in any order; two equal rows count twice.
  std::string content_digest;
  // SHA-256, hex, of the bytes.
  std::string file_digest;
};

inline constexpr size_t kMaxExportBytes = 32u << 20;

// The columns are those of ImportCompletionsRequest; of two with one name the first counts, and
// names are compared folded (fold.h). Rows without content are skipped.
// Errors: EXPORT_EMPTY, EXPORT_HEADER_MISSING, EXPORT_DAMAGED. None quotes the file.
absl::StatusOr<Export> ReadExport(absl::string_view bytes);

}  // namespace accord::training
