#include "common/rpc/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crypto.h"

namespace accord::rpc {
namespace {

constexpr size_t kTraceparentSize = 55;  // 00-<32 hex>-<16 hex>-<2 hex>

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsNonZeroHex(absl::string_view text) {
  return IsLowerHex(text) && text.find_first_not_of('0') != absl::string_view::npos;
}

std::string KeyOf(absl::string_view key) { return std::string(key); }

}  // namespace

Call::Call(Parts parts) : parts_(std::move(parts)) {}

Call Call::ForTest(absl::string_view actor, Parts parts) {
  parts.caller.actor = std::string(actor);
  if (parts.caller.client.empty()) parts.caller.client = "test";
  if (parts.request_id.empty()) parts.request_id = NewUuid();
  if (parts.traceparent.empty()) parts.traceparent = NewTraceparent();
  return Call(std::move(parts));
}

bool Call::Cancelled() const {
  return absl::Now() >= parts_.deadline || (parts_.cancelled && parts_.cancelled());
}

absl::string_view Call::Metadata(absl::string_view key) const {
  const auto found = parts_.metadata.lower_bound(KeyOf(key));
  const bool present = found != parts_.metadata.end() && found->first == key;
  return present ? absl::string_view(found->second) : absl::string_view();
}

std::vector<absl::string_view> Call::MetadataValues(absl::string_view key) const {
  std::vector<absl::string_view> values;
  const auto [begin, end] = parts_.metadata.equal_range(KeyOf(key));
  for (auto it = begin; it != end; ++it) values.push_back(it->second);
  return values;
}

void Call::SetRevision(absl::string_view service_at_log_revision) {
  const absl::string_view service =
      service_at_log_revision.substr(0, service_at_log_revision.find('@'));
  std::lock_guard lock(mutex_);
  revisions_[std::string(service)] = std::string(service_at_log_revision);
}

std::vector<std::string> Call::Revisions() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [service, revision] : revisions_) all.push_back(revision);
  return all;
}

std::string CleanMetadataValue(absl::string_view value) {
  std::string clean;
  for (const char c : value) {
    if (clean.size() == kMaxMetadataValue) break;
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) clean += c;
  }
  return clean;
}

std::string NewTraceparent() {
  // All-zero ids mean none; random ones of 16 and 8 octets never are.
  return absl::StrCat("00-", Hex(RandomBytes(16)), "-", Hex(RandomBytes(8)), "-00");
}

bool IsTraceparent(absl::string_view value) {
  return value.size() == kTraceparentSize && value.substr(0, 3) == "00-" &&
         IsNonZeroHex(value.substr(3, 32)) && value[35] == '-' &&
         IsNonZeroHex(value.substr(36, 16)) && value[52] == '-' && IsLowerHex(value.substr(53));
}

}  // namespace accord::rpc
