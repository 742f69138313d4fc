#include "services/cli/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "services/cli/errors.h"

namespace accord::cli {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

// Not by std::filesystem, which would make them readable for others first.
bool MakeFolders(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::is_directory(folder, ignored)) return true;
  return MakeFolders(folder.parent_path()) &&
         (mkdir(folder.c_str(), kFolderMode) == 0 || errno == EEXIST);
}

bool WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(written);
  }
  return fsync(file) == 0;
}

bool WriteNew(const std::string& path, absl::string_view text) {
  std::remove(path.c_str());  // Of a process of that number that has ended.
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (file < 0) return false;
  const bool written = WriteAll(file, text);
  return close(file) == 0 && written;
}

}  // namespace

absl::Status WritePrivateFile(const std::string& path, absl::string_view text) {
  const std::string fresh = absl::StrCat(path, ".", getpid());
  if (!path.empty() && MakeFolders(std::filesystem::path(path).parent_path()) &&
      WriteNew(fresh, text) && std::rename(fresh.c_str(), path.c_str()) == 0) {
    return absl::OkStatus();
  }
  std::remove(fresh.c_str());
  return LocalError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                    absl::StrCat("cannot write \"", path, "\""),
                    "name a file in a folder that you may write to, with room on its disk");
}

}  // namespace accord::cli
