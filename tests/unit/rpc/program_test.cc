#include "common/rpc/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "common/base/log.h"
#include "common/rpc/build_info.h"

namespace accord::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

class ProgramTest : public ::testing::Test {
 protected:
  ~ProgramTest() override {
    for (const char* name : {"ACCORD_WORKERS", "ACCORD_STORE"}) unsetenv(name);
    SetLogLevel(LogLevel::kInfo);
  }

  int Run(std::vector<std::string> arguments, absl::Status result = absl::OkStatus()) {
    arguments.insert(arguments.begin(), "echo");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    const auto add_flags = [this](CLI::App& app) {
      app.add_option("--store", store, store_help)->capture_default_str();
    };
    const auto run = [this, result](const ServerFlags& given) {
      ran = true;
      flags = given;
      return result;
    };
    return RunProgram("echo", "Says it again.", static_cast<int>(argv.size()), argv.data(),
                      add_flags, run, defaults);
  }

  std::string store = "echo.db";
  std::string store_help = "file that keeps everything";
  ServerFlags defaults{.listen = "127.0.0.1:7001"};
  ServerFlags flags;
  bool ran = false;
};

TEST_F(ProgramTest, EveryFlagHasADefault) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_TRUE(ran);
  EXPECT_EQ(flags.listen, "127.0.0.1:7001");
  EXPECT_EQ(flags.drain_timeout, absl::Seconds(10));
  EXPECT_EQ(store, "echo.db");
  EXPECT_FALSE(flags.insecure);
}

TEST_F(ProgramTest, FlagsReachTheOptions) {
  EXPECT_EQ(Run({"--listen=0.0.0.0:1", "--insecure", "--drain-timeout=1500ms", "--workers=3",
                 "--queue=4", "--per-caller=5", "--tls-cert=c", "--tls-key=k", "--tls-client-ca=a",
                 "--port-file=p", "--log-level=error"}),
            0);
  const ServerOptions server = ToServerOptions(flags);
  EXPECT_EQ(server.listen, "0.0.0.0:1");
  EXPECT_TRUE(server.insecure);
  EXPECT_EQ(server.drain_timeout, absl::Milliseconds(1500));
  EXPECT_EQ(server.tls.cert + server.tls.key + server.tls.ca + server.port_file, "ckap");
  const RuntimeOptions runtime = ToRuntimeOptions(flags, "echo.accord");
  EXPECT_EQ(runtime.workers, 3);
  EXPECT_EQ(runtime.queue, 4);
  EXPECT_EQ(runtime.per_caller, 5);
  EXPECT_EQ(GetLogLevel(), LogLevel::kError);
}

TEST_F(ProgramTest, TheEnvironmentSetsEveryFlagAndTheCommandLineWins) {
  setenv("ACCORD_WORKERS", "9", 1);
  setenv("ACCORD_STORE", "from-env.db", 1);
  EXPECT_EQ(Run({"--workers=2"}), 0);
  EXPECT_EQ(flags.workers, 2);
  EXPECT_EQ(store, "from-env.db");
  EXPECT_EQ(Run({}), 0);
  EXPECT_EQ(flags.workers, 9);
}

TEST_F(ProgramTest, HelpNamesDefaultsAndVariables) {
  CaptureStdout();
  EXPECT_EQ(Run({"--help"}), 0);
  const std::string help = GetCapturedStdout();
  EXPECT_FALSE(ran);
  EXPECT_THAT(help, HasSubstr("127.0.0.1:7001"));
  EXPECT_THAT(help, HasSubstr("ACCORD_TLS_CLIENT_CA"));
  EXPECT_THAT(help, HasSubstr("ACCORD_STORE"));
  EXPECT_THAT(help, HasSubstr("10s"));
}

TEST_F(ProgramTest, VersionNamesTheCommit) {
  CaptureStdout();
  EXPECT_EQ(Run({"--version"}), 0);
  const std::string text = GetCapturedStdout();
  EXPECT_THAT(text, HasSubstr(std::string(BuildVersion())));
  EXPECT_THAT(text, HasSubstr(std::string(BuildCommit())));
  EXPECT_FALSE(ran);
}

TEST_F(ProgramTest, BadFlagsAreRefused) {
  for (const char* bad : {"--workers=0", "--drain-timeout=soon", "--drain-timeout=-1s",
                          "--log-level=loud", "--no-such-flag"}) {
    CaptureStderr();
    EXPECT_EQ(Run({bad}), 2) << bad;
    EXPECT_NE(GetCapturedStderr(), "") << bad;
    EXPECT_FALSE(ran) << bad;
  }
}

TEST_F(ProgramTest, AFailureIsOneLine) {
  CaptureStderr();
  EXPECT_EQ(Run({}, absl::InternalError("cannot open\nthe store")), 1);
  EXPECT_EQ(GetCapturedStderr(), "echo: cannot open the store\n");
}

TEST_F(ProgramTest, AFlagWithoutHelpIsADefect) {
  store_help = "";
  CaptureStderr();
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("--store"));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace accord::rpc
