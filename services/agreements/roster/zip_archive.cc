#include "services/agreements/roster/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/agreements/roster/roster_errors.h"
#include "services/agreements/roster/sheet.h"

namespace accord::agreements::roster {
namespace {

constexpr zip_uint64_t kRatioCheckedFrom = zip_uint64_t{1} << 20;

absl::Status CheckEntry(const zip_stat_t& entry) {
  if ((entry.valid & ZIP_STAT_SIZE) == 0 || (entry.valid & ZIP_STAT_COMP_SIZE) == 0) {
    return error::Damaged("an entry of the archive does not say its size");
  }
  if (entry.size > static_cast<zip_uint64_t>(kMaxEntryBytes)) {
    return error::TooLarge("an unpacked part of the workbook", kMaxEntryBytes, "bytes");
  }
  const bool checked = entry.size > kRatioCheckedFrom;
  if (checked && entry.size / kMaxCompressionRatio > entry.comp_size) {
    return error::TooLarge("the compression of a part of the workbook", kMaxCompressionRatio,
                           "to 1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ZipArchive> ZipArchive::Open(absl::string_view bytes) {
  zip_error_t why;
  zip_error_init(&why);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &why);
  zip_t* opened = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &why);
  const std::string reason = opened == nullptr ? zip_error_strerror(&why) : "";
  zip_error_fini(&why);
  if (opened == nullptr) {
    zip_source_free(source);  // Still ours after a failure; accepts null.
    return error::Damaged(absl::StrCat("the archive is truncated or corrupt (", reason, ")"));
  }
  ZipArchive archive(opened);
  ACCORD_RETURN_IF_ERROR(archive.CheckLimits(bytes.size()));
  return archive;
}

absl::Status ZipArchive::CheckLimits(zip_uint64_t archive_bytes) const {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count > kMaxEntries) return error::TooLarge("the archive", kMaxEntries, "entries");
  zip_uint64_t total = 0;
  zip_uint64_t packed = 0;
  std::set<absl::string_view> names;
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t entry;
    if (zip_stat_index(archive_.get(), static_cast<zip_uint64_t>(i), 0, &entry) != 0) {
      return error::Damaged("the archive's directory cannot be read");
    }
    ACCORD_RETURN_IF_ERROR(CheckEntry(entry));
    // Another program might read the other one.
    if (!names.insert(entry.name).second) {
      return error::Damaged("two entries of the archive have the same name");
    }
    total += entry.size;
    packed += std::min(entry.comp_size, archive_bytes + 1);
  }
  if (total > static_cast<zip_uint64_t>(kMaxUnpackedBytes)) {
    return error::TooLarge("the unpacked workbook", kMaxUnpackedBytes, "bytes");
  }
  // Otherwise the compression could be made to look small, or one bomb be used by many entries.
  if (packed > archive_bytes) {
    return error::Damaged("the archive's entries overlap or are larger than the archive");
  }
  return absl::OkStatus();
}

bool ZipArchive::Contains(const std::string& path) const {
  return zip_name_locate(archive_.get(), path.c_str(), 0) >= 0;
}

absl::StatusOr<std::string> ZipArchive::Read(const std::string& path) const {
  const absl::Status damaged =
      error::Damaged(absl::StrCat("the archive's entry ", path, " cannot be unpacked"));
  zip_stat_t entry;
  if (zip_stat(archive_.get(), path.c_str(), 0, &entry) != 0) return damaged;
  std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(archive_.get(), entry.index, 0), &zip_fclose);
  if (file == nullptr) return damaged;

  // One byte more than declared: the read that meets the end also verifies the
  // checksum, and an entry longer than it said is caught.
  std::string content(entry.size + 1, '\0');
  size_t filled = 0;
  while (filled < content.size()) {
    const zip_int64_t got = zip_fread(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0) return damaged;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  if (filled != entry.size) return damaged;
  content.resize(filled);
  return content;
}

}  // namespace accord::agreements::roster
