#include "common/rpc/grpc_status.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace accord::rpc {
namespace {

constexpr char kPeerDomain[] = "rpc.accord";
constexpr size_t kShortMessage = 512;

// What stands for a status that was never meant for callers.
struct Generic {
  absl::StatusCode code;
  const char* reason;
  const char* message;
};

Generic GenericFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return {code, "STORE_UNAVAILABLE",
              "a part this answer needs is unavailable; try again later"};
    case absl::StatusCode::kDeadlineExceeded:
      return {code, "DEADLINE_EXCEEDED", "the answer was not ready before the deadline"};
    case absl::StatusCode::kCancelled:
      return {code, "CANCELLED", "the call was cancelled"};
    case absl::StatusCode::kAborted:
      return {code, "ABORTED", "the call met another one; read again and retry"};
    case absl::StatusCode::kResourceExhausted:
      return {code, "RESOURCE_EXHAUSTED", "a limit was reached; try again later"};
    default:
      return {absl::StatusCode::kInternal, "INTERNAL", "internal failure; see the server log"};
  }
}

absl::Status ForCallers(const absl::Status& status, absl::string_view domain) {
  if (GetErrorInfo(status).has_value()) return status;
  const Generic generic = GenericFor(status.code());
  return MakeError(generic.code, domain, generic.reason, generic.message);
}

google::rpc::Status ToProto(const absl::Status& status, const google::rpc::ErrorInfo& info) {
  google::rpc::Status proto;
  proto.set_code(status.raw_code());
  proto.set_message(std::string(status.message()));
  proto.add_details()->PackFrom(info);
  status.ForEachPayload([&proto](absl::string_view type_url, const absl::Cord& payload) {
    if (proto.details(0).type_url() == type_url) return;
    auto* detail = proto.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  return proto;
}

// Sizes as gRPC sends them: the message percent-encoded, the details in base64.
size_t TravelSize(const google::rpc::Status& proto) {
  size_t message = 0;
  for (const unsigned char c : proto.message()) {
    message += absl::ascii_isprint(c) && c != '%' ? 1 : 3;
  }
  return message + (proto.ByteSizeLong() + 2) / 3 * 4;
}

bool Fits(const google::rpc::Status& proto) { return TravelSize(proto) <= kMaxStatusBytes; }

// Bytes of a character that was cut in two would make the text invalid UTF-8.
void ShortenMessage(google::rpc::Status& proto) {
  std::string& text = *proto.mutable_message();
  if (text.size() <= kShortMessage) return;
  size_t end = kShortMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

void SetInfo(google::rpc::Status& proto, const google::rpc::ErrorInfo& info) {
  proto.mutable_details(0)->PackFrom(info);
}

void TrimViolations(google::rpc::Status& proto, google::rpc::ErrorInfo& info) {
  for (auto& detail : *proto.mutable_details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    while (bad.field_violations_size() > 1 && !Fits(proto)) {
      bad.mutable_field_violations()->RemoveLast();
      detail.PackFrom(bad);
      (*info.mutable_metadata())["violations_listed"] = absl::StrCat(bad.field_violations_size());
      SetInfo(proto, info);
    }
  }
}

void DropDetails(google::rpc::Status& proto, google::rpc::ErrorInfo& info) {
  const int dropped = proto.details_size() - 1;
  proto.mutable_details()->DeleteSubrange(1, dropped);
  (*info.mutable_metadata())["details_dropped"] = absl::StrCat(dropped);
  SetInfo(proto, info);
}

void MakeFit(google::rpc::Status& proto, google::rpc::ErrorInfo info) {
  if (Fits(proto)) return;
  ShortenMessage(proto);
  TrimViolations(proto, info);
  if (Fits(proto)) return;
  DropDetails(proto, info);
  if (Fits(proto)) return;
  info.clear_metadata();
  (*info.mutable_metadata())["details_dropped"] = "all";
  SetInfo(proto, info);
}

absl::string_view ReasonOfPeer(absl::StatusCode code, std::string& storage) {
  if (code == absl::StatusCode::kUnavailable) return "UNREACHABLE";
  storage = absl::StatusCodeToString(code);
  return storage;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status visible = ForCallers(status, domain);
  const google::rpc::ErrorInfo info = *GetErrorInfo(visible);
  google::rpc::Status proto = ToProto(visible, info);
  MakeFit(proto, info);
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  absl::Status result(code, status.error_message());
  google::rpc::Status proto;
  if (proto.ParseFromString(status.error_details())) {
    for (const auto& detail : proto.details()) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  if (GetErrorInfo(result).has_value()) return result;
  std::string storage;
  return MakeError(code, kPeerDomain, ReasonOfPeer(code, storage), status.error_message());
}

}  // namespace accord::rpc
