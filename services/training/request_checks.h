// Checks that the requests of several handlers share, and times and names as they write them.
#pragma once

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/crypto.h"
#include "common/service/standard.h"
#include "common/store/mutation.h"
#include "services/training/errors.h"
#include "services/training/steps.h"

namespace accord::training {

inline constexpr size_t kMaxSource = 2000;

// A day on which something happened: set, whole, and not after today.
inline std::optional<Date> RequirePast(FieldViolations& violations, absl::string_view field,
                                       bool is_set, const google::type::Date& date, Date today) {
  const auto day = service::RequireDate(violations, field, is_set, date);
  if (day && *day > today) {
    violations.Add(field, absl::StrCat("must not be after today, ", FormatDate(today)));
  }
  return day;
}

inline std::string NewName(absl::string_view collection) {
  return absl::StrCat(collection, "/", NewId());
}

inline google::protobuf::Timestamp TimeOf(const store::Transaction& transaction) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(transaction.now()));
}

// In the program's time zone.
inline Date DayOf(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return accord::Today(
      absl::FromUnixMicros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(time)), zone);
}

// "ClearOfficer, ScreenOutOfficer"
template <typename AnyStep>
std::string MethodNames(const std::vector<AnyStep>& steps) {
  return absl::StrJoin(
      steps, ", ", [](std::string* out, AnyStep step) { absl::StrAppend(out, MethodOf(step)); });
}

// ILLEGAL_STEP, with what is legal. Whoever left may come back, by a transfer to the same or
// another agreement; a revocation follows the person.
inline absl::Status IllegalFor(const v1::Officer& officer, absl::string_view method) {
  std::string legal = MethodNames(LegalSteps(officer.state()));
  absl::StrAppend(&legal, legal.empty() ? "" : ", ",
                  officer.state() == v1::Officer::REVOKED ? "ReinstateOfficer" : "TransferOfficer");
  return error::IllegalStep(officer.name(), method, v1::Officer::State_Name(officer.state()),
                            legal);
}

template <typename AnyStep>
bool Contains(const std::vector<AnyStep>& steps, AnyStep step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

}  // namespace accord::training
