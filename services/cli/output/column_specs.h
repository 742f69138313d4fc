// What columns.cc makes columns of.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

namespace accord::cli {

struct ColumnSpec {
  std::string header;
  // Path of the field; the key in CSV.
  std::string path;
  // Only with -o wide and -o csv.
  bool wide = false;
  // Computes the cell of what is no plain field; such cells are numbers.
  std::string (*value)(const google::protobuf::Message&) = nullptr;
  // In a table only when some row has it.
  bool when_any = false;
};

inline constexpr bool kWideOnly = true;

// By full name of the message.
using ColumnSpecs = std::map<std::string, std::vector<ColumnSpec>>;

// Of training and its policy; the others are in columns.cc.
ColumnSpecs TrainingColumns();

}  // namespace accord::cli
