// The policy file, loaded, validated and immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"

namespace accord {

// Safe to share between threads.
class Policy {
 public:
  // Reads protobuf text format. `origin` is what errors call the text, such as a path.
  //
  // Errors, all INVALID_ARGUMENT: POLICY_UNREADABLE with "origin:line:column" when
  // it is no PolicyFile (unknown fields included); INVALID_FIELDS with every
  // violated field (validate.h).
  static absl::StatusOr<std::shared_ptr<const Policy>> Parse(absl::string_view text,
                                                             absl::string_view origin);
  // Reads the file at `path`. Also NOT_FOUND, POLICY_FILE_MISSING.
  static absl::StatusOr<std::shared_ptr<const Policy>> Load(const std::string& path);

  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  const std::string& program_name() const { return file_.program_name(); }
  // The zone that says what day it is.
  absl::TimeZone time_zone() const { return time_zone_; }
  // SHA-256 of what the file means, 64 hexadecimal digits: comments, layout and
  // the order in which fields are written do not matter.
  const std::string& digest() const { return digest_; }

  // The version that holds on `date`, never null; it lives as long as the policy.
  // OUT_OF_RANGE, POLICY_NOT_YET_IN_FORCE before the first version.
  absl::StatusOr<const PolicyView*> At(Date date) const;
  // The same, but the first version holds before it, too: rules about the past need some
  // policy.
  const PolicyView& AtOrFirst(Date date) const;
  // At least one, by rising effective_from.
  const std::vector<std::unique_ptr<const PolicyView>>& versions() const { return versions_; }

 private:
  explicit Policy(policy::v1::PolicyFile file);

  const policy::v1::PolicyFile file_;
  absl::TimeZone time_zone_;
  std::string digest_;
  std::vector<std::unique_ptr<const PolicyView>> versions_;
};

}  // namespace accord
