// Each rule of the history has a history that breaks it.
#include "tests/fault/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace accord::fault {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kAgency = "agencies/a1";

absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

Call CallAt(double begun, double took = 0.01, absl::Status status = absl::OkStatus()) {
  return {At(begun), At(begun + took), absl::Seconds(1), std::move(status)};
}

Read ReadAt(double begun, int64_t counter, std::optional<Place> wanted = std::nullopt) {
  Read read{CallAt(begun), kAgency, std::move(wanted), counter, {"log", 100}};
  read.reachable = true;
  read.freshness_met = true;
  return read;
}

absl::Status Error(absl::StatusCode code) { return MakeError(code, "test", "REASON", "message"); }

// Counters 1 to 3, written at 10, 20 and 30 s, and each read 5 s later: all is well.
History Good() {
  History history;
  for (int i = 1; i <= 3; ++i) {
    const double sent = 10.0 * i;
    history.write_calls.push_back(CallAt(sent));
    history.writes.push_back({kAgency, i, At(sent), At(sent + 0.01), {"log", 10 + i}});
    history.log.push_back({kAgency, i, {"log", 10 + i}});
    history.reads.push_back(ReadAt(sent + 5, i, Place{"log", 10 + i}));
  }
  return history;
}

struct Case {
  std::string name;
  // The rule that it breaks; 0 is none.
  int rule = 0;
  std::function<void(History&, Rules&)> change{};
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

const Case kCases[] = {
    {"NothingWrong", 0, [](History&, Rules&) {}},
    {"WellAgain", 0, [](History&, Rules& rules) { rules.well_from = At(30); }},
    {"OldWithinTheBound", 0,
     [](History& history, Rules&) { history.reads.push_back(ReadAt(32, 2)); }},
    {"OldButLabelled", 0,
     [](History& history, Rules&) {
       history.reads.push_back(ReadAt(90, 1));
       history.reads.back().reachable = false;
     }},
    {"TokenNotMetAndSaysSo", 0,
     [](History& history, Rules&) {
       history.reads.push_back(ReadAt(31, 2, Place{"log", 13}));
       history.reads.back().freshness_met = false;
     }},
    {"AllowedError", 0,
     [](History& history, Rules& rules) {
       rules.read_errors = {absl::StatusCode::kUnavailable};
       history.reads.push_back(ReadAt(40, 0));
       history.reads.back().call.status = Error(absl::StatusCode::kUnavailable);
     }},
    {"UnacknowledgedIsInTheLog", 0,
     [](History& history, Rules&) {
       history.writes.push_back({kAgency, 4, At(40)});
       history.log.push_back({kAgency, 4, {"log", 14}});
     }},
    {"UndoneIsNotInTheLog", 0,
     [](History& history, Rules&) {
       history.writes.back().undone = At(36);
       history.log.pop_back();
       history.reads.push_back(ReadAt(60, 2));
     }},

    {"TokenNotShown", 1,
     [](History& history, Rules&) {
       history.reads.push_back(ReadAt(31, 2, Place{"log", 13}));
     }},
    {"TokenOfAnotherLog", 1,
     [](History& history, Rules&) {
       history.reads.push_back(ReadAt(40, 3, Place{"other", 1}));
     }},
    {"TooOld", 2, [](History& history, Rules&) { history.reads.push_back(ReadAt(34, 2)); }},
    {"NotWrittenYet", 2, [](History& history, Rules&) { history.reads.push_back(ReadAt(29, 3)); }},
    {"NeverWritten", 2, [](History& history, Rules&) { history.reads.push_back(ReadAt(40, 7)); }},
    {"LabelledButNeverWritten", 2,
     [](History& history, Rules&) {
       history.reads.push_back(ReadAt(40, 7));
       history.reads.back().reachable = false;
     }},
    {"TakenBack", 2,
     [](History& history, Rules&) {
       history.writes.back().undone = At(36);
       history.log.pop_back();
       history.reads.push_back(ReadAt(60, 3));
     }},
    {"LateRead", 3, [](History& history, Rules&) { history.reads[0].call.ended = At(17.5); }},
    {"LateWrite", 3, [](History& history, Rules&) { history.write_calls[0].ended = At(12.5); }},
    {"WrongError", 3,
     [](History& history, Rules&) {
       history.reads[0].call.status = Error(absl::StatusCode::kUnavailable);
     }},
    {"WrongWriteError", 3,
     [](History& history, Rules& rules) {
       rules.read_errors = {absl::StatusCode::kUnavailable};
       history.write_calls[0].status = Error(absl::StatusCode::kUnavailable);
     }},
    {"ErrorWithoutReason", 3,
     [](History& history, Rules& rules) {
       rules.read_errors = {absl::StatusCode::kUnavailable};
       history.reads[0].call.status = absl::UnavailableError("bare");
     }},
    {"Lost", 4, [](History& history, Rules&) { history.log.erase(history.log.begin() + 1); }},
    {"Doubled", 4,
     [](History& history, Rules&) {
       history.log.push_back({kAgency, 3, {"log", 14}});
     }},
    {"OutOfOrder", 4, [](History& history, Rules&) { std::swap(history.log[0], history.log[1]); }},
    {"LoggedElsewhere", 4, [](History& history, Rules&) { history.log[2].place.revision = 77; }},
    {"LoggedButNotWritten", 4,
     [](History& history, Rules&) {
       history.log.push_back({kAgency, 9, {"log", 19}});
     }},
    {"NothingReadAfterwards", 5, [](History&, Rules& rules) { rules.well_from = At(36); }},
    {"LabelledAfterwards", 5,
     [](History& history, Rules& rules) {
       rules.well_from = At(30);
       history.reads.back().reachable = false;
     }},
    {"TokenNotMetAfterwards", 5,
     [](History& history, Rules& rules) {
       rules.well_from = At(30);
       history.reads.back().freshness_met = false;
     }},
    {"ErrorAfterwards", 5,
     [](History& history, Rules& rules) {
       rules.well_from = At(30);
       rules.read_errors = {absl::StatusCode::kUnavailable};
       history.reads.back().call.status = Error(absl::StatusCode::kUnavailable);
     }},
};

class HistoryTest : public ::testing::TestWithParam<Case> {};

TEST_P(HistoryTest, BreaksTheRuleAndNoOther) {
  History history = Good();
  Rules rules;
  rules.bound = absl::Seconds(3);
  rules.slack = absl::Seconds(1);
  GetParam().change(history, rules);
  const std::vector<std::string> violations = Violations(history, rules);
  if (GetParam().rule == 0) {
    EXPECT_THAT(violations, IsEmpty());
  } else {
    EXPECT_THAT(violations, ::testing::Not(IsEmpty()));
    EXPECT_THAT(violations, ::testing::Each(StartsWith(absl::StrCat("rule ", GetParam().rule))));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, HistoryTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(PlaceTest, IsReadAsItIsWritten) {
  const Place place{"log-1", 12};
  EXPECT_EQ(ParsePlace(FormatPlace(place)), place);
  EXPECT_EQ(ParsePlace("training@log:1"), (Place{"log", 1, "training"}));
  EXPECT_EQ(ParsePlace("agreements@log"), std::nullopt);
  EXPECT_EQ(ParsePlace("agreements@log:x"), std::nullopt);
  EXPECT_EQ(ParsePlace(""), std::nullopt);
}

}  // namespace
}  // namespace accord::fault
