#include "common/policy/policy.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/deterministic.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/policy/validate.h"

namespace accord {
namespace {

using policy::v1::PolicyFile;

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

absl::StatusOr<PolicyFile> ParseFile(absl::string_view text, absl::string_view origin) {
  ErrorLines errors(origin);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  PolicyFile file;
  if (parser.ParseFromString(std::string(text), &file)) return file;
  return MakeError(absl::StatusCode::kInvalidArgument, kPolicyErrorDomain, "POLICY_UNREADABLE",
                   errors.text(), {{"errors", errors.text()}, {"origin", std::string(origin)}});
}

std::string Digest(const PolicyFile& file) { return Hex(Sha256(DeterministicBytes(file))); }

// Says which file is meant; keeps the details.
absl::Status WithOrigin(const absl::Status& status, absl::string_view origin) {
  if (status.ok()) return status;
  absl::Status named(status.code(), absl::StrCat(origin, ": ", status.message()));
  status.ForEachPayload([&named](absl::string_view type, const absl::Cord& payload) {
    named.SetPayload(type, payload);
  });
  return named;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Parse(absl::string_view text,
                                                            absl::string_view origin) {
  ACCORD_ASSIGN_OR_RETURN(PolicyFile file, ParseFile(text, origin));
  ACCORD_RETURN_IF_ERROR(WithOrigin(ValidatePolicy(file), origin));
  return std::shared_ptr<const Policy>(new Policy(std::move(file)));
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Load(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream.is_open() || stream.bad()) {
    return MakeError(absl::StatusCode::kNotFound, kPolicyErrorDomain, "POLICY_FILE_MISSING",
                     absl::StrCat("cannot read the policy file ", path), {{"path", path}});
  }
  return Parse(text, path);
}

Policy::Policy(PolicyFile file) : file_(std::move(file)), digest_(Digest(file_)) {
  absl::LoadTimeZone(file_.time_zone(), &time_zone_);  // Known to load: it was validated.
  for (const auto& version : file_.versions()) {
    versions_.push_back(std::make_unique<const PolicyView>(version));
  }
}

absl::StatusOr<const PolicyView*> Policy::At(Date date) const {
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
    if ((*version)->effective_from() <= date) return version->get();
  }
  const std::string asked = FormatDate(date);
  const std::string first = FormatDate(versions_.front()->effective_from());
  return MakeError(absl::StatusCode::kOutOfRange, kPolicyErrorDomain, "POLICY_NOT_YET_IN_FORCE",
                   absl::StrCat("no policy holds on ", asked, "; the first is of ", first),
                   {{"date", asked}, {"first", first}});
}

}  // namespace accord
