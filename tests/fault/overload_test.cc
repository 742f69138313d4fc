// Five times as many callers as a program does best with: it goes on answering, refuses the
// rest at once and says when to come back, and does not grow.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/testing/matchers.h"
#include "google/rpc/error_details.pb.h"
#include "tests/fault/load.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

using accord::testing::IsOk;
using accord::testing::Program;

// So few that a handful of clients is more than enough, and `flags`.
std::vector<std::string> FewWorkersAnd(std::vector<std::string> flags) {
  flags.insert(flags.end(), {"--workers", "4", "--queue", "4"});
  return flags;
}
constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr absl::Duration kEach = absl::Milliseconds(1500);
constexpr int kOver = 5;

// The most memory that it has had since it started.
int64_t PeakKilobytes(const Program& program) {
  std::ifstream file(absl::StrCat("/proc/", program.pid(), "/status"));
  int64_t kilobytes = 0;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() == 3 && words[0] == "VmHWM:" && absl::SimpleAtoi(words[1], &kilobytes)) break;
  }
  return kilobytes;
}

// How long a refused caller is told to wait; zero when it is not told.
absl::Duration RetryDelay(const absl::Status& status) {
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  google::rpc::RetryInfo info;
  if (!payload || !info.ParseFromString(std::string(*payload))) return absl::ZeroDuration();
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

bool IsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted &&
         GetReason(status) == "OVERLOADED" && RetryDelay(status) > absl::ZeroDuration();
}

// What became of the calls of a crowd.
struct Outcome {
  int answered = 0;
  int refused = 0;
  absl::Duration slowest_refusal = absl::ZeroDuration();
  // Neither answered nor refused as promised.
  std::vector<std::string> wrong{};

  void Add(const absl::Status& status, absl::Duration took) {
    if (status.ok()) {
      ++answered;
    } else if (IsRefusal(status)) {
      ++refused;
      slowest_refusal = std::max(slowest_refusal, took);
    } else {
      wrong.push_back(status.ToString());
    }
  }
  void Add(const Outcome& other) {
    answered += other.answered;
    refused += other.refused;
    slowest_refusal = std::max(slowest_refusal, other.slowest_refusal);
    wrong.insert(wrong.end(), other.wrong.begin(), other.wrong.end());
  }
};

// One call of the caller of this number.
using Ask = std::function<absl::Status(Client& client, int caller)>;

enum class Refused { kWait, kAskAgain };

// So many callers, each of which asks again as soon as it was answered. A refused one waits as
// it was told, or asks again at once.
Outcome RunCrowd(const std::string& address, int callers, Refused refused, const Ask& ask) {
  std::mutex mutex;
  Outcome all;
  const absl::Time end = absl::Now() + kEach;
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      Client client(address);
      Outcome own;
      while (absl::Now() < end) {
        const absl::Time begun = absl::Now();
        const absl::Status status = ask(client, caller);
        own.Add(status, absl::Now() - begun);
        if (refused == Refused::kWait) absl::SleepFor(RetryDelay(status));
      }
      std::lock_guard lock(mutex);
      all.Add(own);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return all;
}

// The crowd that gets most done.
struct Peak {
  int callers = 0;
  int answered = 0;
};

Peak FindPeak(const std::string& address, const Ask& ask) {
  Peak peak;
  for (const int callers : {2, 4, 8}) {
    const Outcome outcome = RunCrowd(address, callers, Refused::kWait, ask);
    EXPECT_TRUE(outcome.wrong.empty()) << outcome.wrong.front();
    if (outcome.answered > peak.answered) peak = {callers, outcome.answered};
  }
  return peak;
}

void Overload(const Program& program, const std::string& address, const Peak& peak, Refused refused,
              const Ask& ask) {
  const int64_t memory = PeakKilobytes(program);
  const Outcome crowd = RunCrowd(address, kOver * peak.callers, refused, ask);
  const int64_t grown = PeakKilobytes(program) - memory;
  std::cout << "best with " << peak.callers << " callers: " << peak.answered << " answered; with "
            << kOver * peak.callers
            << (refused == Refused::kWait ? " that wait" : " that do not wait") << ": "
            << crowd.answered << " (" << crowd.answered * 100 / std::max(peak.answered, 1)
            << " %), " << crowd.refused << " refused, the slowest after "
            << absl::FormatDuration(crowd.slowest_refusal) << "; " << grown << " kB more\n";

  EXPECT_TRUE(crowd.wrong.empty()) << crowd.wrong.size() << ": " << crowd.wrong.front();
  EXPECT_GT(crowd.answered, 0);
  EXPECT_GT(crowd.refused, 0) << "it was not overloaded";
  // Before any work, and long before the caller would have given up.
  EXPECT_LT(crowd.slowest_refusal, kTimeout / 2);
  constexpr int64_t kMayGrow = 64 << 10;
  EXPECT_LT(grown, kMayGrow);
  // As soon as the crowd has gone there is room again.
  Client client(address);
  EXPECT_THAT(ask(client, 0), IsOk());
}

void OverloadBothWays(const Program& program, const std::string& address, const Ask& ask) {
  const Peak peak = FindPeak(address, ask);
  for (const Refused refused : {Refused::kWait, Refused::kAskAgain}) {
    Overload(program, address, peak, refused, ask);
  }
}

TEST(OverloadTest, UncachedReads) {
  Stage stage({.gateway_flags = FewWorkersAnd({"--view-cache=false"})});
  ASSERT_THAT(stage.Start(), IsOk());
  Client client(stage.gateways[0]->address());
  const auto agency = client.CreateAgency("Faultville");
  ASSERT_THAT(agency, IsOk());
  OverloadBothWays(stage.gateways[0]->program, stage.gateways[0]->address(),
                   [&agency](Client& asking, int) {
                     return asking.ReadStatus(*agency, std::nullopt, kTimeout).call.status;
                   });
}

TEST(OverloadTest, Writes) {
  Stage stage({.agreements_flags = FewWorkersAnd({})});
  ASSERT_THAT(stage.Start(), IsOk());
  const std::string gateway = stage.gateways[0]->address();
  Client client(gateway);
  std::vector<std::string> agencies;
  constexpr int kMostCallers = 8 * kOver;
  for (int i = 0; i < kMostCallers; ++i) {
    const auto agency = client.CreateAgency(absl::StrCat("Faultville ", i));
    ASSERT_THAT(agency, IsOk());
    agencies.push_back(*agency);
  }
  std::atomic<int64_t> counter = 0;
  OverloadBothWays(stage.agreements, gateway, [&](Client& asking, int caller) {
    return asking.SetCounter(agencies[static_cast<size_t>(caller)], ++counter, NewUuid(), kTimeout)
        .status();
  });
}

}  // namespace
}  // namespace accord::fault
