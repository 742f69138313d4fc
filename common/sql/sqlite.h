// The SQLite driver: one file, write-ahead log, every commit synced to disk.
#pragma once

#include <memory>

#include "common/sql/sql.h"

namespace accord::sql {

// Creates the file, and its folder with mode 0700, when absent.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(absl::string_view path,
                                                     const Options& options);

}  // namespace accord::sql
