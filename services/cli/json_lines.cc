#include "services/cli/json_lines.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/cli/errors.h"
#include "services/cli/output/json.h"

namespace accord::cli {
namespace {

absl::Status Unreadable(const std::string& path, absl::string_view problem) {
  return LocalError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                    absl::StrCat(path, " ", problem), "name a file that accordctl has written");
}

absl::Status Unwritable(const std::string& path) {
  return LocalError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                    absl::StrCat(path, " cannot be written"),
                    "name a file in a folder that you may write to, with room on its disk");
}

}  // namespace

JsonLinesWriter::JsonLinesWriter(const std::string& path)
    : path_(path),
      partial_(absl::StrCat(path_, ".partial")),
      out_(partial_, std::ios::binary | std::ios::trunc) {}

// A file that took its place is no longer there under this name.
JsonLinesWriter::~JsonLinesWriter() { std::remove(partial_.c_str()); }

absl::StatusOr<std::unique_ptr<JsonLinesWriter>> JsonLinesWriter::Open(const std::string& path) {
  std::unique_ptr<JsonLinesWriter> writer(new JsonLinesWriter(path));
  if (!writer->out_) return Unwritable(path);
  return writer;
}

absl::Status JsonLinesWriter::Write(const google::protobuf::Message& message) {
  ACCORD_ASSIGN_OR_RETURN(const std::string json, ToJson(message, /*indented=*/false));
  out_ << json;
  return out_ ? absl::OkStatus() : Unwritable(path_);
}

absl::Status JsonLinesWriter::Close() {
  out_.close();
  const bool done = out_ && std::rename(partial_.c_str(), path_.c_str()) == 0;
  return done ? absl::OkStatus() : Unwritable(path_);
}

absl::StatusOr<JsonLinesReader> JsonLinesReader::Open(const std::string& path) {
  JsonLinesReader reader(path);
  // A folder opens, but has nothing to read.
  reader.in_.peek();
  if (reader.in_.bad() || !reader.in_.is_open()) return Unreadable(path, "cannot be read");
  reader.in_.clear();
  return reader;
}

absl::StatusOr<bool> JsonLinesReader::Read(google::protobuf::Message* message) {
  std::string line;
  do {
    if (!std::getline(in_, line)) {
      if (in_.bad()) return Unreadable(path_, "cannot be read to its end");
      return false;
    }
    ++line_;
  } while (line.empty());
  message->Clear();
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, message);
  if (parsed.ok()) return true;
  return Unreadable(path_,
                    absl::StrCat("has no ", message->GetDescriptor()->name(), " in line ", line_));
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) return Unreadable(path, "cannot be read");
  return text;
}

}  // namespace accord::cli
