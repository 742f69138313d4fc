#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/feed/notary.h"

namespace accord::feed {

void AddNotaryFlags(CLI::App& app, NotaryOptions& options) {
  static const auto& seconds =
      *new std::map<std::string, int64_t>{{"s", 1}, {"m", 60}, {"h", 60 * 60}};
  app.add_option("--checkpoint-key", options.key_file,
                 "PEM file of the Ed25519 key that signs checkpoints of the log; empty signs none")
      ->capture_default_str();
  app.add_option_function<int64_t>(
         "--checkpoint-period",
         [&options](int64_t period) { options.period = absl::Seconds(period); },
         "Time between two checkpoints while the log moves, from 1s to 24h")
      ->transform(CLI::AsNumberWithUnit(seconds, CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"))
      ->check(CLI::Range(1, 24 * 60 * 60))
      ->option_text(absl::StrCat("TIME=", absl::FormatDuration(options.period)));
}

}  // namespace accord::feed
