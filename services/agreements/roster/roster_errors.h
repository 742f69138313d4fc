// Every way a published file can be refused. All are INVALID_ARGUMENT with
// domain "agreements.accord": the same bytes fail the same way every time. A `detail` may
// quote the file; what is told of it is short and valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace accord::agreements::roster::error {

// ROSTER_EMPTY: no bytes, or no row under the header. A list is refused then,
// because an empty one would look as if every agency had left.
absl::Status Empty();

// ROSTER_NOT_A_WORKBOOK: a readable container that holds no worksheet.
absl::Status NotAWorkbook(absl::string_view detail);

// ROSTER_HEADER_MISSING: `columns` are the required headers that were not found.
absl::Status HeaderMissing(const std::vector<std::string>& columns);

// ROSTER_TOO_LARGE: `what` is above `limit`, counted in `unit`.
absl::Status TooLarge(absl::string_view what, int64_t limit, absl::string_view unit);

// ROSTER_DAMAGED: truncated, inconsistent, or written in a way that we refuse.
absl::Status Damaged(absl::string_view detail);

// ROSTER_NOT_TEXT: meant as CSV, but not UTF-8 text.
absl::Status NotText(absl::string_view detail);

}  // namespace accord::agreements::roster::error
