// The training service's resource types.
#pragma once

#include "common/store/resource_type.h"

namespace accord::training {

// Names of tables of counts of officers: see types.cc.
inline constexpr char kCountedByKept[] = "by_kept";
inline constexpr char kCountedByClass[] = "by_class";

// Lives as long as the program.
const store::ResourceTypes& Types();

}  // namespace accord::training
