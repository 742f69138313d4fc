// What the training service asks of its store beyond the standard reads, on PostgreSQL; the unit
// tests ask SQLite the same.
#include <gmock/gmock.h>

#include "common/testing/postgres_server.h"
#include "services/training/store.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using accord::testing::IsOk;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class TrainingStoreTest : public TrainingTest {
 protected:
  std::string StoreUrl() override { return accord::testing::NewPostgresDatabase().value(); }
};

TEST_F(TrainingStoreTest, EveryQuestionIsAnswered) {
  const std::string name = Authorized().name();
  const std::string other = Authorized(MakeDate(2025, 3, 4), kUnderB).name();
  Complete(name, "aaa-annual", MakeDate(2025, 3, 5), "unverified:clerk");
  const auto snapshot = store_->Read(absl::Now() + absl::Minutes(1)).value();
  store::Reader& reader = **snapshot;
  EXPECT_THAT(CompletionsOf(reader, {name, other}).value(), SizeIs(4));
  EXPECT_THAT(CompletionsOf(reader, {}).value(), SizeIs(0));
  EXPECT_THAT(WaiversOf(reader, {name}).value(), SizeIs(0));
  EXPECT_THAT(CasesOf(reader, {name}).value(), SizeIs(0));
  EXPECT_THAT(NoticesOf(reader, {name}).value(), SizeIs(0));
  EXPECT_THAT(EverServedUnder(reader, {kUnderA, kUnderB, kOtherA}).value(),
              UnorderedElementsAre(kUnderA, kUnderB));
  EXPECT_EQ(OfficersOnceUnder(reader, kUnderB).value().at(0).name(), other);
  EXPECT_THAT(OfficersDueBy(reader, MakeDate(2026, 3, 5), 10).value(), SizeIs(0));
  EXPECT_THAT(OfficersDueBy(reader, MakeDate(2026, 3, 6), 10).value(), SizeIs(1));
  EXPECT_THAT(OfficersNamed(reader, {other}).value(), SizeIs(1));
  EXPECT_THAT(OfficersAfter(reader, "", 1).value(), SizeIs(1));
  EXPECT_EQ(CountOfficersAfter(reader, std::min(name, other)).value(), 1);
  const Date never = MakeDate(1, 1, 1);
  EXPECT_THAT(OfficersToWatch(reader, MakeDate(2026, 3, 4), never, "", 10).value(), SizeIs(0));
  EXPECT_THAT(OfficersToWatch(reader, MakeDate(2026, 3, 5), never, "", 10).value(), SizeIs(1));
  EXPECT_THAT(OfficersToWatch(reader, never, MakeDate(2025, 3, 10), "", 10).value(), SizeIs(2));
  EXPECT_THAT(VerifiedIn(reader, 2026, {name}).value(), SizeIs(0));
  EXPECT_THAT(VerificationsOf(reader, 2026, name).value(), SizeIs(0));
  EXPECT_THAT(MonitorsOf(reader, {"agencies/one"}).value(), SizeIs(0));
  const auto recorded = [&reader](const std::string& by, const std::string& of) {
    return store::NewestActionBy(reader, by, of, {"RecordCompletion"}).value();
  };
  EXPECT_EQ(recorded("unverified:clerk", name), "RecordCompletion");
  EXPECT_EQ(recorded("unverified:clerk", other), "");
}

TEST_F(TrainingStoreTest, ADayIsSweptAndOneLapseIsOneCase) {
  const std::string name = Authorized().name();
  GoTo(MakeDate(2026, 3, 5));
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  EXPECT_EQ(GetOfficer(name).certification(), v1::Certification::LAPSED);
  EXPECT_THAT(All<v1::RevocationCase>(), SizeIs(1));
}

}  // namespace
}  // namespace accord::training
