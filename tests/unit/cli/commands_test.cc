// Commands against a server: what they send, print and exit with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "accord/agreements/v1/agreements.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/error.h"
#include "tests/unit/cli/canned.h"
#include "tests/unit/cli/command_test.h"

namespace accord::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
namespace av1 = accord::agreements::v1;
namespace gv1 = accord::gateway::v1;
namespace lv1 = accord::log::v1;

const std::string kA = kAgreementsService;
const std::string kG = kGatewayService;
const std::string kF = kFeedService;

class CommandsTest : public CommandTest {
 protected:
  CommandsTest() { PrepareWorld(gateway_); }

  std::string File(const std::string& name) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << "rows";
    return path;
  }
};

std::string Metadata(const FakeGateway::Request& request, const std::string& key) {
  const auto found = request.metadata.find(key);
  return found == request.metadata.end() ? "" : found->second;
}

class UnpreparedTest : public CommandTest {};

// --- usage ---

TEST_F(UnpreparedTest, UsageErrorsExitWith2AndSayWhatNext) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"frobnicate"},
      {"list"},
      {"list", "sheriffs"},
      {"list", "agencies", "--as-of", "2025-07-02"},
      {"list", "agreements", "--as-of", "yesterday"},
      {"list", "rows"},
      {"get", "rows", "rosterImports/1/rows/2"},
      {"list", "agencies", "-o", "xml"},
      {"list", "agencies", "--limit", "-1"},
      {"list", "agencies", "--timeout", "soon"},
      {"status"},
      {"status", "x", "--state", "FL"},
      {"resolve", "d1", "--reason", "r"},
      {"resolve", "d1", "--accept", "--reject", "--reason", "r"},
      {"resolve", "--accept", "--reason", "r"},
      {"resolve", "d1", "--accept"},
      {"resolve", "--filter", "f", "--accept", "--reason", "r", "--end-state", "terminated"},
      {"agreement", "suspend", "g1", "--date", "2025-07-02"},
      {"agreement", "sign", "g1", "--agency-date", "2025-07-02"},
      {"agreement", "update", "g1"},
      {"agency", "update", "a1"},
      {"import", "revert", "i1"},
      {"login"},
      {"auth"},
      {"auth", "can-i"},
      {"context", "use"},
      {"erase", "officers/o1"},
      {"completion"},
      {"completion", "fish"},
      {"list", "completion-rows"},
      {"get", "completion-rows", "completionImports/1/rows/2"},
      {"officer", "certify", "o1", "--reason", "r"},
      {"officer", "certify", "o1", "--date", "2025-07-02"},
      {"officer", "update", "o1"},
      {"officer", "nominate", "--given-name", "a", "--agreement", "g1", "--date", "2025-07-02"},
      {"completion", "record", "o1", "--course", "c", "--date", "2025-07-02", "--result", "won"},
      {"verification", "gaps"},
      {"why"},
      {"training"},
      {"training", "preview", "/proc/none", "--applies-to", "all"},
      {"erase", "officers/o1", "--reason", "r"},
      {"import", "roster", "a", "b", "--as-of", "2025-07-02"},
      {"import", "roster", "a", "b", "--request-id", "x"},
  };
  for (const auto& args : wrong) {
    const Outcome outcome = RunCommand(args);
    EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(args) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("next: ")) << ::testing::PrintToString(args);
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

TEST_F(UnpreparedTest, HelpAndVersionAreNoErrors) {
  EXPECT_THAT(RunCommand({"--help"}).out, HasSubstr("Exit codes"));
  EXPECT_EQ(RunCommand({"import", "roster", "--help"}).code, 0);
  EXPECT_THAT(RunCommand({"--version"}).out, StartsWith("accordctl "));
}

