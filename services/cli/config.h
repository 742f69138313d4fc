// The client profile: which server, over which connection, as whom.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord::cli {

// One entry of `contexts`. File names are as the profile's folder sees them.
struct Context {
  std::string name;
  // host:port.
  std::string server;
  // PEM files; each may be empty.
  std::string ca;
  std::string cert;
  std::string key;
  bool plaintext = false;
  std::string actor;
  // Of a bearer token; may be empty.
  std::string token_file;
};

struct Config {
  std::string current;
  std::vector<Context> contexts;
};

// Reads a profile:
//
//   current: local
//   contexts:
//     - name: local
//       server: 127.0.0.1:7200
//       tls: {ca: FILE}              # also cert, key; or  plaintext: true, on this machine
//       actor: NAME                  # optional
//       token_file: FILE             # optional
//
// Unknown keys are errors, so that a misspelt one is noticed. Relative files are
// taken from `folder`. Errors (INVALID_ARGUMENT, CONFIG_INVALID) name file and line.
absl::StatusOr<Config> ParseConfig(absl::string_view yaml, absl::string_view file,
                                   absl::string_view folder);

// The same from a file. NOT_FOUND (CONFIG_NOT_FOUND) when there is none.
absl::StatusOr<Config> LoadConfig(const std::string& file);

// Replaces the file whole, for its owner alone (private_file.h). Files below the profile's
// folder are named as it sees them, others in full. Comments are lost.
absl::Status SaveConfig(const std::string& file, const Config& config);

// The file's name from the root on; as it is where that cannot be told.
std::string FullName(const std::string& file);

// The entry of that name; null when there is none.
const Context* FindContext(const Config& config, absl::string_view name);

// The entry of that server: the current one if it is, else the first. Null when there is none.
const Context* FindServer(const Config& config, absl::string_view server);

// The entry `name`, or the current one if `name` is "". CONFIG_INVALID (usage)
// listing the contexts when there is none of that name.
absl::StatusOr<Context> ChooseContext(const Config& config, absl::string_view name);

// Whether host:port is this machine itself.
bool IsLoopback(absl::string_view server);

}  // namespace accord::cli
