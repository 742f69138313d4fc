#include "services/cli/output/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace accord::cli {
namespace {

std::string Quote(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string Cell(const std::string& cell, bool number) {
  const bool formula =
      !number && !cell.empty() && std::string("=+-@\t\r").find(cell.front()) != std::string::npos;
  return Quote(formula ? absl::StrCat("'", cell) : cell);
}

}  // namespace

std::string RenderCsvHeader(const Table& table) {
  std::string out;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? "," : "", Quote(table.columns[i].key));
  }
  return out + "\r\n";
}

std::string RenderCsvRows(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&out, i > 0 ? "," : "", Cell(row[i], table.columns[i].number));
    }
    out += "\r\n";
  }
  return out;
}

std::string RenderCsv(const Table& table) { return RenderCsvHeader(table) + RenderCsvRows(table); }

}  // namespace accord::cli
