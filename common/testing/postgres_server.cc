#include "common/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/sql/sql.h"
#include "common/testing/process.h"

namespace accord::testing {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kStopTimeout = absl::Seconds(30);

// The account to run as, or null to stay who we are: PostgreSQL refuses to run as root.
const passwd* ServerAccount() { return geteuid() == 0 ? getpwnam("postgres") : nullptr; }

std::string FindBin() {
  std::string newest;
  int newest_version = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    int version = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &version)) continue;
    if (version <= newest_version) continue;
    newest_version = version;
    newest = (entry.path() / "bin").string();
  }
  return newest;
}

// Starts a program with its output in `log`. Between fork and exec only calls
// that are safe in a copy of a process with threads.
pid_t SpawnAsAccount(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const passwd* account = ServerAccount();
  const pid_t child = fork();
  if (child != 0) return child;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  if (account != nullptr && (setgroups(0, nullptr) != 0 || setgid(account->pw_gid) != 0 ||
                             setuid(account->pw_uid) != 0)) {
    _exit(127);
  }
  // After setuid, which would clear it: no server outlives a test that crashed.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  close_range(3, ~0U, 0);
  execv(argv[0], argv.data());
  _exit(127);
}

// Waits for the end of any process, child or not. False when it goes on.
bool WaitForEnd(pid_t pid, absl::Duration timeout) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return true;  // Gone already.
  pollfd ended{fd, POLLIN, 0};
  const bool done = poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 1;
  close(fd);
  return done;
}

// Returns once the child has stopped (or ended), so that it starts no more children.
void Freeze(pid_t child) {
  kill(child, SIGSTOP);
  siginfo_t info;
  waitid(P_PID, child, &info, WSTOPPED | WEXITED | WNOWAIT);
}

pid_t ParentOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string stat((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = stat.rfind(')');  // The name may hold spaces.
  if (name_end == std::string::npos) return -1;
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(name_end + 1), ' ');
  int parent = -1;
  return fields.size() > 2 && absl::SimpleAtoi(fields[2], &parent) ? parent : -1;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

absl::Status CreateDatabaseAt(absl::string_view admin_url, absl::string_view name) {
  // Making a database copies one to disk, which a busy machine does slowly.
  sql::Options options;
  options.call_timeout = absl::Minutes(1);
  ACCORD_ASSIGN_OR_RETURN(auto database, sql::Database::Open(admin_url, options));
  ACCORD_ASSIGN_OR_RETURN(auto connection, database->Connect(sql::Access::kWrite));
  return connection->Execute(absl::StrCat("CREATE DATABASE \"", name, "\"")).status();
}

// `url` with another database in its path.
std::string WithDatabase(absl::string_view url, absl::string_view name) {
  const size_t host = url.find("//") + 2;
  const size_t query = std::min(url.find('?'), url.size());
  const size_t path = std::min(url.find('/', host), query);
  return absl::StrCat(url.substr(0, path), "/", name, url.substr(query));
}

}  // namespace

PostgresServer::PostgresServer(std::string bin, int port, std::vector<std::string> settings)
    : bin_(std::move(bin)), port_(port), settings_(std::move(settings)) {}

PostgresServer::~PostgresServer() { Kill(); }

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Create(
    std::vector<std::string> settings) {
  const std::string bin = FindBin();
  if (bin.empty()) return absl::UnavailableError("no /usr/lib/postgresql/*/bin");
  if (geteuid() == 0 && ServerAccount() == nullptr) {
    return absl::UnavailableError("there is no user postgres to run as");
  }
  auto server =
      std::unique_ptr<PostgresServer>(new PostgresServer(bin, FreePort(), std::move(settings)));
  ACCORD_RETURN_IF_ERROR(server->InitCluster());
  ACCORD_RETURN_IF_ERROR(server->Start());
  return server;
}

