// Imports a published list: plan on a snapshot, then write in chunks, planned again when
// what they rest on has moved.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "common/policy/policy_view.h"
#include "common/store/store.h"
#include "services/agreements/reconcile/plan.h"

namespace accord::agreements {

struct ImportCall {
  store::Store& store;
  const PolicyView& policy;
  const roster::PublishedList& list;
  const ImportOptions& options;
  Date today;
  // Action "ImportRoster" with the caller's request id; also of each chunk.
  const store::MutationContext& context;
};

// What ImportRoster answers, and the position it was written or read at.
struct Imported {
  v1::RosterImport import;
  store::Position position;
};

// Lists of up to the policy's `chunk_rows` rows are written in one mutation: all or
// nothing. A longer one may be cut short, and goes on at its chunk when the same file
// is imported again.
// Errors: as PlanImport; ABORTED (PLAN_MOVED) when the record kept moving.
absl::StatusOr<Imported> ImportList(const ImportCall& call);

}  // namespace accord::agreements
