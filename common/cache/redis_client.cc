#include "common/cache/redis_client.h"

#include <hiredis/hiredis.h>
#include <openssl/sha.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/cache/redis_version.h"

namespace accord::cache {
namespace {

using Progress = RedisSocket::Progress;

constexpr size_t kReadSize = size_t{64} << 10;
// What a reply may need beyond the value it carries.
constexpr size_t kReplySlack = size_t{64} << 10;

std::string Format(const std::vector<std::string>& arguments) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& argument : arguments) {
    texts.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(arguments.size()),
                                          texts.data(), sizes.data());
  if (size < 0) return "";
  std::string command(formatted, static_cast<size_t>(size));
  redisFreeCommand(formatted);
  return command;
}

// Redis names a script by its SHA-1.
std::string ScriptName(absl::string_view script) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(script.data()), script.size(), digest.data());
  return Hex(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

const std::string& StoreScriptName() {
  static const std::string& name = *new std::string(ScriptName(kStoreScript));
  return name;
}

const std::string& ReleaseScriptName() {
  static const std::string& name = *new std::string(ScriptName(kReleaseScript));
  return name;
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrCat(std::max<int64_t>(1, absl::ToInt64Milliseconds(duration)));
}

RedisOutcome OutcomeOfError(absl::string_view text) {
  for (const char* prefix : {"LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN"}) {
    if (absl::StartsWith(text, prefix)) return RedisOutcome::kLoading;
  }
  // Servers before 7 put the error of a script's command into a text of their own.
  if (absl::StartsWith(text, "OOM") || absl::StrContains(text, "-OOM ")) {
    return RedisOutcome::kOutOfMemory;
  }
  if (absl::StrContains(text, "WRONGTYPE")) return RedisOutcome::kWrongType;
  return RedisOutcome::kError;
}

RedisOutcome OutcomeOfValue(const std::string& text, size_t max_value_bytes, std::string* value) {
  if (text.empty()) return RedisOutcome::kMissing;
  if (text.size() > max_value_bytes) return RedisOutcome::kTooLarge;
  absl::string_view bytes;
  if (!StripVersionLine(text, &bytes)) return RedisOutcome::kDamaged;
  value->assign(bytes.data(), bytes.size());
  return RedisOutcome::kOk;
}

RedisOutcome OutcomeOf(RedisOperation kind, const RedisReply& reply, size_t max_value_bytes,
                       std::string* value) {
  using Type = RedisReply::Type;
  if (reply.type == Type::kError) return OutcomeOfError(reply.text);
  switch (kind) {
    case RedisOperation::kGet:
      if (reply.type != Type::kString) break;
      return OutcomeOfValue(reply.text, max_value_bytes, value);
    case RedisOperation::kStore:
      if (reply.type != Type::kInteger) break;
      return reply.integer == 1 ? RedisOutcome::kOk : RedisOutcome::kNotNewer;
    case RedisOperation::kLease:
      if (reply.type == Type::kNil) return RedisOutcome::kHeld;
      if (reply.type == Type::kStatus) return RedisOutcome::kOk;
      break;
    case RedisOperation::kRelease:
    case RedisOperation::kDiscard:
      if (reply.type == Type::kInteger) return RedisOutcome::kOk;
      break;
  }
  return RedisOutcome::kError;
}

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

RedisClient::RedisClient(RedisOptions options, prometheus::Registry& registry)
    : options_(std::move(options)),
      metrics_(registry),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      open_for_(options_.open_for) {
  metrics_.Breaker(BreakerState::kOpen);
  phase_deadline_ = Clock::now();
  thread_ = std::thread([this] { Run(); });
}

void RedisClient::Stop() {
  std::call_once(stopped_, [this] {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      accepting_ = false;
    }
    Wake();
    thread_.join();
    close(wake_fd_);
  });
}

void RedisClient::Get(const std::string& key, GetDone done) {
  // A range, so that no more is sent than is accepted; nothing under the key is "".
  Submit(RedisOperation::kGet,
         Format({"GETRANGE", key, "0", absl::StrCat(options_.max_value_bytes)}), "",
         std::move(done));
}

