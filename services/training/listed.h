// How long an answer may be that grows with the program.
#pragma once

namespace accord::training {

// Groups of one kind that a figure lists at most; it says how many more there are. At most some
// 100 bytes each, so that the answer stays below the 4 MiB that gRPC clients take.
inline constexpr int kMostListed = 20'000;

}  // namespace accord::training
