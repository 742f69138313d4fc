// Page tokens: the input is a caller's token, and it is a position to be sealed and then
// tampered with.
#include <fuzzer/FuzzedDataProvider.h>

#include <bit>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/error.h"
#include "common/store/page_token.h"
#include "tests/fuzz/property.h"

namespace accord::store {
namespace {

using fuzz::Require;
using sql::Value;

constexpr char kDomain[] = "test.accord";
const std::string kKey(kPageTokenKeyBytes, 'k');

void ExpectRefused(absl::string_view key, absl::string_view binding, absl::string_view token,
                   absl::string_view what) {
  const absl::Status status = OpenPageToken(key, binding, token, kDomain).status();
  Require(status.code() == absl::StatusCode::kInvalidArgument, what);
  Require(GetReason(status) == "INVALID_FIELDS", "a refusal has its reason");
}

Value AnyValue(FuzzedDataProvider& input) {
  switch (input.ConsumeIntegralInRange(0, 4)) {
    case 0:
      return Value();
    case 1:
      return input.ConsumeIntegral<int64_t>();
    case 2: {
      // A NaN is in no column, and not equal to itself.
      const auto real = std::bit_cast<double>(input.ConsumeIntegral<int64_t>());
      return real == real ? real : 0.0;
    }
    case 3:
      return input.ConsumeRandomLengthString();
    default:
      return sql::Bytes{input.ConsumeRandomLengthString()};
  }
}

std::vector<Value> AnyPosition(FuzzedDataProvider& input) {
  std::vector<Value> position(input.ConsumeIntegralInRange<size_t>(0, 6));
  for (Value& value : position) value = AnyValue(input);
  return position;
}

void ExpectTamperingIsRefused(const std::string& binding, const std::string& token,
                              FuzzedDataProvider& input) {
  const size_t at = input.ConsumeIntegralInRange<size_t>(0, token.size() - 1);
  const char change = static_cast<char>(input.ConsumeIntegralInRange<int>(1, 255));
  std::string changed = token;
  changed[at] ^= change;
  ExpectRefused(kKey, binding, changed, "a changed character is refused");
  ExpectRefused(kKey, binding, token.substr(0, at), "a truncated token is refused");
  ExpectRefused(kKey, binding, token + change, "an extended token is refused");
  ExpectRefused(kKey, binding + change, token, "another binding is refused");
  std::string key = kKey;
  key[at % key.size()] ^= change;
  ExpectRefused(key, binding, token, "another key is refused");
}

void SealedPositionsComeBack(FuzzedDataProvider& input) {
  const std::string binding = input.ConsumeRandomLengthString(64);
  const std::vector<Value> position = AnyPosition(input);
  const auto token = SealPageToken(kKey, binding, position);
  if (!token.ok()) {
    Require(token.status().code() == absl::StatusCode::kInternal, "only too long is not sealed");
    return;
  }
  fuzz::CountAccepted();
  Require(token->size() <= kMaxPageTokenChars, "a token is within its bound");
  const auto opened = OpenPageToken(kKey, binding, *token, kDomain);
  Require(opened.ok() && *opened == position, "a sealed position comes back");
  ExpectTamperingIsRefused(binding, *token, input);
}

}  // namespace
}  // namespace accord::store

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  accord::fuzz::QuietlyStrict();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace accord::store;
  ExpectRefused(kKey, "", accord::fuzz::TextOf(data, size), "what nobody sealed is refused");
  FuzzedDataProvider input(data, size);
  SealedPositionsComeBack(input);
  return 0;
}
