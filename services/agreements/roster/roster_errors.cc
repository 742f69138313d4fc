#include "services/agreements/roster/roster_errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements::roster::error {
namespace {

// A detail may quote the file: without UTF-8 the error would lose its reason on the way, and
// what is long would not fit into gRPC's trailers.
std::string Shown(absl::string_view detail) {
  constexpr size_t kMaxShown = 200;
  if (detail.size() <= kMaxShown) return CleanText(detail);
  return absl::StrCat(CleanText(detail.substr(0, kMaxShown)), "…");
}

absl::Status Refuse(absl::string_view reason, absl::string_view message,
                    ErrorMetadata metadata = {}) {
  return MakeError(absl::StatusCode::kInvalidArgument, "agreements.accord", reason, message,
                   std::move(metadata));
}

}  // namespace

absl::Status Empty() {
  return Refuse("ROSTER_EMPTY", "the file holds no row; nothing can be concluded from it");
}

absl::Status NotAWorkbook(absl::string_view detail) {
  return Refuse("ROSTER_NOT_A_WORKBOOK",
                absl::StrCat("the file is not an XLSX workbook: ", Shown(detail)),
                {{"detail", Shown(detail)}});
}

absl::Status HeaderMissing(const std::vector<std::string>& columns) {
  const std::string names = absl::StrJoin(columns, ", ");
  return Refuse("ROSTER_HEADER_MISSING", absl::StrCat("the header lacks: ", names),
                {{"columns", names}});
}

absl::Status TooLarge(absl::string_view what, int64_t limit, absl::string_view unit) {
  return Refuse(
      "ROSTER_TOO_LARGE", absl::StrCat(what, " is above the limit of ", limit, " ", unit),
      {{"what", std::string(what)}, {"limit", absl::StrCat(limit)}, {"unit", std::string(unit)}});
}

absl::Status Damaged(absl::string_view detail) {
  return Refuse("ROSTER_DAMAGED", absl::StrCat("the file cannot be trusted: ", Shown(detail)),
                {{"detail", Shown(detail)}});
}

absl::Status NotText(absl::string_view detail) {
  return Refuse("ROSTER_NOT_TEXT", absl::StrCat("the file is not UTF-8 CSV: ", Shown(detail)),
                {{"detail", Shown(detail)}});
}

}  // namespace accord::agreements::roster::error
