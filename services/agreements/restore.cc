#include "services/agreements/restore.h"

#include <algorithm>

#include "common/base/status.h"

namespace accord::agreements {
namespace {

bool Within(const std::vector<MutationRange>& ranges, int64_t revision) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const MutationRange& range) {
    return range.first <= revision && revision <= range.last;
  });
}

absl::Status RestoreOne(store::Transaction& transaction, const WrittenResource& resource,
                        store::WriteSet& writes) {
  const store::ResourceType* type = transaction.types().Find(resource.type_name);
  if (type == nullptr) return absl::InternalError("a Change of an unknown resource type");
  const auto message = type->NewMessage();
  if (resource.created) {
    ACCORD_RETURN_IF_ERROR(transaction.GetInto(resource.name, *message));
    writes.Delete(*message);
    return absl::OkStatus();
  }
  ACCORD_RETURN_IF_ERROR(transaction.GetAtInto(resource.name, resource.revision - 1, *message));
  writes.Update(*message);
  return absl::OkStatus();
}

}  // namespace

absl::Status RestoreBefore(store::Transaction& transaction,
                           const std::vector<MutationRange>& ranges,
                           const std::vector<std::string>& except,
                           const std::function<absl::Status(const WrittenResource&)>& conflict,
                           store::WriteSet& writes) {
  ACCORD_ASSIGN_OR_RETURN(const std::vector<WrittenResource> written,
                          WrittenBy(transaction, ranges));
  for (const WrittenResource& resource : written) {
    if (std::find(except.begin(), except.end(), resource.name) != except.end()) continue;
    if (!Within(ranges, resource.newest_revision)) return conflict(resource);
    ACCORD_RETURN_IF_ERROR(RestoreOne(transaction, resource, writes));
  }
  return absl::OkStatus();
}

}  // namespace accord::agreements
