#include "services/agreements/roster/text_fold.h"

#include "common/base/utf8.h"

namespace accord::agreements::roster {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12);
    tail(6);
  }
  tail(0);
}

bool IsSpace(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool IsInvisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

char32_t Straighten(char32_t c) {
  switch (c) {
    case 0x60:    // Grave accent.
    case 0xB4:    // Acute accent.
    case 0x2BC:   // Modifier letter apostrophe.
    case 0x2018:  // Left single quotation mark.
    case 0x2019:  // Right single quotation mark.
    case 0x201B:  // Reversed single quotation mark.
    case 0x2032:  // Prime.
    case 0xFF07:  // Full-width apostrophe.
      return '\'';
    case 0x201C:
    case 0x201D:
      return '"';
    default:
      return c;
  }
}

char32_t ToLower(char32_t c) {
  const bool ascii = c >= 'A' && c <= 'Z';
  const bool latin1 = c >= 0xC0 && c <= 0xDE && c != 0xD7;
  return ascii || latin1 ? c + 0x20 : c;
}

std::u32string CleanCodePoints(absl::string_view text) {
  std::u32string out;
  bool space_pending = false;
  for (char32_t c : ToCodePoints(text)) {
    if (IsInvisible(c)) continue;
    if (IsSpace(c)) {
      space_pending = !out.empty();
      continue;
    }
    if (space_pending) out += U' ';
    space_pending = false;
    out += Straighten(c);
  }
  return out;
}

}  // namespace

std::u32string ToCodePoints(absl::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedUtf8 front = DecodeUtf8Front(text);
    out += front.length == 0 ? kReplacement : front.code_point;
    text.remove_prefix(front.length == 0 ? 1 : front.length);
  }
  return out;
}

std::string CleanText(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : CleanCodePoints(text)) AppendUtf8(c, out);
  return out;
}

std::string FoldKey(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : CleanCodePoints(text)) AppendUtf8(ToLower(c), out);
  return out;
}

}  // namespace accord::agreements::roster
