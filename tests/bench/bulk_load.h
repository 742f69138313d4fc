// Many messages into one table of PostgreSQL, as fast as it takes them: one COPY without indexes,
// which are made again when all rows are there. No Change says so: for made-up records that no
// service could write in the time.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/resource_type.h"
#include "google/protobuf/message.h"

namespace accord::bench {

// One thread at a time. `type` outlives it, and its table exists and is empty.
class BulkLoad {
 public:
  static absl::StatusOr<std::unique_ptr<BulkLoad>> Begin(const std::string& url,
                                                         const store::ResourceType& type);

  // Puts the message, of the type, on the way.
  absl::Status Add(const google::protobuf::Message& message);
  // Makes the indexes again and what the planner and index-only scans need to know.
  absl::Status End();

  int64_t rows() const { return rows_; }

 private:
  struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using ConnectionPtr = std::unique_ptr<PGconn, FinishConnection>;

  BulkLoad(ConnectionPtr connection, const store::ResourceType& type);

  // Runs statements without rows.
  absl::Status Run(const std::string& sql);
  // Takes the indexes away and remembers how to make them.
  absl::Status DropIndexes();
  absl::Status Flush();
  absl::Status Failed(absl::string_view what) const;

  const ConnectionPtr connection_;
  const store::ResourceType& type_;
  std::vector<std::string> make_indexes_;
  std::string buffer_;
  int64_t rows_ = 0;
};

}  // namespace accord::bench
