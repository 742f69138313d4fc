// What the file name of a linked agreement says: evidence for "this link leads
// to another agreement", and nothing more. A quarter of the file names disagree
// with the SIGNED date, so a name never overrides the list.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/calendar/date.h"

namespace accord::agreements::roster {

struct LinkFacts {
  // Decoded last part of the path, with its extension.
  std::string file_name;
  // "JEM", "WSO" or "TFM"; empty when the name has none.
  std::string model;
  std::optional<Date> date;
  // Upper-case postal code; empty when the name has none.
  std::string state_code;
  // The remaining words, as CanonicalAgencyName writes them.
  std::string agency_words;
};

// Facts of an address that UnwrapLink returned. Everything is optional: an
// address without a file name gives empty facts.
LinkFacts ParseDocumentLink(absl::string_view uri);

}  // namespace accord::agreements::roster