absl::Status PostgresServer::InitCluster() {
  if (const passwd* account = ServerAccount()) {
    if (chown(dir_.path().c_str(), account->pw_uid, account->pw_gid) != 0) {
      return absl::UnavailableError("cannot hand the folder to postgres");
    }
  }
  // --no-sync concerns only the making of the cluster.
  const pid_t initdb = SpawnAsAccount({bin_ + "/initdb", "-D", dir_.File("data"), "-U", "postgres",
                                       "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"},
                                      dir_.File("initdb.log"));
  int code = -1;
  if (waitpid(initdb, &code, 0) == initdb && code == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("initdb failed: ", ReadText(dir_.File("initdb.log"))));
}

absl::Status PostgresServer::Start() {
  std::vector<std::string> command = {bin_ + "/postgres", "-D", dir_.File("data"), "-p",
                                      absl::StrCat(port_)};
  for (const char* own : {"listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on",
                          "max_connections=200", "shared_buffers=32MB"}) {
    command.insert(command.end(), {"-c", own});
  }
  // The last one of a name counts.
  for (const std::string& setting : settings_) command.insert(command.end(), {"-c", setting});
  postmaster_ = SpawnAsAccount(command, dir_.File("server.log"));
  const absl::Time deadline = absl::Now() + kStartTimeout;
  while (PQping(url().c_str()) != PQPING_OK) {
    // The end of the server is what we wait for, and the time between two looks.
    if (WaitForEnd(postmaster_, absl::Milliseconds(20)) || absl::Now() > deadline) {
      Kill();
      return absl::UnavailableError(
          absl::StrCat("postgres did not start: ", ReadText(dir_.File("server.log"))));
    }
  }
  return absl::OkStatus();
}

absl::Status PostgresServer::Stop() {
  if (postmaster_ < 0) return absl::OkStatus();
  kill(postmaster_, SIGINT);
  const bool ended = WaitForEnd(postmaster_, kStopTimeout);
  if (ended) {
    waitpid(postmaster_, nullptr, 0);
    postmaster_ = -1;
    return absl::OkStatus();
  }
  Kill();
  return absl::UnavailableError("postgres did not stop and was killed");
}

absl::Status PostgresServer::Restart() {
  ACCORD_RETURN_IF_ERROR(Stop());
  return Start();
}

void PostgresServer::Kill() {
  if (postmaster_ < 0) return;
  Freeze(postmaster_);
  const std::vector<pid_t> processes = Processes();
  Signal(SIGKILL);
  for (pid_t process : processes) WaitForEnd(process, kStopTimeout);
  waitpid(postmaster_, nullptr, 0);
  postmaster_ = -1;
}

void PostgresServer::Pause() {
  if (postmaster_ < 0) return;
  Freeze(postmaster_);
  Signal(SIGSTOP);
}

void PostgresServer::Resume() { Signal(SIGCONT); }

std::vector<pid_t> PostgresServer::Processes() const {
  std::vector<pid_t> processes = {postmaster_};
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    if (ParentOf(pid) == postmaster_) processes.push_back(pid);
  }
  return processes;
}

void PostgresServer::Signal(int signal) const {
  if (postmaster_ < 0) return;
  // Each backend is a process group of its own, so they are signalled one by one.
  for (pid_t process : Processes()) kill(process, signal);
}

std::string PostgresServer::url(absl::string_view database) const {
  return absl::StrCat("postgresql://postgres@127.0.0.1:", port_, "/", database);
}

absl::StatusOr<std::string> PostgresServer::CreateDatabase(absl::string_view name) {
  ACCORD_RETURN_IF_ERROR(CreateDatabaseAt(url(), name));
  return url(name);
}

absl::StatusOr<std::string> NewPostgresDatabase() {
  static int made = 0;
  const std::string name = absl::StrCat("accord_", getpid(), "_", made++);
  if (const char* given = getenv("ACCORD_TEST_POSTGRES")) {
    ACCORD_RETURN_IF_ERROR(CreateDatabaseAt(given, name));
    return WithDatabase(given, name);
  }
  static absl::StatusOr<std::unique_ptr<PostgresServer>> server = PostgresServer::Create();
  if (!server.ok()) return server.status();
  return (*server)->CreateDatabase(name);
}

}  // namespace accord::testing
