// What a person can have done about officers, courses and seats: the verb that is typed and the
// method behind it. Which options must be given, and which of reason and etag a verb takes, is
// said by the contract.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace accord::cli {

// An option, and the field of the request that it fills.
struct VerbOption {
  const char* option;
  const char* path;
  const char* help;
  // Plural of the kind that the value is a name of; "" when it is no name.
  const char* kind = "";
};

struct TrainingVerb {
  const char* noun;
  const char* verb;
  // Of accord.training.v1.Training.
  const char* method;
  const char* help;
  // What is named first, and the field that takes it; no kind, nothing is.
  const char* subject_kind;
  const char* subject;
  std::vector<VerbOption> options;
  // The field that holds the changed resource: its update mask names what was given.
  const char* updated = "";
};

const std::vector<TrainingVerb>& TrainingVerbs();

// "officer certify" of "CertifyOfficer"; a method without a verb stays as it is.
std::string TrainingVerbOf(absl::string_view method);

}  // namespace accord::cli
