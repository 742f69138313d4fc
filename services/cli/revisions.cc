#include "services/cli/revisions.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace accord::cli {
namespace {

struct Revision {
  std::string service;
  std::string log;
  int64_t number = 0;
};

// False for what is no `service@log:revision`.
bool Parse(const std::string& text, Revision* revision) {
  const size_t at = text.find('@');
  const size_t colon = text.rfind(':');
  if (at == std::string::npos || colon == std::string::npos || colon < at) return false;
  revision->service = text.substr(0, at);
  revision->log = text.substr(at + 1, colon - at - 1);
  return absl::SimpleAtoi(text.substr(colon + 1), &revision->number);
}

std::string FileNameOf(absl::string_view server) {
  std::string name;
  for (const char c : server) {
    name += absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' ? c : '_';
  }
  return absl::StrCat("revisions-", name);
}

}  // namespace

RevisionFile::RevisionFile(absl::string_view folder, absl::string_view server) {
  if (!folder.empty()) path_ = absl::StrCat(folder, "/", FileNameOf(server));
}

std::vector<std::string> RevisionFile::Load() const {
  std::vector<std::string> revisions;
  std::ifstream in(path_);
  Revision ignored;
  for (std::string line; std::getline(in, line);) {
    if (Parse(line, &ignored)) revisions.push_back(line);
  }
  return revisions;
}

void RevisionFile::Remember(const std::vector<std::string>& revisions) const {
  if (path_.empty() || revisions.empty()) return;
  std::map<std::string, Revision> newest;
  bool moved = false;
  Revision revision;
  for (const std::string& line : Load()) {
    if (Parse(line, &revision)) newest[revision.service] = revision;
  }
  for (const std::string& line : revisions) {
    if (!Parse(line, &revision)) continue;
    Revision& known = newest[revision.service];
    if (known.log == revision.log && known.number >= revision.number) continue;
    known = revision;
    moved = true;
  }
  if (!moved) return;
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  // Renamed into place: two commands at once must not leave half a file.
  const std::string fresh = absl::StrCat(path_, ".", getpid());
  std::ofstream out(fresh);
  for (const auto& [service, known] : newest) {
    out << service << '@' << known.log << ':' << known.number << '\n';
  }
  out.close();
  std::filesystem::rename(fresh, path_, ignored);
}

std::string RevisionFile::DefaultFolder(absl::string_view xdg_state_home, absl::string_view home) {
  if (!xdg_state_home.empty()) return absl::StrCat(xdg_state_home, "/accord");
  return home.empty() ? "" : absl::StrCat(home, "/.local/state/accord");
}

}  // namespace accord::cli
