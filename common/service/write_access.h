// What a write asks about the resource that it names, before anything else of it is told.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rpc/call.h"
#include "common/service/separation.h"
#include "common/service/standard.h"

namespace accord::service {

// For one call of one method; both outlive it.
class WriteAccess {
 public:
  // `action`: the method, as the write's Changes name it.
  WriteAccess(const rpc::Call& call, const Separation& separation, absl::string_view action)
      : call_(call), separation_(separation), action_(action) {}

  // `found` was read by `name` in the write's transaction. In this order: NOT_FOUND as for a
  // name that does not exist, when it lies outside of the caller's reach;
  // SEPARATION_OF_DUTIES; ETAG_MISMATCH, of what has an etag.
  template <typename T>
  absl::StatusOr<T> Check(store::Transaction& transaction, absl::string_view name,
                          absl::string_view etag, absl::StatusOr<T> found) const {
    ACCORD_ASSIGN_OR_RETURN(T resource, Visible(call_, transaction, name, std::move(found)));
    ACCORD_RETURN_IF_ERROR(
        separation_.Check(transaction, call_.caller().actor, action_, resource.name()));
    if constexpr (requires { resource.etag(); }) {
      ACCORD_RETURN_IF_ERROR(CheckEtag(transaction.domain(), name, etag, resource.etag()));
    }
    return resource;
  }

  // Reads what the write is about, and checks it; an empty `etag` is any.
  template <typename T>
  absl::StatusOr<T> Read(store::Transaction& transaction, const std::string& name,
                         absl::string_view etag = "") const {
    return Check(transaction, name, etag, transaction.Get<T>(name));
  }

  const std::string& action() const { return action_; }

 private:
  const rpc::Call& call_;
  const Separation& separation_;
  const std::string action_;
};

}  // namespace accord::service
