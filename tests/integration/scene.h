// Two parts of a record, and requests about one of them for any method there is.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  // Of an officer under the agreement; empty without a training service.
  std::string officer;
  std::string completion;
  std::string waiver;
  std::string enrollment;
  std::string revocation_case;
  // Of the agency.
  std::string monitor;
  std::string training_change;
  // Of nobody, the same in every scene.
  std::string offering;
  std::string other_offering;
  std::string completion_import;
  std::string policy_preview;
  // Of a preview that was read to its end.
  std::string preview_token;
};

// Of the office of Miami, and of that of Atlanta.
struct Scenes {
  Scene near;
  Scene far;
};

// Imports a list of four fictitious agencies, each with one agreement and one discrepancy,
// as somebody who may.
absl::StatusOr<Scenes> MakeScenes(const std::shared_ptr<grpc::Channel>& gateway,
                                  const rpc::CallOptions& as);

// Puts officers into both, as somebody who may do all that takes.
absl::Status AddTraining(const std::shared_ptr<grpc::Channel>& gateway, const rpc::CallOptions& as,
                         Scenes& scenes);

// The list that MakeScenes imports. Its dates are those of another century: a question about
// each agreement.
inline constexpr char kRosterFile[] = "participatingAgencies05162025am.csv";
inline constexpr char kRoster[] =
    "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA\n"
    "FLORIDA,Port Example Police Department,Municipality,Example County,TFM,4/14/1925,\n"
    "FLORIDA,Sample Harbor Sheriff's Office,County,Sample County,TFM,4/15/1925,\n"
    "GEORGIA,Mesa Prueba Police Department,Municipality,Prueba County,TFM,4/16/1925,\n"
    "GEORGIA,Villa Muestra Constable,County,Muestra County,TFM,4/17/1925,\n";
// The course of the agreements' model.
inline constexpr char kCourse[] = "tfm-basic";

// The same with names that nothing has.
Scene Absent(const Scene& scene);
// `text` with the names of `from` replaced by those of `to`.
std::string Renamed(std::string text, const Scene& from, const Scene& to);

// A request to this method that is as good as one can be without knowing what it does, and
// changes nothing where the method can be told so. `service`: whose log, where every service
// has one.
std::unique_ptr<google::protobuf::Message> RequestAbout(
    const Scene& scene, const google::protobuf::MethodDescriptor& method,
    absl::string_view service = "agreements");

}  // namespace accord::testing
