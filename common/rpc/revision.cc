#include "common/rpc/revision.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace accord::rpc {

std::string FormatRevision(const Revision& revision) {
  return absl::StrCat(revision.service, "@", revision.log, ":", revision.revision);
}

std::optional<Revision> ParseRevision(absl::string_view text) {
  const size_t at = text.find('@');
  const size_t colon = text.rfind(':');
  if (at == absl::string_view::npos || colon == absl::string_view::npos) return std::nullopt;
  if (at == 0 || colon <= at + 1) return std::nullopt;
  Revision revision{std::string(text.substr(0, at)),
                    std::string(text.substr(at + 1, colon - at - 1))};
  if (!absl::SimpleAtoi(text.substr(colon + 1), &revision.revision)) return std::nullopt;
  if (revision.revision < 0) return std::nullopt;
  return revision;
}

}  // namespace accord::rpc
