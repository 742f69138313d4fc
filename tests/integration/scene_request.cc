// Requests about a scene for any method there is.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/text_file.h"
#include "tests/integration/scene.h"
#include "tests/integration/suite.h"
#include "tests/integration/wire.h"

namespace accord::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ValueMap = std::map<std::string, std::string>;

constexpr char kDate[] = "{ year: 2025 month: 6 day: 2 }";

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

// What a request is about, by part of its type's name; the first that fits.
struct Kind {
  const char* part;
  std::string Scene::*name;
};
const std::vector<Kind>& Kinds() {
  static const auto& kinds = *new std::vector<Kind>{
      {"Change", &Scene::change},
      {"RosterImport", &Scene::roster_import},
      {"RosterDiscrepancy", &Scene::discrepancy},
      {"CompletionImport", &Scene::completion_import},
      {"PolicyPreview", &Scene::policy_preview},
      {"Completion", &Scene::completion},
      {"Waiver", &Scene::waiver},
      {"Offering", &Scene::offering},
      {"Enrollment", &Scene::enrollment},
      {"RevocationCase", &Scene::revocation_case},
      {"Monitor", &Scene::monitor},
      {"Officer", &Scene::officer},
      {"RecordPaper", &Scene::officer},
      {"Agreement", &Scene::agreement},
  };
  return kinds;
}

// The field `name` of a request names a resource of the kind that its method is about.
const std::string& NamedBy(const MethodDescriptor& method, const Scene& scene,
                           const std::string& subject) {
  for (const Kind& kind : Kinds()) {
    if (absl::StrContains(method.input_type()->name(), kind.part)) return scene.*kind.name;
  }
  return subject;
}

// Whether the field is a resource, rather than the name of one.
bool IsResource(const MethodDescriptor& method, const char* field) {
  const FieldDescriptor* found = method.input_type()->FindFieldByName(field);
  return found != nullptr && found->message_type() != nullptr;
}

// What is created, or changed in a way that says nothing about others.
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

std::string OfficerText(const MethodDescriptor& method, const Scene& scene) {
  if (method.name() == "UpdateOfficer") {
    return absl::StrCat("{ name: ", Quoted(scene.officer), " given_name: 'Matrix' }");
  }
  return absl::StrCat(
      "{ given_name: 'Matrix' family_name: 'Example' agreement: ", Quoted(scene.agreement), " }");
}

std::string OfferingText(const MethodDescriptor& method, const Scene& scene) {
  if (method.name() == "UpdateOffering") {
    return absl::StrCat("{ name: ", Quoted(scene.offering), " place: 'Matrix Academy' }");
  }
  return absl::StrCat("{ course: '", kCourse,
                      "' place: 'Matrix Academy' first_date { year: 2190 month: 3 day: 8 } "
                      "last_date { year: 2190 month: 3 day: 12 } seats: 4 fictitious: true }");
}

std::string MaskText(const MethodDescriptor& method) {
  static const auto& paths = *new ValueMap{
      {"UpdateAgency", "county"}, {"UpdateOfficer", "given_name"}, {"UpdateOffering", "place"}};
  const auto path = paths.find(method.name());
  return absl::StrCat("{ paths: '", path == paths.end() ? "document_uri" : path->second, "' }");
}

// By the name of the field, in text format. Other fields are left unset.
ValueMap ValuesOfAgreements(const MethodDescriptor& method, const Scene& scene) {
  return {
      {"agency", IsResource(method, "agency") ? AgencyText(method, scene) : Quoted(scene.agency)},
      {"agencies", Quoted(scene.agency)},
      {"agreement", IsResource(method, "agreement") ? AgreementText(method, scene)
                                                    : Quoted(scene.other_agreement)},
      {"into", Quoted(scene.other_agency)},
      {"successor", Quoted(scene.other_agreement)},
      {"effective_date", kDate},
      {"application_date", kDate},
      {"agency_signed_date", kDate},
      {"federal_signed_date", kDate},
      {"accept", "true"},
      {"parent", Quoted(scene.roster_import)},
      {"file_name", Quoted(kRosterFile)},
      {"content", Quoted(absl::CEscape(kRoster))},
  };
}

