// A place in a service's log as metadata accord-revision states it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace accord::rpc {

// Written "service@log:revision".
struct Revision {
  std::string service;
  std::string log;
  int64_t revision = 0;

  bool operator==(const Revision&) const = default;
};

std::string FormatRevision(const Revision& revision);
// Empty unless `text` is exactly of that form.
std::optional<Revision> ParseRevision(absl::string_view text);

}  // namespace accord::rpc
