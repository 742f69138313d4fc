// A weighed requirement in words: how it was weighed, and what would meet it. No text names
// a person.
#pragma once

#include <string>
#include <vector>

#include "accord/policy/v1/policy.pb.h"
#include "common/calendar/date.h"
#include "services/training/weigh.h"

namespace accord::training {

// "basic", "refresher", "annual".
std::string KindName(policy::v1::Course::Kind kind);

// What all requirements of the officer rest on: the text that binds them, and the papers of the
// present agreement that are dated `day` or before.
std::vector<std::string> InputsOf(const v1::Officer& officer, Date day);

// Rule by rule, in the order in which they were applied.
std::vector<std::string> StepsOf(const policy::v1::Course& course, const Standing& standing,
                                 const Evidence& evidence, Date day);

// Empty when it is met.
std::string CureOf(const policy::v1::Course& course, const Standing& standing, Date day);

}  // namespace accord::training
