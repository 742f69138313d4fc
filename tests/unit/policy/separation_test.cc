#include "common/policy/separation.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace accord {
namespace {

using ::testing::IsEmpty;

constexpr char kTable[] = R"pb(
  method_groups { name: "apply" methods: "a.v1.S/Create" methods: "a.v1.S/Withdraw" }
  method_groups { name: "order" methods: "b.v1.T/Create" }
  method_groups { name: "decide" methods: "a.v1.S/Approve" methods: "b.v1.T/Approve" }
  method_groups { name: "propose" methods: "a.v1.S/Propose" }
  separations {
    code: "apply_approve"
    first_groups: "apply"
    first_groups: "order"
    second_groups: "decide"
    words: "Who applies does not approve"
  }
  separations {
    code: "propose_decide"
    first_groups: "propose"
    second_groups: "decide"
    words: "Who proposes does not decide"
  }
)pb";

SeparationRules Rules() {
  policy::v1::AccessFile file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kTable, &file));
  return SeparationRules(file);
}

struct Case {
  std::string name;
  std::string method;
  // Of each rule: its code and the actions that come first.
  std::vector<std::string> rules;
};

class SeparationRulesTest : public ::testing::TestWithParam<Case> {};

TEST_P(SeparationRulesTest, SayWhatComesBefore) {
  std::vector<std::string> told;
  const SeparationRules rules = Rules();
  for (const SeparationRule& rule : rules.Before(GetParam().method)) {
    std::string text = rule.code + ":";
    for (const std::string& action : rule.first_actions) text += " " + action;
    told.push_back(text);
  }
  EXPECT_EQ(told, GetParam().rules);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SeparationRulesTest,
    ::testing::Values(Case{"Second",
                           "a.v1.S/Approve",
                           {"apply_approve: Create Withdraw", "propose_decide: Propose"}},
                      // Proposals are made in the other service, which has its own log.
                      Case{"ActionsOfItsOwnServiceOnly",
                           "b.v1.T/Approve",
                           {"apply_approve: Create", "propose_decide:"}},
                      Case{"First", "a.v1.S/Create", {}}, Case{"Unnamed", "a.v1.S/Get", {}},
                      Case{"AnotherService", "c.v1.S/Approve", {}},
                      Case{"WithoutItsService", "Approve", {}}),
    [](const auto& info) { return info.param.name; });

TEST(SeparationTableTest, WithoutATableThereAreNone) {
  EXPECT_THAT(SeparationRules().Before("a.v1.S/Approve"), IsEmpty());
}

TEST(SeparationTableTest, WordsAreTheTables) {
  const SeparationRules rules = Rules();
  EXPECT_EQ(rules.Before("b.v1.T/Approve").at(0).words, "Who applies does not approve");
}

}  // namespace
}  // namespace accord
