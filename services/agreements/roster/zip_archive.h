// A zip file in memory, read within the limits of sheet.h.
#pragma once

#include <zip.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord::agreements::roster {

class ZipArchive {
 public:
  // `bytes` must outlive the archive. Checks every entry's declared size, the
  // total and the compression ratio, that names differ and that entries do not overlap, before
  // anything is unpacked.
  // Errors: error::TooLarge, error::Damaged.
  static absl::StatusOr<ZipArchive> Open(absl::string_view bytes);

  bool Contains(const std::string& path) const;

  // The unpacked entry, its checksum verified.
  // Errors: error::Damaged when absent, truncated, corrupt or encrypted.
  absl::StatusOr<std::string> Read(const std::string& path) const;

 private:
  struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };
  explicit ZipArchive(zip_t* archive) : archive_(archive) {}
  absl::Status CheckLimits(zip_uint64_t archive_bytes) const;

  std::unique_ptr<zip_t, Discard> archive_;
};

}  // namespace accord::agreements::roster
