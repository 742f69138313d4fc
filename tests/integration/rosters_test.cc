// The first job end to end, with the real programs: published lists in through the
// public endpoint, the program's status out.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/integration/suite.h"

namespace accord {
namespace {

using agreements::v1::Agreements;
using agreements::v1::RosterDiscrepancy;
using agreements::v1::RosterImport;
using gateway::v1::Gateway;
using ::testing::HasSubstr;
using testing::IsOk;

// The published tables: rows, keys newly and no longer listed against the list before.
struct Published {
  int rows;
  int added;
  int removed;
};
const std::map<std::string, Published>& Table() {
  static const auto& table = *new std::map<std::string, Published>{
      {"20250519_participatingAgencies05162025am.xlsx", {571, 0, 0}},
      {"20250519_participatingAgencies05192025am.xlsx", {581, 11, 1}},
      {"20250520_participatingAgencies05192025pm.xlsx", {588, 7, 0}},
      {"20250522_participatingAgencies05202025pm.xlsx", {603, 18, 3}},
      {"20250523_participatingAgencies05232025am.xlsx", {627, 24, 0}},
      {"20250527_participatingAgencies05232025pm.xlsx", {628, 1, 0}},
      {"20250528_participatingAgencies05282025am.xlsx", {628, 0, 0}},
      {"20250601_participatingAgencies05292025am.xlsx", {635, 8, 1}},
      {"20250605_participatingAgencies06042025am.xlsx", {641, 6, 0}},
      {"20250608_participatingAgencies06062025am.xlsx", {649, 9, 1}},
      {"20250618_participatingAgencies06172025pm.xlsx", {706, 57, 0}},
      {"20250621_participatingAgencies06202025am.xlsx", {719, 13, 0}},
      {"20250623_participatingAgencies06232025am.xlsx", {719, 0, 0}},
      {"20250626_participatingAgencies06262025am.xlsx", {728, 9, 0}},
      {"20250627_participatingAgencies06272025am.xlsx", {737, 9, 0}},
      {"20250702_participatingAgencies07012025pm.xlsx", {744, 7, 0}},
      {"20250519_pendingAgencies05152025am.xlsx", {92, 0, 0}},
      {"20250519_pendingAgencies05192025am.xlsx", {82, 0, 10}},
      {"20250520_pendingAgencies05192025pm.xlsx", {83, 8, 7}},
      {"20250521_pendingAgencies05202025pm.xlsx", {68, 0, 15}},
      {"20250522_pendingAgencies05212025pm.xlsx", {87, 19, 0}},
      {"20250523_pendingAgencies05232025am.xlsx", {66, 0, 21}},
      {"20250527_pendingAgencies05232025pm.xlsx", {65, 0, 1}},
      {"20250528_pendingAgencies05282025am.xlsx", {72, 8, 1}},
      {"20250529_pendingAgencies05292025am.xlsx", {68, 3, 7}},
      {"20250601_pendingAgencies05302025pm.xlsx", {82, 14, 0}},
      {"20250603_pendingAgencies06032025am.xlsx", {88, 6, 0}},
      {"20250604_pendingAgencies06032025pm.xlsx", {82, 0, 6}},
      {"20250608_pendingAgencies06062025am.xlsx", {79, 6, 9}},
      {"20250610_pendingAgencies06102025am.xlsx", {93, 14, 0}},
      {"20250618_pendingAgencies06172025pm.xlsx", {69, 28, 52}},
      {"20250621_pendingAgencies06202025am.xlsx", {56, 0, 13}},
      {"20250623_pendingAgencies06232025am.xlsx", {58, 2, 0}},
      {"20250624_pendingAgencies06242025am.xlsx", {62, 4, 0}},
      {"20250625_pendingAgencies06252025am.xlsx", {75, 13, 0}},
      {"20250626_pendingAgencies06262025am.xlsx", {68, 0, 7}},
      {"20250627_pendingAgencies06272025am.xlsx", {61, 3, 10}},
      {"20250630_pendingAgencies06302025am.xlsx", {68, 7, 0}},
      {"20250702_pendingAgencies07012025pm.xlsx", {63, 2, 7}},
  };
  return table;
}

std::vector<RosterImport> ParseImports(const std::string& json_lines) {
  std::vector<RosterImport> imports;
  std::istringstream lines(json_lines);
  for (std::string line; std::getline(lines, line);) {
    RosterImport& import = imports.emplace_back();
    const auto status = google::protobuf::util::JsonStringToMessage(line, &import);
    EXPECT_TRUE(status.ok()) << status.ToString() << ": " << line;
  }
  return imports;
}

class RostersTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string url;
    if (GetParam() == "Postgres") {
      const auto database = testing::NewPostgresDatabase();
      ASSERT_THAT(database, IsOk());
      url = *database;
    }
    suite_ = std::make_unique<testing::Suite>(url);
    ASSERT_THAT(suite_->Start(), IsOk());
    channel_ = *rpc::MakeChannel(suite_->gateway.address());
    gateway_ = Gateway::NewStub(channel_);
    agreements_ = Agreements::NewStub(channel_);
  }

