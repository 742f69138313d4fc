// The PostgreSQL driver: libpq without blocking calls, so that every call ends
// in time even when the server does not answer. Only the lookup of a host name may block.
#pragma once

#include <memory>

#include "common/sql/sql.h"

namespace accord::sql {

// Checks the URL; does not connect.
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(absl::string_view url,
                                                       const Options& options);

}  // namespace accord::sql
