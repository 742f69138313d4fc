#include "services/cli/output/table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace accord::cli {
namespace {

constexpr char32_t kBroken = 0xFFFFFFFF;

struct Range {
  char32_t first;
  char32_t last;
};

// Combining marks, joiners and variation selectors.
constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
                                {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},
                                {0x2066, 0x2069}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                                {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};
// East Asian wide and full-width characters, and emoji.
constexpr Range kDoubleWidth[] = {
    {0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <size_t N>
bool In(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](Range r) { return r.first <= c && c <= r.last; });
}

int WidthOf(char32_t c) {
  if (In(kZeroWidth, c)) return 0;
  return In(kDoubleWidth, c) ? 2 : 1;
}

size_t LengthFromLead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// The character at `*position`, which moves past it; kBroken (one byte) if it is none.
char32_t NextCharacter(absl::string_view text, size_t* position) {
  const auto lead = static_cast<unsigned char>(text[*position]);
  const size_t length = LengthFromLead(lead);
  if (length == 0 || *position + length > text.size()) {
    ++*position;
    return kBroken;
  }
  char32_t c = length == 1 ? lead : lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[*position + i]);
    if ((next & 0xC0) != 0x80) {
      ++*position;
      return kBroken;
    }
    c = (c << 6) | (next & 0x3F);
  }
  *position += length;
  return c;
}

// Bidirectional overrides can make a line read otherwise than it is.
bool Steers(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string Pad(const std::string& cell, int width, bool right) {
  const std::string space(std::max(0, width - DisplayWidth(cell)), ' ');
  return right ? absl::StrCat(space, cell) : absl::StrCat(cell, space);
}

std::string Line(const std::vector<std::string>& cells, const std::vector<Column>& columns,
                 const std::vector<int>& widths, int cut) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    line += Pad(cells[i], widths[i], columns[i].number);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return cut > 0 ? CutToWidth(line, cut) : line;
}

}  // namespace

int DisplayWidth(absl::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) width += WidthOf(NextCharacter(text, &i));
  return width;
}

std::string Printable(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    const char32_t c = NextCharacter(text, &i);
    if (c == kBroken) {
      out += '?';
    } else if (Steers(c)) {
      out += ' ';
    } else {
      absl::StrAppend(&out, text.substr(start, i - start));
    }
  }
  return out;
}

std::string CutToWidth(absl::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  int used = 0;
  size_t end = 0;
  for (size_t i = 0; i < text.size(); end = i) {
    used += WidthOf(NextCharacter(text, &i));
    if (used > width - 1) break;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

std::string RenderTable(const Table& table, const TableStyle& style) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns) lines[0].push_back(column.header);
  for (const auto& row : table.rows) {
    std::vector<std::string>& cells = lines.emplace_back();
    for (const std::string& cell : row) cells.push_back(Printable(cell));
  }
  std::vector<int> widths(table.columns.size(), 0);
  for (const auto& cells : lines) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
    }
  }
  std::string out;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = Line(lines[i], table.columns, widths, style.width);
    const bool bold = i == 0 && style.bold_header;
    absl::StrAppend(&out, bold ? "\x1b[1m" : "", line, bold ? "\x1b[0m" : "", "\n");
  }
  return out;
}

}  // namespace accord::cli
