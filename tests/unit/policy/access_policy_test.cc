#include "common/policy/access_policy.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"

namespace accord {
namespace {

using policy::v1::Binding;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr char kTable[] = R"pb(
  method_groups { name: "read" methods: "a.v1.S/Get" methods: "a.v1.S/List" }
  method_groups { name: "write" methods: "a.v1.S/Update" }
  roles {
    code: "chief"
    display_name: "Chief"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "read" method_groups: "write" }
  }
  roles {
    code: "field"
    display_name: "Field"
    sources: "X"
    grants { scope: FIELD_OFFICE method_groups: "read" }
  }
  roles {
    code: "coordinator"
    display_name: "Coordinator"
    sources: "X"
    grants { scope: AGENCY method_groups: "read" }
    grants { scope: SELF method_groups: "write" }
  }
  roles { code: "nothing" display_name: "Nothing" sources: "X" }
)pb";

std::shared_ptr<const AccessPolicy> Table() { return AccessPolicy::Parse(kTable, "table").value(); }

Binding Has(const std::string& role) {
  Binding binding;
  binding.set_role(role);
  binding.add_field_offices("fieldOffices/miami");
  binding.add_agencies("agencies/1");
  binding.add_officers("officers/1");
  return binding;
}

struct Case {
  std::string name;
  std::vector<std::string> roles;
  std::string method;
  Reach reach;
};

class ReachTest : public ::testing::TestWithParam<Case> {};

TEST_P(ReachTest, IsWhatTheTableSays) {
  std::vector<Binding> roles;
  for (const std::string& role : GetParam().roles) roles.push_back(Has(role));
  EXPECT_EQ(Table()->ReachOf(roles, GetParam().method), GetParam().reach);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReachTest,
    ::testing::Values(
        Case{"Whole", {"chief"}, "a.v1.S/Update", Reach::Whole()},
        Case{"Office", {"field"}, "a.v1.S/Get", {.field_offices = {"fieldOffices/miami"}}},
        Case{"NotGranted", {"field"}, "a.v1.S/Update", {}},
        Case{"Agency", {"coordinator"}, "a.v1.S/List", {.agencies = {"agencies/1"}}},
        Case{"Self", {"coordinator"}, "a.v1.S/Update", {.self = true, .officers = {"officers/1"}}},
        Case{"RolesAddUp",
             {"field", "coordinator"},
             "a.v1.S/Get",
             {.field_offices = {"fieldOffices/miami"}, .agencies = {"agencies/1"}}},
        Case{"UnknownMethod", {"chief"}, "a.v1.S/Delete", {}},
        Case{"AlmostTheMethod", {"chief"}, "a.v1.S/Ge", {}}, Case{"NoRole", {}, "a.v1.S/Get", {}},
        Case{"UnknownRole", {"king"}, "a.v1.S/Get", {}},
        Case{"RoleWithoutGrants", {"nothing"}, "a.v1.S/Get", {}}),
    [](const auto& info) { return info.param.name; });

TEST(ReachCoversTest, WhatIsWithinIt) {
  const Reach reach{.field_offices = {"fieldOffices/miami"}, .agencies = {"agencies/1"}};
  EXPECT_TRUE(reach.Covers("agencies/1", "fieldOffices/dallas"));
  EXPECT_TRUE(reach.Covers("agencies/2", "fieldOffices/miami"));
  EXPECT_FALSE(reach.Covers("agencies/2", "fieldOffices/dallas"));
  EXPECT_FALSE(reach.Covers("agencies/2", ""));
  EXPECT_TRUE(Reach::Whole().Covers("agencies/2", ""));
  EXPECT_FALSE(Reach().Covers("agencies/1", "fieldOffices/miami"));
  EXPECT_TRUE(Reach().nowhere());
}

TEST(ReachCoversTest, AnOfficeThatIsNotOnRecordIsNobodys) {
  EXPECT_FALSE((Reach{.field_offices = {""}}).Covers("agencies/2", ""));
}

TEST(ReachCoversTest, AnOfficerIsWithinTheirOwn) {
  const Reach reach{.self = true, .officers = {"officers/1", ""}};
  EXPECT_TRUE(reach.Covers("agencies/1", "fieldOffices/miami", "officers/1"));
  EXPECT_FALSE(reach.Covers("agencies/1", "fieldOffices/miami", "officers/2"));
  EXPECT_FALSE(reach.Covers("agencies/1", "fieldOffices/miami"));
  EXPECT_FALSE(reach.nowhere());
  EXPECT_FALSE((Reach{.officers = {"officers/1"}}).nowhere());
}

