// Every method that the real servers describe × every role × what lies within and outside of
// its reach: whether it is answered as the table of roles says, and as nothing else does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "accord/access/v1/access.pb.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "accord/log/v1/erasure.pb.h"
#include "accord/training/v1/training.pb.h"
#include "common/base/error.h"
#include "common/testing/matchers.h"
#include "tests/integration/identities.h"
#include "tests/integration/scene.h"
#include "tests/integration/wire.h"

namespace accord::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using policy::v1::AccessFile;
using policy::v1::Binding;
using policy::v1::Scope;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr char kSetup[] = "who sets up";
constexpr char kNobody[] = "nobody";
constexpr char kReachTooSmall[] = "REACH_TOO_SMALL";

// Methods that are about the whole program, whoever calls them.
const std::set<std::string>& OfTheWholeProgram() {
  static const auto& methods = *new std::set<std::string>{
      "accord.agreements.v1.Agreements/GetRosterImport",
      "accord.agreements.v1.Agreements/ImportRoster",
      "accord.agreements.v1.Agreements/ListRosterImports",
      "accord.agreements.v1.Agreements/ListRosterRows",
      "accord.agreements.v1.Agreements/RevertRosterImport",
      "accord.log.v1.ChangeFeed/GetLog",
      "accord.log.v1.ChangeFeed/VerifyChanges",
      "accord.log.v1.ChangeFeed/WatchChanges",
      "accord.log.v1.Checkpoints/CreateCheckpoint",
      "accord.log.v1.Checkpoints/ExportChanges",
      "accord.log.v1.Checkpoints/ListCheckpoints",
      "accord.log.v1.Erasure/ErasePersonalFields",
      "accord.training.v1.Training/GetCompletionImport",
      "accord.training.v1.Training/GetPolicyPreview",
      "accord.training.v1.Training/ImportCompletions",
      "accord.training.v1.Training/ListCompletionImports",
      "accord.training.v1.Training/ListCompletionRows",
      "accord.training.v1.Training/ListPolicyPreviews",
      "accord.training.v1.Training/PreviewPolicy",
      "accord.training.v1.Training/RecordPolicyPreview",
  };
  return methods;
}

// Says of nothing that there is: what is created lies within the reach or is refused.
constexpr char kCreateAgency[] = "accord.agreements.v1.Agreements/CreateAgency";
// Ends the enrollments of both scenes, so that one side cannot do it.
constexpr char kCancelOffering[] = "accord.training.v1.Training/CancelOffering";

// Writes of what is of no agency: everybody's who may call them at all.
const std::set<std::string>& OfNoAgency() {
  static const auto& methods = *new std::set<std::string>{
      "accord.training.v1.Training/CreateOffering", "accord.training.v1.Training/UpdateOffering"};
  return methods;
}

// Null when no contract has it.
const ServiceDescriptor* FindService(const std::string& name) {
  // A message of each contract, without which it would not be part of this program.
  for (const google::protobuf::Descriptor* message :
       {access::v1::WhoAmIRequest::descriptor(), agreements::v1::GetAgencyRequest::descriptor(),
        gateway::v1::AgencyStatus::descriptor(), log::v1::Change::descriptor(),
        log::v1::Checkpoint::descriptor(), log::v1::ErasePersonalFieldsRequest::descriptor(),
        training::v1::GetOfficerRequest::descriptor()}) {
    const google::protobuf::FileDescriptor& file = *message->file();
    for (int i = 0; i < file.service_count(); ++i) {
      if (file.service(i)->full_name() == name) return file.service(i);
    }
  }
  return nullptr;
}

std::string NameOf(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

// A method, and a server that has it.
struct Route {
  const MethodDescriptor* method;
  std::string server;
  // Whose log is meant, where every service has one.
  std::string service;
  std::shared_ptr<grpc::Channel> channel;
};

// How a call went, without what differs from one moment to the next.
struct Outcome {
  absl::Status status;
  std::string text;  // The answer, or the whole of the error.
};

std::string TextOf(Message& answer) {
  for (const char* name : {"sources", "compute_time"}) {
    const FieldDescriptor* field = answer.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) answer.GetReflection()->ClearField(&answer, field);
  }
  return answer.ShortDebugString();
}

