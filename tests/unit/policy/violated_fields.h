// Which fields of a policy file are told to be wrong.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/validate.h"
#include "google/rpc/error_details.pb.h"

namespace accord {

inline std::vector<std::string> ViolatedFields(const policy::v1::PolicyFile& file) {
  const absl::Status status = ValidatePolicy(file);
  google::rpc::BadRequest bad;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (payload) {
    EXPECT_TRUE(bad.ParseFromString(std::string(*payload)));
  }
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  return fields;
}

}  // namespace accord
