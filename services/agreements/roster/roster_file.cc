#include "services/agreements/roster/roster_file.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "services/agreements/roster/csv_sheet.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/published_link.h"
#include "services/agreements/roster/roster_errors.h"
#include "services/agreements/roster/sheet.h"
#include "services/agreements/roster/text_fold.h"
#include "services/agreements/roster/xlsx.h"

namespace accord::agreements::roster {
namespace {

// ---- Columns. ----

enum Column { kState, kAgency, kType, kCounty, kModel, kSigned, kDocument, kAddendum };

struct ColumnName {
  Column column;
  absl::string_view header;
  bool required;
};
constexpr std::array<ColumnName, 8> kColumns = {{
    {kState, "STATE", true},
    {kAgency, "LAW ENFORCEMENT AGENCY", true},
    {kType, "TYPE", true},
    {kCounty, "COUNTY", false},
    {kModel, "SUPPORT TYPE", true},
    {kSigned, "SIGNED", false},
    {kDocument, "MOA", false},
    {kAddendum, "ADDENDUM", false},
}};

// Index of each column's cell; -1 when the list has no such column.
using ColumnIndexes = std::array<int, kColumns.size()>;

std::string HeaderKey(absl::string_view text) {
  return absl::StrReplaceAll(FoldKey(text), {{" ", ""}});
}

int FindHeader(const SheetRow& header, absl::string_view name) {
  const std::string key = HeaderKey(name);
  const auto found =
      std::find_if(header.cells.begin(), header.cells.end(),
                   [&](const SheetCell& cell) { return HeaderKey(cell.text) == key; });
  if (found == header.cells.end()) return -1;
  return static_cast<int>(found - header.cells.begin());
}

absl::StatusOr<ColumnIndexes> FindColumns(const SheetRow& header) {
  ColumnIndexes indexes;
  std::vector<std::string> missing;
  for (const ColumnName& name : kColumns) {
    indexes[name.column] = FindHeader(header, name.header);
    if (name.required && indexes[name.column] < 0) missing.emplace_back(name.header);
  }
  if (!missing.empty()) return error::HeaderMissing(missing);
  return indexes;
}

const SheetCell& CellOf(const SheetRow& row, const ColumnIndexes& columns, Column column) {
  static const SheetCell* const kNoCell = new SheetCell();
  const int index = columns[column];
  if (index < 0 || index >= static_cast<int>(row.cells.size())) return *kNoCell;
  return row.cells[static_cast<size_t>(index)];
}

// ---- Rows. ----

bool HasContent(const SheetRow& row) {
  return std::any_of(row.cells.begin(), row.cells.end(), [](const SheetCell& cell) {
    return !cell.link.empty() || !CleanText(cell.text).empty();
  });
}

bool IsNotAvailable(absl::string_view county) {
  const std::string key = FoldKey(county);
  return key.empty() || key[0] == '#' || key == "n/a" || key == "na";
}

void ReadSigned(const SheetCell& cell, bool epoch_1904, PublishedRow& row) {
  row.signed_text = CleanText(cell.text);
  if (cell.number) {
    row.signed_date = FromSerial(*cell.number, epoch_1904);
    if (row.signed_date) row.signed_text = FormatAsPublished(*row.signed_date);
    return;
  }
  row.signed_date = ReadExactDate(row.signed_text);
  if (!row.signed_date) row.suggested_date = SuggestDate(row.signed_text);
}

// Some cells hold the address itself as text, and CSV has no hyperlinks.
std::string LinkOf(const SheetCell& cell) {
  return UnwrapLink(cell.link.empty() ? CleanText(cell.text) : cell.link);
}

PublishedRow ReadRow(const SheetRow& source, const ColumnIndexes& columns, bool epoch_1904) {
  const auto cell = [&](Column column) -> const SheetCell& {
    return CellOf(source, columns, column);
  };
  PublishedRow row;
  row.row_number = source.number;
  row.hidden = source.hidden;
  row.state = CleanText(cell(kState).text);
  row.agency = CleanText(cell(kAgency).text);
  row.type = CleanText(cell(kType).text);
  row.county = CleanText(cell(kCounty).text);
  row.county_not_available = IsNotAvailable(row.county);
  row.model = CleanText(cell(kModel).text);
  ReadSigned(cell(kSigned), epoch_1904, row);
  row.document_text = UnwrapLinksInText(CleanText(cell(kDocument).text));
  row.addendum_text = UnwrapLinksInText(CleanText(cell(kAddendum).text));
  row.document_uri = LinkOf(cell(kDocument));
  row.addendum_uri = LinkOf(cell(kAddendum));
  return row;
}

// ---- Digests. ----

// Each field with its length in front, so that no two rows share an encoding.
std::string RowDigest(const PublishedRow& row) {
  std::string encoded;
  for (const std::string* field :
       {&row.state, &row.agency, &row.type, &row.county, &row.model, &row.signed_text,
        &row.document_text, &row.addendum_text, &row.document_uri, &row.addendum_uri}) {
    absl::StrAppend(&encoded, field->size(), ":", *field);
  }
  return Sha256(encoded);
}

// Sorted, not combined: every row counts as often as it is published.
std::string ContentDigest(const std::vector<PublishedRow>& rows) {
  std::vector<std::string> digests;
  digests.reserve(rows.size());
  for (const PublishedRow& row : rows) digests.push_back(RowDigest(row));
  std::sort(digests.begin(), digests.end());
  std::string all;
  for (const std::string& digest : digests) all += digest;
  return Hex(Sha256(all));
}

absl::StatusOr<Sheet> ReadSheet(absl::string_view bytes) {
  if (bytes.empty()) return error::Empty();
  if (static_cast<int64_t>(bytes.size()) > kMaxInputBytes) {
    return error::TooLarge("the file", kMaxInputBytes, "bytes");
  }
  if (absl::StartsWith(bytes, "PK\x03\x04") || absl::StartsWith(bytes, "PK\x05\x06")) {
    return ReadWorkbook(bytes);
  }
  // The container of the old .xls and of encrypted workbooks.
  if (absl::StartsWith(bytes, "\xD0\xCF\x11\xE0")) {
    return error::NotAWorkbook("it is an .xls file or is protected by a password");
  }
  return ReadCsv(bytes);
}

}  // namespace

absl::StatusOr<PublishedList> ReadPublishedList(absl::string_view bytes) {
  ACCORD_ASSIGN_OR_RETURN(const Sheet sheet, ReadSheet(bytes));
  const auto header = std::find_if(sheet.rows.begin(), sheet.rows.end(), HasContent);
  if (header == sheet.rows.end()) return error::Empty();
  ACCORD_ASSIGN_OR_RETURN(const ColumnIndexes columns, FindColumns(*header));

  PublishedList list;
  list.has_county_column = columns[kCounty] >= 0;
  list.has_addendum_column = columns[kAddendum] >= 0;
  list.has_signed_column = columns[kSigned] >= 0;
  for (auto row = header + 1; row != sheet.rows.end(); ++row) {
    if (!HasContent(*row)) continue;
    list.rows.push_back(ReadRow(*row, columns, sheet.epoch_1904));
    if (row->hidden) ++list.hidden_rows;
  }
  if (list.rows.empty()) return error::Empty();
  list.content_digest = ContentDigest(list.rows);
  list.bytes_digest = Hex(Sha256(bytes));
  return list;
}

}  // namespace accord::agreements::roster
