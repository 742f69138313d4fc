#include "tests/fuzz/property.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace accord::fuzz {
namespace {

// Printed at exit, which is also how libFuzzer ends a run without a finding.
struct Accepted {
  int64_t inputs = 0;
  ~Accepted() { std::cerr << "stat::accepted_inputs: " << inputs << std::endl; }
} accepted;

}  // namespace

void Require(bool holds, absl::string_view what) {
  if (holds) return;
  std::cerr << "PROPERTY VIOLATED: " << what << std::endl;
  std::abort();
}

void CountAccepted() { ++accepted.inputs; }

void QuietlyStrict() {
  GTEST_FLAG_SET(throw_on_failure, true);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace accord::fuzz
