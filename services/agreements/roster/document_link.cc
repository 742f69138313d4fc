#include "services/agreements/roster/document_link.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/agreements/roster/agency_name.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/published_link.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements::roster {
namespace {

struct DigitRun {
  absl::string_view digits;
  size_t begin = 0;
  size_t end() const { return begin + digits.size(); }
};

std::vector<DigitRun> FindDigitRuns(absl::string_view stem) {
  std::vector<DigitRun> runs;
  for (size_t i = 0; i < stem.size();) {
    size_t end = i;
    while (end < stem.size() && absl::ascii_isdigit(stem[end])) ++end;
    if (end > i) runs.push_back({stem.substr(i, end - i), i});
    i = end > i ? end : i + 1;
  }
  return runs;
}

int Number(absl::string_view digits) {
  int value = -1;
  return absl::SimpleAtoi(digits, &value) ? value : -1;
}

bool OneSeparatorApart(const DigitRun& a, const DigitRun& b, absl::string_view stem) {
  return b.begin == a.end() + 1 && absl::StrContains("-._ ", stem[a.end()]);
}

// Three runs such as 2020-06-09, 06-09-2020, 04.10.2025 or 02.18.25.
std::optional<Date> DateOfThree(absl::string_view a, absl::string_view b, absl::string_view c) {
  if (b.size() > 2) return std::nullopt;
  if (a.size() == 4 && c.size() <= 2) return RealDate(Number(a), Number(b), Number(c));
  if (a.size() > 2) return std::nullopt;
  if (c.size() == 4) return RealDate(Number(c), Number(a), Number(b));
  if (c.size() == 2) return RealDate(2000 + Number(c), Number(a), Number(b));
  return std::nullopt;
}

std::optional<Date> FindDate(absl::string_view stem) {
  const std::vector<DigitRun> runs = FindDigitRuns(stem);
  for (size_t i = 0; i < runs.size(); ++i) {
    if (auto date = ReadMonthDayYear(runs[i].digits)) return date;
    if (i + 2 >= runs.size() || !OneSeparatorApart(runs[i], runs[i + 1], stem) ||
        !OneSeparatorApart(runs[i + 1], runs[i + 2], stem)) {
      continue;
    }
    if (auto date = DateOfThree(runs[i].digits, runs[i + 1].digits, runs[i + 2].digits)) {
      return date;
    }
  }
  return std::nullopt;
}

// A word starts at a capital after a small letter, and at the last capital of a
// run that small letters follow: "MiamiDadeCoFL" -> Miami Dade Co FL.
bool StartsWord(absl::string_view text, size_t i) {
  if (i == 0 || !absl::ascii_isupper(text[i])) return false;
  if (absl::ascii_islower(text[i - 1])) return true;
  const bool small_follows = i + 1 < text.size() && absl::ascii_islower(text[i + 1]);
  return absl::ascii_isupper(text[i - 1]) && small_follows;
}

void AppendWord(std::string word, std::vector<std::string>& words) {
  if (word.empty()) return;
  // "ArcadiaPDFL", "LoudounSOVA": the state is glued to the kind of agency.
  const absl::string_view kind = absl::string_view(word).substr(0, 2);
  if (word.size() == 4 && (kind == "PD" || kind == "SO") && IsStateCode(word.substr(2))) {
    words.push_back(std::string(kind));
    word = word.substr(2);
  }
  words.push_back(std::move(word));
}

std::vector<std::string> SplitWords(absl::string_view stem) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i < stem.size(); ++i) {
    const bool letter = absl::ascii_isalpha(stem[i]) || stem[i] == '\'';
    if (!letter || StartsWord(stem, i)) {
      AppendWord(std::move(word), words);
      word.clear();
    }
    if (letter) word += stem[i];
  }
  AppendWord(std::move(word), words);
  return words;
}

std::string ModelCode(absl::string_view word) {
  const std::string upper = absl::AsciiStrToUpper(word);
  if (upper == "JEM" || upper == "WSO" || upper == "TFM") return upper;
  return upper == "TF" ? "TFM" : "";
}

bool IsBoilerplate(absl::string_view word) {
  const std::string lower = absl::AsciiStrToLower(word);
  return lower == "moa" || lower == "g" || lower == "addendum" || lower == "signed" ||
         lower == "final";
}

std::string FileNameOf(absl::string_view uri) {
  uri = uri.substr(0, uri.find_first_of("?#"));
  const size_t scheme = uri.find("://");
  if (scheme != absl::string_view::npos) uri.remove_prefix(scheme + 3);
  const size_t slash = uri.rfind('/');
  if (slash == absl::string_view::npos) return "";
  return CleanText(PercentDecode(uri.substr(slash + 1)));
}

}  // namespace

LinkFacts ParseDocumentLink(absl::string_view uri) {
  LinkFacts facts;
  facts.file_name = FileNameOf(uri);
  absl::string_view stem = facts.file_name;
  if (absl::EndsWithIgnoreCase(stem, ".pdf")) stem.remove_suffix(4);
  // "287g" is a prefix without a separator: "287gWSO_...".
  absl::ConsumePrefix(&stem, "287g");
  facts.date = FindDate(stem);

  std::vector<std::string> words;
  for (std::string& word : SplitWords(stem)) {
    const std::string model = ModelCode(word);
    if (!model.empty()) facts.model = model;
    if (model.empty() && !IsBoilerplate(word)) words.push_back(std::move(word));
  }
  // "Co" is County here; Colorado is written "CO".
  if (!words.empty() && words.back() != "Co" && IsStateCode(words.back())) {
    facts.state_code = absl::AsciiStrToUpper(words.back());
    words.pop_back();
  }
  facts.agency_words = CanonicalAgencyName(absl::StrJoin(words, " "));
  return facts;
}

}  // namespace accord::agreements::roster
