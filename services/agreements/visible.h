// Keeps to the call's reach: what lies outside of it is answered as what does not exist.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/rpc/call.h"
#include "common/store/not_found.h"
#include "services/agreements/errors.h"

namespace accord::agreements {

inline bool IsVisible(const rpc::Call& call, const v1::Agency& agency) {
  return call.reach().Covers(agency.name(), agency.field_office());
}
inline bool IsVisible(const rpc::Call& call, const v1::Agreement& agreement) {
  return call.reach().Covers(agreement.agency(), agreement.field_office());
}
inline bool IsVisible(const rpc::Call& call, const v1::AgencyRecord& record) {
  return IsVisible(call, record.agency());
}

// `found` is what was asked for by `name`.
template <typename T>
absl::StatusOr<T> Visible(const rpc::Call& call, const std::string& name, absl::StatusOr<T> found) {
  if (!found.ok() || IsVisible(call, *found)) return found;
  return store::ResourceNotFound(kDomain, name);
}

}  // namespace accord::agreements
