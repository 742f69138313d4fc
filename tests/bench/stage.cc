#include "tests/bench/stage.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/testing/eventually.h"

namespace accord::bench {
namespace {

namespace av1 = agreements::v1;

constexpr std::array kStates = {
    "ALABAMA",       "ARIZONA",  "ARKANSAS",  "COLORADO",       "FLORIDA",        "GEORGIA",
    "IDAHO",         "INDIANA",  "IOWA",      "KANSAS",         "KENTUCKY",       "LOUISIANA",
    "MARYLAND",      "MICHIGAN", "MINNESOTA", "MISSISSIPPI",    "MISSOURI",       "MONTANA",
    "NEBRASKA",      "NEVADA",   "NEW YORK",  "NORTH DAKOTA",   "NORTH CAROLINA", "OHIO",
    "NEW HAMPSHIRE", "OKLAHOMA", "TENNESSEE", "SOUTH CAROLINA", "SOUTH DAKOTA",   "TEXAS",
    "PENNSYLVANIA",  "UTAH",     "VIRGINIA",  "WEST VIRGINIA",  "WISCONSIN",      "WYOMING"};
constexpr char kFileName[] = "participatingAgencies05162025am.csv";
constexpr absl::Duration kImport = absl::Minutes(9);
constexpr absl::Duration kReady = absl::Minutes(2);
constexpr int kPage = 1000;

// The same for the same number; no two are alike enough to be taken for one another.
std::string MadeUpWord(int number) {
  std::mt19937_64 random(static_cast<uint64_t>(number));
  std::string word;
  for (int i = 0; i < 6; ++i) {
    word += "bcdfghjklmnprstvwz"[random() % 18];
    word += "aeiou"[random() % 5];
  }
  word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string AgencyCells(int agency) {
  return absl::StrCat(kStates[agency % kStates.size()], ",", MadeUpWord(agency),
                      " Police Department,Municipality,", MadeUpWord(-1 - agency % 3000),
                      " County,");
}

std::unique_ptr<av1::Agreements::Stub> StubFor(const std::string& address) {
  return av1::Agreements::NewStub(*rpc::MakeChannel(address));
}

absl::Status ImportInto(const std::string& file, int rows) {
  testing::Program service("accord-agreements", {"--store", absl::StrCat("sqlite:", file),
                                                 "--policy", testing::PolicyPath()});
  ACCORD_RETURN_IF_ERROR(service.Start());
  ACCORD_RETURN_IF_ERROR(ImportSynthetic(service.address(), rows, SyntheticList(rows)).status());
  // An orderly end leaves one file, without a write-ahead log beside it.
  if (service.Terminate() != 0) return absl::InternalError("the service did not end well");
  return absl::OkStatus();
}

std::vector<std::string> FlagsOf(const std::string& agreements_address, int metrics_port,
                                 const std::vector<std::string>& more) {
  std::vector<std::string> flags = {"--agreements",     agreements_address,
                                    "--policy",         testing::PolicyPath(),
                                    "--metrics-listen", absl::StrCat("127.0.0.1:", metrics_port)};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// Beside this program.
std::string ConstantServerPath() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "accord-bench-constant";
}

}  // namespace

std::string SyntheticList(int rows) {
  std::string list = "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA\n";
  for (int row = 0, agency = -1; row < rows; ++row) {
    const bool second = row % 5 == 4;
    if (!second) ++agency;
    absl::StrAppend(&list, AgencyCells(agency), second ? "WSO" : "TFM", ",", 1 + row % 4, "/",
                    1 + row % 28, "/2025,\n");
  }
  return list;
}

absl::StatusOr<av1::RosterImport> ImportSynthetic(const std::string& address, int rows,
                                                  const std::string& list) {
  av1::ImportRosterRequest request;
  request.set_file_name(kFileName);
  request.set_content(list);
  request.set_fictitious(true);
  request.set_allow_shrink(true);
  const auto stub = StubFor(address);
  ACCORD_ASSIGN_OR_RETURN(
      av1::RosterImport import,
      rpc::CallUnary(*stub, &av1::Agreements::Stub::ImportRoster, request, {.timeout = kImport}));
  const bool all_new =
      import.state() == av1::RosterImport::APPLIED && import.outcome_counts_size() == 1 &&
      import.outcome_counts(0).outcome() == av1::NEW && import.outcome_counts(0).rows() == rows;
  if (!all_new) return absl::InternalError(absl::StrCat("odd import: ", import.DebugString()));
  return import;
}

av1::UpdateAgencyRequest CountyUpdate(const std::string& agency, int64_t number) {
  av1::UpdateAgencyRequest request;
  request.mutable_agency()->set_name(agency);
  request.mutable_agency()->set_county(absl::StrCat("Demo ", number, " County"));
  request.mutable_update_mask()->add_paths("county");
  request.set_request_id(NewUuid());
  return request;
}

absl::StatusOr<std::string> ImportedFile(int rows) {
  static const testing::TempDir dir;  // Removed at the end: the files are large.
  static std::map<int, std::string> made;
  if (const auto found = made.find(rows); found != made.end()) return found->second;
  const std::string file = dir.File(absl::StrCat(rows, ".db"));
  ACCORD_RETURN_IF_ERROR(ImportInto(file, rows));
  return made[rows] = file;
}

Stage::Stage()
    : agreements_("accord-agreements", {"--store", absl::StrCat("sqlite:", dir_.File("stage.db")),
                                        "--policy", testing::PolicyPath()}) {}

absl::StatusOr<std::unique_ptr<Stage>> Stage::Start(int rows) {
  ACCORD_ASSIGN_OR_RETURN(const std::string file, ImportedFile(rows));
  std::unique_ptr<Stage> stage(new Stage);
  std::filesystem::copy_file(file, stage->dir_.File("stage.db"));
  ACCORD_RETURN_IF_ERROR(stage->agreements_.Start());
  stage->stub_ = StubFor(stage->agreements_.address());
  return stage;
}

absl::StatusOr<std::vector<std::string>> Stage::AgencyNames(int most) {
  std::vector<std::string> names;
  av1::ListAgenciesRequest request;
  request.set_page_size(std::min(most, kPage));
  do {
    ACCORD_ASSIGN_OR_RETURN(const auto page,
                            rpc::CallUnary(*stub_, &av1::Agreements::Stub::ListAgencies, request));
    for (const av1::Agency& agency : page.agencies()) names.push_back(agency.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(names.size()) < most);
  return names;
}

absl::StatusOr<std::vector<std::string>> Stage::AgreementNames(int most) {
  av1::ListAgreementsRequest request;
  request.set_page_size(std::min(most, kPage));
  request.set_filter("state = ACTIVE");
  ACCORD_ASSIGN_OR_RETURN(const auto page,
                          rpc::CallUnary(*stub_, &av1::Agreements::Stub::ListAgreements, request));
  std::vector<std::string> names;
  for (const av1::Agreement& agreement : page.agreements()) names.push_back(agreement.name());
  return names;
}

Gateway::Gateway(const std::string& agreements_address, const std::vector<std::string>& flags,
                 rpc::ChannelOptions as)
    : metrics_port_(testing::FreePort()),
      as_(std::move(as)),
      program_("accord-gateway", FlagsOf(agreements_address, metrics_port_, flags)) {}

absl::Status Gateway::Start() {
  ACCORD_RETURN_IF_ERROR(program_.Start());
  ACCORD_ASSIGN_OR_RETURN(const auto channel, rpc::MakeChannel(program_.address(), as_));
  stub_ = gateway::v1::Gateway::NewStub(channel);
  absl::Status status;
  const auto answers = [&] {
    status = rpc::CallUnary(*stub_, &gateway::v1::Gateway::Stub::GetProgramMetrics, {}).status();
    return status.ok();
  };
  return testing::Eventually(answers, kReady) ? absl::OkStatus() : status;
}

absl::StatusOr<std::unique_ptr<ConstantServer>> ConstantServer::Start(const std::string& answer) {
  auto server = std::make_unique<ConstantServer>();
  const std::string answer_file = server->dir_.File("answer");
  const std::string port_file = server->dir_.File("port");
  std::ofstream(answer_file, std::ios::binary) << answer;
  ACCORD_ASSIGN_OR_RETURN(server->process_,
                          testing::Process::Start({ConstantServerPath(), answer_file, port_file},
                                                  server->dir_.File("log")));
  ACCORD_ASSIGN_OR_RETURN(server->port_, testing::WaitForPortFile(port_file, absl::Seconds(20)));
  return server;
}

std::string ConstantServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

}  // namespace accord::bench
