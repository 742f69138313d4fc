#include "common/service/field_mask.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace accord::service {

std::vector<std::string> MaskedPaths(const google::protobuf::FieldMask& mask,
                                     const std::vector<std::string>& allowed,
                                     absl::string_view why_not, FieldViolations& violations) {
  if (mask.paths().empty()) violations.Add("update_mask", "must name what to change");
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return allowed;
  std::vector<std::string> paths;
  for (const std::string& path : mask.paths()) {
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) {
      violations.Add("update_mask", absl::StrCat("cannot change ", path, why_not));
    } else {
      paths.push_back(path);
    }
  }
  return paths;
}

void CopyMasked(const std::vector<std::string>& paths, const google::protobuf::Message& from,
                google::protobuf::Message& to) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  google::protobuf::util::FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  // A merge leaves a field alone that is unset in `from`; this is a copy.
  for (const std::string& path : paths) {
    to.GetReflection()->ClearField(&to, to.GetDescriptor()->FindFieldByName(path));
  }
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(from, mask, options, &to);
}

}  // namespace accord::service
