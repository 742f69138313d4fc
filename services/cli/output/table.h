// Rows of text for people: aligned by how wide characters are shown.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace accord::cli {

struct Column {
  // Heading of a table.
  std::string header;
  // Heading of a CSV file; stable.
  std::string key;
  // Numbers stand to the right, and are never quoted as text in CSV.
  bool number = false;
};

// Each row has one cell per column.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

struct TableStyle {
  // Lines are cut to this many columns; 0 leaves them whole.
  int width = 0;
  // Print the headings in bold.
  bool bold_header = false;
};

// Columns that a terminal needs to show UTF-8 text.
int DisplayWidth(absl::string_view text);

// The text without what could steer a terminal or break a line: control
// characters (C0, C1, DEL) become a space, broken UTF-8 becomes "?". Published
// lists are strangers' data.
std::string Printable(absl::string_view text);

// The longest start of `text` that fits `width` columns, ending in "…" if cut.
std::string CutToWidth(absl::string_view text, int width);

// Headings and rows; cells two spaces apart, no spaces at the ends of lines.
std::string RenderTable(const Table& table, const TableStyle& style);

}  // namespace accord::cli
