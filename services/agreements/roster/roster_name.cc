#include "services/agreements/roster/roster_name.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements::roster {
namespace {

absl::string_view TakeDigits(absl::string_view& text) {
  size_t end = 0;
  while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
  const absl::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

std::optional<Date> ReadYearMonthDay(absl::string_view digits) {
  int number = 0;
  if (digits.size() != 8 || !absl::SimpleAtoi(digits, &number)) return std::nullopt;
  return RealDate(number / 10'000, number / 100 % 100, number % 100);
}

// Takes "20250702_" off the front; anything else stays.
std::optional<Date> TakeCaptureDate(absl::string_view& name) {
  absl::string_view rest = name;
  const absl::string_view digits = TakeDigits(rest);
  if (digits.size() != 8 || !absl::ConsumePrefix(&rest, "_")) return std::nullopt;
  name = rest;
  return ReadYearMonthDay(digits);
}

std::optional<ListKind> TakeKind(absl::string_view& name) {
  absl::ConsumePrefix(&name, "287g");
  std::optional<ListKind> kind;
  if (absl::ConsumePrefix(&name, "participating")) kind = ListKind::kParticipating;
  if (!kind && absl::ConsumePrefix(&name, "pending")) kind = ListKind::kPending;
  if (!kind) return std::nullopt;
  absl::ConsumePrefix(&name, " ");
  if (!absl::ConsumePrefix(&name, "agencies") && !absl::ConsumePrefix(&name, "agency")) {
    return std::nullopt;
  }
  return kind;
}

}  // namespace

RosterName ParseRosterName(absl::string_view file_name) {
  const std::string folded = FoldKey(file_name.substr(file_name.find_last_of("/\\") + 1));
  absl::string_view rest = folded;
  RosterName name;
  name.capture_date = TakeCaptureDate(rest);
  name.kind = TakeKind(rest);
  if (!name.kind) return name;
  while (!rest.empty() && (rest[0] == ' ' || rest[0] == '_' || rest[0] == '-')) {
    rest.remove_prefix(1);
  }
  name.date = ReadMonthDayYear(TakeDigits(rest));
  if (absl::ConsumePrefix(&rest, "pm")) name.afternoon = true;
  if (absl::ConsumePrefix(&rest, "am")) name.afternoon = false;
  return name;
}

}  // namespace accord::agreements::roster
