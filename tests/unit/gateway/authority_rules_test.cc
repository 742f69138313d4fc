#include "services/gateway/authority_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/gateway/records.h"

namespace accord::gateway {
namespace {

using Condition = tv1::AuthorityCondition;
using State = av1::Agreement;
using Verdict = v1::OfficerAuthority;

const PolicyView& Shipped() {
  static const auto& policy = *new std::shared_ptr<const Policy>(
      Policy::Load(absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/287g.textproto")).value());
  return *policy->versions().back();
}

Condition Of(const std::string& code, Condition::State state, const std::string& through = "") {
  Condition condition;
  condition.set_code(code);
  condition.set_state(state);
  if (!through.empty()) *condition.mutable_holds_through() = ToProto(Day(through));
  return condition;
}

tv1::OfficerRecord Record(const std::string& text, const std::vector<Condition>& conditions) {
  tv1::OfficerRecord record;
  record.mutable_officer()->set_name("officers/1");
  record.mutable_officer()->set_agency("agencies/1");
  record.mutable_officer()->set_agreement("agreements/1");
  record.mutable_officer()->set_template_(text);
  record.mutable_conditions()->Assign(conditions.begin(), conditions.end());
  return record;
}

struct Case {
  std::string what;
  std::string text;  // The template's code.
  std::vector<Condition> conditions;
  bool asked;  // Whether the agreements service has answered.
  std::vector<Move> moves;
  Verdict::Verdict verdict;
  std::string first;  // Code of the worst condition.
  std::string valid_until;
};

const std::vector<Move> kInForce = {{State::ACTIVE, "2025-01-01"}};
const char kWso[] = "WSO-2025-02-15";
const char kJem[] = "JEM-2025-02-15";

std::vector<Case> Cases() {
  const Condition proven = Of("certification", Condition::PROVEN);
  return {
      {"all proven, no IT duty",
       kWso,
       {proven},
       true,
       kInForce,
       Verdict::AUTHORIZED,
       "certification",
       ""},
      {"it ends with the first condition that ends",
       kWso,
       {Of("certification", Condition::PROVEN, "2025-09-30"),
        Of("authorization_term", Condition::PROVEN, "2025-08-31")},
       true,
       kInForce,
       Verdict::AUTHORIZED,
       "certification",
       "2025-09-01"},
      {"it ends when the agreement is to be suspended",
       kWso,
       {Of("certification", Condition::PROVEN, "2025-09-30")},
       true,
       {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-08-01", "2025-07-01"}},
       Verdict::AUTHORIZED,
       "certification",
       "2025-08-01"},
      {"equipment cannot be proven yet",
       kJem,
       {proven},
       true,
       kInForce,
       Verdict::NOT_PROVEN,
       "equipment",
       ""},
      {"an unknown text may ask for equipment",
       "",
       {proven},
       true,
       kInForce,
       Verdict::NOT_PROVEN,
       "equipment",
       ""},
      {"training lapsed",
       kWso,
       {Of("certification", Condition::DISPROVEN)},
       true,
       kInForce,
       Verdict::NOT_AUTHORIZED,
       "certification",
       ""},
      {"what is disproven weighs more than what is not proven",
       kJem,
       {Of("certification", Condition::NOT_PROVEN), Of("revocation", Condition::DISPROVEN)},
       true,
       kInForce,
       Verdict::NOT_AUTHORIZED,
       "revocation",
       ""},
      {"the agreement is suspended",
       kWso,
       {proven},
       true,
       {{State::ACTIVE, "2025-01-01"}, {State::SUSPENDED, "2025-07-01", "2025-07-01"}},
       Verdict::NOT_AUTHORIZED,
       "agreement",
       ""},
      {"the agreement is not in force yet",
       kWso,
       {proven},
       true,
       {{State::APPLIED, "2025-01-01"}},
       Verdict::NOT_AUTHORIZED,
       "agreement",
       ""},
      {"agreements could not be asked",
       kWso,
       {proven},
       false,
       {},
       Verdict::NOT_PROVEN,
       "agreement",
       ""},
      {"a condition of a state that is not known",
       kWso,
       {Of("certification", Condition::STATE_UNSPECIFIED)},
       true,
       kInForce,
       Verdict::NOT_PROVEN,
       "certification",
       ""},
  };
}

TEST(AuthorityRulesTest, FailsClosedAndSaysWhy) {
  for (const Case& each : Cases()) {
    const av1::Agreement agreement = MakeAgreement("agreements/1", "agencies/1", each.moves);
    const v1::OfficerAuthority authority =
        OfficerAuthorityOn(Record(each.text, each.conditions), each.asked ? &agreement : nullptr,
                           Shipped(), Zone(), Day("2025-07-02"));
    EXPECT_EQ(authority.verdict(), each.verdict) << each.what;
    ASSERT_FALSE(authority.conditions().empty()) << each.what;
    EXPECT_EQ(authority.conditions(0).code(), each.first) << each.what;
    const auto until = FromProto(authority.valid_until());
    EXPECT_EQ(until ? FormatDate(*until) : "", each.valid_until) << each.what;
    EXPECT_EQ(authority.agency(), "agencies/1");
    for (const Condition& condition : authority.conditions()) {
      if (condition.code() == "certification" || condition.code() == "revocation") continue;
      if (condition.code() == "authorization_term") continue;
      EXPECT_FALSE(condition.clause().empty()) << each.what << ": " << condition.code();
      EXPECT_FALSE(condition.text().empty()) << each.what << ": " << condition.code();
    }
  }
}

TEST(AuthorityRulesTest, EquipmentNamesItsDutyWhereOneIsOnRecord) {
  const av1::Agreement agreement = MakeAgreement("agreements/1", "agencies/1", kInForce);
  const auto clause = [&](const std::string& text) {
    const auto authority =
        OfficerAuthorityOn(Record(text, {}), &agreement, Shipped(), Zone(), Day("2025-07-02"));
    for (const Condition& condition : authority.conditions()) {
      if (condition.code() == "equipment") return condition.clause();
    }
    return std::string();
  };
  EXPECT_THAT(clause(kJem), testing::HasSubstr("duty it_infrastructure [MOA-J25"));
  EXPECT_THAT(clause(kWso), testing::HasSubstr("duty it_infrastructure [MOA-W25"));
  EXPECT_EQ(clause(""), "no rule on record");
}

TEST(AuthorityRulesTest, MadeUpOfficersSaySo) {
  tv1::OfficerRecord record = Record(kWso, {Of("certification", Condition::PROVEN)});
  record.mutable_officer()->set_fictitious(true);
  const av1::Agreement agreement = MakeAgreement("agreements/1", "agencies/1", kInForce);
  const auto authority =
      OfficerAuthorityOn(record, &agreement, Shipped(), Zone(), Day("2025-07-02"));
  EXPECT_TRUE(authority.fictitious());
  EXPECT_EQ(authority.basis(), av1::SYNTHETIC);
}

}  // namespace
}  // namespace accord::gateway