Outcome Call(const Route& route, const Scene& scene, rpc::CallOptions options) {
  options.metadata.emplace("accord-service", route.service);
  const auto request = RequestAbout(scene, *route.method, route.service);
  const auto answer = FirstAnswer(route.channel, *route.method, *request, options);
  if (answer.ok()) return {absl::OkStatus(), TextOf(**answer)};
  const auto info = GetErrorInfo(answer.status());
  return {answer.status(),
          absl::StrCat(answer.status().ToString(absl::StatusToStringMode::kWithNoExtraData), " ",
                       info ? info->ShortDebugString() : "")};
}

// The table, as its file is written.
class Table {
 public:
  explicit Table(const AccessFile& file) {
    std::map<std::string, std::set<std::string>> groups;
    for (const auto& group : file.method_groups()) {
      groups[group.name()] = {group.methods().begin(), group.methods().end()};
    }
    for (const std::string& open : file.open_groups()) open_.merge(groups[open]);
    for (const auto& role : file.roles()) {
      roles_.push_back(role.code());
      for (const auto& grant : role.grants()) {
        for (const std::string& group : grant.method_groups()) {
          for (const std::string& method : groups[group]) {
            scopes_[{role.code(), method}].insert(grant.scope());
          }
        }
      }
    }
  }

  const std::vector<std::string>& roles() const { return roles_; }
  bool IsOpen(const std::string& method) const { return open_.contains(method); }
  std::set<Scope> ScopesOf(const std::string& role, const std::string& method) const {
    const auto found = scopes_.find({role, method});
    return found == scopes_.end() ? std::set<Scope>() : found->second;
  }

 private:
  std::vector<std::string> roles_;
  std::set<std::string> open_;
  std::map<std::pair<std::string, std::string>, std::set<Scope>> scopes_;
};

class AccessMatrixTest : public ::testing::Test {
 protected:
  // Each role of `file` is that of the person of the same name.
  void Start(AccessFile file) {
    file.clear_caller_limits();  // One person makes more calls than a person would.
    table = std::make_unique<Table>(file);
    suite = std::make_unique<GatedSuite>(
        GatedOptions{.access = file, .bindings = {Bound(kSetup, "unit_chief")}, .training = true});
    ASSERT_THAT(suite->Start(), IsOk());
    const auto made = MakeScenes(suite->Connect(), suite->As(kSetup));
    ASSERT_THAT(made, IsOk());
    scenes = *made;
    ASSERT_NE(scenes.near.field_office, scenes.far.field_office);
    ASSERT_THAT(suite->Rebind(WhoSetsUp()), IsOk());
    ASSERT_THAT(AddTraining(suite->Connect(), suite->As(kSetup), scenes), IsOk());
    std::vector<Binding> bindings;
    for (const std::string& role : table->roles()) {
      Binding& binding = bindings.emplace_back(Bound(role, role));
      binding.add_field_offices(scenes.near.field_office);
      binding.add_agencies(scenes.near.agency);
      binding.add_agencies(scenes.near.other_agency);
      binding.add_officers(scenes.near.officer);
    }
    ASSERT_THAT(suite->Rebind(bindings), IsOk());
    AddRoutes("gateway", suite->Connect());
    AddRoutes("agreements", suite->ConnectDirectly());
    AddRoutes("training", suite->ConnectToTraining());
  }

  // Somebody with all the roles that it takes to have officers, in both offices.
  std::vector<Binding> WhoSetsUp() const {
    std::vector<Binding> bindings;
    for (const char* role : {"national_pm", "field_pm", "training_officer", "fletc_scheduler",
                             "agency_coordinator", "auditor"}) {
      Binding& binding = bindings.emplace_back(Bound(kSetup, role));
      for (const Scene* scene : {&scenes.near, &scenes.far}) {
        binding.add_field_offices(scene->field_office);
        binding.add_agencies(scene->agency);
      }
    }
    return bindings;
  }

  void TearDown() override { std::cout << "checked " << checked << " combinations\n"; }

  // What a server describes; what another than the gateway has is tried through it as well.
  void AddRoutes(const std::string& server, const std::shared_ptr<grpc::Channel>& channel) {
    const auto services = DescribedServices(channel);
    ASSERT_THAT(services, IsOk());
    for (const std::string& name : *services) {
      if (absl::StartsWith(name, "grpc.")) continue;  // Health and reflection: for everybody.
      const ServiceDescriptor* service = FindService(name);
      ASSERT_NE(service, nullptr) << name;
      for (int i = 0; i < service->method_count(); ++i) {
        const std::string log = server == "gateway" ? "agreements" : server;
        routes.push_back({service->method(i), server, log, channel});
        if (server == "gateway" || absl::StartsWith(name, "accord.access.")) continue;
        routes.push_back({service->method(i), "gateway", log, suite->Connect()});
      }
    }
  }

