#include "common/service/separation.h"

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/log_reader.h"

namespace accord::service {
namespace {

absl::Status DutiesAreSeparate(absl::string_view domain, const SeparationRule& rule,
                               absl::string_view action, absl::string_view resource,
                               const std::string& done) {
  return MakeError(absl::StatusCode::kPermissionDenied, domain, "SEPARATION_OF_DUTIES",
                   absl::StrCat(rule.words, " (", rule.code, "): you did ", done, " with ",
                                resource, "; another person must do ", action),
                   {{"rule", rule.code},
                    {"words", rule.words},
                    {"name", std::string(resource)},
                    {"done", done},
                    {"method", std::string(action)}});
}

}  // namespace

absl::Status Separation::Check(store::Reader& reader, absl::string_view actor,
                               absl::string_view action, absl::string_view resource) const {
  if (rules_ == nullptr) return absl::OkStatus();
  const auto rules = rules_();
  for (const SeparationRule& rule : rules->Before(absl::StrCat(service_, "/", action))) {
    ACCORD_ASSIGN_OR_RETURN(const std::string done,
                            store::NewestActionBy(reader, actor, resource, rule.first_actions));
    if (!done.empty()) return DutiesAreSeparate(reader.domain(), rule, action, resource, done);
  }
  return absl::OkStatus();
}

}  // namespace accord::service