TEST(AccessPolicyTest, NamesEveryFault) {
  const auto table = AccessPolicy::Parse(
      R"pb(
        method_groups { name: "read" methods: "a.v1.S/Get" methods: "a.v1.S/Get" methods: "Get" }
        method_groups { name: "read" }
        roles {
          code: "A"
          grants { method_groups: "no_such" }
        }
        roles {
          code: "b"
          display_name: "B"
          sources: "X"
          grants { scope: SELF }
        }
        roles { code: "b" display_name: "B" sources: "X" }
      )pb",
      "table");
  EXPECT_THAT(table, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const std::string message(table.status().message());
  for (const char* field :
       {"method_groups[0].methods[1]", "method_groups[0].methods[2]", "method_groups[1].name",
        "method_groups[1].methods", "roles[0].code", "roles[0].display_name", "roles[0].sources",
        "roles[0].grants[0].scope", "roles[0].grants[0].method_groups[0]",
        "roles[1].grants[0].method_groups", "roles[2].code"}) {
    EXPECT_THAT(message, HasSubstr(absl::StrCat(field, ": "))) << field;
  }
}

// A table that is good, but for `more`.
absl::Status ParseWith(const std::string& more) {
  return AccessPolicy::Parse(absl::StrCat(kTable, more), "table").status();
}

TEST(AccessPolicyTest, NamesEveryFaultOfSeparationsLimitsAndOpenGroups) {
  const absl::Status status = ParseWith(R"pb(
    open_groups: "no_such"
    separations { code: "S" first_groups: "no_such" second_groups: "no_such" }
    separations { code: "t" words: "w" sources: "X" }
    separations { code: "t" words: "w" sources: "X" first_groups: "read" second_groups: "read" }
    caller_limits {
      code: "L"
      roles: "king"
      method_groups: "no_such"
      period { seconds: 0 nanos: 999999999 }
    }
    caller_limits {
      code: "m"
      calls: 1
      period { seconds: 2678400 nanos: 1 }
    }
    caller_limits {
      code: "m"
      calls: -1
      period { seconds: 1 nanos: -1 }
    }
  )pb");
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field :
       {"open_groups[0]", "separations[0].code", "separations[0].words", "separations[0].sources",
        "separations[0].first_groups[0]", "separations[0].second_groups[0]",
        "separations[1].first_groups", "separations[1].second_groups", "separations[2].code",
        "separations[2].second_groups", "caller_limits[0].code", "caller_limits[0].roles[0]",
        "caller_limits[0].method_groups[0]", "caller_limits[0].calls", "caller_limits[0].period",
        "caller_limits[1].period", "caller_limits[2].code", "caller_limits[2].calls",
        "caller_limits[2].period"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(field, ": "))) << field;
  }
}

constexpr char kReadWrite[] = R"pb(
  separations {
    code: "read_write"
    words: "Who reads does not write."
    sources: "X"
    first_groups: "read"
    second_groups: "write"
  }
)pb";

TEST(AccessPolicyTest, NoRoleIsGrantedBothSidesOfASeparation) {
  const absl::Status status = ParseWith(kReadWrite);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const std::string message(status.message());
  // In one grant, and in two.
  EXPECT_THAT(message, HasSubstr("role chief is granted both sides of read_write"));
  EXPECT_THAT(message, HasSubstr("role coordinator is granted both sides of read_write"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("role field")));
}

constexpr char kSmallTable[] = R"pb(
  method_groups { name: "read" methods: "a.v1.S/Get" }
  method_groups { name: "write" methods: "a.v1.S/Update" methods: "a.v1.S/Create" }
  method_groups { name: "ask" methods: "a.v1.S/WhoAmI" }
  open_groups: "ask"
  roles {
    code: "reader"
    display_name: "R"
    sources: "X"
    grants { scope: FIELD_OFFICE method_groups: "read" }
    grants { scope: SELF method_groups: "read" }
  }
  roles {
    code: "writer"
    display_name: "W"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "write" }
  }
  roles {
    code: "service"
    display_name: "S"
    sources: "X"
    grants { scope: WHOLE_PROGRAM method_groups: "read" }
  }
  caller_limits {
    code: "all"
    calls: 100
    period { seconds: 1 nanos: 500000000 }
  }
  caller_limits {
    code: "all_of_readers"
    roles: "reader"
    calls: 10
    period { seconds: 1 }
  }
  caller_limits {
    code: "writes"
    method_groups: "write"
    calls: 5
    period { seconds: 2678400 }
  }
  caller_limits {
    code: "of_services"
    roles: "service"
    method_groups: "read"
    calls: 7
    period { seconds: 1 }
  }
)pb";

std::shared_ptr<const AccessPolicy> SmallTable() {
  return AccessPolicy::Parse(absl::StrCat(kSmallTable, kReadWrite), "small").value();
}