  testing::Output Ctl(std::vector<std::string> arguments) {
    const auto output = testing::Ctl(suite_->gateway.address(), std::move(arguments));
    EXPECT_THAT(output, IsOk());
    return output.value_or(testing::Output{});
  }

  std::vector<RosterImport> ImportAll() {
    std::vector<std::string> arguments = {"import", "roster", "-o", "json"};
    for (std::string& path : testing::RosterPaths()) arguments.push_back(std::move(path));
    const testing::Output output = Ctl(std::move(arguments));
    EXPECT_EQ(output.exit_code, 0) << output.err;
    return ParseImports(output.out);
  }

  gateway::v1::ProgramMetrics Metrics(const std::string& at_least) {
    const auto metrics = rpc::CallUnary(*gateway_, &Gateway::Stub::GetProgramMetrics, {},
                                        {.timeout = absl::Seconds(10),
                                         .parent = nullptr,
                                         .metadata = {{rpc::kRevisionKey, at_least}}});
    EXPECT_THAT(metrics, IsOk());
    return metrics.value_or(gateway::v1::ProgramMetrics{});
  }

  // The newest revision of the record, as a freshness token.
  std::string Newest() {
    std::vector<std::string> revisions;
    const auto list =
        rpc::CallUnary(*agreements_, &Agreements::Stub::ListRosterImports, {}, {}, &revisions);
    EXPECT_THAT(list, IsOk());
    return revisions.empty() ? "" : revisions.front();
  }

  std::vector<RosterDiscrepancy> Discrepancies(const std::string& filter) {
    agreements::v1::ListRosterDiscrepanciesRequest request;
    request.set_filter(filter);
    request.set_page_size(1000);
    const auto list =
        rpc::CallUnary(*agreements_, &Agreements::Stub::ListRosterDiscrepancies, request);
    EXPECT_THAT(list, IsOk());
    if (!list.ok()) return {};
    return {list->roster_discrepancies().begin(), list->roster_discrepancies().end()};
  }

  std::unique_ptr<testing::Suite> suite_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Gateway::Stub> gateway_;
  std::unique_ptr<Agreements::Stub> agreements_;
};

