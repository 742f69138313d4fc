// The resource types of the agreements service, as tables.
#pragma once

#include "common/store/resource_type.h"

namespace accord::agreements {

// Lives as long as the process.
const store::ResourceTypes& Types();

}  // namespace accord::agreements
