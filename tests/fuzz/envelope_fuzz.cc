// Stored envelopes: the input is taken as bytes from Redis, as bytes behind a digest that
// holds, and as the parts of a view to be stored.
#include <fuzzer/FuzzedDataProvider.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/crypto.h"
#include "common/cache/envelope.h"
#include "tests/fuzz/property.h"

namespace accord::cache {
namespace {

using fuzz::Require;

// What is decoded is exactly what Encode makes of its parts.
void ExpectCanonical(const StoredView& view) {
  const auto again = StoredView::Encode(view.envelope(), view.body());
  Require(again.ok(), "a decoded view is within the bounds of Encode");
  Require((*again)->bytes() == view.bytes(), "a decoded view is encoded to the same bytes");
  Require((*again)->body() == view.body(), "the body is the one that was decoded");
}

// Mutation alone never finds a digest that holds, so this makes one: the fields are
// read as if whoever writes to Redis knew the format.
void DecodesOnlyWhatEncodeMakes(const std::string& fields) {
  const ViewPtr view =
      StoredView::Decode(absl::StrCat("ACV1", Sha256(fields).substr(0, 16), fields));
  if (view == nullptr) return;
  fuzz::CountAccepted();
  ExpectCanonical(*view);
}

// The ends of the range stand for times without end, as stored and as absl reads them.
absl::Time AnyTime(FuzzedDataProvider& input) {
  using Limits = std::numeric_limits<int64_t>;
  if (input.ConsumeBool()) return absl::InfiniteFuture();
  return absl::FromUnixMicros(input.ConsumeIntegralInRange(Limits::min() + 1, Limits::max() - 1));
}

std::string AnyText(FuzzedDataProvider& input) {
  return input.ConsumeRandomLengthString(kMaxEnvelopeText + 1);
}

Envelope AnyEnvelope(FuzzedDataProvider& input) {
  Envelope envelope{AnyText(input), AnyText(input), AnyText(input), {}, AnyTime(input)};
  envelope.version.valid_until = AnyTime(input);
  const size_t services = input.ConsumeIntegralInRange<size_t>(0, kMaxServices + 1);
  for (size_t i = 0; i < services; ++i) {
    // A letter of its own, so that most are neither malformed nor there twice.
    const std::string own(1, static_cast<char>('a' + i));
    envelope.version.computed_at.push_back({input.ConsumeBool() ? own : AnyText(input),
                                            input.ConsumeBool() ? own : AnyText(input),
                                            input.ConsumeIntegral<int64_t>()});
  }
  return envelope;
}

void ExpectNoChangeIsDecoded(const std::string& bytes, FuzzedDataProvider& input) {
  const size_t at = input.ConsumeIntegralInRange<size_t>(0, bytes.size() - 1);
  std::string changed = bytes;
  changed[at] = static_cast<char>(changed[at] ^ input.ConsumeIntegralInRange<int>(1, 255));
  Require(StoredView::Decode(changed) == nullptr, "a changed byte is refused");
  Require(StoredView::Decode(bytes.substr(0, at)) == nullptr, "a truncated view is refused");
  Require(StoredView::Decode(bytes + changed[at]) == nullptr, "an extended view is refused");
}

void StoredPartsComeBack(FuzzedDataProvider& input) {
  const Envelope envelope = AnyEnvelope(input);
  const std::string body = input.ConsumeRandomLengthString(4096);
  const auto encoded = StoredView::Encode(envelope, body);
  if (!encoded.ok()) return;
  const ViewPtr decoded = StoredView::Decode((*encoded)->bytes());
  Require(decoded != nullptr, "what was encoded is decoded");
  Require(decoded->envelope() == envelope, "the envelope comes back");
  Require(decoded->body() == body, "the body comes back");
  ExpectNoChangeIsDecoded((*encoded)->bytes(), input);
}

}  // namespace
}  // namespace accord::cache

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  accord::fuzz::QuietlyStrict();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace accord::cache;
  const std::string bytes(accord::fuzz::TextOf(data, size));
  const ViewPtr as_stored = StoredView::Decode(bytes);
  if (as_stored != nullptr) ExpectCanonical(*as_stored);
  DecodesOnlyWhatEncodeMakes(bytes);
  FuzzedDataProvider input(data, size);
  StoredPartsComeBack(input);
  return 0;
}