TEST_F(UnpreparedTest, CompletionListsEveryCommandAndVerb) {
  for (const char* shell : {"bash", "zsh"}) {
    const Outcome outcome = RunCommand({"completion", shell});
    EXPECT_EQ(outcome.code, 0);
    for (const char* path : {"get",
                             "list",
                             "describe",
                             "status",
                             "metrics",
                             "import roster",
                             "import revert",
                             "resolve undo",
                             "agreement create",
                             "agreement start-review",
                             "agreement send-to-board",
                             "agreement approve",
                             "agreement decline",
                             "agreement withdraw",
                             "agreement sign",
                             "agreement suspend",
                             "agreement reinstate",
                             "agreement terminate",
                             "agreement rescind",
                             "agreement supersede",
                             "agency create",
                             "agency update",
                             "agency merge",
                             "agency unmerge",
                             "changes",
                             "watch",
                             "verify",
                             "erase",
                             "login",
                             "auth whoami",
                             "auth can-i",
                             "context list",
                             "context use",
                             "context show",
                             "context remove",
                             "officer nominate",
                             "completion import",
                             "enrollment no-show",
                             "training preview",
                             "why",
                             "authority",
                             "completion"}) {
      EXPECT_THAT(outcome.out, HasSubstr(std::string("' ") + path + "') words='")) << path;
    }
    EXPECT_THAT(outcome.out, HasSubstr("--as-known-at"));
    EXPECT_THAT(outcome.out, HasSubstr("discrepancies"));
  }
}

// --- connection ---

TEST_F(CommandsTest, SaysWhoCallsAndWithWhat) {
  RunCommand({"get", "agencies/a1", "--actor", "bo"});
  RunCommand({"get", "agencies/a1"});
  const auto requests = gateway_.Requests(kA + "GetAgency");
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(Metadata(requests[0], "accord-actor"), "bo");
  EXPECT_EQ(Metadata(requests[1], "accord-actor"), "ana");
  EXPECT_THAT(Metadata(requests[1], "accord-client"), StartsWith("accordctl/"));
}

TEST_F(CommandsTest, ATokenComesFromItsFileAndIsNotShown) {
  const std::string file = folder_ + "/token";
  std::ofstream(file) << "abc.def.ghi\n";
  const Outcome given = RunCommand({"get", "agencies/a1", "--token-file", file});
  EXPECT_EQ(given.code, 0) << given.err;
  EXPECT_EQ(Metadata(gateway_.Requests(kA + "GetAgency")[0], "authorization"),
            "Bearer abc.def.ghi");
  EXPECT_THAT(given.out + given.err, Not(HasSubstr("abc.def")));
  std::ofstream(file) << "\n";
  const Outcome empty = RunCommand({"get", "agencies/a1", "--token-file", file});
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.err, HasSubstr("there is no token in"));
}

TEST_F(CommandsTest, SpeaksTlsUnlessToldOtherwise) {
  // The server is on this machine, and knows no TLS.
  const std::vector<std::string> args = {"get",       "agencies/a1", "--server", gateway_.address(),
                                         "--timeout", "5s"};
  UseServer("elsewhere:1");
  const Outcome tls = RunCommand(args);
  EXPECT_EQ(tls.code, 5);
  EXPECT_THAT(tls.err, HasSubstr("unless you say --plaintext"));
  EXPECT_THAT(gateway_.Requests(kA + "GetAgency"), IsEmpty());
  std::vector<std::string> plain = args;
  plain.push_back("--plaintext");
  const Outcome outcome = RunCommand(plain);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, StartsWith("warning: --plaintext"));
}

TEST_F(CommandsTest, PlainTextStaysOnThisMachine) {
  const Outcome by_flag =
      RunCommand({"get", "agencies/a1", "--plaintext", "--server", "gateway.example:7200"});
  EXPECT_EQ(by_flag.code, 2);
  EXPECT_THAT(by_flag.err, HasSubstr("plain text stays on this machine"));
  UseServer("gateway.example:7200");
  const Outcome by_profile = RunCommand({"get", "agencies/a1"});
  EXPECT_EQ(by_profile.code, 2);
  EXPECT_THAT(by_profile.err, HasSubstr("plain text stays on this machine"));
  EXPECT_EQ(RunCommand({"metrics", "--plaintext", "--tls-ca", "ca.pem"}).code, 2);
}

TEST_F(CommandsTest, ReadsAtLeastWhatItHasSeen) {
  RunCommand({"get", "agreements/g1"});
  RunCommand({"metrics"});
  EXPECT_EQ(Metadata(gateway_.Requests(kA + "GetAgreement")[0], "accord-revision"), "");
  EXPECT_EQ(Metadata(gateway_.Requests(kG + "GetProgramMetrics")[0], "accord-revision"),
            "agreements@log1:812");
}

