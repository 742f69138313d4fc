// What one mutation writes of resources.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/sql/sql.h"
#include "common/store/resource_type.h"
#include "common/store/row_batch.h"
#include "google/protobuf/message.h"

namespace accord::store {

// "name, revision, message, f_…": the columns of a resource's row, the fields in their order.
std::string RowColumns(const ResourceType& type);

// In the order of the calls. Those of one type and kind that follow one another go together.
class ResourceWrites {
 public:
  explicit ResourceWrites(sql::Dialect dialect) : dialect_(dialect) {}

  // `bytes` is the message, serialized. What is updated must be there.
  void Insert(const ResourceType& type, const google::protobuf::Message& message, int64_t revision,
              std::string bytes);
  void Update(const ResourceType& type, const google::protobuf::Message& message, int64_t revision,
              std::string bytes);
  void Delete(const ResourceType& type, const std::string& name);

  std::vector<sql::Statement> Take();

 private:
  // Rows of one type that are all new, or all not.
  struct Run {
    const ResourceType* type;
    bool is_new;
    RowBatch rows;
    // A statement may write no row twice.
    std::set<std::string> updated = {};
  };

  // The run that goes on, or a new one.
  Run& RunOf(const ResourceType& type, bool is_new);
  void EndRun();

  const sql::Dialect dialect_;
  std::vector<sql::Statement> statements_;
  std::optional<Run> run_;
};

}  // namespace accord::store
