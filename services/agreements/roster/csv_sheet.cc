#include "services/agreements/roster/csv_sheet.h"

#include <csv.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "services/agreements/roster/roster_errors.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements::roster {
namespace {

struct Collector {
  Sheet sheet;
  SheetRow row;
  int records = 0;
  int64_t cells = 0;
  bool too_many_rows = false;
};

void TakeField(void* data, size_t size, void* collector) {
  auto& c = *static_cast<Collector*>(collector);
  if (static_cast<int64_t>(c.row.cells.size()) >= kMaxColumns) return;
  if (++c.cells > kMaxCells) return;
  SheetCell cell;
  if (size > 0) cell.text.assign(static_cast<const char*>(data), size);
  c.row.cells.push_back(std::move(cell));
}

void EndRecord(int /*terminator*/, void* collector) {
  auto& c = *static_cast<Collector*>(collector);
  c.row.number = ++c.records;
  c.too_many_rows = c.records > kMaxRows;
  if (!c.too_many_rows) c.sheet.rows.push_back(std::move(c.row));
  c.row = SheetRow();
}

class Parser {
 public:
  Parser() { csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI); }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  absl::Status Parse(absl::string_view bytes, Collector& into) {
    const size_t parsed =
        csv_parse(&parser_, bytes.data(), bytes.size(), TakeField, EndRecord, &into);
    const bool ended =
        parsed == bytes.size() && csv_fini(&parser_, TakeField, EndRecord, &into) == 0;
    if (ended) return absl::OkStatus();
    return error::Damaged(
        absl::StrCat("a quote is out of place or never closed after record ", into.records));
  }

 private:
  csv_parser parser_;
};

}  // namespace

absl::StatusOr<Sheet> ReadCsv(absl::string_view bytes) {
  absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF");
  if (absl::StrContains(bytes, '\0')) return error::NotText("it contains a NUL byte");
  if (!IsValidUtf8(bytes)) return error::NotText("it is not valid UTF-8");
  Collector collected;
  ACCORD_RETURN_IF_ERROR(Parser().Parse(bytes, collected));
  if (collected.too_many_rows) return error::TooLarge("the file", kMaxRows, "rows");
  if (collected.cells > kMaxCells) return error::TooLarge("the file", kMaxCells, "cells");
  return std::move(collected.sheet);
}

}  // namespace accord::agreements::roster
