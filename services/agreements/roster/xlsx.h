// Reads the one sheet of a published workbook (ECMA-376, transitional or strict).
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/agreements/roster/sheet.h"

namespace accord::agreements::roster {

// The first visible worksheet: every row that has a cell with content, hidden
// rows too, each with its own row number. Cells keep what is stored: shared and
// inline strings as text, error cells by name, numbers with their digits, and
// hyperlinks as their unchanged target. Numbers are not turned into dates here.
//
// An XML part with a DOCTYPE or entity declaration, in another encoding than
// UTF-8, or not well formed is refused.
// Errors: error::NotAWorkbook, error::TooLarge, error::Damaged.
absl::StatusOr<Sheet> ReadWorkbook(absl::string_view bytes);

}  // namespace accord::agreements::roster
