#include "tests/integration/suite.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::testing {
namespace {

constexpr absl::Duration kStart = absl::Seconds(20);

}  // namespace

Program::Program(std::string name, std::vector<std::string> arguments)
    : name_(std::move(name)), arguments_(std::move(arguments)), port_(FreePort()) {}

absl::Status Program::Start(const std::vector<std::string>& more) {
  const std::string port_file = absl::StrCat(dir_.path(), "/port");
  std::filesystem::remove(port_file);
  std::vector<std::string> command = {
      ProgramPath(name_), "--listen", address(),         "--port-file", port_file,
      "--balancer-wait",  "0s",       "--drain-timeout", "5s"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  const bool has_tls =
      std::find(arguments_.begin(), arguments_.end(), "--tls-cert") != arguments_.end();
  if (!has_tls) command.push_back("--insecure");
  command.insert(command.end(), more.begin(), more.end());
  ACCORD_ASSIGN_OR_RETURN(process_, Process::Start(command, absl::StrCat(dir_.path(), "/log")));
  const auto port = WaitForPortFile(port_file, kStart);
  if (!port.ok()) return absl::UnavailableError(absl::StrCat(name_, " did not start: ", log()));
  return absl::OkStatus();
}

std::optional<int> Program::Terminate() {
  const std::optional<int> code = process_->Terminate();
  process_.reset();
  return code;
}

std::string Program::address() const { return absl::StrCat("127.0.0.1:", port_); }

std::string Program::log() const {
  std::ifstream file(absl::StrCat(dir_.path(), "/log"));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Suite::Suite(const std::string& store_url)
    : agreements(
          "accord-agreements",
          {"--store",
           store_url.empty() ? absl::StrCat("sqlite:", dir.path(), "/agreements.db") : store_url,
           "--policy", PolicyPath()}),
      gateway("accord-gateway", {"--agreements", agreements.address(), "--policy", PolicyPath()}) {}

absl::Status Suite::Start() {
  ACCORD_RETURN_IF_ERROR(agreements.Start());
  return gateway.Start();
}

std::string PolicyPath() {
  return absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/287g.textproto");
}

std::string ProgramPath(const std::string& name) {
  const char* folder = std::getenv("ACCORD_BIN_DIR");
  return absl::StrCat(folder == nullptr ? ACCORD_BIN_DIR : folder, "/", name);
}

std::string CtlPath() { return ProgramPath("accordctl"); }

std::vector<std::string> RosterPaths() {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/rosters"))) {
    paths.push_back(entry.path().string());
  }
  // "20250519_participatingAgencies05162025am.xlsx": the digits are the day of capture.
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    const auto key = [](const std::string& path) {
      const std::string name = std::filesystem::path(path).filename().string();
      return std::make_tuple(name.substr(0, 8), absl::StrContains(name, "pending"), name);
    };
    return key(a) < key(b);
  });
  return paths;
}

absl::StatusOr<Output> Ctl(const std::string& address, std::vector<std::string> arguments,
                           absl::Duration within) {
  const TempDir home;
  std::vector<std::string> command = {"/usr/bin/env",
                                      absl::StrCat("HOME=", home.path()),
                                      absl::StrCat("XDG_STATE_HOME=", home.path()),
                                      CtlPath(),
                                      "--server",
                                      address,
                                      "--plaintext"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return RunCommand(command, within);
}

}  // namespace accord::testing
