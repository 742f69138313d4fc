#include "common/rpc/build_info.h"

namespace accord::rpc {

absl::string_view BuildVersion() { return ACCORD_VERSION; }

absl::string_view BuildCommit() { return ACCORD_COMMIT; }

}  // namespace accord::rpc