TEST(AccessPolicyTest, TellsWhoIsGrantedWhatAndWhatBindsIt) {
  const auto table = SmallTable();
  EXPECT_THAT(table->roles(), ElementsAre("reader", "writer", "service"));
  EXPECT_THAT(table->methods(),
              ElementsAre("a.v1.S/Create", "a.v1.S/Get", "a.v1.S/Update", "a.v1.S/WhoAmI"));
  EXPECT_THAT(table->RolesGranted("a.v1.S/Get"), ElementsAre("reader", "service"));
  EXPECT_THAT(table->ScopesGranted("reader", "a.v1.S/Get"),
              ElementsAre(policy::v1::FIELD_OFFICE, policy::v1::SELF));
  EXPECT_THAT(table->ScopesGranted("reader", "a.v1.S/Update"), ElementsAre());
  ASSERT_EQ(table->separations().Before("a.v1.S/Update").size(), 1u);
  EXPECT_EQ(table->separations().Before("a.v1.S/Update")[0].code, "read_write");
  EXPECT_TRUE(table->separations().Before("a.v1.S/Get").empty());
}

TEST(AccessPolicyTest, WhatIsOpenNeedsNoRole) {
  const auto table = SmallTable();
  EXPECT_TRUE(table->IsOpen("a.v1.S/WhoAmI"));
  EXPECT_TRUE(table->Names("a.v1.S/WhoAmI"));
  EXPECT_EQ(table->ReachOf({}, "a.v1.S/WhoAmI"), (Reach{.self = true}));
  EXPECT_FALSE(table->IsOpen("a.v1.S/Get"));
  EXPECT_TRUE(table->ReachOf({}, "a.v1.S/Get").nowhere());
}

TEST(AccessPolicyTest, WhichLimitsBindWhom) {
  const auto table = SmallTable();
  const auto codes = [&table](const std::vector<Binding>& roles, const std::string& method) {
    std::vector<std::string> found;
    for (const CallLimit* limit : table->LimitsOf(roles, method)) found.push_back(limit->code);
    return found;
  };
  EXPECT_THAT(codes({Has("writer")}, "a.v1.S/Get"), ElementsAre("all"));
  EXPECT_THAT(codes({Has("writer")}, "a.v1.S/Update"), ElementsAre("all", "writes"));
  // A limit of the same methods that names the role stands in for the one that names none.
  EXPECT_THAT(codes({Has("reader")}, "a.v1.S/Get"), ElementsAre("all_of_readers"));
  EXPECT_THAT(codes({Has("reader")}, "a.v1.S/Update"), ElementsAre("all_of_readers", "writes"));
  EXPECT_THAT(codes({Has("reader"), Has("writer")}, "a.v1.S/Get"),
              ElementsAre("all", "all_of_readers"));
  EXPECT_THAT(codes({}, "a.v1.S/WhoAmI"), ElementsAre("all"));
  EXPECT_THAT(codes({Has("service")}, "a.v1.S/Get"), ElementsAre("of_services"));
  EXPECT_THAT(codes({Has("service")}, "a.v1.S/Update"), ElementsAre());
  const CallLimit& all = *table->LimitsOf({Has("writer")}, "a.v1.S/Get")[0];
  EXPECT_EQ(all.calls, 100);
  EXPECT_EQ(all.period, absl::Milliseconds(1500));
}

TEST(AccessPolicyTest, AnEmptyTableIsRefused) {
  EXPECT_THAT(AccessPolicy::Parse("", "table"),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(AccessPolicy::Parse("nonsense {", "table"),
              FailsWith(absl::StatusCode::kInvalidArgument, "POLICY_UNREADABLE"));
  EXPECT_THAT(AccessPolicy::Load("/no/such/file"),
              FailsWith(absl::StatusCode::kNotFound, "POLICY_FILE_MISSING"));
}

TEST(RoleBindingsTest, FindsWhoHasWhat) {
  const auto bindings =
      RoleBindings::Parse(R"pb(
                            bindings { issuer: "https://id" subject: "u1" role: "chief" }
                            bindings {
                              issuer: "https://id"
                              subject: "u1"
                              role: "field"
                              field_offices: "fieldOffices/x"
                            }
                            bindings { issuer: "https://other" subject: "u1" role: "nothing" }
                          )pb",
                          "bindings", *Table());
  ASSERT_THAT(bindings, IsOk());
  EXPECT_EQ((*bindings)->Of("https://id", "u1").size(), 2);
  EXPECT_EQ((*bindings)->Of("https://other", "u1")[0].role(), "nothing");
  // The same name at another provider is somebody else.
  EXPECT_TRUE((*bindings)->Of("https://third", "u1").empty());
  EXPECT_TRUE((*bindings)->Of("https://id", "u2").empty());
}

TEST(RoleBindingsTest, NamesEveryFault) {
  const auto bindings = RoleBindings::Parse(
      R"pb(
        bindings { role: "king" field_offices: "miami" agencies: "agencies/" officers: "officer/1" }
      )pb",
      "bindings", *Table());
  EXPECT_THAT(bindings, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  for (const char* field :
       {"issuer", "subject", "role", "field_offices[0]", "agencies[0]", "officers[0]"}) {
    EXPECT_THAT(std::string(bindings.status().message()),
                HasSubstr(absl::StrCat("bindings[0].", field, ": ")));
  }
}

}  // namespace
}  // namespace accord
