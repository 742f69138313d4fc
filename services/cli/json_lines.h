// Files of JSON lines: one message a line, as protobuf maps it, so that they can be kept,
// compared and read without this program.
#pragma once

#include <google/protobuf/message.h>

#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace accord::cli {

// Writes beside the file and takes its place at Close: what is there is whole. Dropped before
// that, it leaves nothing.
class JsonLinesWriter {
 public:
  // Errors: as Close.
  static absl::StatusOr<std::unique_ptr<JsonLinesWriter>> Open(const std::string& path);
  ~JsonLinesWriter();

  absl::Status Write(const google::protobuf::Message& message);
  // Errors: FILE_UNWRITABLE (INVALID_ARGUMENT).
  absl::Status Close();

 private:
  explicit JsonLinesWriter(const std::string& path);

  const std::string path_;
  const std::string partial_;
  std::ofstream out_;
};

class JsonLinesReader {
 public:
  // Errors: FILE_UNREADABLE (INVALID_ARGUMENT).
  static absl::StatusOr<JsonLinesReader> Open(const std::string& path);

  // The next line that is not empty; false at the end.
  // Errors: FILE_UNREADABLE, naming the line that is no such message.
  absl::StatusOr<bool> Read(google::protobuf::Message* message);

 private:
  explicit JsonLinesReader(const std::string& path) : path_(path), in_(path, std::ios::binary) {}

  std::string path_;
  std::ifstream in_;
  int64_t line_ = 0;
};

// A small file as it is. Errors: FILE_UNREADABLE (INVALID_ARGUMENT).
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace accord::cli
