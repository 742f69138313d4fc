// Reads of the record on one connection, inside one transaction.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/sql.h"
#include "common/store/resource_type.h"

namespace accord::store {

// A place in a log.
struct Position {
  std::string log_id;
  int64_t revision = 0;
  std::string hash;

  bool operator==(const Position&) const = default;
};

// Rows of one resource type, by SQL that only this service's store writes:
// conditions over declared columns with their parameters bound.
struct Query {
  std::string where = {};  // "f_agency = $1 AND f_model = $2"; empty for all.
  std::vector<sql::Value> params = {};
  std::string order_by = "name";
  int64_t limit = 0;  // 0: no limit.
  sql::Plan plan = sql::Plan::kKept;
};

class Reader {
 public:
  Reader(const ResourceTypes& types, absl::string_view domain, sql::Connection& connection,
         Position position)
      : types_(types), domain_(domain), connection_(connection), position_(std::move(position)) {}

  // The newest Change that this reader sees.
  const Position& position() const { return position_; }

  // Errors: RESOURCE_NOT_FOUND (NOT_FOUND).
  template <typename T>
  absl::StatusOr<T> Get(absl::string_view name) {
    T message;
    absl::Status status = GetInto(name, message);
    if (!status.ok()) return status;
    return message;
  }

  // The resource as the log knew it at `revision` (>= 1).
  // Errors: RESOURCE_NOT_FOUND, IMAGE_REDACTED (FAILED_PRECONDITION), REVISION_AHEAD
  // (OUT_OF_RANGE).
  template <typename T>
  absl::StatusOr<T> GetAt(absl::string_view name, int64_t revision) {
    T message;
    absl::Status status = GetAtInto(name, revision, message);
    if (!status.ok()) return status;
    return message;
  }

  template <typename T>
  absl::StatusOr<std::vector<T>> Select(const Query& query) {
    std::vector<T> all;
    absl::Status status = ForEach(types_.Of<T>(), query, [&](absl::string_view bytes) {
      T message;
      if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return absl::DataLossError("a stored message does not parse");
      }
      all.push_back(std::move(message));
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return all;
  }

  // All resources of the type as the log knew them at `revision`, by name. Those whose
  // image was redacted are left out.
  absl::Status ForEachAt(const ResourceType& type, int64_t revision,
                         const std::function<absl::Status(absl::string_view bytes)>& fn);
  absl::Status ForEach(const ResourceType& type, const Query& query,
                       const std::function<absl::Status(absl::string_view bytes)>& fn);
  absl::StatusOr<int64_t> Count(const ResourceType& type, const Query& query);

  absl::Status GetInto(absl::string_view name, google::protobuf::Message& message);
  absl::Status GetAtInto(absl::string_view name, int64_t revision,
                         google::protobuf::Message& message);

  const ResourceTypes& types() const { return types_; }
  absl::string_view domain() const { return domain_; }
  sql::Connection& connection() { return connection_; }

 protected:
  const ResourceTypes& types_;
  std::string domain_;
  sql::Connection& connection_;
  Position position_;
};

}  // namespace accord::store
