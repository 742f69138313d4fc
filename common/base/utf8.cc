#include "common/base/utf8.h"

namespace accord {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool IsScalar(char32_t code_point, size_t length) {
  if (length == 3 && code_point < 0x800) return false;
  if (length == 4 && (code_point < 0x10000 || code_point > 0x10FFFF)) return false;
  return code_point < 0xD800 || code_point > 0xDFFF;
}

}  // namespace

DecodedUtf8 DecodeUtf8Front(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = SequenceLength(lead);
  if (length == 0 || length > text.size()) return {};
  if (length == 1) return {lead, 1};
  char32_t code_point = lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!IsContinuation(byte)) return {};
    code_point = (code_point << 6) | (byte & 0x3F);
  }
  if (!IsScalar(code_point, length)) return {};
  return {code_point, length};
}

bool IsValidUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = DecodeUtf8Front(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace accord
