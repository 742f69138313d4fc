#include "services/training/export_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/csv/csv.h"
#include "common/policy/fold.h"
#include "services/training/errors.h"

namespace accord::training {
namespace {

constexpr size_t kMaxColumns = 64;
constexpr size_t kMaxRows = 1'000'000;
// Names of columns are shortened to this in warnings.
constexpr size_t kMaxShown = 60;

struct Column {
  absl::string_view name;
  std::string ExportRow::*cell;
  bool required;
};
constexpr std::array<Column, 8> kColumns = {{
    {"officer", &ExportRow::officer, true},
    {"course", &ExportRow::course, true},
    {"date", &ExportRow::date, true},
    {"result", &ExportRow::result, true},
    {"attempt", &ExportRow::attempt, false},
    {"score", &ExportRow::score, false},
    {"evidence", &ExportRow::evidence, false},
    {"offering", &ExportRow::offering, false},
}};

std::string Clean(absl::string_view cell) { return std::string(absl::StripAsciiWhitespace(cell)); }

bool HasContent(const CsvRecord& record) {
  return std::any_of(record.begin(), record.end(), [](const std::string& cell) {
    return !absl::StripAsciiWhitespace(cell).empty();
  });
}

// Cut where a code point ends.
std::string Shown(absl::string_view name) {
  size_t size = std::min(name.size(), kMaxShown);
  while (size < name.size() && size > 0 && (name[size] & 0xC0) == 0x80) --size;
  return std::string(name.substr(0, size));
}

class Reader {
 public:
  absl::Status Add(const CsvRecord& record) {
    ++records_;
    if (!HasContent(record)) return absl::OkStatus();
    if (!has_header_) return ReadHeader(record);
    if (exported_.rows.size() == kMaxRows) {
      return error::ExportDamaged(absl::StrCat("it has more than ", kMaxRows, " rows"));
    }
    ExportRow& row = exported_.rows.emplace_back();
    row.row_number = records_;
    for (size_t i = 0; i < kColumns.size(); ++i) {
      if (places_[i] && *places_[i] < record.size()) {
        row.*kColumns[i].cell = Clean(record[*places_[i]]);
      }
    }
    return absl::OkStatus();
  }

  Export Take() { return std::move(exported_); }

 private:
  absl::Status ReadHeader(const CsvRecord& header) {
    has_header_ = true;
    std::vector<std::string> unread;
    for (size_t place = 0; place < header.size(); ++place) {
      const std::string name = FoldText(header[place]);
      const auto column = std::find_if(kColumns.begin(), kColumns.end(),
                                       [&](const Column& known) { return known.name == name; });
      const size_t index = static_cast<size_t>(column - kColumns.begin());
      if (column != kColumns.end() && !places_[index]) {
        places_[index] = place;
      } else {
        unread.push_back(Shown(name));
      }
    }
    std::vector<absl::string_view> missing;
    for (size_t i = 0; i < kColumns.size(); ++i) {
      if (kColumns[i].required && !places_[i]) missing.push_back(kColumns[i].name);
    }
    if (!missing.empty()) return error::ExportHeaderMissing(absl::StrJoin(missing, ", "));
    for (const std::string& name : unread) {
      exported_.warnings.push_back(
          absl::StrCat("column \"", name, "\" was read past; nothing of it is kept"));
    }
    return absl::OkStatus();
  }

  Export exported_;
  std::array<std::optional<size_t>, kColumns.size()> places_;
  bool has_header_ = false;
  int records_ = 0;
};

// Each cell with its length in front, so that no two rows share an encoding.
std::string RowDigest(const ExportRow& row) {
  std::string encoded;
  for (const Column& column : kColumns) {
    const std::string& cell = row.*column.cell;
    absl::StrAppend(&encoded, cell.size(), ":", cell);
  }
  return Sha256(encoded);
}

// Digits before longer ones, so that "2" comes before "10".
auto OrderOf(const ExportRow& row) {
  return std::make_tuple(absl::string_view(row.officer), absl::string_view(row.date),
                         row.attempt.size(), absl::string_view(row.attempt));
}

// Sorts the rows and sets the digest of the content.
void PutInOrder(Export& exported) {
  std::vector<std::pair<std::string, ExportRow>> rows;
  rows.reserve(exported.rows.size());
  for (ExportRow& row : exported.rows) {
    std::string digest = RowDigest(row);
    rows.emplace_back(std::move(digest), std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(OrderOf(a.second), absl::string_view(a.first), a.second.row_number) <
           std::make_tuple(OrderOf(b.second), absl::string_view(b.first), b.second.row_number);
  });
  std::string digests;
  digests.reserve(rows.size() * 32);
  exported.rows.clear();
  for (auto& [digest, row] : rows) {
    digests += digest;
    exported.rows.push_back(std::move(row));
  }
  exported.content_digest = Hex(Sha256(digests));
}

}  // namespace

absl::StatusOr<Export> ReadExport(absl::string_view bytes) {
  Reader reader;
  const absl::Status read = ForEachCsvRecord(
      bytes, kMaxColumns, [&reader](CsvRecord& record) { return reader.Add(record); });
  // The reader's own errors have no reason; they do not quote the file.
  if (!read.ok()) return GetReason(read).empty() ? error::ExportDamaged(read.message()) : read;
  Export exported = reader.Take();
  if (exported.rows.empty()) return error::ExportEmpty();
  PutInOrder(exported);
  exported.file_digest = Hex(Sha256(bytes));
  return exported;
}

}  // namespace accord::training
