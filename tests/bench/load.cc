#include "tests/bench/load.h"

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "common/rpc/call.h"
#include "common/rpc/tls_credentials.h"
#include "tests/bench/host.h"

namespace accord::bench {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const LoadOptions& options) {
  if (options.ca.empty()) return grpc::InsecureChannelCredentials();
  return rpc::TlsChannelCredentials({.ca = options.ca});
}

// Each of its own: channels to one address share one connection otherwise.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(const LoadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(options));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options.connections; ++i) {
    channels.push_back(grpc::CreateCustomChannel(options.address, credentials, arguments));
  }
  return channels;
}

// What the callers share: the next number, the end, and who is still calling.
class Course {
 public:
  Course(int64_t calls, absl::Time until, int callers)
      : calls_(calls), until_(until), callers_(callers) {}

  std::optional<int64_t> Next() {
    if (absl::Now() >= until_) return std::nullopt;
    const int64_t number = next_++;
    if (number >= calls_) return std::nullopt;
    return number;
  }
  void Leave() {
    std::lock_guard lock(mutex_);
    if (--callers_ == 0) ended_.notify_all();
  }
  // Every call has its deadline, so this ends.
  void WaitForAll() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return callers_ == 0; });
  }

 private:
  const int64_t calls_;
  const absl::Time until_;
  std::atomic<int64_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  int callers_;  // Guarded by mutex_.
};

// Makes one call after another; each begins where the one before it is answered.
class Caller {
 public:
  Caller(const LoadOptions& options, const std::shared_ptr<grpc::Channel>& channel)
      : options_(options),
        authorization_(options.token.empty() ? "" : absl::StrCat("Bearer ", options.token)),
        stub_(channel) {}

  void Run(Course& course, int64_t first_number) {
    took_.clear();
    failed_.clear();
    course_ = &course;
    first_number_ = first_number;
    Next();
  }
  const std::vector<absl::Duration>& took() const { return took_; }
  const std::map<std::string, int64_t>& failed() const { return failed_; }

 private:
  void Next() {
    const std::optional<int64_t> number = course_->Next();
    if (!number) return course_->Leave();
    context_.emplace();
    const absl::Time now = absl::Now();
    context_->set_deadline(absl::ToChronoTime(now + options_.call_timeout));
    if (!authorization_.empty()) context_->AddMetadata(rpc::kAuthorizationKey, authorization_);
    const grpc::Slice slice(options_.request(first_number_ + *number));
    request_ = grpc::ByteBuffer(&slice, 1);
    response_.Clear();
    started_ = now;
    stub_.UnaryCall(&*context_, options_.method, {}, &request_, &response_,
                    [this](const grpc::Status& status) { Done(status); });
  }

  void Done(const grpc::Status& status) {
    if (status.ok()) {
      took_.push_back(absl::Now() - started_);
    } else {
      ++failed_[absl::StrCat(status.error_code(), " ", status.error_message())];
    }
    const bool refused = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    if (!refused || options_.wait_after_refusal == absl::ZeroDuration()) return Next();
    alarm_.Set(absl::ToChronoTime(absl::Now() + options_.wait_after_refusal),
               [this](bool) { Next(); });
  }

  const LoadOptions& options_;
  const std::string authorization_;
  grpc::GenericStub stub_;
  Course* course_ = nullptr;
  int64_t first_number_ = 0;
  std::optional<grpc::ClientContext> context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  absl::Time started_;
  grpc::Alarm alarm_;
  std::vector<absl::Duration> took_;
  std::map<std::string, int64_t> failed_;
};

absl::Duration RunAll(std::deque<Caller>& callers, int64_t calls, absl::Duration length,
                      int64_t first_number) {
  const absl::Time started = absl::Now();
  Course course(calls, started + length, static_cast<int>(callers.size()));
  for (Caller& caller : callers) caller.Run(course, first_number);
  course.WaitForAll();
  return absl::Now() - started;
}

std::string Describe(const std::map<std::string, int64_t>& failed) {
  return absl::StrJoin(failed, "; ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.second, " calls failed with ", entry.first);
  });
}

absl::Status CheckAnswered(const LoadOptions& options, const LoadResult& result) {
  if (result.answered > 0 && (options.may_fail || result.failed.empty())) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(options.method, ": ", result.answered, " answered; ", Describe(result.failed)));
}

}  // namespace

absl::Duration Percentile(std::vector<absl::Duration>& values, double share) {
  if (values.empty()) return absl::ZeroDuration();
  const size_t rank =
      std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(rank), values.end());
  return values[rank];
}

absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const auto channels, Connect(options));
  std::deque<Caller> callers;
  for (int i = 0; i < options.in_flight; ++i) {
    callers.emplace_back(options, channels[i % options.connections]);
  }
  // The numbers of the warm-up are not used again: they may be request ids.
  constexpr int64_t kWarmUpNumbers = int64_t{1} << 40;
  if (options.warm_up > absl::ZeroDuration()) {
    RunAll(callers, kWarmUpNumbers, options.warm_up, kWarmUpNumbers);
  }

  const absl::Duration cpu_before = CpuTime(options.server);
  const absl::Duration took = RunAll(callers, options.calls, options.length, 0);
  const absl::Duration cpu = CpuTime(options.server) - cpu_before;

  LoadResult result;
  std::vector<absl::Duration> all;
  for (const Caller& caller : callers) {
    all.insert(all.end(), caller.took().begin(), caller.took().end());
    for (const auto& [error, count] : caller.failed()) result.failed[error] += count;
  }
  result.answered = static_cast<int64_t>(all.size());
  ACCORD_RETURN_IF_ERROR(CheckAnswered(options, result));
  result.per_second = static_cast<double>(all.size()) / absl::ToDoubleSeconds(took);
  result.p50 = Percentile(all, 0.50);
  result.p99 = Percentile(all, 0.99);
  result.cpu_per_call = cpu / result.answered;
  return result;
}

}  // namespace accord::bench