  Outcome Ask(const Route& route, const std::string& role, const Scene& scene) {
    ++checked;
    return Call(route, scene, suite->As(role));
  }

  void ExpectAsTheTableSays(const Route& route, const std::string& role) {
    const std::string method = NameOf(*route.method);
    SCOPED_TRACE(
        absl::StrCat(role, " calls ", method, " of ", route.service, " at ", route.server));
    const std::set<Scope> scopes = table->ScopesOf(role, method);
    const bool of_nobody = !scopes.empty() && OfNoAgency().contains(method);
    if (table->IsOpen(method) || of_nobody || scopes.contains(Scope::WHOLE_PROGRAM)) {
      for (const Scene* scene : {&scenes.near, &scenes.far}) {
        ExpectLetIn(Ask(route, role, *scene));
      }
    } else if (scopes.empty()) {
      ExpectRefused(route, role, "METHOD_NOT_GRANTED");
    } else if (OfTheWholeProgram().contains(method)) {
      ExpectRefused(route, role, kReachTooSmall);
    } else if (method == kCancelOffering) {
      ExpectRefused(route, role, kReachTooSmall);
    } else if (method == kCreateAgency) {
      ExpectCreationWithin(route, role, scopes);
    } else {
      ExpectWithin(route, role);
    }
  }

  static void ExpectLetIn(const Outcome& outcome) {
    // Says of a monitor that the caller sees who is named in it.
    if (GetReason(outcome.status) == "NOT_NAMED") return;
    EXPECT_NE(outcome.status.code(), kDenied) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kUnauthenticated) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kNotFound) << outcome.text;
    // A call that fails for another reason says little about who may make it.
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kInvalidArgument) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kUnimplemented) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kUnavailable) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kResourceExhausted) << outcome.text;
    EXPECT_NE(outcome.status.code(), absl::StatusCode::kInternal) << outcome.text;
  }

  void ExpectRefused(const Route& route, const std::string& role, const std::string& reason) {
    for (const Scene* scene : {&scenes.near, &scenes.far}) {
      EXPECT_THAT(Ask(route, role, *scene).status, FailsWith(kDenied, reason));
    }
  }

  // An agency belongs to an office by its place, and to no binding before it is there.
  void ExpectCreationWithin(const Route& route, const std::string& role,
                            const std::set<Scope>& scopes) {
    const Outcome near = Ask(route, role, scenes.near);
    if (scopes.contains(Scope::FIELD_OFFICE)) {
      ExpectLetIn(near);
    } else {
      EXPECT_THAT(near.status, FailsWith(kDenied, kReachTooSmall));
    }
    EXPECT_THAT(Ask(route, role, scenes.far).status, FailsWith(kDenied, kReachTooSmall));
  }

  // What lies outside is answered as what is not there, also where it is the second of two.
  void ExpectWithin(const Route& route, const std::string& role) {
    ExpectLetIn(Ask(route, role, scenes.near));
    ExpectAsAbsent(route, role, scenes.far, Absent(scenes.far));
    Scene crossed = scenes.near;
    crossed.other_agency = scenes.far.other_agency;
    crossed.other_agreement = scenes.far.other_agreement;
    Scene crossed_absent = scenes.near;
    crossed_absent.other_agency = Absent(scenes.far).other_agency;
    crossed_absent.other_agreement = Absent(scenes.far).other_agreement;
    const auto bytes = [&route](const Scene& scene) {
      return RequestAbout(scene, *route.method, route.service)->SerializeAsString();
    };
    const bool names_two = bytes(crossed) != bytes(scenes.near);
    if (names_two) ExpectAsAbsent(route, role, crossed, crossed_absent);
  }

  void ExpectAsAbsent(const Route& route, const std::string& role, const Scene& hidden,
                      const Scene& absent) {
    const Outcome of_hidden = Ask(route, role, hidden);
    const Outcome of_absent = Ask(route, role, absent);
    EXPECT_EQ(of_hidden.status.code(), of_absent.status.code()) << of_hidden.text;
    EXPECT_EQ(Renamed(of_hidden.text, hidden, absent), of_absent.text);
    EXPECT_NE(of_hidden.status.code(), kDenied) << of_hidden.text;
    EXPECT_NE(of_hidden.status.code(), absl::StatusCode::kInvalidArgument) << of_hidden.text;
  }

  std::unique_ptr<Table> table;
  std::unique_ptr<GatedSuite> suite;
  Scenes scenes;
  std::vector<Route> routes;
  int checked = 0;
};

