// Bytes of a message that are the same whenever its contents are.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace accord {

// Maps in order of key. Stable between runs of the same program; not for storage that
// other versions compare.
std::string DeterministicBytes(const google::protobuf::Message& message);

}  // namespace accord
