// How much of the record a call may see and change.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace accord {

struct Reach {
  // Everything; the rest says nothing more.
  bool whole = false;
  std::set<std::string, std::less<>> field_offices{};
  std::set<std::string, std::less<>> agencies{};
  // What is about the caller, who may be one of the officers.
  bool self = false;
  std::set<std::string, std::less<>> officers{};

  bool operator==(const Reach&) const = default;
  bool nowhere() const {
    return !whole && !self && field_offices.empty() && agencies.empty() && officers.empty();
  }
  // Whether something of this agency, in this field office, about this officer (each may be
  // empty), is within it.
  bool Covers(absl::string_view agency, absl::string_view field_office,
              absl::string_view officer = {}) const {
    return whole || (!agency.empty() && agencies.contains(agency)) ||
           (!field_office.empty() && field_offices.contains(field_office)) ||
           (!officer.empty() && officers.contains(officer));
  }

  static Reach Whole() { return {.whole = true}; }
};

// PERMISSION_DENIED, REACH_TOO_SMALL. `text` says who may, or what the caller may do instead.
inline absl::Status ReachTooSmall(absl::string_view domain, absl::string_view text,
                                  ErrorMetadata metadata = {}) {
  return MakeError(absl::StatusCode::kPermissionDenied, domain, "REACH_TOO_SMALL", text,
                   std::move(metadata));
}

}  // namespace accord
