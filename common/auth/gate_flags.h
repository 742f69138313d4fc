// The flags that make a service ask who calls.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/auth/key_source.h"
#include "common/auth/source_watch.h"
#include "common/auth/token_gate.h"

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
  absl::Duration token_keys_period = absl::Minutes(5);
};

void AddGateFlags(CLI::App& app, GateFlags& flags);

// What lets callers in, with the sources that it keeps up with: keys, table and bindings hold
// within a second after their files have changed.
struct GateParts {
  std::unique_ptr<TokenGate> gate;     // Null without --access.
  std::unique_ptr<KeySource> keys;     // Null without --token-keys.
  std::unique_ptr<SourceWatch> rules;  // Null without --access.

  // The separations of duties of the table that holds at the moment, to be asked for while
  // these live; null without --access.
  std::function<std::shared_ptr<const SeparationRules>()> Separations() const;
};

// Without --access everybody may do everything, as whoever they say they are: only a program
// that is started as `insecure` does that. Errors: INVALID_ARGUMENT for flags that do not go
// together, and those of the files.
absl::StatusOr<GateParts> MakeGate(const GateFlags& flags, bool insecure);

}  // namespace accord::auth
