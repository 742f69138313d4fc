// The training service's resource types.
#pragma once

#include "common/store/resource_type.h"

namespace accord::training {

// Lives as long as the program.
const store::ResourceTypes& Types();

}  // namespace accord::training
