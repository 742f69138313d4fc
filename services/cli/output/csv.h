// CSV that a spreadsheet opens without running anything in it.
#pragma once

#include <string>

#include "services/cli/output/table.h"

namespace accord::cli {

// RFC 4180: a heading line of keys, CRLF line ends, quotes where needed. Text that
// begins with = + - @ TAB or CR gets a leading apostrophe, because spreadsheets would
// take it for a formula; columns of numbers are written as they are.
std::string RenderCsv(const Table& table);
// The heading line, and one line of cells, for rows that arrive one by one.
std::string RenderCsvHeader(const Table& table);
std::string RenderCsvRows(const Table& table);

}  // namespace accord::cli
