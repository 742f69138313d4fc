#include "common/rpc/call.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace accord::rpc {
namespace {

constexpr size_t kTraceparentSize = 55;  // 00-<32 hex>-<16 hex>-<2 hex>

// Ids must be unlikely to repeat, not hard to guess.
uint64_t Random64() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine();
}

std::string Hex64(uint64_t value) { return absl::StrCat(absl::Hex(value, absl::kZeroPad16)); }

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
  if (parts.request_id.empty()) parts.request_id = NewRequestId();
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

std::string NewRequestId() {
  // RFC 4122: version 4 in the 13th digit, variant in the 17th.
  const uint64_t high = (Random64() & ~uint64_t{0xF000}) | 0x4000;
  const uint64_t low = (Random64() >> 2) | (uint64_t{1} << 63);
  const std::string hex = Hex64(high) + Hex64(low);
  const absl::string_view digits = hex;
  return absl::StrCat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-",
                      digits.substr(16, 4), "-", digits.substr(20));
}

std::string NewTraceparent() {
  return absl::StrCat("00-", Hex64(Random64() | 1), Hex64(Random64()), "-", Hex64(Random64() | 1),
                      "-00");
}

bool IsTraceparent(absl::string_view value) {
  return value.size() == kTraceparentSize && value.substr(0, 3) == "00-" &&
         IsNonZeroHex(value.substr(3, 32)) && value[35] == '-' &&
         IsNonZeroHex(value.substr(36, 16)) && value[52] == '-' && IsLowerHex(value.substr(53));
}

}  // namespace accord::rpc