// The names of all method groups.
std::vector<std::string> GroupsOf(const AccessFile& file) {
  std::vector<std::string> names;
  for (const auto& group : file.method_groups()) names.push_back(group.name());
  return names;
}

void AddRole(const std::string& code, Scope scope, AccessFile& file) {
  auto& role = *file.add_roles();
  role.set_code(code);
  role.set_display_name(code);
  role.add_sources("accord");
  auto& grant = *role.add_grants();
  grant.set_scope(scope);
  for (const std::string& group : GroupsOf(file)) grant.add_method_groups(group);
}

TEST_F(AccessMatrixTest, EveryMethodForEveryRoleAsTheTableSays) {
  ASSERT_NO_FATAL_FAILURE(Start(ReadAccess()));
  ASSERT_GE(table->roles().size(), 20u);
  ASSERT_GE(routes.size(), 200u);
  for (const Route& route : routes) {
    for (const std::string& role : table->roles()) ExpectAsTheTableSays(route, role);
    ExpectAsTheTableSays(route, kNobody);
  }
  EXPECT_GT(checked, 8000);
}

// The shipped table gives most methods to the whole program only. Here somebody has them all
// for an office, and somebody for two agencies.
TEST_F(AccessMatrixTest, EveryMethodKeepsToAnOfficeAndToAnAgency) {
  AccessFile file = ReadAccess();
  file.clear_separations();  // They forbid roles that may do everything.
  AddRole("all_of_an_office", Scope::FIELD_OFFICE, file);
  AddRole("all_of_an_agency", Scope::AGENCY, file);
  ASSERT_NO_FATAL_FAILURE(Start(file));
  for (const Route& route : routes) {
    for (const char* role : {"all_of_an_office", "all_of_an_agency"}) {
      ExpectAsTheTableSays(route, role);
    }
  }
  EXPECT_GT(checked, 900);
}

TEST_F(AccessMatrixTest, AMethodThatTheTableDoesNotNameCannotBeCalled) {
  const std::set<std::string> left_out = {"accord.agreements.v1.Agreements/GetRosterDiscrepancy",
                                          "accord.agreements.v1.Agreements/WithdrawAgreement",
                                          "accord.gateway.v1.Gateway/GetAgencyStatus",
                                          "accord.log.v1.ChangeFeed/GetChange",
                                          "accord.training.v1.Training/ListOfficers"};
  AccessFile file = ReadAccess();
  for (auto& group : *file.mutable_method_groups()) {
    auto& methods = *group.mutable_methods();
    methods.erase(std::remove_if(methods.begin(), methods.end(),
                                 [&](const std::string& name) { return left_out.contains(name); }),
                  methods.end());
  }
  ASSERT_NO_FATAL_FAILURE(Start(file));
  std::set<std::string> tried;
  for (const Route& route : routes) {
    if (!left_out.contains(NameOf(*route.method))) continue;
    tried.insert(NameOf(*route.method));
    for (const std::string& role : table->roles()) {
      SCOPED_TRACE(absl::StrCat(role, " calls ", NameOf(*route.method), " at ", route.server));
      ExpectRefused(route, role, "METHOD_NOT_GRANTED");
    }
  }
  EXPECT_EQ(tried, left_out);
}

// An officer sees no agreement, and is told of theirs what everybody is told.
TEST_F(AccessMatrixTest, AnOfficerIsToldOfTheirAuthorityAsAnybodyIs) {
  ASSERT_NO_FATAL_FAILURE(Start(ReadAccess()));
  const std::string method = "accord.gateway.v1.Gateway/GetOfficerAuthority";
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const Route& each) {
    return NameOf(*each.method) == method;
  });
  ASSERT_NE(route, routes.end());
  const Outcome own = Ask(*route, "officer", scenes.near);
  ASSERT_THAT(own.status, IsOk());
  EXPECT_EQ(own.text, Ask(*route, "auditor", scenes.near).text);
  EXPECT_THAT(own.text, ::testing::HasSubstr("code: \"agreement\""));
  EXPECT_THAT(own.text, ::testing::Not(::testing::HasSubstr("could not be asked")));
  EXPECT_THAT(Ask(*route, "officer", scenes.far).status,
              FailsWith(absl::StatusCode::kNotFound, "OFFICER_NOT_FOUND"));
}

