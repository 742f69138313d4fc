// What the command line sees of its surroundings, so that tests can be them.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace accord::cli {

struct Io {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  bool out_is_tty = false;
  bool err_is_tty = false;
  bool in_is_tty = false;
  // Columns of the terminal; 0 when there is none.
  int width = 0;
  // Value of an environment variable, or "".
  std::function<std::string(const char*)> env;
  std::function<void(absl::Duration)> sleep;
};

// Colour only for people: a terminal, and NO_COLOR unset or empty.
inline bool UseColor(const Io& io, bool is_tty) { return is_tty && io.env("NO_COLOR").empty(); }

}  // namespace accord::cli