ValueMap ValuesOfTraining(const MethodDescriptor& method, const Scene& scene) {
  const std::string of_officer = absl::StrCat("officer: ", Quoted(scene.officer));
  const std::string of_course = absl::StrCat(of_officer, " course: '", kCourse, "'");
  const std::string offering = Quoted(scene.offering);
  return {
      {"officer",
       IsResource(method, "officer") ? OfficerText(method, scene) : Quoted(scene.officer)},
      {"completion", absl::StrCat("{ ", of_course, " date ", kDate, " result: PASSED }")},
      {"waiver", absl::StrCat("{ ", of_course, " reason: EQUIVALENT_TRAINING explanation: 'tried' ",
                              "first_date ", kDate, " last_date ", kDate, " }")},
      {"offering",
       IsResource(method, "offering") ? OfferingText(method, scene) : Quoted(scene.other_offering)},
      {"enrollment", absl::StrCat("{ ", of_officer, " offering: ", offering, " }")},
      {"annual_verification",
       absl::StrCat("{ ", of_officer, " year: 2025 verify_date ", kDate, " }")},
      {"monitor",
       absl::StrCat(
           "{ agency: ", Quoted(scene.agency),
           " manager: 'https://matrix#manager' training_officer: 'https://matrix#trainer' }")},
      {"paper", "FORM_70_006_SIGNED"},
      {"date", kDate},
      {"nomination_date", kDate},
      {"last_date", kDate},
      {"year", "2025"},
      {"preview_token", Quoted(scene.preview_token)},
      {"fictitious", "true"},
      {"applies_to", "ALL"},
  };
}

// Those of the one service where both have the field.
ValueMap Values(const MethodDescriptor& method, const Scene& scene, absl::string_view service) {
  const bool training = service == "training";
  const std::string& subject = training ? scene.officer : scene.agency;
  ValueMap values = {
      {"name", Quoted(NamedBy(method, scene, subject))},
      {"subject", Quoted(subject)},
      {"update_mask", MaskText(method)},
      {"reason", "'the table of roles is tried'"},
      {"validate_only", "true"},
      {"method", "'accord.gateway.v1.Gateway/GetAgencyStatus'"},
  };
  if (method.name() == "ImportCompletions") {
    values["file_name"] = "'export.csv'";
    values["content"] = Quoted(absl::StrCat("officer,course,date,result\\n", scene.officer, ",",
                                            kCourse, ",2025-06-02,passed\\n"));
  }
  if (method.name() == "ListCompletionRows") values["parent"] = Quoted(scene.completion_import);
  if (method.name() == "PreviewPolicy") {
    values["policy_text"] = Quoted(absl::CEscape(ReadPolicyFile(PolicyPath()).value()));
  }
  if (training && absl::StrContains(method.input_type()->name(), "GetChange")) {
    values["name"] = Quoted(scene.training_change);
  }
  values.merge(ValuesOfTraining(method, scene));
  values.merge(ValuesOfAgreements(method, scene));
  return values;
}

// Lists that can be asked for what is about one agency.
bool IsListByAgency(const MethodDescriptor& method) {
  static const auto& names = *new std::set<std::string>{"ListAgreements",
                                                        "ListAgencyStatuses",
                                                        "ListRosterDiscrepancies",
                                                        "ListOfficers",
                                                        "ListCompletions",
                                                        "ListWaivers",
                                                        "ListEnrollments",
                                                        "ListRevocationCases",
                                                        "ListAnnualVerifications",
                                                        "ListVerificationGaps",
                                                        "ListMonitors",
                                                        "ListNotices",
                                                        "ResolveRosterDiscrepancies"};
  return names.contains(method.name());
}

}  // namespace

std::unique_ptr<Message> RequestAbout(const Scene& scene, const MethodDescriptor& method,
                                      absl::string_view service) {
  ValueMap values = Values(method, scene, service);
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
