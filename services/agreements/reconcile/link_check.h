// Whether a published link leads to somebody else's agreement.
//
// File names are evidence, not proof: a quarter of them carry another date than the
// list, and several misspell the agency. So only what is plainly of another model,
// state or agency is reported, and a person decides.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace accord::agreements {

// An agreement and its link.
struct LinkedAgreement {
  std::string agency_name;
  std::string agency_key;
  std::string state_code;
  std::string model;
  std::string uri;
};

struct LinkVerdict {
  bool wrong = false;
  // One sentence, for people.
  std::string reason;
  // Key of the agency that shares the document and fits it better; may be "".
  std::string other_agency_key;
};

// The file name says a model or state other than the agreement's; or it names an agency
// of the same kind (county or police) whose place is more than kMisspelling letters off;
// or one of `sharers`, agreements of other agencies with the same link, fits the file
// name at least as well. Names that are one but for spelling do not count as others.
LinkVerdict CheckLink(const LinkedAgreement& agreement, absl::Span<const LinkedAgreement> sharers);

// "Belleair" is published as "Bellaire", "Manitowoc" as "Mantiowoc".
inline constexpr int kMisspelling = 3;

}  // namespace accord::agreements
