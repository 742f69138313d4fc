// What the benchmarks found: pairs of runs in turn, as ratios, on the screen and as JSON.
//
// A figure alone says more about the machine than about the program. Both sides of a
// pair therefore run right after one another, in an order that alternates, and what is
// reported is the ratio of each pair: its median, least and most.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace accord::bench {

struct ReportOptions {
  // Few and short pairs: shows that the benchmarks work, says nothing about speed.
  bool quick = false;
  // Also the largest sizes, which take half an hour and many gigabytes.
  bool largest = false;
  // What was measured, where and when: "commit", "cpu", …
  std::map<std::string, std::string> labels = {};
};

// Something that is measured on both sides.
struct Quantity {
  std::string name;
  std::string unit;
  bool more_is_better = true;
  // What ours / baseline should be at least, or at most where less is better; 0 is none.
  double goal = 0;
};

// One value for each quantity, in their order.
using Sample = std::vector<double>;

struct Side {
  std::string name;
  // Brings its own start and end: nothing of it may run beside the other side.
  std::function<absl::StatusOr<Sample>()> run;
};

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

// Not thread-safe.
class Report {
 public:
  explicit Report(ReportOptions options);

  bool quick() const { return options_.quick; }
  bool largest() const { return options_.largest; }
  // `full`, or `short_one` of a quick run.
  template <typename T>
  T Size(T full, T short_one) const {
    return quick() ? short_one : full;
  }

  // Runs both sides once unmeasured (not when `pairs` is given), then 9 pairs (3 of a
  // quick run) or `pairs`, and prints the ratios. Stops at the first error.
  absl::Status Pairs(const std::string& name, const std::vector<Quantity>& quantities,
                     const Side& ours, const Side& baseline, int pairs = 0);

  // Like Pairs, where one run measures both sides at once: ours first.
  using Both = std::function<absl::StatusOr<std::pair<Sample, Sample>>()>;
  absl::Status MeasuredTogether(const std::string& name, const std::vector<Quantity>& quantities,
                                const std::string& ours, const std::string& baseline,
                                const Both& run);

  // What has nothing to be compared with: the median of `times` runs.
  absl::Status Values(const std::string& name, const std::vector<Quantity>& quantities, int times,
                      const std::function<absl::StatusOr<Sample>()>& run);

  // A sentence below the table: what a reader must know to understand a figure.
  void Note(const std::string& text);
  void Failed(const std::string& benchmark, const absl::Status& status);

  void PrintHeader() const;
  absl::Status WriteJson(const std::string& path) const;

 private:
  struct Line {
    std::string name;
    Quantity quantity;
    std::string ours;
    std::string baseline;  // Empty: there is none.
    int runs = 0;
    Spread ours_value;
    Spread baseline_value;
    Spread ratio;
  };

  static Spread SpreadOf(std::vector<double> values);
  static std::string Verdict(const Line& line);
  void AddLines(const std::string& name, const std::vector<Quantity>& quantities,
                const std::string& ours_name, const std::string& baseline_name,
                const std::vector<Sample>& ours, const std::vector<Sample>& baseline);
  void Print(const Line& line) const;

  const ReportOptions options_;
  std::vector<Line> lines_;
  std::vector<std::string> notes_;
  std::vector<std::string> failures_;
};

}  // namespace accord::bench
