// accordctl, from arguments to exit code.
#pragma once

#include <string>
#include <vector>

#include "services/cli/io.h"

namespace CLI {
class App;
}

namespace accord::cli {

class Session;

// Runs one command line (without the program's name). Returns the exit code.
int Run(const std::vector<std::string>& args, const Io& io);

// All commands with their options; `session` receives what is chosen.
void AddEverything(CLI::App& app, Session& session);

}  // namespace accord::cli
