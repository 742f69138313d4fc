// A folder that lives as long as its owner. For tests.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/string_view.h"

namespace accord::testing {

class TempDir {
 public:
  // Ends the test process when the folder cannot be made.
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "accord-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) abort();
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // Absolute, mode 0700.
  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const {
    return path_ + "/" + std::string(name.data(), name.size());
  }

 private:
  std::string path_;
};

}  // namespace accord::testing
