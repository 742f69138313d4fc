// How a value in Redis carries its version, so that a script there can tell what is older.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/cache/envelope.h"

namespace accord::cache {

// The line, with its newline, that stands before the bytes in Redis:
//   accord1 valid_until:0000001700000000000 agreements@log1:0000000000000000042\n
// Numbers have 19 digits, so that as texts they compare as they do as numbers. Services and
// logs are those of an Envelope.
std::string VersionLine(const Version& version);

// The bytes behind the version line; false when `value` does not begin with one.
bool StripVersionLine(absl::string_view value, absl::string_view* bytes);

// KEYS[1]; ARGV: value with its version line, expiry in milliseconds. Sets the value and
// its expiry, and returns 1, unless what is there is not older by Replaces in rule.h:
// returns 0. What is no value with a version line is replaced, of whatever type.
extern const char kStoreScript[];

// KEYS[1]; ARGV: token. Deletes the key if it holds that token; returns how many it deleted.
extern const char kReleaseScript[];

}  // namespace accord::cache
