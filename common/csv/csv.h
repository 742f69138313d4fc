// Reads CSV, a record at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord {

using CsvRecord = std::vector<std::string>;
// May move from the record. After an error it is called no more.
using CsvFunction = std::function<absl::Status(CsvRecord&)>;

// RFC 4180: quoted fields may hold commas, doubled quotes and line ends; lines end with CRLF,
// LF or CR; a UTF-8 byte order mark is skipped, and so are blank lines, which are no records.
// Of a record, fields further right than `max_fields` are not kept.
// Errors: that of `fn`; INVALID_ARGUMENT (a NUL byte or invalid UTF-8: before the first record),
// DATA_LOSS (a quote out of place or never closed). The texts say what is wrong, without what
// the file holds.
absl::Status ForEachCsvRecord(absl::string_view bytes, size_t max_fields, const CsvFunction& fn);

}  // namespace accord
