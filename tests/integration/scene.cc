#include "tests/integration/scene.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/base/status.h"
#include "tests/integration/wire.h"

namespace accord::testing {
namespace {

namespace av1 = agreements::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr char kFile[] = "participatingAgencies05162025am.csv";
// The dates are those of another century: a question about each.
constexpr char kList[] =
    "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA\n"
    "FLORIDA,Port Example Police Department,Municipality,Example County,TFM,4/14/1925,\n"
    "FLORIDA,Sample Harbor Sheriff's Office,County,Sample County,TFM,4/15/1925,\n"
    "TEXAS,Mesa Prueba Police Department,Municipality,Prueba County,TFM,4/16/1925,\n"
    "TEXAS,Villa Muestra Constable,County,Muestra County,TFM,4/17/1925,\n";

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

// The field `name` of a request names a resource of the kind that its method is about.
const std::string& NamedBy(const MethodDescriptor& method, const Scene& scene) {
  const std::string& name = method.input_type()->name();
  if (absl::StrContains(name, "Change")) return scene.change;
  if (absl::StrContains(name, "RosterImport")) return scene.roster_import;
  if (absl::StrContains(name, "RosterDiscrepancy")) return scene.discrepancy;
  if (absl::StrContains(name, "Agreement")) return scene.agreement;
  return scene.agency;
}

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

// The resource that is created, or changed in a way that says nothing about others.
std::string AgencyText(const MethodDescriptor& method, const Scene& scene) {
  if (method.name() == "UpdateAgency") {
    return absl::StrCat("{ name: ", Quoted(scene.agency), " county: 'Matrix County' }");
  }
  return absl::StrCat("{ display_name: 'Matrix Marshal' state: ", Quoted(scene.state),
                      " kind: COUNTY county: 'Matrix County' fictitious: true }");
}

std::string AgreementText(const MethodDescriptor& method, const Scene& scene) {
  if (method.name() == "UpdateAgreement") {
    return absl::StrCat("{ name: ", Quoted(scene.agreement),
                        " document_uri: 'https://www.ice.gov/doclib/287gMOA/x.pdf' }");
  }
  return absl::StrCat("{ agency: ", Quoted(scene.agency), " model: 'JEM' }");
}

// By the name of the field, in text format. Other fields are left unset.
std::map<std::string, std::string> Values(const MethodDescriptor& method, const Scene& scene) {
  constexpr char kDate[] = "{ year: 2025 month: 6 day: 2 }";
  const FieldDescriptor* agency = method.input_type()->FindFieldByName("agency");
  const bool agency_is_message = agency != nullptr && agency->message_type() != nullptr;
  return {
      {"name", Quoted(NamedBy(method, scene))},
      {"parent", Quoted(scene.roster_import)},
      {"agency", agency_is_message ? AgencyText(method, scene) : Quoted(scene.agency)},
      {"agencies", Quoted(scene.agency)},
      {"agreement", AgreementText(method, scene)},
      {"into", Quoted(scene.other_agency)},
      {"successor", Quoted(scene.other_agreement)},
      {"subject", Quoted(scene.agency)},
      {"update_mask",
       method.name() == "UpdateAgency" ? "{ paths: 'county' }" : "{ paths: 'document_uri' }"},
      {"effective_date", kDate},
      {"application_date", kDate},
      {"agency_signed_date", kDate},
      {"federal_signed_date", kDate},
      {"reason", "'the table of roles is tried'"},
      {"accept", "true"},
      {"validate_only", "true"},
      {"file_name", Quoted(kFile)},
      {"content", Quoted(absl::CEscape(kList))},
      {"method", "'accord.gateway.v1.Gateway/GetAgencyStatus'"},
  };
}

// Lists that can be asked for what is about one agency.
bool IsListByAgency(const MethodDescriptor& method) {
  static const auto& names =
      *new std::set<std::string>{"ListAgreements", "ListAgencyStatuses", "ListRosterDiscrepancies",
                                 "ResolveRosterDiscrepancies"};
  return names.contains(method.name());
}

}  // namespace

absl::StatusOr<Scenes> MakeScenes(const std::shared_ptr<grpc::Channel>& gateway,
                                  const rpc::CallOptions& as) {
  av1::ImportRosterRequest request;
  request.set_file_name(kFile);
  request.set_content(kList);
  request.set_fictitious(true);
  ACCORD_ASSIGN_OR_RETURN(const auto import,
                          rpc::CallUnary(*av1::Agreements::NewStub(gateway),
                                         &av1::Agreements::Stub::ImportRoster, request, as));
  const Finder finder(gateway, as);
  Scenes scenes;
  ACCORD_ASSIGN_OR_RETURN(scenes.near, finder.In("FL", import.name()));
  ACCORD_ASSIGN_OR_RETURN(scenes.far, finder.In("TX", import.name()));
  return scenes;
}

Scene Absent(const Scene& scene) {
  Scene absent = scene;
  for (std::string* name : {&absent.agency, &absent.agreement, &absent.discrepancy,
                            &absent.other_agency, &absent.other_agreement, &absent.roster_import}) {
    *name = NothingLike(*name);
  }
  absent.change = "changes/999999";
  return absent;
}

std::string Renamed(std::string text, const Scene& from, const Scene& to) {
  return absl::StrReplaceAll(text, {{from.agency, to.agency},
                                    {from.agreement, to.agreement},
                                    {from.discrepancy, to.discrepancy},
                                    {from.change, to.change},
                                    {from.other_agency, to.other_agency},
                                    {from.other_agreement, to.other_agreement}});
}

std::unique_ptr<Message> RequestAbout(const Scene& scene, const MethodDescriptor& method) {
  std::map<std::string, std::string> values = Values(method, scene);
  if (IsListByAgency(method)) {
    values["filter"] = absl::StrCat("'agency = \"", scene.agency, "\"'");
  }
  std::string text;
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const std::string& field = method.input_type()->field(i)->name();
    const auto value = values.find(field);
    if (value != values.end()) absl::StrAppend(&text, field, ": ", value->second, "\n");
  }
  std::unique_ptr<Message> request = NewMessage(*method.input_type());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()))
      << method.full_name() << ": " << text;
  return request;
}

}  // namespace accord::testing
