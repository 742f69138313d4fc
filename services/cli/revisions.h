// Remembers how new this user's knowledge of a server is, so that what was just
// written is seen by the next command.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace accord::cli {

// One small file per server. Trouble with it never fails a command: it costs
// freshness, not correctness.
class RevisionFile {
 public:
  // Remembers nothing.
  RevisionFile() = default;
  // `folder` is made when first written to.
  RevisionFile(absl::string_view folder, absl::string_view server);

  // `service@log:revision`, one per service.
  std::vector<std::string> Load() const;
  // Keeps the newest per service. Another log replaces what was known: the old
  // one is gone.
  void Remember(const std::vector<std::string>& revisions) const;

  // $XDG_STATE_HOME/accord or ~/.local/state/accord; "" when neither is set.
  static std::string DefaultFolder(absl::string_view xdg_state_home, absl::string_view home);

 private:
  std::string path_;
};

}  // namespace accord::cli
