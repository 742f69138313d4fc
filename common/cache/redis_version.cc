#include "common/cache/redis_version.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace accord::cache {
namespace {

constexpr char kTag[] = "accord1 ";

std::string Digits(int64_t number) {
  return absl::StrFormat("%019d", std::max<int64_t>(number, 0));
}

}  // namespace

std::string VersionLine(const Version& version) {
  std::string line =
      absl::StrCat(kTag, "valid_until:", Digits(absl::ToUnixMicros(version.valid_until)));
  for (const LogPosition& each : version.computed_at) {
    absl::StrAppend(&line, " ", each.service, "@", each.log, ":", Digits(each.revision));
  }
  return line + "\n";
}

bool StripVersionLine(absl::string_view value, absl::string_view* bytes) {
  if (!absl::StartsWith(value, kTag)) return false;
  const size_t end = value.find('\n');
  if (end == absl::string_view::npos) return false;
  *bytes = value.substr(end + 1);
  return true;
}

// The longest version line fits in the range that is read of the old value.
const char kStoreScript[] = R"lua(
local function read(value)
  local line = type(value) == 'string' and string.match(value, '^accord1 ([^\n]*)\n')
  if not line then return nil end
  local positions, count, valid_until = {}, 0, nil
  for name, number in string.gmatch(line, '(%S+):(%d+)') do
    if name == 'valid_until' then
      valid_until = number
    else
      positions[name] = number
      count = count + 1
    end
  end
  if not valid_until then return nil end
  return positions, count, valid_until
end

local function keeps(old, fresh)
  local held, held_count, held_until = read(old)
  if not held then return false end
  local given, given_count, given_until = read(fresh)
  if held_count ~= given_count then return false end
  for name in pairs(given) do
    if not held[name] then return false end
  end
  local moved = false
  for name, revision in pairs(given) do
    if revision < held[name] then return true end
    if revision > held[name] then moved = true end
  end
  return not moved and given_until <= held_until
end

if keeps(redis.pcall('GETRANGE', KEYS[1], 0, 32767), ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)lua";

const char kReleaseScript[] = R"lua(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)lua";

}  // namespace accord::cache