TEST_F(CommandsTest, NamesTheLogItMeans) {
  RunCommand({"changes", "--service", "training"});
  RunCommand({"verify"});
  EXPECT_EQ(Metadata(gateway_.Requests(kF + "ListChanges")[0], "accord-service"), "training");
  EXPECT_EQ(Metadata(gateway_.Requests(kF + "VerifyChanges")[0], "accord-service"), "agreements");
}

TEST_F(CommandsTest, TakesServerAndActorFromTheProfile) {
  const std::string file = folder_ + "/client.yaml";
  std::ofstream(file) << "current: l\ncontexts: [{name: l, server: '" << gateway_.address()
                      << "', plaintext: true, actor: cy}]\n";
  EXPECT_EQ(RunCommand({"get", "agencies/a1", "--config", file}).code, 0);
  EXPECT_EQ(Metadata(gateway_.Requests(kA + "GetAgency")[0], "accord-actor"), "cy");
  EXPECT_EQ(RunCommand({"metrics", "--config", folder_ + "/none.yaml"}).code, 3);
  EXPECT_EQ(RunCommand({"metrics", "--config", file, "--context", "x"}).code, 2);
}

TEST_F(CommandsTest, OfSeveralContextsOfAServerTheNamedOneCountsThenTheCurrentOne) {
  std::ofstream(profile_) << "current: b\ncontexts:\n"
                          << "- {name: a, server: '" << gateway_.address()
                          << "', plaintext: true, actor: ana}\n"
                          << "- {name: b, server: '" << gateway_.address()
                          << "', plaintext: true, actor: bo}\n"
                          << "- {name: c, server: '127.0.0.1:1', plaintext: true, actor: cy}\n";
  RunCommand({"get", "agencies/a1", "--server", gateway_.address()});
  RunCommand({"get", "agencies/a1", "--server", gateway_.address(), "--context", "a"});
  RunCommand({"get", "agencies/a1", "--server", gateway_.address(), "--context", "c"});
  const auto requests = gateway_.Requests(kA + "GetAgency");
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(Metadata(requests[0], "accord-actor"), "bo");
  EXPECT_EQ(Metadata(requests[1], "accord-actor"), "ana");
  EXPECT_EQ(Metadata(requests[2], "accord-actor"), "cy");
}

