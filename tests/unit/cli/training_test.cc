// Commands about officers, courses and seats: what they send, and what they do not show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "accord/gateway/v1/gateway.pb.h"
#include "accord/training/v1/training.pb.h"
#include "common/base/error.h"
#include "services/cli/kinds.h"
#include "services/cli/output/fields.h"
#include "services/cli/training_verbs.h"
#include "tests/unit/cli/canned.h"
#include "tests/unit/cli/command_test.h"

namespace accord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
namespace tv1 = accord::training::v1;

const std::string kT = kTrainingService;

class TrainingCommandsTest : public CommandTest {
 protected:
  TrainingCommandsTest() { PrepareWorld(gateway_); }

  std::string File(const std::string& content) {
    const std::string path = folder_ + "/export.csv";
    std::ofstream(path) << content;
    return path;
  }

  // Of the newest request of a method: whose log it was about.
  std::string LogAskedFor(const std::string& method) {
    const auto requests = gateway_.Requests(method);
    if (requests.empty()) return "nothing was asked";
    const auto found = requests.back().metadata.find("accord-service");
    return found == requests.back().metadata.end() ? "" : found->second;
  }
};

// --- the table of verbs ---

const google::protobuf::ServiceDescriptor& Service() {
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "accord.training.v1.Training");
}

TEST(TrainingVerbsTest, FillFieldsThatTheContractHas) {
  for (const TrainingVerb& verb : TrainingVerbs()) {
    const auto* method = Service().FindMethodByName(verb.method);
    ASSERT_NE(method, nullptr) << verb.method;
    const auto& request = *method->input_type();
    for (const VerbOption& option : verb.options) {
      EXPECT_TRUE(HasField(request, option.path)) << verb.method << " " << option.path;
      EXPECT_TRUE(*option.kind == '\0' || FindKind(option.kind).ok()) << option.kind;
    }
    if (*verb.subject == '\0') continue;
    EXPECT_TRUE(HasField(request, verb.subject)) << verb.method;
    EXPECT_TRUE(FindKind(verb.subject_kind).ok()) << verb.method;
  }
}

TEST(TrainingVerbsTest, LeaveNoMethodWithoutACommand) {
  // Those of commands of their own, and those that other services ask.
  std::set<std::string> reached = {
      "ListCourses",        "ImportCompletions", "ListVerificationGaps", "ExplainCertification",
      "ListMonitorGaps",    "PreviewPolicy",     "GetTrainingCapacity",  "GetResultRates",
      "GetTrainingSummary", "GetCertification",  "GetAgencyTraining",    "GetOfficerRecord",
      "RecordPolicyPreview"};
  for (const TrainingVerb& verb : TrainingVerbs()) reached.insert(verb.method);
  for (const Kind& kind : Kinds()) {
    for (const std::string method : {kind.get, kind.list}) {
      if (method.rfind(kT, 0) == 0) reached.insert(method.substr(kT.size()));
    }
  }
  for (int i = 0; i < Service().method_count(); ++i) {
    EXPECT_TRUE(reached.contains(Service().method(i)->name())) << Service().method(i)->name();
  }
}

// --- what is sent ---

