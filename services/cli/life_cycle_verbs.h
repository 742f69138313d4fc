// The moves of an agreement: the verb a person types and the method behind it.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace accord::cli {

struct LifeCycleVerb {
  const char* verb;
  // Of accord.agreements.v1.Agreements.
  const char* method;
  const char* help;
};

const std::vector<LifeCycleVerb>& LifeCycleVerbs();

// "SuspendAgreement" → "suspend"; a method without a verb stays as it is.
std::string VerbOfMethod(absl::string_view method);

}  // namespace accord::cli
