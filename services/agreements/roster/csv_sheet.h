// Reads a published list that was saved as CSV.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/agreements/roster/sheet.h"

namespace accord::agreements::roster {

// RFC 4180: quoted fields may hold commas, doubled quotes and line ends; lines
// end with CRLF, LF or CR; a UTF-8 byte order mark is skipped, and so are blank
// lines, which do not count in the row numbers.
// Errors: error::NotText (a NUL byte or invalid UTF-8), error::Damaged (a quote
// out of place or never closed), error::TooLarge.
absl::StatusOr<Sheet> ReadCsv(absl::string_view bytes);

}  // namespace accord::agreements::roster
