// What a workbook and a CSV file have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace accord::agreements::roster {

struct SheetCell {
  // As stored: text, an error name such as "#N/A", or the digits of a number.
  std::string text;
  // Set for a number of a workbook; CSV has only text.
  std::optional<double> number;
  // Hyperlink target as stored, or "".
  std::string link;
};

struct SheetRow {
  int number = 0;  // 1-based, as the sheet shows it; in CSV, counts the records.
  bool hidden = false;
  std::vector<SheetCell> cells;  // By column; column A is cells[0].
};

struct Sheet {
  std::vector<SheetRow> rows;
  bool epoch_1904 = false;  // The date system of its numbers.
};

// Limits on what one published file may hold; the real ones have 8 columns,
// fewer than 1,000 rows and 310 kB of worksheet. The rows allow for a program
// a hundred times as large (250,000).
inline constexpr int64_t kMaxInputBytes = int64_t{32} << 20;
inline constexpr int64_t kMaxUnpackedBytes = int64_t{256} << 20;
inline constexpr int64_t kMaxEntryBytes = int64_t{64} << 20;
inline constexpr int64_t kMaxCompressionRatio = 100;  // For entries above 1 MiB.
inline constexpr int64_t kMaxEntries = 1'000;
inline constexpr int64_t kMaxRows = 400'000;
inline constexpr int64_t kMaxColumns = 64;  // Cells further right are not read.
// With the empty ones to their left: in memory, an empty cell is as large as any.
inline constexpr int64_t kMaxCells = 4'000'000;
// What the tree of one XML part may take in memory; about what 64 MiB of a real sheet take.
inline constexpr int64_t kMaxTreeBytes = int64_t{512} << 20;
// Text of all cells after shared strings are written out once per use.
inline constexpr int64_t kMaxTextBytes = int64_t{64} << 20;
inline constexpr int64_t kMaxHyperlinks = 200'000;

}  // namespace accord::agreements::roster