// Rows and counts of one caller: what they list, page by page, and what is counted for them.
struct Seen {
  std::set<std::string> agencies;
  std::set<std::string> agreements;  // Their agencies.
  std::set<std::string> discrepancies;
  std::set<std::string> statuses;
  int total_size = 0;
  int agencies_counted = 0;
  int agreements_counted = 0;
  std::set<std::string> offices_counted;
};

// Every value of one field over all pages, of one row each.
template <typename Stub, typename Method, typename Request, typename Rows>
std::set<std::string> Pages(Stub& stub, const Method& method, Request request, const Rows& rows,
                            const rpc::CallOptions& options) {
  std::set<std::string> values;
  int pages = 0;
  do {
    request.set_page_size(1);
    const auto page = rpc::CallUnary(stub, method, request, options);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return values;
    EXPECT_LE(rows(*page).size(), 1u);
    for (const std::string& value : rows(*page)) values.insert(value);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && ++pages < 100);
  // Each page but a last, empty one showed something: nobody pages over what is hidden.
  EXPECT_LE(pages, static_cast<int>(values.size()));
  return values;
}

template <typename Rows, typename Get>
std::vector<std::string> Column(const Rows& rows, const Get& get) {
  std::vector<std::string> values;
  for (const auto& row : rows) values.push_back(get(row));
  return values;
}

Seen LookAround(const std::shared_ptr<grpc::Channel>& channel, const rpc::CallOptions& options) {
  using agreements::v1::Agreements;
  using gateway::v1::Gateway;
  const auto record = Agreements::NewStub(channel);
  const auto views = Gateway::NewStub(channel);
  Seen seen;
  seen.agencies = Pages(
      *record, &Agreements::Stub::ListAgencies, agreements::v1::ListAgenciesRequest(),
      [](const auto& page) {
        return Column(page.agencies(), [](const auto& row) { return row.name(); });
      },
      options);
  seen.agreements = Pages(
      *record, &Agreements::Stub::ListAgreements, agreements::v1::ListAgreementsRequest(),
      [](const auto& page) {
        return Column(page.agreements(), [](const auto& row) { return row.agency(); });
      },
      options);
  seen.discrepancies = Pages(
      *record, &Agreements::Stub::ListRosterDiscrepancies,
      agreements::v1::ListRosterDiscrepanciesRequest(),
      [](const auto& page) {
        return Column(page.roster_discrepancies(), [](const auto& row) { return row.agency(); });
      },
      options);
  seen.statuses = Pages(
      *views, &Gateway::Stub::ListAgencyStatuses, gateway::v1::ListAgencyStatusesRequest(),
      [&seen](const auto& page) {
        seen.total_size = page.total_size();
        return Column(page.statuses(), [](const auto& row) { return row.agency(); });
      },
      options);
  gateway::v1::GetProgramMetricsRequest request;
  request.set_fictitious(true);
  const auto metrics = rpc::CallUnary(*views, &Gateway::Stub::GetProgramMetrics, request, options);
  EXPECT_THAT(metrics, IsOk());
  if (!metrics.ok()) return seen;
  seen.agencies_counted = metrics->in_force().agencies();
  seen.agreements_counted = metrics->in_force().agreements();
  for (const auto& count : metrics->by_field_office()) {
    if (count.agreements() > 0) seen.offices_counted.insert(count.key());
  }
  return seen;
}

TEST_F(AccessMatrixTest, ListsAndCountsHoldTheCallersOwnRowsOnly) {
  ASSERT_NO_FATAL_FAILURE(Start(ReadAccess()));
  const std::set<std::string> near = {scenes.near.agency, scenes.near.other_agency};
  std::set<std::string> all = near;
  all.insert({scenes.far.agency, scenes.far.other_agency});
  for (const auto& [role, own] : std::map<std::string, std::set<std::string>>{
           {"field_pm", near}, {"agency_coordinator", near}, {"unit_chief", all}}) {
    SCOPED_TRACE(role);
    const Seen seen = LookAround(suite->Connect(), suite->As(role));
    EXPECT_EQ(seen.agencies, own);
    EXPECT_EQ(seen.agreements, own);
    EXPECT_EQ(seen.discrepancies, own);
    EXPECT_EQ(seen.statuses, own);
    EXPECT_EQ(seen.total_size, static_cast<int>(own.size()));
    EXPECT_EQ(seen.agencies_counted, static_cast<int>(own.size()));
    EXPECT_EQ(seen.agreements_counted, static_cast<int>(own.size()));
    EXPECT_EQ(seen.offices_counted.size(), own.size() / 2);
  }
}

}  // namespace
}  // namespace accord::testing
