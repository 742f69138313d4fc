// Changes as rows of the log's table.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "accord/log/v1/log.pb.h"
#include "common/sql/sql.h"
#include "common/store/fields.h"
#include "common/store/reader.h"
#include "common/store/row_batch.h"

namespace accord::store {

// What a `filter` on Changes may name; the columns of the table `changes`.
const Fields& ChangeFields();

// "f_revision, …": the columns that ParseChange reads, without or with the image.
std::string ChangeColumns(bool with_image);

// A row of `SELECT ChangeColumns(with_image) FROM changes`. With the image, an
// absent one marks the Change as redacted.
absl::StatusOr<log::v1::Change> ParseChange(const sql::Row& row, bool with_image);

// How Changes are written, and the row of one with its image's stored bytes.
RowSql InsertChanges();
std::vector<sql::Value> ChangeRow(const log::v1::Change& change, std::string image);

// Changes `first`..`last`, inclusive, in order, with images.
absl::StatusOr<std::vector<log::v1::Change>> ReadChanges(sql::Connection& connection, int64_t first,
                                                         int64_t last);

// "changes/17"
std::string ChangeName(int64_t revision);

// The head row: where the log ends. Reads within the connection's transaction.
absl::StatusOr<Position> ReadHead(sql::Connection& connection,
                                  absl::Time deadline = absl::InfiniteFuture());

}  // namespace accord::store
