// Two parts of a record, and requests about one of them for any method there is.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/channel.h"

namespace accord::testing {

// What calls can be about: names of resources that belong together.
struct Scene {
  // Of `state`, in `field_office`.
  std::string state;
  std::string field_office;
  std::string agency;
  std::string agreement;
  // Of the agency.
  std::string discrepancy;
  std::string change;
  // Another pair in the same field office.
  std::string other_agency;
  std::string other_agreement;
  std::string roster_import;
};

// Of the office of Miami, and of that of Dallas.
struct Scenes {
  Scene near;
  Scene far;
};

// Imports a list of four fictitious agencies, each with one agreement and one discrepancy,
// as somebody who may.
absl::StatusOr<Scenes> MakeScenes(const std::shared_ptr<grpc::Channel>& gateway,
                                  const rpc::CallOptions& as);

// The same with names that nothing has.
Scene Absent(const Scene& scene);
// `text` with the names of `from` replaced by those of `to`.
std::string Renamed(std::string text, const Scene& from, const Scene& to);

// A request to this method that is as good as one can be without knowing what it does, and
// changes nothing where the method can be told so.
std::unique_ptr<google::protobuf::Message> RequestAbout(
    const Scene& scene, const google::protobuf::MethodDescriptor& method);

}  // namespace accord::testing