TEST_F(CommandsTest, NobodyThereIs5AndNamesTheServer) {
  // Port 1 is not listened on.
  const Outcome outcome = RunCommand({"metrics", "--server", "127.0.0.1:1", "--timeout", "5s"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("is 127.0.0.1:1 the right address"));
}

// --- reading ---

TEST_F(CommandsTest, ListReadsEveryPageIntoOneAnswer) {
  FakeGateway pages;
  Use(pages);
  pages.Answer(kA + "ListAgencies", Parse<av1::ListAgenciesResponse>(
                                        "agencies { name: 'agencies/1' } next_page_token: 't'"));
  pages.Answer(kA + "ListAgencies",
               Parse<av1::ListAgenciesResponse>("agencies { name: 'agencies/2' }"));
  const Outcome outcome =
      RunCommand({"list", "agencies", "-o", "name", "--filter", "state = \"FL\"", "--order-by",
                  "name desc", "--as-known-at", "7"});
  EXPECT_EQ(outcome.out, "agencies/1\nagencies/2\n");
  EXPECT_EQ(outcome.err, "");
  const auto last = pages.Last<av1::ListAgenciesRequest>(kA + "ListAgencies");
  EXPECT_EQ(last.page_token(), "t");
  EXPECT_EQ(last.filter(), "state = \"FL\"");
  EXPECT_EQ(last.order_by(), "name desc");
  EXPECT_EQ(last.as_known_at(), 7);
}

TEST_F(CommandsTest, ListOfAgreementsShowsAgenciesByNameOnlyToPeople) {
  const std::string office = "Collier County Sheriff's Office";
  EXPECT_THAT(RunCommand({"list", "agreements"}).out, HasSubstr(office));
  EXPECT_EQ(gateway_.Last<av1::ListAgenciesRequest>(kA + "ListAgencies").filter(),
            "name = \"agencies/a1\" OR name = \"agencies/a2\"");
  for (const char* format : {"wide", "csv", "json"}) {
    EXPECT_THAT(RunCommand({"list", "agreements", "-o", format}).out,
                AllOf(HasSubstr("agencies/a1"), Not(HasSubstr(office))));
  }
}

TEST_F(CommandsTest, ListOfAgreementsNeedsNoAgencyNames) {
  FakeGateway other;
  Use(other);
  other.Answer(kA + "ListAgreements",
               Parse<av1::ListAgreementsResponse>(
                   "agreements { name: 'agreements/g1' agency: 'agencies/a1' }"));
  const Outcome outcome = RunCommand({"list", "agreements"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("agencies/a1"));
}

TEST_F(CommandsTest, LimitStopsAndSaysHowToGoOn) {
  FakeGateway pages;
  Use(pages);
  pages.Answer(kA + "ListAgencies", Parse<av1::ListAgenciesResponse>(
                                        "agencies { name: 'agencies/1' } next_page_token: 't'"));
  const Outcome outcome = RunCommand({"list", "agencies", "-o", "name", "--limit", "1"});
  EXPECT_EQ(outcome.out, "agencies/1\n");
  EXPECT_THAT(outcome.err, HasSubstr("--page-token t"));
  EXPECT_EQ(pages.Last<av1::ListAgenciesRequest>(kA + "ListAgencies").page_size(), 1);
}

TEST_F(CommandsTest, ProgressOnlyWhenAskedForWithoutATerminal) {
  EXPECT_EQ(RunCommand({"verify"}).err, "");
  EXPECT_THAT(RunCommand({"verify", "--progress"}).err, HasSubstr("verifying"));
}

TEST_F(CommandsTest, ErrorsAreJsonOnStderrWhenJsonIsAsked) {
  FakeGateway bad;
  Use(bad);
  bad.Fail(kA + "GetAgency", MakeError(absl::StatusCode::kNotFound, "agreements.accord",
                                       "RESOURCE_NOT_FOUND", "there is no agencies/x"));
  const Outcome outcome = RunCommand({"get", "agencies/x", "-o", "json"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, AllOf(StartsWith("{\"code\":5"), HasSubstr("RESOURCE_NOT_FOUND")));
}

TEST_F(CommandsTest, StatusFindsAgenciesByPartOfTheirName) {
  EXPECT_EQ(RunCommand({"status", "Collier \"County\"", "--as-of", "2025-07-02"}).code, 0);
  EXPECT_EQ(gateway_.Last<av1::ListAgenciesRequest>(kA + "ListAgencies").filter(),
            R"(display_name:"Collier \"County\"" OR aliases:"Collier \"County\"")");
  const auto asked =
      gateway_.Last<gv1::BatchGetAgencyStatusesRequest>(kG + "BatchGetAgencyStatuses");
  EXPECT_EQ(asked.agencies_size(), 2);
  EXPECT_EQ(asked.as_of().year(), 2025);
}

TEST_F(CommandsTest, StatusOfNobodyIs3AndOfSomeIs6) {
  FakeGateway other;
  Use(other);
  other.Answer(kA + "ListAgencies", av1::ListAgenciesResponse());
  EXPECT_EQ(RunCommand({"status", "no such county"}).code, 3);
  other.Answer(kG + "BatchGetAgencyStatuses",
               Parse<gv1::BatchGetAgencyStatusesResponse>("not_found: 'agencies/x'"));
  other.Answer(kG + "BatchGetAgencyStatuses",
               Parse<gv1::BatchGetAgencyStatusesResponse>("statuses {} not_found: 'agencies/x'"));
  EXPECT_EQ(RunCommand({"status", "agencies/x"}).code, 3);
  EXPECT_EQ(RunCommand({"status", "agencies/x", "agencies/y"}).code, 6);
}

// --- writing ---

TEST_F(CommandsTest, MovesCarryWhoWhenWhyAndARequestId) {
  const Outcome outcome = RunCommand({"agreement", "suspend", "g1", "--date", "2025-07-02",
                                      "--reason", "audit", "--etag", "e9", "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("nothing was written"));
  const auto request = gateway_.Last<av1::MoveAgreementRequest>(kA + "SuspendAgreement");
  EXPECT_EQ(request.name(), "agreements/g1");
  EXPECT_EQ(request.effective_date().day(), 2);
  EXPECT_EQ(request.reason(), "audit");
  EXPECT_EQ(request.etag(), "e9");
  EXPECT_TRUE(request.validate_only());
  EXPECT_THAT(request.request_id(), MatchesRegex("[0-9a-f]{8}-[0-9a-f-]{27}"));
}

TEST_F(CommandsTest, EveryVerbReachesItsMethod) {
  const std::map<std::string, std::string> methods = {
      {"start-review", "StartReview"},     {"send-to-board", "SendToBoard"},
      {"approve", "ApproveAgreement"},     {"decline", "DeclineAgreement"},
      {"withdraw", "WithdrawAgreement"},   {"sign", "SignAgreement"},
      {"suspend", "SuspendAgreement"},     {"reinstate", "ReinstateAgreement"},
      {"terminate", "TerminateAgreement"}, {"rescind", "RescindAgreement"},
      {"supersede", "SupersedeAgreement"}};
  for (const auto& [verb, method] : methods) {
    gateway_.Answer(kA + method, Parse<av1::Agreement>("name: 'agreements/g1'"));
    std::vector<std::string> args = {"agreement", verb, "g1",           "--date", "2025-07-02",
                                     "--reason",  "r",  "--request-id", "id-1"};
    if (verb == "supersede") args.insert(args.end(), {"--successor", "g2"});
    EXPECT_EQ(RunCommand(args).code, 0) << verb;
    EXPECT_THAT(gateway_.Requests(kA + method), Not(IsEmpty())) << verb;
  }
  const auto signing = gateway_.Last<av1::SignAgreementRequest>(kA + "SignAgreement");
  EXPECT_EQ(signing.agency_signed_date().day(), 2);
  EXPECT_EQ(signing.federal_signed_date().day(), 2);
  EXPECT_EQ(signing.request_id(), "id-1");
  EXPECT_EQ(gateway_.Last<av1::SupersedeAgreementRequest>(kA + "SupersedeAgreement").successor(),
            "agreements/g2");
}

TEST_F(CommandsTest, AgenciesAreCreatedCorrectedAndMerged) {
  for (const char* method : {"CreateAgency", "UpdateAgency", "MergeAgencies", "UnmergeAgency"}) {
    gateway_.Answer(kA + method, Parse<av1::Agency>("name: 'agencies/a1'"));
  }
  EXPECT_EQ(RunCommand({"agency", "create", "--display-name", "Doña Ana", "--state", "NM", "--kind",
                        "county", "--alias", "x", "--alias", "y", "--fictitious"})
                .code,
            0);
  const auto create = gateway_.Last<av1::CreateAgencyRequest>(kA + "CreateAgency");
  EXPECT_EQ(create.agency().kind(), av1::Agency::COUNTY);
  EXPECT_EQ(create.agency().aliases_size(), 2);
  EXPECT_TRUE(create.agency().fictitious());

  EXPECT_EQ(RunCommand({"agency", "update", "a1", "--county", "C", "--clear", "field_office",
                        "--etag", "e7", "--reason", "r"})
                .code,
            0);
  const auto update = gateway_.Last<av1::UpdateAgencyRequest>(kA + "UpdateAgency");
  EXPECT_THAT(update.update_mask().paths(), ::testing::ElementsAre("county", "field_office"));
  EXPECT_EQ(update.agency().etag(), "e7");

  EXPECT_EQ(RunCommand({"agency", "merge", "a2", "--into", "a1", "--reason", "same"}).code, 0);
  EXPECT_EQ(gateway_.Last<av1::MergeAgenciesRequest>(kA + "MergeAgencies").into(), "agencies/a1");
  EXPECT_EQ(RunCommand({"agency", "unmerge", "a2", "--reason", "not"}).code, 0);
}

TEST_F(CommandsTest, ResolveAcceptsUndoesAndDecidesMany) {
  EXPECT_EQ(RunCommand({"resolve", "d1", "--accept", "--reason", "r", "--effective-date",
                        "2025-06-30", "--end-state", "terminated"})
                .code,
            0);
  const auto accepted =
      gateway_.Last<av1::DecideRosterDiscrepancyRequest>(kA + "AcceptRosterDiscrepancy");
  EXPECT_EQ(accepted.name(), "rosterDiscrepancies/d1");
  EXPECT_EQ(accepted.end_state(), av1::Agreement::TERMINATED);
  EXPECT_EQ(accepted.effective_date().day(), 30);

  gateway_.Answer(kA + "UndoRosterDiscrepancy", av1::RosterDiscrepancy());
  EXPECT_EQ(RunCommand({"resolve", "undo", "d1", "--reason", "r"}).code, 0);
  EXPECT_THAT(gateway_.Requests(kA + "UndoRosterDiscrepancy"), SizeIs(1));

  gateway_.Answer(kA + "ResolveRosterDiscrepancies",
                  Parse<av1::ResolveRosterDiscrepanciesResponse>(
                      "results { name: 'rosterDiscrepancies/1' state: REJECTED } results { name: "
                      "'rosterDiscrepancies/2' state: OPEN error_reason: 'PROPOSAL_STALE' error: "
                      "'moved' } decided: 1 failed: 1"));
  const Outcome many =
      RunCommand({"resolve", "--filter", "state = OPEN", "--reject", "--reason", "r"});
  EXPECT_EQ(many.code, 6);
  EXPECT_THAT(many.out, HasSubstr("PROPOSAL_STALE"));
  EXPECT_THAT(many.err, HasSubstr("1 decided, 1 failed"));
}

// --- importing ---

TEST_F(CommandsTest, ImportSendsTheFileAndItsCaptureDate) {
  const std::string file = File("20250519_participatingAgencies05162025am.xlsx");
  EXPECT_EQ(RunCommand({"import", "roster", "--kind", "participating", "--history",
                        "--allow-shrink", "--fictitious", file})
                .code,
            0);
  const auto request = gateway_.Last<av1::ImportRosterRequest>(kA + "ImportRoster");
  EXPECT_EQ(request.file_name(), "20250519_participatingAgencies05162025am.xlsx");
  EXPECT_EQ(request.content(), "rows");
  EXPECT_EQ(request.capture_date().day(), 19);
  EXPECT_EQ(request.kind(), av1::RosterImport::PARTICIPATING);
  EXPECT_TRUE(request.history());
  EXPECT_TRUE(request.allow_shrink());
  EXPECT_TRUE(request.fictitious());
}

TEST_F(CommandsTest, ImportTakesNoCaptureDateFromOtherNames) {
  RunCommand({"import", "roster", File("20251399_x.xlsx"), File("participating.csv"),
              File("2025051_x.xlsx")});
  const auto requests = gateway_.Requests(kA + "ImportRoster");
  ASSERT_THAT(requests, SizeIs(3));
  for (const auto& request : requests) {
    av1::ImportRosterRequest sent;
    EXPECT_TRUE(sent.ParseFromString(request.body));
    EXPECT_FALSE(sent.has_capture_date()) << sent.file_name();
  }
  RunCommand({"import", "roster", "--capture-date", "2025-05-20", File("20250519_x.xlsx")});
  EXPECT_EQ(gateway_.Last<av1::ImportRosterRequest>(kA + "ImportRoster").capture_date().day(), 20);
}

TEST_F(CommandsTest, ImportOfSomeIs6AndOfNoneTheirCode) {
  FakeGateway other;
  Use(other);
  other.Fail(kA + "ImportRoster",
             MakeError(absl::StatusCode::kFailedPrecondition, "agreements.accord", "ROSTER_SHRUNK",
                       "the list has 3 rows"));
  other.Answer(kA + "ImportRoster", Parse<av1::RosterImport>("name: 'rosterImports/9'"));
  const Outcome some = RunCommand({"import", "roster", "-o", "json", File("a.csv"), File("b.csv")});
  EXPECT_EQ(some.code, 6);
  EXPECT_THAT(some.out, StartsWith("{\"name\":\"rosterImports/9\""));
  EXPECT_THAT(some.err, HasSubstr("ROSTER_SHRUNK"));
  EXPECT_EQ(RunCommand({"import", "roster", folder_ + "/none.csv"}).code, 3);
}

TEST_F(CommandsTest, ImportStopsWhenNobodyAnswers) {
  const Outcome outcome = RunCommand(
      {"import", "roster", "--server", "127.0.0.1:1", File("a.csv"), File("b.csv"), File("c.csv")});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("not tried: the 2 files after it"));
}

// --- the log ---

std::string Message(int64_t revision, bool change) {
  lv1::WatchChangesResponse message;
  message.set_log("log1");
  message.set_revision(revision);
  message.set_hash("h" + std::to_string(revision));
  if (change) {
    message.add_changes()->set_revision(revision);
    message.mutable_changes(0)->set_resource("agreements/g1");
  }
  return message.SerializeAsString();
}

absl::Status Gone() {
  return MakeError(absl::StatusCode::kUnavailable, "log.accord", "STOPPING", "shutting down");
}

TEST_F(CommandsTest, WatchGoesOnWhereALostConnectionStopped) {
  gateway_.Stream(kF + "WatchChanges", {Message(812, true), Message(815, false)}, Gone());
  gateway_.Stream(kF + "WatchChanges", {Message(816, true)}, absl::OkStatus());
  const Outcome outcome = RunCommand({"watch", "--limit", "2", "-o", "name"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "changes/812\nchanges/816\n");
  EXPECT_THAT(outcome.err, HasSubstr("connection lost after revision 815"));
  EXPECT_THAT(slept_, ::testing::ElementsAre(absl::Milliseconds(500)));
  const auto requests = gateway_.Requests(kF + "WatchChanges");
  ASSERT_THAT(requests, SizeIs(2));
  lv1::WatchChangesRequest first;
  first.ParseFromString(requests[0].body);
  EXPECT_EQ(first.after_revision(), 811);
  EXPECT_EQ(first.log(), "log1");
  const auto second = gateway_.Last<lv1::WatchChangesRequest>(kF + "WatchChanges");
  EXPECT_EQ(second.after_revision(), 815);
  EXPECT_EQ(second.hash(), "h815");
  EXPECT_EQ(Metadata(requests[1], "accord-service"), "agreements");
}

TEST_F(CommandsTest, WatchStopsAtAForkedLog) {
  gateway_.Stream(kF + "WatchChanges", {Message(5, false)}, Gone());
  gateway_.Stream(
      kF + "WatchChanges", {},
      MakeError(absl::StatusCode::kFailedPrecondition, "log.accord", "LOG_FORKED", "another log"));
  const Outcome outcome = RunCommand({"watch", "--after", "3"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, HasSubstr("start from revision 0"));
}

TEST_F(CommandsTest, WatchOfAServerThatNeverAnsweredFails) {
  gateway_.Stream(kF + "WatchChanges", {}, Gone());
  EXPECT_EQ(RunCommand({"watch"}).code, 5);
  EXPECT_THAT(slept_, IsEmpty());
}

TEST_F(CommandsTest, VerifyNamesTheBrokenRevisionAndExitsWith1) {
  FakeGateway other;
  Use(other);
  other.Answer(kF + "VerifyChanges",
               Parse<lv1::VerifyChangesResponse>(
                   "first_broken_revision: 417 problem: 'the image does not match its digest'"));
  const Outcome outcome = RunCommand({"verify", "--from", "10", "--to", "500"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("BROKEN at revision 417: the image"));
  const auto request = other.Last<lv1::VerifyChangesRequest>(kF + "VerifyChanges");
  EXPECT_EQ(request.from_revision(), 10);
  EXPECT_EQ(request.to_revision(), 500);
}

TEST_F(CommandsTest, ChangesAreFilteredByNameAndRevision) {
  RunCommand({"changes", "agency/a1", "--after", "7", "--filter", "kind = UPDATE"});
  const auto request = gateway_.Last<lv1::ListChangesRequest>(kF + "ListChanges");
  EXPECT_EQ(request.subject(), "agencies/a1");
  EXPECT_EQ(request.filter(), "(revision > 7) AND (kind = UPDATE)");
  EXPECT_TRUE(request.omit_images());
}

TEST_F(CommandsTest, MetricsOfMadeUpAgenciesSaySo) {
  FakeGateway other;
  Use(other);
  other.Answer(kG + "GetProgramMetrics", Parse<gv1::ProgramMetrics>("fictitious: true"));
  EXPECT_THAT(RunCommand({"metrics", "--fictitious"}).out, HasSubstr("SYNTHETIC"));
  EXPECT_THAT(RunCommand({"metrics", "--fictitious", "-o", "csv"}).out,
              HasSubstr(",SYNTHETIC\r\n"));
  EXPECT_TRUE(other.Last<gv1::GetProgramMetricsRequest>(kG + "GetProgramMetrics").fictitious());
}

}  // namespace
}  // namespace accord::cli
