// Figures as rows of one file, so that every kind of figure fits it.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/cli/output/table.h"

namespace accord::cli {

// Each row says of which day its figure is, how it came to be, and SYNTHETIC where it counts
// what is made up.
class FigureRows {
 public:
  FigureRows(absl::string_view as_of, absl::string_view basis, absl::string_view label)
      : as_of_(as_of), basis_(basis), label_(label) {}

  void Add(absl::string_view metric, absl::string_view key, int value, absl::string_view unit) {
    table_.rows.push_back({std::string(metric), std::string(key), absl::StrCat(value),
                           std::string(unit), as_of_, basis_, label_});
  }
  const Table& table() const { return table_; }

 private:
  const std::string as_of_, basis_, label_;
  Table table_{{{"", "metric"},
                {"", "key"},
                {"", "value", true},
                {"", "unit"},
                {"", "as_of"},
                {"", "basis"},
                {"", "label"}},
               {}};
};

}  // namespace accord::cli
