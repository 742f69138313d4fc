// Personal fields: those that say who a person is, marked in the contracts with
// `accord.options.v1.personal`.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace accord {

bool IsPersonal(const google::protobuf::FieldDescriptor& field);

// Paths of the personal fields of a message type, at any depth, in the order declared: for
// example "given_name", "contacts.full_name". Of a type that holds itself, each field is named
// where it is met first.
std::vector<std::string> PersonalPaths(const google::protobuf::Descriptor& type);

// Paths of the personal fields that are set, each once.
std::vector<std::string> PersonalPathsSet(const google::protobuf::Message& message);

// Empties every personal field. What is packed into an Any is not looked into.
void ClearPersonal(google::protobuf::Message& message);

}  // namespace accord
