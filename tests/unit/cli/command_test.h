// Runs command lines against the fake gateway.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "services/cli/app.h"
#include "tests/unit/cli/fake_gateway.h"

namespace accord::cli {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    env_ = {{"USER", "ana"},
            {"HOME", folder_},
            {"XDG_STATE_HOME", folder_ + "/state"},
            {"ACCORD_CONFIG", profile_}};
    Use(gateway_);
  }
  ~CommandTest() override { std::filesystem::remove_all(folder_); }

  // From here on, commands find this server, without TLS, by the profile.
  void Use(const FakeGateway& gateway) { UseServer(gateway.address()); }
  void UseServer(const std::string& server) const {
    std::ofstream(profile_) << "current: fake\ncontexts:\n- {name: fake, server: '" << server
                            << "', plaintext: true}\n";
  }

  Outcome RunCommand(const std::vector<std::string>& args) {
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in(input_);
    const Io io{.out = out,
                .err = err,
                .in = in,
                .out_is_tty = false,
                .err_is_tty = false,
                .in_is_tty = in_is_tty_,
                .width = 0,
                .env = [this](const char* name) { return env_[name]; },
                .sleep = [this](absl::Duration length) { slept_.push_back(length); }};
    const int code = cli::Run(args, io);
    return {code, out.str(), err.str()};
  }

  const std::string folder_ = ::testing::TempDir() + "accordctl-" +
                              ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                              "-" +
                              std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                              "-" + std::to_string(getpid());
  const std::string profile_ = folder_ + "/profile.yaml";
  FakeGateway gateway_;
  // What the person types.
  std::string input_;
  bool in_is_tty_ = false;
  std::map<std::string, std::string> env_;
  std::vector<absl::Duration> slept_;
};

}  // namespace accord::cli
