// A process with a replica of the training service, whose clients enroll, cancel and move
// officers as fast as they are answered.
//
// Usage: training-seats-worker STORE_URL SEED CALLS CLIENTS OUTPUT
// Writes every call with its answer to OUTPUT, one to a line.
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "tests/fault/seats_history.h"
#include "tests/fault/seats_stage.h"

namespace accord::fault {
namespace {

using training::v1::Enrollment;
using training::v1::Offering;

struct Work {
  int seed = 0;
  int calls = 0;
  int clients = 0;
};

// What all clients of the process know.
class Clients {
 public:
  Clients(training::Handlers& handlers, std::vector<std::string> offerings,
          std::vector<std::string> officers, const Work& work)
      : handlers_(handlers),
        offerings_(std::move(offerings)),
        officers_(std::move(officers)),
        work_(work),
        left_(work.calls) {}

  // Every call made, in the order of the answers.
  std::vector<SeatCall> Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < work_.clients; ++i) {
      threads.emplace_back([this, i] { RunClient(work_.seed * 1000 + i); });
    }
    for (std::thread& thread : threads) thread.join();
    return std::move(calls_);
  }

 private:
  using Random = std::mt19937;

  void RunClient(int seed) {
    Random random(static_cast<unsigned>(seed));
    while (left_.fetch_sub(1) > 0) {
      const int dice = Up(random, 100);
      if (dice < 45) {
        Enroll(random);
      } else if (dice < 78) {
        Cancel(random);
      } else if (dice < 95) {
        Transfer(random);
      } else {
        ChangeSeats(random);
      }
    }
  }

  static int Up(Random& random, size_t bound) {
    return std::uniform_int_distribution<int>(0, static_cast<int>(bound) - 1)(random);
  }
  const std::string& AnyOf(Random& random, const std::vector<std::string>& names) {
    return names[Up(random, names.size())];
  }
  // One that a client of this process made; another client may be ending it. Empty when there
  // is none.
  std::string AnyEnrollment(Random& random) {
    std::lock_guard lock(mutex_);
    return live_.empty() ? "" : AnyOf(random, live_);
  }

  void Enroll(Random& random) {
    training::v1::EnrollOfficerRequest request;
    Enrollment& enrollment = *request.mutable_enrollment();
    enrollment.set_offering(AnyOf(random, offerings_));
    enrollment.set_officer(AnyOf(random, officers_));
    enrollment.set_priority(static_cast<Enrollment::Priority>(1 + Up(random, 3)));
    enrollment.set_priority_reason("as it fell");
    rpc::Call call = SeatsCall();
    Record("Enroll", "", handlers_.EnrollOfficer(call, request));
  }
  void Cancel(Random& random) {
    training::v1::EndEnrollmentRequest request;
    request.set_name(AnyEnrollment(random));
    if (request.name().empty()) return;
    rpc::Call call = SeatsCall();
    Record("Cancel", request.name(),
           handlers_.EndEnrollment(call, training::EnrollmentEnd::kCancel, request));
  }
  void Transfer(Random& random) {
    training::v1::TransferEnrollmentRequest request;
    request.set_name(AnyEnrollment(random));
    request.set_offering(AnyOf(random, offerings_));
    if (request.name().empty()) return;
    rpc::Call call = SeatsCall();
    Record("Transfer", request.name(), handlers_.TransferEnrollment(call, request));
  }
  void ChangeSeats(Random& random) {
    training::v1::UpdateOfferingRequest request;
    request.mutable_offering()->set_name(AnyOf(random, offerings_));
    request.mutable_offering()->set_seats(8 + Up(random, 16));
    request.mutable_update_mask()->add_paths("seats");
    rpc::Call call = SeatsCall();
    const auto offering = handlers_.UpdateOffering(call, request);
    std::lock_guard lock(mutex_);
    calls_.push_back({"Seats", ReasonOf(offering.status()), "", ""});
  }

  static std::string ReasonOf(const absl::Status& status) {
    if (status.ok()) return "";
    const std::string reason = GetReason(status);
    return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
  }
  void Record(const std::string& method, const std::string& asked,
              const absl::StatusOr<Enrollment>& answer) {
    std::lock_guard lock(mutex_);
    calls_.push_back({method, ReasonOf(answer.status()), asked, answer.ok() ? answer->name() : ""});
    // A transfer that was refused leaves the enrollment as it was.
    if (answer.ok() || GetReason(answer.status()) == "ENROLLMENT_ENDED") std::erase(live_, asked);
    if (answer.ok() && method != "Cancel") live_.push_back(answer->name());
  }

  training::Handlers& handlers_;
  const std::vector<std::string> offerings_;
  const std::vector<std::string> officers_;
  const Work work_;
  std::atomic<int> left_;

  std::mutex mutex_;
  std::vector<SeatCall> calls_;    // Guarded by mutex_.
  std::vector<std::string> live_;  // Guarded by mutex_. Not known to have ended.
};

template <typename T>
absl::StatusOr<std::vector<std::string>> NamesOf(store::Store& store) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(absl::Now() + absl::Seconds(60)));
  ACCORD_ASSIGN_OR_RETURN(const std::vector<T> all, (*snapshot)->template Select<T>({}));
  std::vector<std::string> names;
  for (const T& one : all) names.push_back(one.name());
  return names;
}

absl::Status Run(const std::string& url, const Work& work, const std::string& output) {
  ACCORD_ASSIGN_OR_RETURN(const auto replica, SeatsReplica::Open(url));
  ACCORD_ASSIGN_OR_RETURN(std::vector<std::string> offerings, NamesOf<Offering>(replica->store()));
  ACCORD_ASSIGN_OR_RETURN(std::vector<std::string> officers,
                          NamesOf<training::v1::Officer>(replica->store()));
  Clients clients(replica->handlers(), std::move(offerings), std::move(officers), work);
  std::ofstream file(output);
  for (const SeatCall& call : clients.Run()) file << FormatSeatCall(call) << "\n";
  return file.flush() ? absl::OkStatus() : absl::DataLossError("the history is not written");
}

}  // namespace
}  // namespace accord::fault

int main(int argc, char** argv) {
  accord::fault::Work work;
  if (argc != 6 || !absl::SimpleAtoi(argv[2], &work.seed) ||
      !absl::SimpleAtoi(argv[3], &work.calls) || !absl::SimpleAtoi(argv[4], &work.clients)) {
    std::cerr << "usage: " << argv[0] << " STORE_URL SEED CALLS CLIENTS OUTPUT\n";
    return EXIT_FAILURE;
  }
  const absl::Status status = accord::fault::Run(argv[1], work, argv[5]);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}
