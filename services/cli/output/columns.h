// Which columns a message has in a table and in CSV.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "services/cli/output/table.h"

namespace accord::cli {

enum class Detail { kTable, kWide, kCsv };

// Headings for messages of `type`: the columns of its row in columns.cc, or all
// its plain fields when it has none. CSV gets every column, and LABEL always where
// the type can say that it is made up.
Table EmptyTable(const google::protobuf::Descriptor& type, Detail detail);

// Rows of messages, all of `type`. LABEL says SYNTHETIC on made-up ones; a table
// has that column only when one is.
Table MakeTable(const google::protobuf::Descriptor& type,
                const std::vector<const google::protobuf::Message*>& messages, Detail detail);

// Whether the message says of itself that it is made up.
bool IsFictitious(const google::protobuf::Message& message);

}  // namespace accord::cli
