#include "common/policy/policy.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/deterministic.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/policy/text_file.h"
#include "common/policy/validate.h"

namespace accord {
namespace {

using policy::v1::PolicyFile;

std::string Digest(const PolicyFile& file) { return Hex(Sha256(DeterministicBytes(file))); }

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Parse(absl::string_view text,
                                                            absl::string_view origin) {
  PolicyFile file;
  ACCORD_RETURN_IF_ERROR(ParseText(text, origin, file));
  ACCORD_RETURN_IF_ERROR(WithOrigin(ValidatePolicy(file), origin));
  return std::shared_ptr<const Policy>(new Policy(std::move(file)));
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Load(const std::string& path) {
  ACCORD_ASSIGN_OR_RETURN(const std::string text, ReadPolicyFile(path));
  return Parse(text, path);
}

Policy::Policy(PolicyFile file) : file_(std::move(file)), digest_(Digest(file_)) {
  absl::LoadTimeZone(file_.time_zone(), &time_zone_);  // Known to load: it was validated.
  const PolicyView* before = nullptr;
  for (const auto& version : file_.versions()) {
    versions_.push_back(std::make_unique<const PolicyView>(version, before));
    before = versions_.back().get();
  }
}

absl::StatusOr<const PolicyView*> Policy::At(Date date) const {
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
    if ((*version)->effective_from() <= date) return version->get();
  }
  const std::string asked = FormatDate(date);
  const std::string first = FormatDate(versions_.front()->effective_from());
  return MakeError(absl::StatusCode::kOutOfRange, kPolicyErrorDomain, "POLICY_NOT_YET_IN_FORCE",
                   absl::StrCat("no policy holds on ", asked, "; the first is of ", first),
                   {{"date", asked}, {"first", first}});
}

const PolicyView& Policy::AtOrFirst(Date date) const {
  const auto view = At(date);
  return view.ok() ? **view : *versions_.front();
}

}  // namespace accord
