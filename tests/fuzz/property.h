// What the fuzz targets share: a property that must hold, and a count of what got through.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace accord::fuzz {

inline absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process with `what` unless `holds`; libFuzzer then keeps the input.
void Require(bool holds, absl::string_view what);

// Counts an input that the code under test accepted. The sum is printed at the end as
// "stat::accepted_inputs: N": a target whose inputs are all refused tests little, and
// tools/fuzz fails it.
void CountAccepted();

// Turns a failed EXPECT of a borrowed test builder into a finding, and keeps protobuf from
// logging what it makes of hostile text. Call once, from LLVMFuzzerInitialize.
void QuietlyStrict();

}  // namespace accord::fuzz
