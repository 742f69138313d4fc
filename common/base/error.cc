#include "common/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace accord {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat(kTypePrefix, message.GetDescriptor()->full_name());
}

void SetDetail(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view domain, absl::string_view reason,
                       absl::string_view message, ErrorMetadata metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(domain));
  for (auto& [key, value] : metadata) (*info.mutable_metadata())[key] = std::move(value);
  absl::Status status(code, message);
  SetDetail(status, info);
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  const int64_t nanos = absl::ToInt64Nanoseconds(delay);
  info.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  SetDetail(status, info);
  return status;
}

absl::Status WithPrecondition(absl::Status status, absl::string_view type,
                              absl::string_view subject, absl::string_view description) {
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(std::string(type));
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  SetDetail(status, failure);
  return status;
}

std::optional<google::rpc::ErrorInfo> GetErrorInfo(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload(TypeUrl(info));
  if (!payload || !info.ParseFromString(std::string(*payload))) return std::nullopt;
  return info;
}

std::string GetReason(const absl::Status& status) {
  const auto info = GetErrorInfo(status);
  return info ? info->reason() : std::string();
}

void FieldViolations::Add(absl::string_view field, absl::string_view description) {
  violations_.emplace_back(std::string(field), std::string(description));
}

absl::Status FieldViolations::ToStatus(absl::string_view domain) const {
  if (violations_.empty()) return absl::OkStatus();
  google::rpc::BadRequest bad;
  std::string text;
  for (const auto& [field, description] : violations_) {
    if (bad.field_violations_size() == kMaxListed) break;
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
    absl::StrAppend(&text, text.empty() ? "" : "; ", field, ": ", description);
  }
  const size_t unlisted = violations_.size() - bad.field_violations_size();
  if (unlisted > 0) absl::StrAppend(&text, "; and ", unlisted, " more");
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, domain, "INVALID_FIELDS",
                                  text, {{"violations", absl::StrCat(violations_.size())}});
  SetDetail(status, bad);
  return status;
}

}  // namespace accord
