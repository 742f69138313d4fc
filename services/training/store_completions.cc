#include "services/training/store_completions.h"

#include <utility>

#include "common/base/status.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

template <typename T>
absl::StatusOr<std::optional<T>> FirstOf(store::Reader& reader, store::Query query) {
  query.limit = 1;
  ACCORD_ASSIGN_OR_RETURN(std::vector<T> found, reader.Select<T>(query));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

absl::StatusOr<std::optional<v1::Completion>> VoiderOf(store::Reader& reader,
                                                       const std::string& completion) {
  return FirstOf<v1::Completion>(reader, {.where = "f_voids = $1", .params = {completion}});
}

absl::StatusOr<std::optional<v1::Completion>> ResultOf(store::Reader& reader,
                                                       const std::string& offering,
                                                       const std::string& officer) {
  return FirstOf<v1::Completion>(reader,
                                 {.where = "f_offering = $1 AND ($2 = '' OR f_officer = $2) AND "
                                           "f_voids = '' AND NOT EXISTS (SELECT 1 FROM "
                                           "t_completions AS voiding WHERE voiding.f_voids = "
                                           "t_completions.name)",
                                  .params = {offering, officer}});
}

absl::StatusOr<std::optional<v1::CompletionImport>> ImportOf(store::Reader& reader,
                                                             const std::string& content_digest) {
  return FirstOf<v1::CompletionImport>(
      reader, {.where = "f_content_digest = $1", .params = {content_digest}});
}

absl::StatusOr<std::vector<v1::Completion>> CompletionsOfAt(store::Reader& reader,
                                                            const std::string& officer,
                                                            int64_t revision) {
  return reader.Select<v1::Completion>(
      {.where = "f_officer = $1 AND revision <= $2", .params = {officer, revision}});
}

absl::StatusOr<std::vector<v1::Waiver>> WaiversOfAt(store::Reader& reader,
                                                    const std::string& officer, int64_t revision) {
  // A waiver stays its officer's for good.
  ACCORD_ASSIGN_OR_RETURN(const std::vector<v1::Waiver> now, WaiversOf(reader, {officer}));
  std::vector<v1::Waiver> then;
  for (const v1::Waiver& waiver : now) {
    auto known = reader.GetAt<v1::Waiver>(waiver.name(), revision);
    if (absl::IsNotFound(known.status())) continue;
    ACCORD_RETURN_IF_ERROR(known.status());
    then.push_back(*std::move(known));
  }
  return then;
}

}  // namespace accord::training
