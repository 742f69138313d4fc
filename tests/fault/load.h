// Clients that write and read through gateways for as long as a test wants, and remember
// all of it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/gateway/v1/gateway.grpc.pb.h"
#include "tests/fault/counters.h"
#include "tests/fault/history.h"

namespace accord::fault {

// Sets and shows counters of agencies at one gateway. One thread at a time.
class Client {
 public:
  // `counted`: the service whose counters they are.
  explicit Client(const std::string& gateway, const std::string& counted = kAgreements);

  // Makes an agency with counter 0; its name.
  absl::StatusOr<std::string> CreateAgency(const std::string& display_name);
  // Tries once to set the counter. The place where it was logged.
  absl::StatusOr<Place> SetCounter(const std::string& agency, int64_t counter,
                                   const std::string& request_id, absl::Duration timeout);
  Read ReadStatus(const std::string& agency, const std::optional<Place>& wanted,
                  absl::Duration timeout);

 private:
  Client(const std::shared_ptr<grpc::Channel>& gateway, const std::string& counted);
  void Show(const gateway::v1::AgencyStatus& status, Read& read) const;

  const std::string counted_;
  const std::unique_ptr<Counters> counters_;
  const std::unique_ptr<agreements::v1::Agreements::Stub> agreements_;
  const std::unique_ptr<gateway::v1::Gateway::Stub> gateway_;
};

// What the log of the service at `address` holds of its counters, in its order.
absl::StatusOr<std::vector<Logged>> ReadLog(const std::string& address,
                                            const std::string& counted = kAgreements);

struct LoadOptions {
  // The service that the writes go to in the end.
  std::string counted = kAgreements;
  int agencies = 8;
  int writers = 2;
  int readers = 4;
  absl::Duration read_timeout = absl::Seconds(3);
  absl::Duration write_timeout = absl::Seconds(3);
  // Of a thread, between two calls. Agencies are read a few times between two changes, so
  // that what is kept of them is used; and the clients must not keep the machine busy.
  absl::Duration read_pause = absl::Milliseconds(3);
  absl::Duration write_pause = absl::Milliseconds(40);
};

// Runs from its making until it is stopped. A writer tries each write, with one request_id,
// until it is acknowledged, and then the next. Readers take agencies and gateways in turn,
// without a token or, of every other agency, with one that some writer was given.
class Load {
 public:
  // Creates the agencies; fails the test when that is not possible.
  explicit Load(const std::vector<std::string>& gateways, const LoadOptions& options = {});
  // Ends when what is under way has ended.
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void GoOnFor(absl::Duration period);
  // Whether so many more calls of each kind were answered OK within `within`.
  bool AwaitCalls(int more_reads, int more_writes, absl::Duration within = absl::Seconds(20));
  // Stops, and returns everything that happened, with the log of the service written to, which
  // is at `owner`. Once; fails the test when the log cannot be read.
  History Finish(const std::string& owner);

 private:
  void Stop();
  void WriteAlways(int writer);
  void WriteUntilAcked(Client& client, Write write, History& own);
  void ReadAlways(int reader);
  std::optional<Place> SomeToken(int64_t turn);
  // False when it is time to stop.
  bool Pause(absl::Duration pause);
  void Merge(History own);

  const std::vector<std::string> gateways_;
  const LoadOptions options_;
  std::vector<std::string> agencies_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;        // Guarded by mutex_, as all below.
  std::optional<Place> newest_;  // Of the newest acknowledged write.
  int64_t reads_ = 0;
  int64_t writes_ = 0;
  History history_;

  std::vector<std::thread> threads_;
};

// Prints a summary, and fails the test when the history breaks the rules.
void ExpectRulesKept(const History& history, const Rules& rules);

}  // namespace accord::fault
