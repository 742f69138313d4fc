#include "services/agreements/roster/csv_sheet.h"

#include <utility>

#include "common/base/error.h"
#include "common/csv/csv.h"
#include "services/agreements/roster/roster_errors.h"

namespace accord::agreements::roster {
namespace {

class Collector {
 public:
  absl::Status Add(CsvRecord& record) {
    SheetRow row;
    row.number = static_cast<int>(sheet_.rows.size()) + 1;
    if (row.number > kMaxRows) return error::TooLarge("the file", kMaxRows, "rows");
    cells_ += static_cast<int64_t>(record.size());
    if (cells_ > kMaxCells) return error::TooLarge("the file", kMaxCells, "cells");
    for (std::string& field : record) row.cells.emplace_back().text = std::move(field);
    sheet_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }
  Sheet Take() { return std::move(sheet_); }

 private:
  Sheet sheet_;
  int64_t cells_ = 0;
};

}  // namespace

absl::StatusOr<Sheet> ReadCsv(absl::string_view bytes) {
  Collector collected;
  const absl::Status read = ForEachCsvRecord(
      bytes, kMaxColumns, [&collected](CsvRecord& record) { return collected.Add(record); });
  if (read.ok()) return collected.Take();
  if (absl::IsDataLoss(read)) return error::Damaged(read.message());
  // The error of a limit has a reason; that of the reader has none.
  return GetReason(read).empty() ? error::NotText(read.message()) : read;
}

}  // namespace accord::agreements::roster