TEST_F(TrainingCommandsTest, ANominationNamesPersonAgreementAndDay) {
  const Outcome outcome =
      RunCommand({"officer", "nominate", "--given-name", "Ana", "--family-name", "Lund",
                  "--agreement", "g2", "--date", "2025-06-01", "--source", "letter 7"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto request = gateway_.Last<tv1::NominateOfficerRequest>(kT + "NominateOfficer");
  EXPECT_EQ(request.officer().given_name(), "Ana");
  EXPECT_EQ(request.officer().family_name(), "Lund");
  EXPECT_EQ(request.officer().agreement(), "agreements/g2");
  EXPECT_EQ(request.nomination_date().month(), 6);
  EXPECT_EQ(request.source(), "letter 7");
  EXPECT_THAT(request.request_id(), SizeIs(36));
}

TEST_F(TrainingCommandsTest, NamesOfPeopleAreShownOnlyWhereTheyAreAskedFor) {
  const std::vector<std::string> update = {"officer", "update", "o1", "--given-name", "Ana"};
  for (const char* format : {"table", "json", "csv", "wide"}) {
    std::vector<std::string> args = update;
    args.insert(args.end(), {"-o", format});
    EXPECT_THAT(RunCommand(args).out, AllOf(HasSubstr("officers/o1"), Not(HasSubstr("Demo Given"))))
        << format;
    EXPECT_THAT(RunCommand({"verification", "gaps", "--year", "2025", "-o", format}).out,
                AllOf(HasSubstr("officers/o1"), Not(HasSubstr("Demo Given"))))
        << format;
    EXPECT_THAT(RunCommand({"list", "officers", "-o", format}).out, HasSubstr("Demo Given-1"))
        << format;
  }
  EXPECT_THAT(RunCommand(update).out, Not(HasSubstr("GIVEN NAME")));
}

TEST_F(TrainingCommandsTest, AnUpdateMasksWhatWasGivenAndCarriesItsEtag) {
  EXPECT_EQ(RunCommand({"offering", "update", "f1", "--seats", "20", "--etag", "e1"}).code, 0);
  const auto request = gateway_.Last<tv1::UpdateOfferingRequest>(kT + "UpdateOffering");
  EXPECT_EQ(request.offering().name(), "offerings/f1");
  EXPECT_EQ(request.offering().seats(), 20);
  EXPECT_EQ(request.offering().etag(), "e1");
  EXPECT_THAT(request.update_mask().paths(), ElementsAre("seats"));
}

TEST_F(TrainingCommandsTest, AScoreGoesBesideTheCompletion) {
  EXPECT_EQ(RunCommand({"completion", "record", "o1", "--course", "jem-basic", "--date",
                        "2025-06-01", "--result", "failed", "--score", "62.5"})
                .code,
            0);
  const auto request = gateway_.Last<tv1::RecordCompletionRequest>(kT + "RecordCompletion");
  EXPECT_EQ(request.completion().officer(), "officers/o1");
  EXPECT_EQ(request.completion().result(), tv1::Completion::FAILED);
  EXPECT_DOUBLE_EQ(request.score(), 62.5);
}

TEST_F(TrainingCommandsTest, AnImportSendsTheFileAndTellsWhatBecameOfIt) {
  const Outcome outcome =
      RunCommand({"completion", "import", File("officer,course\n"), "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto request = gateway_.Last<tv1::ImportCompletionsRequest>(kT + "ImportCompletions");
  EXPECT_EQ(request.file_name(), "export.csv");
  EXPECT_EQ(request.content(), "officer,course\n");
  EXPECT_TRUE(request.validate_only());
  EXPECT_THAT(outcome.out, HasSubstr("REJECTED"));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("dry run"), HasSubstr("warning: column")));
}

TEST_F(TrainingCommandsTest, RowsAreThoseOfTheImportNamed) {
  EXPECT_EQ(RunCommand({"list", "completion-rows", "--parent", "i1"}).code, 0);
  EXPECT_EQ(gateway_.Last<tv1::ListCompletionRowsRequest>(kT + "ListCompletionRows").parent(),
            "completionImports/i1");
}

TEST_F(TrainingCommandsTest, WhatCannotBeFetchedIsFoundInItsList) {
  EXPECT_THAT(RunCommand({"get", "monitors/a2"}).out, HasSubstr("https://idp#pm"));
  EXPECT_EQ(gateway_.Last<tv1::ListMonitorsRequest>(kT + "ListMonitors").filter(),
            "name = \"monitors/a2\"");
  gateway_.Answer(kT + "ListNotices", tv1::ListNoticesResponse());
  const Outcome missing = RunCommand({"get", "notices/n1"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_THAT(missing.err, HasSubstr("RESOURCE_NOT_FOUND"));
}

TEST_F(TrainingCommandsTest, APreviewSendsTheWholePolicyAndCounts) {
  const Outcome outcome =
      RunCommand({"training", "preview", File("versions {}"), "--applies-to", "open"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto request = gateway_.Last<tv1::PreviewPolicyRequest>(kT + "PreviewPolicy");
  EXPECT_EQ(request.policy_text(), "versions {}");
  EXPECT_EQ(request.applies_to(), tv1::PreviewPolicyRequest::OPEN);
  EXPECT_THAT(outcome.err, HasSubstr("1 of 12 officers would be affected"));
}

TEST_F(TrainingCommandsTest, APreviewIsPutOnRecordWithItsReason) {
  const std::string file = File("versions {}");
  EXPECT_EQ(RunCommand({"training", "preview", file, "--record"}).code, 2);
  const Outcome outcome =
      RunCommand({"training", "preview", file, "--record", "--reason", "a shorter period"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("on record as policyPreviews/p1"));
  const auto request = gateway_.Last<tv1::RecordPolicyPreviewRequest>(kT + "RecordPolicyPreview");
  EXPECT_EQ(request.preview_token(), "seen");
  EXPECT_EQ(request.reason(), "a shorter period");
  EXPECT_NE(request.request_id(), "");
}

TEST_F(TrainingCommandsTest, OnlyAWholePreviewIsPutOnRecord) {
  const std::string file = File("versions {}");
  const std::vector<std::vector<std::string>> parts = {{"--limit", "5"},
                                                       {"--page-token", "next"},
                                                       {"--as-of", "2026-03-02"},
                                                       {"--applies-to", "new"}};
  for (const std::vector<std::string>& part : parts) {
    std::vector<std::string> args = {"training", "preview", file, "--record", "--reason", "why"};
    args.insert(args.end(), part.begin(), part.end());
    const Outcome outcome = RunCommand(args);
    EXPECT_EQ(outcome.code, 2) << part.front();
    EXPECT_THAT(outcome.err, HasSubstr(part.front()));
  }
  EXPECT_THAT(gateway_.Requests(kT + "PreviewPolicy"), SizeIs(0));
}

TEST_F(TrainingCommandsTest, FiguresAskForWhatWasGiven) {
  EXPECT_EQ(RunCommand({"training", "summary", "--as-of", "2025-07-02", "--lapsing-days", "30",
                        "--fictitious"})
                .code,
            0);
  const auto summary = gateway_.Last<tv1::GetTrainingSummaryRequest>(kT + "GetTrainingSummary");
  EXPECT_EQ(summary.as_of().year(), 2025);
  EXPECT_EQ(summary.lapsing_days(), 30);
  EXPECT_TRUE(summary.fictitious());
  EXPECT_EQ(RunCommand({"training", "capacity", "--from", "2025-10-01", "--model", "JEM",
                        "--long-wait-days", "60"})
                .code,
            0);
  const auto capacity = gateway_.Last<tv1::GetTrainingCapacityRequest>(kT + "GetTrainingCapacity");
  EXPECT_EQ(capacity.model(), "JEM");
  EXPECT_EQ(capacity.long_wait_days(), 60);
  EXPECT_EQ(capacity.from().month(), 10);
}

TEST_F(TrainingCommandsTest, WhatAFigureLeavesOutIsSaid) {
  tv1::TrainingSummary summary;
  summary.set_agencies_left_out(7);
  gateway_.Answer(kT + "GetTrainingSummary", summary);
  tv1::ResultRates rates;
  rates.set_offerings_left_out(9);
  gateway_.Answer(kT + "GetResultRates", rates);
  // The world's own answers, which list all there is.
  EXPECT_EQ(RunCommand({"training", "summary"}).err, "");
  EXPECT_EQ(RunCommand({"training", "rates"}).err, "");
  EXPECT_THAT(RunCommand({"training", "summary"}).err, HasSubstr("7 more agencies are left out"));
  EXPECT_THAT(RunCommand({"training", "summary", "-o", "csv"}).out,
              HasSubstr("training_by_agency_left_out,,7,agencies"));
  EXPECT_THAT(RunCommand({"training", "rates"}).err, HasSubstr("9 more classes are left out"));
  EXPECT_THAT(RunCommand({"training", "rates", "-o", "csv"}).out,
              HasSubstr("results_by_class_left_out,,9,classes"));
}

// --- whose log ---

TEST_F(TrainingCommandsTest, AnOfficersChangesAreInTheLogOfTraining) {
  const std::string list = std::string(kFeedService) + "ListChanges";
  RunCommand({"changes", "officers/o1"});
  EXPECT_EQ(LogAskedFor(list), "training");
  RunCommand({"changes", "agreements/g1"});
  EXPECT_EQ(LogAskedFor(list), "agreements");
  RunCommand({"changes"});
  EXPECT_EQ(LogAskedFor(list), "agreements");
  RunCommand({"changes", "agencies/a1", "--service", "training"});
  EXPECT_EQ(LogAskedFor(list), "training");
  RunCommand({"describe", "officers/o1"});
  EXPECT_EQ(LogAskedFor(list), "training");
  RunCommand({"verify", "--service", "training"});
  EXPECT_EQ(LogAskedFor(std::string(kFeedService) + "VerifyChanges"), "training");
}

// --- what to do next ---

TEST_F(TrainingCommandsTest, AnIllegalStepNamesTheCommandsThatAreLegal) {
  gateway_.Fail(
      kT + "AuthorizeOfficer",
      MakeError(absl::StatusCode::kFailedPrecondition, "training.accord", "ILLEGAL_STEP",
                "officers/o1 is NOMINATED",
                {{"name", "officers/o1"}, {"legal_steps", "ClearOfficer, WithdrawOfficer"}}));
  const Outcome outcome =
      RunCommand({"officer", "authorize", "o1", "--date", "2025-06-01", "--reason", "letter"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err,
              HasSubstr("next: legal now: accordctl officer clear, accordctl officer withdraw"));
}

TEST_F(TrainingCommandsTest, ADateOutOfOrderNamesTheLastStep) {
  FakeGateway other;
  Use(other);
  other.Fail(kT + "CertifyOfficer",
             MakeError(absl::StatusCode::kFailedPrecondition, "training.accord",
                       "DATE_OUT_OF_ORDER", "too early", {{"last_step", "2025-06-03"}}));
  const Outcome outcome =
      RunCommand({"officer", "certify", "o1", "--date", "2025-06-01", "--reason", "passed"});
  EXPECT_THAT(outcome.err, HasSubstr("give --date 2025-06-03 or a later day"));
}

// --- training that was not asked ---

TEST_F(TrainingCommandsTest, TrainingThatCouldNotBeAskedIsNotLeftOut) {
  FakeGateway other;
  Use(other);
  other.Answer(std::string(kGatewayService) + "GetProgramMetrics",
               Parse<gateway::v1::ProgramMetrics>("sources { service: 'training' }"));
  EXPECT_THAT(RunCommand({"metrics"}).out,
              HasSubstr("not known: the training service could not be asked"));
  // Nobody on record is no zero.
  FakeGateway nobody;
  Use(nobody);
  nobody.Answer(std::string(kGatewayService) + "GetProgramMetrics",
                Parse<gateway::v1::ProgramMetrics>("sources { service: 'training' } training {}"));
  EXPECT_THAT(RunCommand({"metrics"}).out, HasSubstr("unknown: no officers are on record"));
  FakeGateway without;
  Use(without);
  without.Answer(std::string(kGatewayService) + "GetProgramMetrics",
                 Parse<gateway::v1::ProgramMetrics>("sources { service: 'agreements' }"));
  EXPECT_THAT(RunCommand({"metrics"}).out, Not(HasSubstr("training")));
}

}  // namespace
}  // namespace accord::cli
