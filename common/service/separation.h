// Separation of duties, asked of the log while a mutation runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/policy/separation.h"
#include "common/store/reader.h"

namespace accord::service {

// Thread-safe.
class Separation {
 public:
  // The rules that hold at the moment; they may become others while the program runs.
  using Rules = std::function<std::shared_ptr<const SeparationRules>()>;

  // Separates nothing.
  Separation() = default;
  // `service`: "accord.agreements.v1.Agreements". Without `rules` (null) it separates nothing.
  Separation(absl::string_view service, Rules rules)
      : service_(service), rules_(std::move(rules)) {}

  // Whether the actor may do `action`, a method of the service, with the resource.
  // PERMISSION_DENIED, SEPARATION_OF_DUTIES when the log says that they did with it what
  // must have been another person's.
  absl::Status Check(store::Reader& reader, absl::string_view actor, absl::string_view action,
                     absl::string_view resource) const;

 private:
  std::string service_;
  Rules rules_;
};

}  // namespace accord::service
