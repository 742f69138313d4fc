// What a handler knows about the call it answers. Free of gRPC, so that
// handlers are tested with plain values.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/policy/reach.h"

namespace accord::rpc {

// Metadata keys. A value is cut to kMaxMetadataValue bytes and loses what is not
// printable ASCII (gRPC allows nothing else) before anything reads it.
inline constexpr char kActorKey[] = "accord-actor";
inline constexpr char kRoleKey[] = "accord-role";
inline constexpr char kClientKey[] = "accord-client";
inline constexpr char kRequestIdKey[] = "accord-request-id";
inline constexpr char kRevisionKey[] = "accord-revision";
inline constexpr char kTraceparentKey[] = "traceparent";
inline constexpr char kAuthorizationKey[] = "authorization";
inline constexpr size_t kMaxMetadataValue = 128;

// Marks an actor that nobody has authenticated.
inline constexpr char kUnverifiedPrefix[] = "unverified:";
inline constexpr char kAnonymous[] = "anonymous";

// Who calls. Without a gate (gate.h) `actor` is "unverified:NAME" from the metadata, or
// "anonymous".
struct Caller {
  std::string actor = kAnonymous;
  std::string role{};
  // The program that calls: metadata accord-client, else its user agent.
  std::string client{};
};

// Keys in lower case; a key may repeat, in the order sent. Of a call's metadata only what
// we read is kept: accord-*, traceparent and user-agent.
using MetadataMap = std::multimap<std::string, std::string, std::less<>>;

// What a Call is made of.
struct CallParts {
  Caller caller{};
  // How much of the record the call may see and change.
  Reach reach = Reach::Whole();
  // Whether it has to be recorded when the caller reads the log.
  bool log_reads_recorded = false;
  // The caller's token, to be passed on to the services that are asked for them.
  std::string bearer{};
  // Absolute; the capped one, InfiniteFuture for a stream without a deadline.
  absl::Time deadline = absl::InfiniteFuture();
  std::string request_id{};
  std::string traceparent{};
  MetadataMap metadata{};
  // Whether the client has gone; may be null.
  std::function<bool()> cancelled{};
};

// One call in progress. Thread-safe. Lives until the handler has returned (a
// stream: until the reactor is done).
class Call {
 public:
  using Parts = CallParts;
  explicit Call(Parts parts);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // A call from `actor` with no deadline and nobody to cancel it.
  static Call ForTest(absl::string_view actor = "unverified:test", Parts parts = {});

  const Caller& caller() const { return parts_.caller; }
  const Reach& reach() const { return parts_.reach; }
  bool log_reads_recorded() const { return parts_.log_reads_recorded; }
  const std::string& bearer() const { return parts_.bearer; }
  absl::Time deadline() const { return parts_.deadline; }
  // As the client sent it, else a new UUID. Echoed in the initial metadata of an
  // answer; in the trailing metadata of an error, because a client does not retry
  // once it has seen initial metadata.
  const std::string& request_id() const { return parts_.request_id; }
  // W3C trace context: the client's when it is valid, else a new one.
  const std::string& traceparent() const { return parts_.traceparent; }
  // True once the client has gone or the deadline has passed: stop working.
  bool Cancelled() const;

  // The first value of a metadata key (lower case), or "".
  absl::string_view Metadata(absl::string_view key) const;
  // Every value of a metadata key, in the order sent.
  std::vector<absl::string_view> MetadataValues(absl::string_view key) const;

  // States the revision that the answer was read at, "service@log:revision". It
  // becomes trailing metadata accord-revision, one entry a service; a second
  // value of the same service replaces the first.
  void SetRevision(absl::string_view service_at_log_revision);
  // In order of service name.
  std::vector<std::string> Revisions() const;

 private:
  const Parts parts_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> revisions_;  // By service name.
};

// A metadata value as it may be used: printable ASCII only, at most
// kMaxMetadataValue bytes.
std::string CleanMetadataValue(absl::string_view value);

// A W3C traceparent of a new, unsampled trace.
std::string NewTraceparent();

// Whether `value` is a version 00 traceparent with non-zero ids.
bool IsTraceparent(absl::string_view value);

}  // namespace accord::rpc
