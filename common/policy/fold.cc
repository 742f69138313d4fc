#include "common/policy/fold.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace accord {
namespace {

constexpr absl::string_view kNoBreakSpace = "\xC2\xA0";
constexpr absl::string_view kLeftQuote = "\xE2\x80\x98";
constexpr absl::string_view kRightQuote = "\xE2\x80\x99";

bool IsKept(unsigned char c) { return absl::ascii_isalnum(c) || !absl::ascii_isascii(c); }

}  // namespace

std::string FoldText(absl::string_view text) {
  std::string folded =
      absl::StrReplaceAll(text, {{kNoBreakSpace, " "}, {kLeftQuote, "'"}, {kRightQuote, "'"}});
  absl::AsciiStrToLower(&folded);
  absl::RemoveExtraAsciiWhitespace(&folded);
  // It keeps the first character of a run, which may be a tab or a line end.
  for (char& c : folded) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) c = ' ';
  }
  return folded;
}

std::string FoldCounty(absl::string_view county) {
  const std::string folded = FoldText(county);
  absl::string_view name = folded;
  if (!absl::ConsumeSuffix(&name, " county")) absl::ConsumeSuffix(&name, " parish");
  const bool saint = absl::ConsumePrefix(&name, "st. ") || absl::ConsumePrefix(&name, "st ");
  std::string key = saint ? "saint" : "";
  for (const char c : name) {
    if (IsKept(static_cast<unsigned char>(c))) key.push_back(c);
  }
  return key;
}

}  // namespace accord
