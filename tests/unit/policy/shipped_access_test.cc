// The table of roles that ships, against the services' methods.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "accord/access/v1/access.pb.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "accord/log/v1/erasure.pb.h"
#include "accord/log/v1/log.pb.h"
#include "accord/training/v1/training.pb.h"
#include "common/policy/access_policy.h"
#include "common/policy/policy.h"
#include "common/policy/text_file.h"
#include "common/testing/matchers.h"

namespace accord {
namespace {

using policy::v1::AccessFile;
using policy::v1::Binding;

std::string PathOf(const char* file) {
  return absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/", file);
}

AccessFile ReadTable() {
  AccessFile file;
  const std::string path = PathOf("access.textproto");
  EXPECT_TRUE(ParseText(ReadPolicyFile(path).value(), path, file).ok());
  return file;
}

// Every method of every service, from the services' own descriptions.
std::set<std::string> AllMethods() {
  std::set<std::string> methods;
  for (const google::protobuf::FileDescriptor* file :
       {agreements::v1::Agency::descriptor()->file(),
        agreements::v1::GetAgencyRequest::descriptor()->file(),
        gateway::v1::AgencyStatus::descriptor()->file(),
        training::v1::GetOfficerRequest::descriptor()->file(),
        log::v1::Change::descriptor()->file(), log::v1::Checkpoint::descriptor()->file(),
        log::v1::ErasePersonalFieldsRequest::descriptor()->file(),
        access::v1::WhoAmIRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        methods.insert(absl::StrCat(service->full_name(), "/", service->method(j)->name()));
      }
    }
  }
  return methods;
}

bool MayCall(const AccessPolicy& table, const std::string& role, const std::string& method) {
  Binding binding;
  binding.set_role(role);
  binding.add_field_offices("fieldOffices/x");
  binding.add_agencies("agencies/x");
  binding.add_officers("officers/x");
  return !table.ReachOf({binding}, method).nowhere();
}

bool OnlyReads(const std::string& method) {
  const std::string name = method.substr(method.find('/') + 1);
  for (const char* verb : {"Get", "List", "BatchGet", "Watch", "Verify", "Export", "Explain",
                           "Preview", "WhoAmI", "CheckAccess"}) {
    if (absl::StartsWith(name, verb)) return true;
  }
  return false;
}

class ShippedAccessTest : public ::testing::Test {
 protected:
  const AccessFile file = ReadTable();
  const std::shared_ptr<const AccessPolicy> table =
      AccessPolicy::Load(PathOf("access.textproto")).value();
};

TEST_F(ShippedAccessTest, EveryMethodIsGrantedToSomebody) {
  const std::set<std::string> methods = AllMethods();
  EXPECT_GE(methods.size(), 100u);
  for (const std::string& method : methods) EXPECT_TRUE(table->Names(method)) << method;
}

TEST_F(ShippedAccessTest, NamesNoMethodThatIsNotThere) {
  const std::set<std::string> methods = AllMethods();
  for (const auto& group : file.method_groups()) {
    for (const std::string& method : group.methods()) {
      EXPECT_TRUE(methods.contains(method)) << method;
    }
  }
}

TEST_F(ShippedAccessTest, SourcesAreThoseOfThePolicy) {
  const auto policy = Policy::Load(PathOf("287g.textproto")).value();
  std::set<std::string> known = {"accord"};
  for (const auto& source : policy->versions().back()->version().sources()) {
    known.insert(source.key());
  }
  for (const auto& role : file.roles()) {
    for (const std::string& source : role.sources()) EXPECT_TRUE(known.contains(source)) << source;
  }
  for (const auto& separation : file.separations()) {
    for (const std::string& source : separation.sources()) {
      EXPECT_TRUE(known.contains(source)) << source;
    }
  }
}

TEST_F(ShippedAccessTest, AFieldOfficeReviewsItsOwn) {
  Binding binding;
  binding.set_role("field_pm");
  binding.add_field_offices("fieldOffices/x");
  const Reach reach = table->ReachOf({binding}, "accord.agreements.v1.Agreements/StartReview");
  EXPECT_EQ(reach, (Reach{.field_offices = {"fieldOffices/x"}}));
}

TEST_F(ShippedAccessTest, WhoReadsForAnAuditChangesNothing) {
  for (const std::string& method : AllMethods()) {
    EXPECT_EQ(MayCall(*table, "auditor", method), OnlyReads(method)) << method;
    EXPECT_EQ(MayCall(*table, "audit_liaison", method), OnlyReads(method)) << method;
  }
}

TEST_F(ShippedAccessTest, WhoReadsForAnAuditIsRecorded) {
  for (const auto& role : file.roles()) {
    const bool audits = role.code() == "auditor" || role.code() == "audit_liaison";
    EXPECT_EQ(role.log_reads_recorded(), audits) << role.code();
  }
}

struct Duties {
  std::string name;
  std::string code;
  std::string first;
  std::string second;
};

class SeparatedDutiesTest : public ShippedAccessTest,
                            public ::testing::WithParamInterface<Duties> {};

TEST_P(SeparatedDutiesTest, NeitherByRoleNorByPerson) {
  const auto& [name, code, first, second] = GetParam();
  ASSERT_TRUE(table->Names(first));
  ASSERT_TRUE(table->Names(second));
  for (const auto& role : file.roles()) {
    EXPECT_FALSE(MayCall(*table, role.code(), first) && MayCall(*table, role.code(), second))
        << role.code();
  }
  // Nor does somebody with both roles, with the same resource.
  const auto& rules = table->separations().Before(second);
  ASSERT_EQ(rules.size(), 1);
  EXPECT_EQ(rules[0].code, code);
  EXPECT_THAT(rules[0].first_actions, ::testing::Contains(first.substr(first.find('/') + 1)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, SeparatedDutiesTest,
    ::testing::Values(
        Duties{"ApplyApprove", "apply_approve", "accord.agreements.v1.Agreements/CreateAgreement",
               "accord.agreements.v1.Agreements/ApproveAgreement"},
        Duties{"TrainWaive", "train_waive", "accord.training.v1.Training/RecordCompletion",
               "accord.training.v1.Training/GrantWaiver"},
        Duties{"ImportWaive", "train_waive", "accord.training.v1.Training/ImportCompletions",
               "accord.training.v1.Training/GrantWaiver"},
        Duties{"ProposeRevoke", "propose_revoke", "accord.training.v1.Training/ProposeRevocation",
               "accord.training.v1.Training/DecideRevocation"},
        Duties{"ProposeRetain", "propose_revoke", "accord.training.v1.Training/ProposeRevocation",
               "accord.training.v1.Training/RetainOfficer"},
        Duties{"ProposeReinstate", "propose_revoke",
               "accord.training.v1.Training/ProposeRevocation",
               "accord.training.v1.Training/ReinstateOfficer"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ShippedAccessTest, AnOfficerReachesTheirOwnRecordOnly) {
  Binding binding;
  binding.set_role("officer");
  binding.add_officers("officers/x");
  std::set<std::string> may;
  for (const std::string& method : AllMethods()) {
    const Reach reach = table->ReachOf({binding}, method);
    if (!reach.officers.empty()) may.insert(method);
    EXPECT_FALSE(reach.whole || !reach.field_offices.empty() || !reach.agencies.empty()) << method;
  }
  EXPECT_EQ(may, (std::set<std::string>{"accord.gateway.v1.Gateway/GetOfficerAuthority",
                                        "accord.training.v1.Training/ExplainCertification",
                                        "accord.training.v1.Training/GetCertification",
                                        "accord.training.v1.Training/GetOfficerRecord"}));
}

TEST_F(ShippedAccessTest, WhoHasNoRoleLearnsOnlyOfThemselves) {
  for (const std::string& method : AllMethods()) {
    const bool of_oneself = absl::StartsWith(method, "accord.access.v1.Access/");
    EXPECT_EQ(table->ReachOf({}, method), (Reach{.self = of_oneself})) << method;
  }
}

TEST_F(ShippedAccessTest, OnlyTheOperatorErases) {
  constexpr char kErase[] = "accord.log.v1.Erasure/ErasePersonalFields";
  EXPECT_EQ(table->RolesGranted(kErase), std::vector<std::string>{"admin"});
}

TEST_F(ShippedAccessTest, EveryCallIsLimitedButThoseOfServices) {
  for (const std::string& role : table->roles()) {
    Binding binding;
    binding.set_role(role);
    for (const std::string& method : AllMethods()) {
      EXPECT_EQ(table->LimitsOf({binding}, method).empty(), role == kServiceRole)
          << role << " " << method;
    }
  }
  EXPECT_FALSE(table->LimitsOf({}, "accord.access.v1.Access/WhoAmI").empty());
}

TEST_F(ShippedAccessTest, TheWholeLogIsForRolesOfTheWholeProgram) {
  constexpr char kWatch[] = "accord.log.v1.ChangeFeed/WatchChanges";
  for (const auto& role : file.roles()) {
    Binding binding;
    binding.set_role(role.code());
    binding.add_field_offices("fieldOffices/x");
    binding.add_agencies("agencies/x");
    const Reach reach = table->ReachOf({binding}, kWatch);
    EXPECT_TRUE(reach.nowhere() || reach.whole) << role.code();
  }
}

}  // namespace
}  // namespace accord
