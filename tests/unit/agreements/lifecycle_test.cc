// The life cycle as tables: every move from every state, and states by date.
#include "services/agreements/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/base/error.h"
#include "common/testing/matchers.h"

namespace accord::agreements {
namespace {

using State = v1::Agreement;
using testing::FailsWith;
using testing::IsOk;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

Date Day(int day) { return MakeDate(2025, 1, 1) + days(day); }

v1::Transition On(Date date) {
  v1::Transition transition;
  *transition.mutable_effective_date() = ToProto(date);
  transition.set_reason("test");
  return transition;
}

v1::Agreement In(v1::Agreement::State state, Date since = Day(0)) {
  v1::Agreement agreement;
  agreement.set_name("agreements/a");
  v1::Transition* transition = agreement.add_transitions();
  *transition = On(since);
  transition->set_state(state);
  agreement.set_state(state);
  return agreement;
}

// What the sources allow, written down once more: state → moves, without and with a board.
const std::map<v1::Agreement::State, std::pair<std::set<Move>, std::set<Move>>>& LegalTable() {
  static const auto& table =
      *new std::map<v1::Agreement::State, std::pair<std::set<Move>, std::set<Move>>>{
          {State::APPLIED,
           {{Move::kStartReview, Move::kDecline, Move::kWithdraw},
            {Move::kStartReview, Move::kDecline, Move::kWithdraw}}},
          {State::PENDING,
           {{Move::kStartReview, Move::kDecline, Move::kWithdraw, Move::kSign},
            {Move::kStartReview, Move::kDecline, Move::kWithdraw, Move::kSign}}},
          {State::IN_REVIEW,
           {{Move::kApprove, Move::kDecline, Move::kWithdraw},
            {Move::kSendToBoard, Move::kDecline, Move::kWithdraw}}},
          {State::BOARD_REVIEW,
           {{Move::kApprove, Move::kDecline, Move::kWithdraw},
            {Move::kApprove, Move::kDecline, Move::kWithdraw}}},
          {State::APPROVED, {{Move::kSign, Move::kWithdraw}, {Move::kSign, Move::kWithdraw}}},
          {State::ACTIVE,
           {{Move::kSuspend, Move::kTerminate, Move::kRescind, Move::kSupersede},
            {Move::kSuspend, Move::kTerminate, Move::kRescind, Move::kSupersede}}},
          {State::SUSPENDED,
           {{Move::kReinstate, Move::kTerminate, Move::kSupersede},
            {Move::kReinstate, Move::kTerminate, Move::kSupersede}}},
          {State::TERMINATED, {{}, {}}},
          {State::SUPERSEDED, {{}, {}}},
          {State::WITHDRAWN, {{}, {}}},
          {State::DECLINED, {{}, {}}},
          {State::RESCINDED, {{}, {}}},
      };
  return table;
}

constexpr Move kAllMoves[] = {Move::kStartReview, Move::kSendToBoard, Move::kApprove,
                              Move::kDecline,     Move::kWithdraw,    Move::kSign,
                              Move::kSuspend,     Move::kReinstate,   Move::kTerminate,
                              Move::kRescind,     Move::kSupersede};

TEST(LifecycleTest, EveryMoveFromEveryStateFollowsTheTable) {
  for (int number = State::State_MIN + 1; number <= State::State_MAX; ++number) {
    const auto state = static_cast<v1::Agreement::State>(number);
    ASSERT_TRUE(LegalTable().contains(state)) << State::State_Name(state);
    for (const bool board : {false, true}) {
      const auto& [without, with] = LegalTable().at(state);
      const std::set<Move>& legal = board ? with : without;
      for (const Move move : kAllMoves) {
        v1::Agreement agreement = In(state);
        const absl::Status status = Apply(agreement, move, On(Day(1)), board, Day(1));
        SCOPED_TRACE(std::string(MethodOf(move)) + " from " + State::State_Name(state));
        if (legal.contains(move)) {
          EXPECT_THAT(status, IsOk());
          EXPECT_EQ(agreement.state(), TargetOf(move));
        } else {
          EXPECT_EQ(status.code(), kPrecondition);
          EXPECT_EQ(agreement.transitions_size(), 1);
        }
      }
    }
  }
}

TEST(LifecycleTest, AnIllegalMoveNamesTheLegalOnes) {
  v1::Agreement agreement = In(State::ACTIVE);
  const absl::Status status = Apply(agreement, Move::kSign, On(Day(1)), false, Day(1));
  EXPECT_THAT(status, FailsWith(kPrecondition, "ILLEGAL_TRANSITION"));
  EXPECT_EQ(GetErrorInfo(status)->metadata().at("legal_moves"),
            "SuspendAgreement, TerminateAgreement, RescindAgreement, SupersedeAgreement");
}

TEST(LifecycleTest, WithoutABoardThereIsNoBoardStep) {
  v1::Agreement agreement = In(State::IN_REVIEW);
  EXPECT_THAT(Apply(agreement, Move::kSendToBoard, On(Day(1)), false, Day(1)),
              FailsWith(kPrecondition, "NO_BOARD_GATE"));
}

TEST(LifecycleTest, ADateBeforeTheLastTransitionIsRefused) {
  v1::Agreement agreement = In(State::ACTIVE, Day(10));
  EXPECT_THAT(Apply(agreement, Move::kSuspend, On(Day(9)), false, Day(20)),
              FailsWith(kPrecondition, "DATE_OUT_OF_ORDER"));
  EXPECT_THAT(Apply(agreement, Move::kSuspend, On(Day(10)), false, Day(20)), IsOk());
}

TEST(LifecycleTest, AFutureMoveTakesEffectOnItsDay) {
  v1::Agreement agreement = In(State::ACTIVE, Day(0));
  ASSERT_THAT(Apply(agreement, Move::kTerminate, On(Day(90)), false, Day(5)), IsOk());
  EXPECT_EQ(agreement.state(), State::ACTIVE);
  EXPECT_EQ(FromProto(agreement.next_change_date()), Day(90));
  EXPECT_EQ(StateOn(agreement, Day(89)), State::ACTIVE);
  EXPECT_EQ(StateOn(agreement, Day(90)), State::TERMINATED);
  EXPECT_EQ(NextChange(agreement, Day(90)), std::nullopt);
  Recompute(agreement, Day(90));
  EXPECT_EQ(agreement.state(), State::TERMINATED);
  EXPECT_FALSE(agreement.has_next_change_date());
}

TEST(LifecycleTest, BeforeTheFirstTransitionThereIsNoState) {
  const v1::Agreement agreement = In(State::APPLIED, Day(3));
  EXPECT_EQ(StateOn(agreement, Day(2)), State::STATE_UNSPECIFIED);
  EXPECT_EQ(NextChange(agreement, Day(2)), Day(3));
}

TEST(LifecycleTest, TwoMovesOnOneDayLeaveTheLaterOne) {
  v1::Agreement agreement = In(State::ACTIVE, Day(0));
  ASSERT_THAT(Apply(agreement, Move::kSuspend, On(Day(4)), false, Day(9)), IsOk());
  ASSERT_THAT(Apply(agreement, Move::kReinstate, On(Day(4)), false, Day(9)), IsOk());
  EXPECT_EQ(StateOn(agreement, Day(4)), State::ACTIVE);
}

TEST(LifecycleTest, InForceOnTheLaterSignature) {
  v1::Agreement agreement;
  EXPECT_EQ(EffectiveDate(agreement), std::nullopt);
  *agreement.mutable_published_signed_date() = ToProto(Day(7));
  EXPECT_EQ(EffectiveDate(agreement), Day(7));
  *agreement.mutable_agency_signed_date() = ToProto(Day(1));
  // One signature alone does not tell.
  EXPECT_EQ(EffectiveDate(agreement), Day(7));
  *agreement.mutable_federal_signed_date() = ToProto(Day(12));
  EXPECT_EQ(EffectiveDate(agreement), Day(12));
  *agreement.mutable_agency_signed_date() = ToProto(Day(15));
  EXPECT_EQ(EffectiveDate(agreement), Day(15));
}

}  // namespace
}  // namespace accord::agreements
