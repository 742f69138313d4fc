#include "common/testing/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/testing/temp_dir.h"

namespace accord::testing {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(5);

// Becomes `command` in the child; the child dies with its parent.
[[noreturn]] void Become(const std::vector<std::string>& command, const std::string& out,
                         const std::string& err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out_fd = open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err_fd = open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int null_fd = open("/dev/null", O_RDONLY);
  dup2(null_fd, STDIN_FILENO);
  dup2(out_fd, STDOUT_FILENO);
  dup2(err_fd, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& out,
            const std::string& err) {
  const pid_t pid = fork();
  if (pid == 0) Become(command, out, err);
  return pid;
}

// The exit code (128 + signal when killed), or empty when it still runs at `deadline`.
std::optional<int> WaitUntil(pid_t pid, absl::Time deadline) {
  for (;;) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == pid) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (absl::Now() >= deadline) return std::nullopt;
    absl::SleepFor(kLook);
  }
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& command,
                                       const std::string& log_path) {
  const pid_t pid = Spawn(command, log_path, log_path);
  if (pid < 0) return absl::InternalError("cannot fork");
  return Process(pid);
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

Process::~Process() { Kill(); }

void Process::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

void Process::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::optional<int> Process::Terminate(absl::Duration within) {
  if (pid_ <= 0) return std::nullopt;
  kill(pid_, SIGTERM);
  const std::optional<int> code = WaitUntil(pid_, absl::Now() + within);
  if (code) pid_ = -1;
  return code;
}

absl::StatusOr<Output> RunCommand(const std::vector<std::string>& command, absl::Duration within) {
  const TempDir dir;
  const std::string out = absl::StrCat(dir.path(), "/out");
  const std::string err = absl::StrCat(dir.path(), "/err");
  const pid_t pid = Spawn(command, out, err);
  if (pid < 0) return absl::InternalError("cannot fork");
  const std::optional<int> code = WaitUntil(pid, absl::Now() + within);
  if (!code) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return absl::DeadlineExceededError(
        absl::StrCat(command[0], " did not end in time: ", ReadFile(err)));
  }
  return Output{*code, ReadFile(out), ReadFile(err)};
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) std::abort();
  return ntohs(address.sin_port);
}

absl::StatusOr<int> WaitForPortFile(const std::string& path, absl::Duration within) {
  const absl::Time deadline = absl::Now() + within;
  for (;;) {
    int port = 0;
    std::ifstream file(path);
    if (file >> port) return port;
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(absl::StrCat("no ", path));
    absl::SleepFor(kLook);
  }
}

}  // namespace accord::testing
