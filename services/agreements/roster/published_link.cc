#include "services/agreements/roster/published_link.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace accord::agreements::roster {
namespace {

struct Link {
  std::string scheme;     // Lower case.
  std::string authority;  // Lower case.
  std::string path;
  std::string query;  // Without '?'.
};

// Empty unless `uri` is http(s) with a host. The fragment is left out: it names
// a place in a document, not the document.
std::optional<Link> ParseLink(absl::string_view uri) {
  uri = absl::StripAsciiWhitespace(uri);
  const size_t colon = uri.find("://");
  if (colon == absl::string_view::npos) return std::nullopt;
  Link link;
  link.scheme = absl::AsciiStrToLower(uri.substr(0, colon));
  if (link.scheme != "http" && link.scheme != "https") return std::nullopt;
  absl::string_view rest = uri.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t authority_end = std::min(rest.find_first_of("/?\\"), rest.size());
  link.authority = absl::AsciiStrToLower(rest.substr(0, authority_end));
  if (link.authority.empty()) return std::nullopt;
  rest.remove_prefix(authority_end);
  const size_t question = std::min(rest.find('?'), rest.size());
  link.path = std::string(rest.substr(0, question));
  if (question < rest.size()) link.query = std::string(rest.substr(question + 1));
  return link;
}

bool IsWrapper(const Link& link) {
  return absl::EndsWith(link.authority, ".safelinks.protection.outlook.com");
}

// The wrapped address, or "" when the wrapper names none.
std::string WrappedTarget(const Link& link) {
  for (absl::string_view parameter : absl::StrSplit(link.query, '&')) {
    if (absl::StartsWithIgnoreCase(parameter, "url=")) return PercentDecode(parameter.substr(4));
  }
  return "";
}

// Looks through layers of encoding; more layers than anyone needs count as
// something to hide.
bool MentionsMailbox(absl::string_view text) {
  constexpr int kMaxLayers = 8;
  std::string layer(text);
  for (int i = 0; i < kMaxLayers; ++i) {
    if (absl::StrContains(layer, '@')) return true;
    std::string decoded = PercentDecode(layer);
    if (decoded == layer) return false;
    layer = std::move(decoded);
  }
  return true;
}

bool IsTracker(absl::string_view parameter) {
  const std::string name = absl::AsciiStrToLower(parameter.substr(0, parameter.find('=')));
  if (absl::StartsWith(name, "utm_") || absl::StartsWith(name, "mc_")) return true;
  return name == "fbclid" || name == "gclid" || name == "msclkid" || name == "_ga";
}

std::string CleanQuery(absl::string_view query) {
  std::vector<absl::string_view> kept;
  for (absl::string_view parameter : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    if (!IsTracker(parameter) && !MentionsMailbox(parameter)) kept.push_back(parameter);
  }
  return absl::StrJoin(kept, "&");
}

bool IsIceHost(absl::string_view authority) {
  return authority == "ice.gov" || absl::EndsWith(authority, ".ice.gov");
}

// Encodes whatever may not stand in a URI, so that the result is plain ASCII.
std::string EncodeUnsafe(absl::string_view uri) {
  constexpr absl::string_view kUnsafe = "\"<>\\^`{|}";
  std::string out;
  for (char c : uri) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unsafe = byte <= 0x20 || byte >= 0x7F || absl::StrContains(kUnsafe, c);
    if (unsafe) {
      absl::StrAppend(&out, "%",
                      absl::AsciiStrToUpper(absl::StrCat(absl::Hex(byte, absl::kZeroPad2))));
    } else {
      out += c;
    }
  }
  return out;
}

bool StartsAsLink(absl::string_view word) {
  return absl::StartsWithIgnoreCase(word, "http://") ||
         absl::StartsWithIgnoreCase(word, "https://");
}

}  // namespace

std::string PercentDecode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool encoded = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(text[i + 1]) && absl::ascii_isxdigit(text[i + 2]);
    if (encoded) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string UnwrapLink(absl::string_view uri) {
  std::optional<Link> link = ParseLink(uri);
  for (int wraps = 0; link && IsWrapper(*link); ++wraps) {
    if (wraps == kMaxWraps) return "";
    link = ParseLink(WrappedTarget(*link));
  }
  if (!link) return "";
  if (IsIceHost(link->authority)) link->scheme = "https";
  const std::string query = CleanQuery(link->query);
  const std::string clean = EncodeUnsafe(absl::StrCat(link->scheme, "://", link->authority,
                                                      link->path, query.empty() ? "" : "?", query));
  return MentionsMailbox(clean) ? "" : clean;
}

std::string UnwrapLinksInText(absl::string_view text) {
  std::vector<std::string> words;
  for (absl::string_view word : absl::StrSplit(text, ' ')) {
    words.push_back(StartsAsLink(word) ? UnwrapLink(word) : std::string(word));
  }
  return std::string(absl::StripAsciiWhitespace(absl::StrJoin(words, " ")));
}

}  // namespace accord::agreements::roster
