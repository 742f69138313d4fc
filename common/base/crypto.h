// The few primitives we take from OpenSSL.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace accord {

// 32 bytes.
std::string Sha256(absl::string_view data);
// Cryptographically strong; ends the process when the system has none to give.
std::string RandomBytes(size_t count);
// Lower-case hex.
std::string Hex(absl::string_view bytes);
// Random UUID (version 4), lower-case.
std::string NewUuid();
// A short random id for resource names: 13 characters of [a-z0-9], about 67 bits.
std::string NewId();

}  // namespace accord