void RedisClient::StoreIfNewer(const std::string& key, absl::string_view value,
                               const Version& version, absl::Duration expire_after, Done done) {
  const std::string framed = absl::StrCat(VersionLine(version), value);
  if (framed.size() > options_.max_value_bytes) {
    metrics_.Ended(RedisOperation::kStore, RedisOutcome::kTooLarge, {});
    done(RedisOutcome::kTooLarge);
    return;
  }
  const std::string expiry = Milliseconds(expire_after);
  Submit(RedisOperation::kStore, Format({"EVALSHA", StoreScriptName(), "1", key, framed, expiry}),
         Format({"EVAL", kStoreScript, "1", key, framed, expiry}),
         [done = std::move(done)](RedisOutcome outcome, const std::string&) { done(outcome); });
}

void RedisClient::TryLease(const std::string& key, const std::string& token, absl::Duration hold,
                           Done done) {
  Submit(RedisOperation::kLease, Format({"SET", key, token, "NX", "PX", Milliseconds(hold)}), "",
         [done = std::move(done)](RedisOutcome outcome, const std::string&) { done(outcome); });
}

void RedisClient::ReleaseLease(const std::string& key, const std::string& token, Done done) {
  Submit(RedisOperation::kRelease, Format({"EVALSHA", ReleaseScriptName(), "1", key, token}),
         Format({"EVAL", kReleaseScript, "1", key, token}),
         [done = std::move(done)](RedisOutcome outcome, const std::string&) { done(outcome); });
}

void RedisClient::Discard(const std::string& key, Done done) {
  Submit(RedisOperation::kDiscard, Format({"UNLINK", key}), "",
         [done = std::move(done)](RedisOutcome outcome, const std::string&) { done(outcome); });
}

void RedisClient::Submit(RedisOperation kind, std::string command, std::string fallback,
                         GetDone done) {
  Operation operation;
  operation.kind = kind;
  operation.command = std::move(command);
  operation.fallback = std::move(fallback);
  operation.started = Clock::now();
  operation.deadline = operation.started + absl::ToChronoNanoseconds(options_.operation_timeout);
  operation.done = std::move(done);
  operation.cost = operation.command.size() + operation.fallback.size();
  RedisOutcome refused = RedisOutcome::kUnavailable;
  if (Accept(operation, &refused)) return;
  metrics_.Ended(kind, refused, {});
  operation.done(refused, "");
}

bool RedisClient::Accept(Operation& operation, RedisOutcome* refused) {
  std::lock_guard lock(mutex_);
  if (!accepting_) return false;
  if (pending_ >= options_.max_operations ||
      pending_bytes_ + operation.cost > options_.max_pending_bytes) {
    *refused = RedisOutcome::kQueueFull;
    return false;
  }
  ++pending_;
  pending_bytes_ += operation.cost;
  incoming_.push_back(std::move(operation));
  // Under the lock, because Stop closes the descriptor after it has taken the lock.
  if (incoming_.size() == 1) Wake();
  return true;
}

void RedisClient::Wake() {
  const uint64_t one = 1;
  // It can only fail when the counter is full, and then the thread is awake.
  [[maybe_unused]] const ssize_t ignored = write(wake_fd_, &one, sizeof(one));
}

void RedisClient::End(Operation& operation, RedisOutcome outcome, std::string value) {
  if (operation.done == nullptr) return;
  metrics_.Ended(operation.kind, outcome, Clock::now() - operation.started);
  const GetDone done = std::exchange(operation.done, nullptr);
  done(outcome, std::move(value));
}

void RedisClient::Run() {
  BlockSignals();
  for (;;) {
    const Clock::time_point now = Clock::now();
    Advance(now);
    TakeIncoming();
    Write();
    Wait(Clock::now());
    Read();
    Expire(Clock::now());
    std::lock_guard lock(mutex_);
    if (stopping_) break;
  }
  Close("stopped");
}

void RedisClient::Advance(Clock::time_point now) {
  if (phase_ == Phase::kDown && now >= phase_deadline_) Open(now);
  if (phase_ == Phase::kOpening) Establish();
  const bool connecting = phase_ == Phase::kOpening || phase_ == Phase::kProbing;
  if (connecting && now >= phase_deadline_) Close("no answer in time");
}