TEST_P(RostersTest, AllPublishedListsGiveTheTablesNumbersAndTheProgramsStatus) {
  const std::vector<RosterImport> imports = ImportAll();
  ASSERT_EQ(imports.size(), Table().size());
  for (const RosterImport& import : imports) {
    const std::string name = import.file_name();
    const auto published = std::find_if(Table().begin(), Table().end(), [&](const auto& entry) {
      return entry.first.find(name) != std::string::npos;
    });
    ASSERT_TRUE(published != Table().end()) << name;
    EXPECT_EQ(import.rows(), published->second.rows) << name;
    EXPECT_EQ(import.newly_listed(), published->second.added) << name;
    EXPECT_EQ(import.no_longer_listed(), published->second.removed) << name;
    int outcomes = 0;
    for (const auto& count : import.outcome_counts()) outcomes += count.rows();
    EXPECT_EQ(outcomes, import.rows()) << name;
  }

  const auto metrics = Metrics(Newest());
  EXPECT_TRUE(metrics.freshness_met());
  // 744 rows less those that are held until a person decides, plus those that left the
  // list, whose end nobody has recorded.
  const auto in_force = rpc::CallUnary(*agreements_, &Agreements::Stub::ListAgreements, [] {
    agreements::v1::ListAgreementsRequest request;
    request.set_filter("state = ACTIVE");
    request.set_page_size(1000);
    return request;
  }());
  ASSERT_THAT(in_force, IsOk());
  EXPECT_EQ(metrics.in_force().agreements(), in_force->agreements_size());
  int by_model = 0;
  for (const auto& count : metrics.by_model()) by_model += count.agreements();
  EXPECT_EQ(by_model, metrics.in_force().agreements());

  const testing::Output verified = Ctl({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("intact"));
}

TEST_P(RostersTest, ImportingTwiceChangesNothingAndRevertingRestores) {
  const std::vector<std::string> paths = testing::RosterPaths();
  const std::vector<std::string> first = {"import", "roster", "-o", "json", paths[0]};
  const std::vector<std::string> second = {"import", "roster", "-o", "json", paths[1]};
  ASSERT_EQ(Ctl(first).exit_code, 0);
  const std::string before = Newest();
  const testing::Output again = Ctl(first);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(ParseImports(again.out).at(0).state(), RosterImport::ALREADY_IMPORTED);
  EXPECT_EQ(Newest(), before) << "an import of the same list wrote something";

  const testing::Output dry = Ctl({"import", "roster", "--dry-run", "-o", "json", paths[1]});
  ASSERT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(ParseImports(dry.out).at(0).state(), RosterImport::PLANNED);
  EXPECT_EQ(ParseImports(dry.out).at(0).newly_listed(), 11);
  EXPECT_EQ(Newest(), before) << "a dry run wrote something";

  const auto agencies_before = Ctl({"list", "agencies", "-o", "name", "--limit", "5000"}).out;
  const testing::Output imported = Ctl(second);
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const std::string name = ParseImports(imported.out).at(0).name();
  ASSERT_NE(Ctl({"list", "agencies", "-o", "name", "--limit", "5000"}).out, agencies_before);
  const testing::Output reverted = Ctl({"import", "revert", name, "--reason", "the wrong file"});
  ASSERT_EQ(reverted.exit_code, 0) << reverted.err;
  EXPECT_EQ(Ctl({"list", "agencies", "-o", "name", "--limit", "5000"}).out, agencies_before);
  EXPECT_EQ(Ctl({"verify"}).exit_code, 0);
  // And in again, as if it had never been there.
  const testing::Output redone = Ctl(second);
  ASSERT_EQ(redone.exit_code, 0) << redone.err;
  EXPECT_EQ(ParseImports(redone.out).at(0).newly_listed(), 11);
}

TEST_P(RostersTest, ADecisionIsCarriedOutAndCanBeTakenBack) {
  const std::vector<std::string> paths = testing::RosterPaths();
  ASSERT_EQ(Ctl({"import", "roster", paths[0], paths[1]}).exit_code, 0);
  auto renames = Discrepancies("kind = POSSIBLE_RENAME AND state = OPEN");
  ASSERT_EQ(renames.size(), 1u);
  const RosterDiscrepancy rename = renames[0];
  EXPECT_EQ(rename.key(), "FL|indialantic police department|TFM");
  EXPECT_EQ(rename.other_key(), "FL|indiatlantic police department|TFM");

  const auto accepted = Ctl({"resolve", rename.name(), "--accept", "--reason", "same agency"});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  const auto agency = rpc::CallUnary(*agreements_, &Agreements::Stub::GetAgency, [&] {
    agreements::v1::GetAgencyRequest request;
    request.set_name(rename.agency());
    return request;
  }());
  ASSERT_THAT(agency, IsOk());
  EXPECT_THAT(agency->aliases(), ::testing::ElementsAre("Indiatlantic Police Department"));

  EXPECT_EQ(Ctl({"resolve", rename.name(), "--accept", "--reason", "again"}).exit_code, 4);
  const auto undone = Ctl({"resolve", "undo", rename.name(), "--reason", "not the same"});
  ASSERT_EQ(undone.exit_code, 0) << undone.err;
  const auto restored = rpc::CallUnary(*agreements_, &Agreements::Stub::GetAgency, [&] {
    agreements::v1::GetAgencyRequest request;
    request.set_name(rename.agency());
    return request;
  }());
  ASSERT_THAT(restored, IsOk());
  EXPECT_EQ(restored->aliases_size(), 0);
}

TEST_P(RostersTest, TheGatewayAnswersWhileAgreementsIsDownAndSaysSo) {
  const std::vector<std::string> paths = testing::RosterPaths();
  ASSERT_EQ(Ctl({"import", "roster", paths[0]}).exit_code, 0);
  Metrics(Newest());
  suite_->agreements.Kill();

  const auto metrics = rpc::CallUnary(*gateway_, &Gateway::Stub::GetProgramMetrics, {});
  ASSERT_THAT(metrics, IsOk());
  EXPECT_EQ(metrics->in_force().agreements(), 571);
  const absl::Time begun = absl::Now();
  const auto down = rpc::CallUnary(*agreements_, &Agreements::Stub::ListAgencies, {},
                                   {.timeout = absl::Seconds(10)});
  EXPECT_THAT(down, testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));

  ASSERT_THAT(suite_->agreements.Start(), IsOk());
  EXPECT_EQ(Ctl({"list", "agencies", "--limit", "1"}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, RostersTest, ::testing::Values("Sqlite", "Postgres"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace accord
