// Which steps are legal, written down once more.
#include "services/training/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "accord/training/v1/training.pb.h"

namespace accord::training {
namespace {

using Case = v1::RevocationCase;
using E = v1::Enrollment;
using O = v1::Officer;

TEST(StepsTest, AnOfficersWay) {
  const std::map<O::State, std::vector<Step>> legal = {
      {O::STATE_UNSPECIFIED, {}},
      {O::NOMINATED, {Step::kClear, Step::kScreenOut, Step::kWithdraw}},
      {O::SCREENED, {Step::kStartTraining, Step::kWithdraw}},
      {O::SCREENED_OUT, {}},
      {O::IN_TRAINING, {Step::kCertify, Step::kWithdraw}},
      {O::CERTIFIED, {Step::kAuthorize, Step::kWithdraw}},
      {O::AUTHORIZED, {Step::kAuthorize, Step::kWithdraw}},
      {O::DISQUALIFIED, {}},
      {O::WITHDRAWN, {}},
      {O::REVOKED, {}}};
  for (int number = 0; number <= O::State_MAX; ++number) {
    const auto state = static_cast<O::State>(number);
    ASSERT_TRUE(legal.contains(state)) << O::State_Name(state);
    EXPECT_EQ(LegalSteps(state), legal.at(state)) << O::State_Name(state);
  }
}

TEST(StepsTest, ARevocationCase) {
  const std::map<Case::State, std::vector<CaseStep>> legal = {
      {Case::STATE_UNSPECIFIED, {}},
      {Case::OPEN, {CaseStep::kGiveNotice, CaseStep::kRevoke, CaseStep::kRetain}},
      {Case::NOTICE_GIVEN, {CaseStep::kRevoke, CaseStep::kRetain}},
      {Case::REVOKED, {CaseStep::kReinstate}},
      {Case::RETAINED, {}},
      {Case::CURED, {}},
      {Case::REINSTATED, {}},
      {Case::AUTHORITY_ENDED, {}}};
  for (int number = 0; number <= Case::State_MAX; ++number) {
    const auto state = static_cast<Case::State>(number);
    ASSERT_TRUE(legal.contains(state)) << Case::State_Name(state);
    EXPECT_EQ(LegalSteps(state), legal.at(state)) << Case::State_Name(state);
  }
}

TEST(StepsTest, AnEnrollmentsEnds) {
  using End = EnrollmentEnd;
  EXPECT_THAT(LegalSteps(E::ENROLLED),
              testing::ElementsAre(End::kCancel, End::kNoShow, End::kAttend));
  EXPECT_THAT(LegalSteps(E::WAITING), testing::ElementsAre(End::kCancel));
  for (const auto ended : {E::CANCELLED, E::TRANSFERRED, E::NO_SHOW, E::ATTENDED}) {
    EXPECT_TRUE(LegalSteps(ended).empty()) << E::State_Name(ended);
  }
}

TEST(StepsTest, LeadToTheirStates) {
  EXPECT_EQ(TargetOf(Step::kClear), O::SCREENED);
  EXPECT_EQ(TargetOf(Step::kScreenOut), O::SCREENED_OUT);
  EXPECT_EQ(TargetOf(Step::kStartTraining), O::IN_TRAINING);
  EXPECT_EQ(TargetOf(Step::kCertify), O::CERTIFIED);
  EXPECT_EQ(TargetOf(Step::kAuthorize), O::AUTHORIZED);
  EXPECT_EQ(TargetOf(Step::kWithdraw), O::WITHDRAWN);
  EXPECT_EQ(TargetOf(CaseStep::kGiveNotice), Case::NOTICE_GIVEN);
  EXPECT_EQ(TargetOf(CaseStep::kRevoke), Case::REVOKED);
  EXPECT_EQ(TargetOf(CaseStep::kRetain), Case::RETAINED);
  EXPECT_EQ(TargetOf(CaseStep::kReinstate), Case::REINSTATED);
  EXPECT_EQ(TargetOf(EnrollmentEnd::kCancel), E::CANCELLED);
  EXPECT_EQ(TargetOf(EnrollmentEnd::kNoShow), E::NO_SHOW);
  EXPECT_EQ(TargetOf(EnrollmentEnd::kAttend), E::ATTENDED);
}

// The names are those of the contract.
TEST(StepsTest, AreNamedAsTheirMethods) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "accord.training.v1.Training");
  v1::GetOfficerRequest links_the_contract;
  ASSERT_NE(service, nullptr);
  const auto exists = [service](absl::string_view method) {
    return service->FindMethodByName(std::string(method)) != nullptr;
  };
  for (const auto step : {Step::kClear, Step::kScreenOut, Step::kStartTraining, Step::kCertify,
                          Step::kAuthorize, Step::kWithdraw}) {
    EXPECT_TRUE(exists(MethodOf(step))) << MethodOf(step);
  }
  for (const auto step :
       {CaseStep::kGiveNotice, CaseStep::kRevoke, CaseStep::kRetain, CaseStep::kReinstate}) {
    EXPECT_TRUE(exists(MethodOf(step))) << MethodOf(step);
  }
  for (const auto end : {EnrollmentEnd::kCancel, EnrollmentEnd::kNoShow, EnrollmentEnd::kAttend}) {
    EXPECT_TRUE(exists(MethodOf(end))) << MethodOf(end);
  }
}

}  // namespace
}  // namespace accord::training