void RedisClient::Open(Clock::time_point now) {
  SetPhase(Phase::kOpening, BreakerState::kHalfOpen);
  phase_deadline_ = now + absl::ToChronoNanoseconds(options_.connect_timeout);
  auto socket = RedisSocket::Open(options_.address, attempts_++);
  if (!socket.ok()) {
    Close(socket.status().message());
    return;
  }
  socket_ = *std::move(socket);
  reader_ = std::make_unique<ReplyReader>(options_.max_value_bytes + kReplySlack);
}

void RedisClient::Establish() {
  wants_ = socket_->Establish();
  if (wants_ == Progress::kFailed) return Close("cannot connect");
  if (wants_ == Progress::kDone) SendProbe();
}

void RedisClient::SendProbe() {
  const std::string password = Password();
  probes_ = 1;
  if (!password.empty()) {
    ++probes_;
    out_ += options_.user.empty() ? Format({"AUTH", password})
                                  : Format({"AUTH", options_.user, password});
  }
  out_ += Format({"PING"});
  SetPhase(Phase::kProbing, BreakerState::kHalfOpen);
}

std::string RedisClient::Password() const {
  if (options_.password_file.empty()) return options_.password;
  std::ostringstream text;
  text << std::ifstream(options_.password_file).rdbuf();
  std::string password = text.str();
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) {
    password.pop_back();
  }
  return password;
}

void RedisClient::Wait(Clock::time_point now) {
  std::array<pollfd, 2> ready{pollfd{wake_fd_, POLLIN, 0}, pollfd{-1, 0, 0}};
  if (socket_ != nullptr) {
    const bool established = phase_ == Phase::kProbing || phase_ == Phase::kUp;
    const bool unsent = established && out_sent_ < out_.size();
    ready[1].fd = socket_->fd();
    if (established || wants_ == Progress::kWantRead) ready[1].events |= POLLIN;
    if (unsent || wants_ == Progress::kWantWrite) ready[1].events |= POLLOUT;
  }
  const Clock::time_point until = NextDeadline();
  int timeout_ms = -1;
  if (until != Clock::time_point::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    timeout_ms = static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
  }
  poll(ready.data(), ready.size(), timeout_ms);
  uint64_t wakes = 0;
  // Empties the counter; empty is as well.
  [[maybe_unused]] const ssize_t ignored = read(wake_fd_, &wakes, sizeof(wakes));
}

RedisClient::Clock::time_point RedisClient::NextDeadline() const {
  if (phase_ != Phase::kUp) return phase_deadline_;
  Clock::time_point next = Clock::time_point::max();
  for (const Operation& operation : in_flight_) {
    if (operation.done != nullptr) next = std::min(next, operation.deadline);
  }
  return next;
}

void RedisClient::TakeIncoming() {
  std::vector<Operation> taken;
  {
    std::lock_guard lock(mutex_);
    taken.swap(incoming_);
  }
  for (Operation& operation : taken) {
    out_ += operation.command;
    operation.command.clear();
    in_flight_.push_back(std::move(operation));
  }
}

void RedisClient::Write() {
  if (phase_ != Phase::kProbing && phase_ != Phase::kUp) return;
  wants_ = Progress::kDone;
  while (out_sent_ < out_.size()) {
    size_t count = 0;
    wants_ = socket_->Write(out_.data() + out_sent_, out_.size() - out_sent_, &count);
    if (wants_ == Progress::kFailed) return Close("connection lost");
    if (wants_ != Progress::kDone) return DropSent();
    out_sent_ += count;
  }
  out_.clear();
  out_sent_ = 0;
}

void RedisClient::DropSent() {
  if (out_sent_ < kReadSize) return;
  out_.erase(0, out_sent_);
  out_sent_ = 0;
}

void RedisClient::Read() {
  static thread_local std::array<char, kReadSize> buffer;
  // One read while establishing belongs to the handshake.
  while (phase_ == Phase::kProbing || phase_ == Phase::kUp) {
    size_t count = 0;
    const Progress progress = socket_->Read(buffer.data(), buffer.size(), &count);
    if (progress == Progress::kFailed) return Close("connection lost");
    if (progress == Progress::kWantWrite) wants_ = progress;
    if (progress != Progress::kDone) return;
    reader_->Feed(buffer.data(), count);
    ParseReplies();
  }
}

