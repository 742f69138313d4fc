// The tables of a service's store: the log's by numbered migrations, those of the
// resource types by their declarations.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/sql/sql.h"
#include "common/store/resource_type.h"

namespace accord::store {

// Forward only, never edited after release: the digest of an applied one is checked.
struct Migration {
  int version;  // 1, 2, 3, …
  std::string sql;
  // The oldest binary, by its own newest migration, that may work on this schema.
  int compatible_from;
};

const std::vector<Migration>& LogMigrations();

// Brings the database up to date, in one transaction under a lock, so that several
// replicas may start at once: migrations, then tables, columns and indexes of the
// types. A newly declared column is filled from the stored messages, in batches; a table of
// counts that is new, or was declared otherwise, from the rows.
// Errors: FAILED_PRECONDITION when an applied migration was edited, or when the
// schema is newer than this binary and not marked compatible with it.
absl::Status PrepareSchema(sql::Connection& connection, const std::vector<Migration>& migrations,
                           const ResourceTypes& types, const Clock& clock);

}  // namespace accord::store
