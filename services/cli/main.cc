// accordctl: gives the command line the terminal and the environment.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "services/cli/app.h"

namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int TerminalWidth() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  // The command says itself why there is no connection; gRPC's own lines only if asked for.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  const accord::cli::Io io{.out = std::cout,
                           .err = std::cerr,
                           .in = std::cin,
                           .out_is_tty = isatty(STDOUT_FILENO) == 1,
                           .err_is_tty = isatty(STDERR_FILENO) == 1,
                           .in_is_tty = isatty(STDIN_FILENO) == 1,
                           .width = TerminalWidth(),
                           .env = Environment,
                           .sleep = absl::SleepFor};
  return accord::cli::Run(std::vector<std::string>(argv + 1, argv + argc), io);
}
