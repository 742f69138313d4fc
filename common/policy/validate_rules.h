// Checks of single policy entries that need nothing but the entry.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/base/error.h"

namespace accord {

// "parent.field" and "parent.field[index]".
std::string FieldPath(absl::string_view parent, absl::string_view field);
std::string FieldPath(absl::string_view parent, absl::string_view field, int index);

void CheckNotEmpty(absl::string_view text, absl::string_view path, FieldViolations& violations);
// Not empty, and only characters of `allowed`.
void CheckCode(absl::string_view code, absl::string_view allowed, absl::string_view path,
               FieldViolations& violations);

inline constexpr absl::string_view kUpperCode = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
inline constexpr absl::string_view kSlug = "abcdefghijklmnopqrstuvwxyz0123456789-";
inline constexpr absl::string_view kSnake = "abcdefghijklmnopqrstuvwxyz0123456789_";

// Names that may be taken once.
class Claims {
 public:
  // Adds a violation that names the first holder when `key` is already taken.
  void Claim(absl::string_view key, absl::string_view path, FieldViolations& violations);
  // Where `key` was claimed, or null.
  const std::string* Holder(absl::string_view key) const;

 private:
  absl::flat_hash_map<std::string, std::string> holders_;
};

// An enum value that is known and says something.
inline bool IsSet(int value, bool valid) { return valid && value != 0; }

// A count of at least 1, with unit, counting and event, that fit together.
void CheckTimeLimit(const policy::v1::TimeLimit& limit, absl::string_view path,
                    FieldViolations& violations);
// A day that exists in every year.
void CheckYearlyDay(int month, int day, absl::string_view path, FieldViolations& violations);

void CheckDutyValue(const policy::v1::Duty& duty, absl::string_view path,
                    FieldViolations& violations);
void CheckHoliday(const policy::v1::HolidayRule& rule, absl::string_view path,
                  FieldViolations& violations);
void CheckImportPolicy(const policy::v1::ImportPolicy& policy, absl::string_view path,
                       FieldViolations& violations);
void CheckFreshness(const policy::v1::FreshnessPolicy& policy, absl::string_view path,
                    FieldViolations& violations);

}  // namespace accord