void RedisClient::ParseReplies() {
  while (reader_ != nullptr) {
    RedisReply reply;
    const ReplyReader::Result result = reader_->Next(&reply);
    if (result == ReplyReader::Result::kIncomplete) return;
    if (result == ReplyReader::Result::kProtocolError) return Close("not the protocol of Redis");
    if (phase_ == Phase::kProbing) {
      OnProbeReply(reply);
    } else if (in_flight_.empty()) {
      Close("a reply to nothing");
    } else {
      OnReply(reply);
    }
  }
}

void RedisClient::OnProbeReply(const RedisReply& reply) {
  // Never the reply's text: a refused AUTH may quote.
  if (reply.type != RedisReply::Type::kStatus) return Close("the probe was refused");
  if (--probes_ > 0) return;
  failures_ = 0;
  metrics_.Connected(true);
  LogInfo("redis connected");
  SetPhase(Phase::kUp, BreakerState::kClosed);
}

void RedisClient::OnReply(const RedisReply& reply) {
  Operation operation = std::move(in_flight_.front());
  in_flight_.pop_front();
  const bool unknown_script =
      reply.type == RedisReply::Type::kError && absl::StartsWith(reply.text, "NOSCRIPT");
  if (unknown_script && !operation.fallback.empty() && operation.done != nullptr) {
    out_ += std::exchange(operation.fallback, "");
    in_flight_.push_back(std::move(operation));
    return Write();
  }
  {
    std::lock_guard lock(mutex_);
    --pending_;
    pending_bytes_ -= operation.cost;
  }
  if (operation.done == nullptr) return;  // It has timed out, which was counted then.
  std::string value;
  const RedisOutcome outcome = OutcomeOf(operation.kind, reply, options_.max_value_bytes, &value);
  const bool serves = outcome != RedisOutcome::kLoading;
  if (serves) {
    failures_ = 0;
    open_for_ = options_.open_for;
  }
  End(operation, outcome, std::move(value));
  if (!serves) CountFailure();
}

void RedisClient::Expire(Clock::time_point now) {
  std::vector<Operation*> expired;
  for (Operation& operation : in_flight_) {
    if (operation.done != nullptr && now >= operation.deadline) expired.push_back(&operation);
  }
  // Callbacks only add to incoming_, so in_flight_ stays as it is.
  for (Operation* operation : expired) End(*operation, RedisOutcome::kTimeout, "");
  for (size_t i = 0; i < expired.size() && phase_ == Phase::kUp; ++i) CountFailure();
}

void RedisClient::CountFailure() {
  if (++failures_ >= options_.failures_to_open) Close("too many failures in a row");
}

void RedisClient::Close(absl::string_view why) {
  if (phase_ == Phase::kUp) LogWarning("redis circuit opened", {{"why", why}});
  if (phase_ == Phase::kOpening || phase_ == Phase::kProbing) {
    metrics_.Connected(false);
    LogDebug("redis cannot be used", {{"why", why}});
  }
  SetPhase(Phase::kDown, BreakerState::kOpen);
  socket_.reset();
  reader_.reset();
  wants_ = Progress::kDone;
  out_.clear();
  out_sent_ = 0;
  std::uniform_real_distribution<double> part(0.5, 1.0);
  phase_deadline_ = Clock::now() + absl::ToChronoNanoseconds(open_for_ * part(random_));
  open_for_ = std::min(open_for_ * 2, options_.open_at_most);

  std::deque<Operation> lost;
  lost.swap(in_flight_);
  {
    // Nothing is accepted any more, so these are all.
    std::lock_guard lock(mutex_);
    std::move(incoming_.begin(), incoming_.end(), std::back_inserter(lost));
    incoming_.clear();
    pending_ = 0;
    pending_bytes_ = 0;
  }
  for (Operation& operation : lost) End(operation, RedisOutcome::kUnavailable, "");
}

void RedisClient::SetPhase(Phase phase, BreakerState breaker) {
  phase_ = phase;
  {
    std::lock_guard lock(mutex_);
    accepting_ = phase == Phase::kUp && !stopping_;
  }
  breaker_.store(breaker);
  metrics_.Breaker(breaker);
}

}  // namespace accord::cache
