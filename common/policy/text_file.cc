#include "common/policy/text_file.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/policy/validate.h"

namespace accord {
namespace {

// Writes each error as "origin:line:column: text", counted from 1.
class ErrorLines : public google::protobuf::io::ErrorCollector {
 public:
  explicit ErrorLines(absl::string_view origin) : origin_(origin) {}

  void AddError(int line, int column, const std::string& message) override {
    absl::StrAppend(&text_, text_.empty() ? "" : "; ", origin_, ":", line + 1, ":", column + 1,
                    ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  const std::string origin_;
  std::string text_;
};

}  // namespace

absl::Status ParseText(absl::string_view text, absl::string_view origin,
                       google::protobuf::Message& message) {
  ErrorLines errors(origin);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  if (parser.ParseFromString(std::string(text), &message)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, kPolicyErrorDomain, "POLICY_UNREADABLE",
                   errors.text(), {{"errors", errors.text()}, {"origin", std::string(origin)}});
}

absl::StatusOr<std::string> ReadPolicyFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream.is_open() && !stream.bad()) return text;
  return MakeError(absl::StatusCode::kNotFound, kPolicyErrorDomain, "POLICY_FILE_MISSING",
                   absl::StrCat("cannot read the policy file ", path), {{"path", path}});
}

absl::Status WithOrigin(const absl::Status& status, absl::string_view origin) {
  if (status.ok()) return status;
  absl::Status named(status.code(), absl::StrCat(origin, ": ", status.message()));
  status.ForEachPayload([&named](absl::string_view type, const absl::Cord& payload) {
    named.SetPayload(type, payload);
  });
  return named;
}

}  // namespace accord
