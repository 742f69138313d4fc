// A mutation: a closure that reads inside the transaction, decides, and returns
// what to write. It does nothing else, because it may run twice.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.pb.h"
#include "common/store/reader.h"

namespace accord::store {

// Who does what, why, and until when an answer is of use.
struct MutationContext {
  std::string action = {};  // The method or rule, for example "SuspendAgreement".
  std::string actor = {};
  std::string role = {};
  std::string client = {};
  std::string reason = {};
  std::string cause = {};  // Foreign Change: `service@log:revision`.
  // The caller's idempotency key; empty for none. With it, a digest of the request.
  std::string request_id = {};
  std::string request_digest = {};
  // Run the same path, then write nothing.
  bool validate_only = false;
  absl::Time deadline = absl::InfiniteFuture();
};

// What a closure sees: the record with the writes of the closures before it.
class Transaction : public Reader {
 public:
  using Reader::Reader;

  // Time of this mutation; never before the log's newest Change.
  absl::Time now() const { return now_; }
  void set_now(absl::Time now) { now_ = now; }

  // True when WriteSet::Mark was committed with this key before.
  absl::StatusOr<bool> IsMarked(absl::string_view key);
  // The cursor of a followed log; all empty and 0 when it was never followed.
  absl::StatusOr<Position> Cursor(absl::string_view source);
  // True while `holder` has the lease and it has not run out at now().
  absl::StatusOr<bool> HoldsLease(absl::string_view name, absl::string_view holder);

 private:
  absl::Time now_;
};

// What a closure wants written: all of it or nothing.
class WriteSet {
 public:
  struct Entry {
    log::v1::Change::Kind kind;
    std::unique_ptr<google::protobuf::Message> message;  // After-image; null for EVENT without.
    std::string resource;
    std::vector<std::string> more_subjects;
    std::string action;  // Overrides the context's when set.
    std::string reason;
    std::vector<std::unique_ptr<google::protobuf::Message>> rows;  // BULK
    // Follows from the rest by a rule: nobody's choice, so that no caller's reach limits it.
    bool by_rule = false;
  };

  // The first of these is what the mutation answers with. The store sets
  // `create_time`, `update_time` and `etag`.
  Entry& Create(const google::protobuf::Message& message);
  Entry& Update(const google::protobuf::Message& message);
  Entry& Delete(const google::protobuf::Message& before);
  // Something happened to `resource` without a write. `detail` may be null.
  Entry& Event(absl::string_view resource, const google::protobuf::Message* detail);
  // Append-only rows of a bulk type under one Change of `resource`.
  Entry& AppendRows(absl::string_view resource,
                    std::vector<std::unique_ptr<google::protobuf::Message>> rows);

  // Remembers `key` for ever: see Transaction::IsMarked.
  void Mark(absl::string_view key) { marks_.emplace_back(key); }
  void AdvanceCursor(absl::string_view source, const Position& to);
  void TakeLease(absl::string_view name, absl::string_view holder, absl::Time until);

  bool empty() const {
    return entries_.empty() && marks_.empty() && cursors_.empty() && leases_.empty();
  }
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<std::string>& marks() const { return marks_; }

  struct CursorWrite {
    std::string source;
    Position to;
  };
  struct LeaseWrite {
    std::string name;
    std::string holder;
    absl::Time until;
  };
  const std::vector<CursorWrite>& cursors() const { return cursors_; }
  const std::vector<LeaseWrite>& leases() const { return leases_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::string> marks_;
  std::vector<CursorWrite> cursors_;
  std::vector<LeaseWrite> leases_;
};

// The etag of a resource that was written at `revision`.
std::string EtagOf(int64_t revision);

using Mutation = std::function<absl::StatusOr<WriteSet>(Transaction&)>;

// What was written, or what an earlier call with the same request_id wrote.
struct Committed {
  Position position;  // Of the last Change of this mutation.
  // With their images.
  std::vector<log::v1::Change> changes;
  bool replayed = false;

  // The after-image of the first Change of type T; the default message if none.
  template <typename T>
  T First() const {
    for (const log::v1::Change& change : changes) {
      T message;
      if (change.image().UnpackTo(&message)) return message;
    }
    return T();
  }
  // The after-images of all Changes of type T, in order.
  template <typename T>
  std::vector<T> All() const {
    std::vector<T> all;
    for (const log::v1::Change& change : changes) {
      T message;
      if (change.image().UnpackTo(&message)) all.push_back(std::move(message));
    }
    return all;
  }
};

}  // namespace accord::store
