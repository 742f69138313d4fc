#include "tests/integration/scene.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/base/status.h"

namespace accord::testing {
namespace {

namespace av1 = agreements::v1;
// Finds the names of a scene, as somebody who sees everything.
class Finder {
 public:
  Finder(const std::shared_ptr<grpc::Channel>& gateway, const rpc::CallOptions& as)
      : stub_(av1::Agreements::NewStub(gateway)),
        feed_(log::v1::ChangeFeed::NewStub(gateway)),
        as_(as) {
    as_.metadata.emplace("accord-service", "agreements");
  }

  absl::StatusOr<Scene> In(const std::string& state, const std::string& roster_import) const {
    Scene scene;
    scene.state = state;
    scene.roster_import = roster_import;
    av1::ListAgenciesRequest request;
    request.set_filter(absl::StrCat("state = \"", state, "\""));
    ACCORD_ASSIGN_OR_RETURN(
        const auto agencies,
        rpc::CallUnary(*stub_, &av1::Agreements::Stub::ListAgencies, request, as_));
    if (agencies.agencies_size() != 2) return absl::InternalError(agencies.DebugString());
    scene.field_office = agencies.agencies(0).field_office();
    scene.agency = agencies.agencies(0).name();
    scene.other_agency = agencies.agencies(1).name();
    ACCORD_ASSIGN_OR_RETURN(scene.agreement, AgreementOf(scene.agency));
    ACCORD_ASSIGN_OR_RETURN(scene.other_agreement, AgreementOf(scene.other_agency));
    ACCORD_ASSIGN_OR_RETURN(scene.discrepancy, DiscrepancyOf(scene.agency));
    ACCORD_ASSIGN_OR_RETURN(scene.change, ChangeOf(scene.agency));
    return scene;
  }

 private:
  absl::StatusOr<std::string> AgreementOf(const std::string& agency) const {
    av1::ListAgreementsRequest request;
    request.set_filter(absl::StrCat("agency = \"", agency, "\""));
    ACCORD_ASSIGN_OR_RETURN(
        const auto list,
        rpc::CallUnary(*stub_, &av1::Agreements::Stub::ListAgreements, request, as_));
    if (list.agreements_size() != 1) return absl::InternalError(list.DebugString());
    return list.agreements(0).name();
  }
  absl::StatusOr<std::string> DiscrepancyOf(const std::string& agency) const {
    av1::ListRosterDiscrepanciesRequest request;
    request.set_filter(absl::StrCat("agency = \"", agency, "\""));
    ACCORD_ASSIGN_OR_RETURN(
        const auto list,
        rpc::CallUnary(*stub_, &av1::Agreements::Stub::ListRosterDiscrepancies, request, as_));
    if (list.roster_discrepancies_size() != 1) return absl::InternalError(list.DebugString());
    return list.roster_discrepancies(0).name();
  }
  // Its creation.
  absl::StatusOr<std::string> ChangeOf(const std::string& agency) const {
    log::v1::ListChangesRequest request;
    request.set_filter(absl::StrCat("resource = \"", agency, "\""));
    ACCORD_ASSIGN_OR_RETURN(
        const auto list,
        rpc::CallUnary(*feed_, &log::v1::ChangeFeed::Stub::ListChanges, request, as_));
    if (list.changes_size() == 0) return absl::InternalError("no Change of " + agency);
    return list.changes(0).name();
  }

  const std::unique_ptr<av1::Agreements::Stub> stub_;
  const std::unique_ptr<log::v1::ChangeFeed::Stub> feed_;
  rpc::CallOptions as_;
};

// Another name of the same kind and length.
std::string NothingLike(std::string name) {
  name.back() = name.back() == '0' ? '1' : '0';
  return name;
}

}  // namespace

absl::StatusOr<Scenes> MakeScenes(const std::shared_ptr<grpc::Channel>& gateway,
                                  const rpc::CallOptions& as) {
  av1::ImportRosterRequest request;
  request.set_file_name(kRosterFile);
  request.set_content(kRoster);
  request.set_fictitious(true);
  ACCORD_ASSIGN_OR_RETURN(const auto import,
                          rpc::CallUnary(*av1::Agreements::NewStub(gateway),
                                         &av1::Agreements::Stub::ImportRoster, request, as));
  const Finder finder(gateway, as);
  Scenes scenes;
  ACCORD_ASSIGN_OR_RETURN(scenes.near, finder.In("FL", import.name()));
  ACCORD_ASSIGN_OR_RETURN(scenes.far, finder.In("GA", import.name()));
  return scenes;
}

Scene Absent(const Scene& scene) {
  Scene absent = scene;
  for (std::string* name :
       {&absent.agency, &absent.agreement, &absent.discrepancy, &absent.other_agency,
        &absent.other_agreement, &absent.roster_import, &absent.officer, &absent.completion,
        &absent.waiver, &absent.enrollment, &absent.revocation_case, &absent.monitor,
        &absent.completion_import, &absent.policy_preview}) {
    if (!name->empty()) *name = NothingLike(*name);
  }
  absent.change = "changes/999999";
  absent.training_change = "changes/999999";
  return absent;
}

std::string Renamed(std::string text, const Scene& from, const Scene& to) {
  std::vector<std::pair<std::string, std::string>> names;
  for (std::string Scene::*name :
       {&Scene::agency, &Scene::agreement, &Scene::discrepancy, &Scene::change,
        &Scene::other_agency, &Scene::other_agreement, &Scene::officer, &Scene::completion,
        &Scene::waiver, &Scene::enrollment, &Scene::revocation_case, &Scene::monitor,
        &Scene::training_change}) {
    if (!(from.*name).empty()) names.emplace_back(from.*name, to.*name);
  }
  return absl::StrReplaceAll(text, names);
}

}  // namespace accord::testing
