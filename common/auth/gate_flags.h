// The flags that make a service ask who calls.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/auth/key_file.h"
#include "common/policy/access_policy.h"
#include "common/rpc/gate.h"

namespace CLI {
class App;
}  // namespace CLI

namespace accord::auth {

struct GateFlags {
  // Empty: nobody is asked.
  std::string access{};
  std::string bindings{};
  std::string token_issuer{};
  std::string token_audience = "accord";
  std::string token_keys{};
};

void AddGateFlags(CLI::App& app, GateFlags& flags);

// What lets callers in, with the table it goes by and the file of keys that it keeps up with.
struct GateParts {
  std::shared_ptr<const AccessPolicy> access;  // Null without --access.
  std::unique_ptr<rpc::Gate> gate;             // Null without --access.
  std::unique_ptr<KeyFile> keys;               // Null without --token-keys.
};

// Errors: INVALID_ARGUMENT for flags that do not go together, and those of the files.
absl::StatusOr<GateParts> MakeGate(const GateFlags& flags);

}  // namespace accord::auth
