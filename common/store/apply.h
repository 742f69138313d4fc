// Turns what a mutation wants written into rows: resources, Changes, subjects.
#pragma once

#include "absl/status/statusor.h"
#include "common/store/mutation.h"

namespace accord::store {

// The answer of an earlier call with the same request_id, rebuilt from the log; empty
// when there is none. Errors: REQUEST_ID_REUSED; FAILED_PRECONDITION, IMAGE_REDACTED when what
// it wrote has been erased since.
absl::StatusOr<std::optional<Committed>> FindReplay(Reader& reader, const MutationContext& context);

// Writes `writes` on the transaction's connection as the Changes that follow `head`,
// and moves `head` past them. Nothing is committed.
absl::StatusOr<Committed> Apply(Transaction& transaction, const MutationContext& context,
                                WriteSet writes, Position& head);

// What `writes` would answer, without writing: the messages, stamped with the time.
Committed Preview(const Transaction& transaction, const MutationContext& context, WriteSet writes);

}  // namespace accord::store
