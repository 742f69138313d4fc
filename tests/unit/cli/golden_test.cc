// Whole outputs, as they were looked at by a person. When one changes on purpose:
// run with ACCORD_UPDATE_GOLDEN=1, then read what `git diff` shows.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/unit/cli/canned.h"
#include "tests/unit/cli/command_test.h"

namespace accord::cli {
namespace {

struct GoldenCase {
  const char* file;
  std::vector<std::string> args;
};

class GoldenTest : public CommandTest, public ::testing::WithParamInterface<GoldenCase> {
 protected:
  GoldenTest() { PrepareWorld(gateway_); }
};

std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_P(GoldenTest, IsAsItWasLookedAt) {
  const std::string roster = folder_ + "/20250702_participatingAgencies07012025pm.xlsx";
  std::ofstream(roster) << "sheet";
  std::vector<std::string> args = GetParam().args;
  if (args[0] == "import") args.push_back(roster);
  const Outcome outcome = RunCommand(args);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const std::string shown =
      outcome.err.empty() ? outcome.out : outcome.out + "--- stderr\n" + outcome.err;
  const std::string file =
      std::string(ACCORD_SOURCE_DIR "/tests/unit/cli/golden/") + GetParam().file;
  if (std::getenv("ACCORD_UPDATE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << shown;
  EXPECT_EQ(shown, ReadAll(file));
}

INSTANTIATE_TEST_SUITE_P(
    Outputs, GoldenTest,
    ::testing::Values(
        GoldenCase{"metrics.txt", {"metrics"}}, GoldenCase{"metrics.csv", {"metrics", "-o", "csv"}},
        GoldenCase{"status.txt", {"status", "agencies/a1"}},
        GoldenCase{"status.csv", {"status", "agencies/a1", "-o", "csv"}},
        GoldenCase{"status_list.txt", {"status", "--state", "FL"}},
        GoldenCase{"list_agencies.txt", {"list", "agencies"}},
        GoldenCase{"list_agreements.txt", {"list", "agreements"}},
        GoldenCase{"list_agreements_wide.txt", {"list", "agreements", "-o", "wide"}},
        GoldenCase{"list_agreements.csv", {"list", "agreements", "-o", "csv"}},
        GoldenCase{"list_agreements_names.txt", {"list", "agreements", "-o", "name"}},
        GoldenCase{"get_agreement.json", {"get", "agreement", "g1", "-o", "json"}},
        GoldenCase{"describe_agency.txt", {"describe", "agencies/a1"}},
        GoldenCase{"describe_agreement.txt", {"describe", "agreements/g1"}},
        GoldenCase{"describe_import.txt", {"describe", "imports/i2"}},
        GoldenCase{"describe_discrepancy.txt", {"describe", "discrepancies/d1"}},
        GoldenCase{"import_roster.txt", {"import", "roster"}},
        GoldenCase{"import_roster.json", {"import", "roster", "-o", "json"}},
        GoldenCase{"changes.txt", {"changes", "agreements/g1"}},
        GoldenCase{"verify.txt", {"verify"}}, GoldenCase{"list_officers.txt", {"list", "officers"}},
        GoldenCase{"list_officers.csv", {"list", "officers", "-o", "csv"}},
        GoldenCase{"describe_officer.txt", {"describe", "officers/o1"}},
        GoldenCase{"why.txt", {"why", "o1"}},
        GoldenCase{"authority.txt", {"authority", "officers/o1"}},
        GoldenCase{"training_summary.txt", {"training", "summary"}},
        GoldenCase{"training_summary.csv", {"training", "summary", "-o", "csv"}},
        GoldenCase{"training_capacity.txt", {"training", "capacity"}},
        GoldenCase{"training_capacity.csv", {"training", "capacity", "-o", "csv"}},
        GoldenCase{"training_rates.txt", {"training", "rates", "--fictitious"}},
        GoldenCase{"training_courses.txt", {"training", "courses"}},
        GoldenCase{"verification_gaps.txt", {"verification", "gaps", "--year", "2025"}},
        GoldenCase{"monitor_list.txt", {"monitor", "list"}},
        GoldenCase{"monitor_gaps.txt", {"monitor", "gaps", "--fictitious"}},
        GoldenCase{"monitor_gaps.csv", {"monitor", "gaps", "--fictitious", "-o", "csv"}}),
    [](const auto& info) {
      std::string name = info.param.file;
      for (char& c : name) c = c == '.' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace accord::cli
