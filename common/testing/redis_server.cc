#include "common/testing/redis_server.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/testing/eventually.h"
#include "common/testing/loopback.h"

namespace accord::testing {

absl::Status RedisServer::Start() {
  std::vector<std::string> command = {"/usr/bin/redis-server",
                                      "--port",
                                      absl::StrCat(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--save",
                                      "",
                                      "--dir",
                                      dir_.path(),
                                      "--unixsocket",
                                      unix_path()};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  ACCORD_ASSIGN_OR_RETURN(process_, Process::Start(command, dir_.File("log")));
  if (Eventually([this] { return Accepts(); })) return absl::OkStatus();
  std::stringstream log;
  log << std::ifstream(dir_.File("log")).rdbuf();
  return absl::UnavailableError(absl::StrCat("redis-server did not start: ", log.str()));
}

bool RedisServer::Accepts() const {
  const auto fd = ConnectTo(port_);
  if (fd.ok()) close(*fd);
  return fd.ok();
}

void RedisServer::Pause() const { process_->Signal(SIGSTOP); }
void RedisServer::Resume() const { process_->Signal(SIGCONT); }

absl::StatusOr<std::string> RedisServer::Command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"/usr/bin/redis-cli", "-p", absl::StrCat(port_)});
  ACCORD_ASSIGN_OR_RETURN(const Output output, RunCommand(arguments));
  return std::string(absl::StripSuffix(output.out, "\n"));
}

}  // namespace accord::testing
