// Random messages and the table they are in, for the property tests.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/sql/sql.h"
#include "common/store/fields.h"
#include "google/protobuf/message.h"

namespace accord::store {

using Random = std::mt19937;
using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

const Fields& AgreementFields();
const Fields& AgencyFields();

// Between 0 and `below` - 1.
int Pick(Random& random, int below);

// Few values, so that many are equal: also unset, of mixed case, and full of what
// LIKE, SQL and the filter language treat specially.
const std::vector<std::string>& SomeTexts();
const std::vector<std::string>& SomeDates();
const std::vector<std::string>& SomeTimes();

// `count` messages like `prototype` with random values in all `fields` and names of their own.
Messages RandomMessages(Random& random, const google::protobuf::Message& prototype,
                        const Fields& fields, int count);

// A SQLite table of messages, in a folder of its own that goes away.
class MessageTable {
 public:
  MessageTable(const Fields& fields, const Messages& messages);
  ~MessageTable();

  // The names of the rows that `tail` ("WHERE … ORDER BY …") selects.
  std::vector<std::string> Names(const std::string& tail, std::vector<sql::Value> params);

 private:
  std::string folder_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::Connection> connection_;
};

std::string NameOf(const google::protobuf::Message& message);

}  // namespace accord::store
