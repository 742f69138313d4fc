// Reads one published list: bytes in, cleaned rows out, nothing judged. What a
// row means, whether its date is plausible and what changed since the list
// before is the importer's business.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/calendar/date.h"

namespace accord::agreements::roster {

// One published row. Text is as published, cleaned by CleanText.
struct PublishedRow {
  int row_number = 0;  // As the sheet shows it; the header is usually 1.
  // Published with a filter left on. A hidden row counts like any other.
  bool hidden = false;
  std::string state;
  std::string agency;
  std::string type;
  std::string county;
  std::string model;  // Column SUPPORT TYPE.
  // A serial appears as the sheet shows it, for example "6/25/2025".
  std::string signed_text;
  std::string document_text;  // Column MOA; addresses in it are unwrapped.
  std::string addendum_text;
  // COUNTY is an error cell, "#N/A", "#NA", "N/A", blank or not a column.
  bool county_not_available = true;
  // From a serial or from exact text (M/D/YYYY, YYYY-MM-DD). Any real day, also
  // 5025-07-07: no plausibility here.
  std::optional<Date> signed_date;
  // Only without signed_date: what mistyped text seems to say (SuggestDate).
  // For a person to confirm, never to be used silently.
  std::optional<Date> suggested_date;
  // The hyperlink, or the address that the text is, through UnwrapLink; or "".
  std::string document_uri;
  std::string addendum_uri;
};

struct PublishedList {
  std::vector<PublishedRow> rows;  // In published order.
  bool has_county_column = false;
  bool has_addendum_column = false;
  bool has_signed_column = false;  // Pending lists have none.
  int hidden_rows = 0;
  // Lower-case hex SHA-256 of the rows' cleaned content with links, whatever
  // their order, number or visibility; two equal rows count twice. Equal for
  // two files that publish the same, so it is the identity of a list: the same
  // file name was published with different content and the reverse.
  std::string content_digest;
  // Lower-case hex SHA-256 of the bytes.
  std::string bytes_digest;
};

// Reads an XLSX workbook (by its zip signature) or else CSV.
//
// The first row with content is the header. Columns are found by name without
// regard to case or spaces, in any order; of two with one name the first counts.
// STATE, LAW ENFORCEMENT AGENCY, TYPE and SUPPORT TYPE are required. Every row
// below with any content is kept, also one without a state or an agency: the
// importer rejects such rows with a reason. Rows without content are skipped.
//
// Errors, all INVALID_ARGUMENT: ROSTER_EMPTY, ROSTER_NOT_A_WORKBOOK,
// ROSTER_HEADER_MISSING, ROSTER_TOO_LARGE (limits in sheet.h), ROSTER_DAMAGED,
// ROSTER_NOT_TEXT.
absl::StatusOr<PublishedList> ReadPublishedList(absl::string_view bytes);

}  // namespace accord::agreements::roster
