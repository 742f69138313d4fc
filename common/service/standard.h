// What the handlers of every service share: the standard reads, and the way from a
// request to a mutation.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/calendar/date.h"
#include "common/rpc/call.h"
#include "common/store/list.h"
#include "common/store/not_found.h"
#include "common/store/store.h"
#include "common/store/within_reach.h"

namespace accord::service {

// States in the answer's metadata the position that was read or written.
void SetRevision(rpc::Call& call, const store::Store& store, const store::Position& position);

// SHA-256 over the deterministic bytes of a request, hex.
std::string DigestOf(const google::protobuf::Message& request);

// Who, what, why, until when. Takes `reason`, `request_id` and `validate_only` from the
// request where it has them.
template <typename Request>
store::MutationContext ContextOf(const rpc::Call& call, absl::string_view action,
                                 const Request& request) {
  store::MutationContext context;
  context.action = std::string(action);
  context.actor = call.caller().actor;
  context.role = call.caller().role;
  context.client = call.caller().client;
  context.deadline = call.deadline();
  if constexpr (requires { request.reason(); }) context.reason = request.reason();
  if constexpr (requires { request.validate_only(); }) {
    context.validate_only = request.validate_only();
  }
  if constexpr (requires { request.request_id(); }) {
    context.request_id = request.request_id();
    if (!context.request_id.empty()) context.request_digest = DigestOf(request);
  }
  return context;
}

// Of what the service does by itself, not for a caller.
store::MutationContext OwnContext(const store::Store& store, absl::string_view action,
                                  absl::string_view reason);

// Whether, and if so why, a policy may take the place of the one of this digest.
using MayReplacePolicy = std::function<absl::StatusOr<std::string>(
    store::Transaction& transaction, const std::string& previous_digest)>;

// Records that this process runs under the policy of this id and digest, once per digest. `may`
// is asked, if it is set, when another is on record; its error is returned, and the record stays.
absl::Status RecordPolicy(store::Store& store, const std::string& id, const std::string& digest,
                          const MayReplacePolicy& may = nullptr);

// The error of a read by `name`, or NOT_FOUND when it would tell that there is, or was,
// something outside of the call's reach.
absl::Status VisibleError(const rpc::Call& call, store::Reader& reader, absl::string_view name,
                          absl::Status error);

// `found` is what was asked for by `name`. What lies outside of the call's reach is answered
// as what does not exist.
template <typename T>
absl::StatusOr<T> Visible(const rpc::Call& call, store::Reader& reader, absl::string_view name,
                          absl::StatusOr<T> found) {
  if (!found.ok()) return VisibleError(call, reader, name, found.status());
  absl::StatusOr<bool> covered = store::Covers(call.reach(), reader, *found);
  if (!covered.ok()) return covered.status();
  if (*covered) return found;
  return store::ResourceNotFound(reader.domain(), name);
}

// REACH_TOO_SMALL when a resource that is about to be written would lie outside of the reach.
absl::Status CheckWithin(const Reach& reach, store::Reader& reader,
                         const google::protobuf::Message& written);

// The mutation, refused with REACH_TOO_SMALL when it would write what lies, before it or
// after it, outside of the reach. Entries that are `by_rule` may lie anywhere.
store::Mutation KeepWithin(const Reach& reach, store::Mutation mutation);

// Runs a mutation, within the call's reach, and answers with its first resource of type T, at its
// revision.
template <typename T>
absl::StatusOr<T> Commit(store::Store& store, rpc::Call& call, store::MutationContext context,
                         store::Mutation mutation) {
  ACCORD_ASSIGN_OR_RETURN(
      const store::Committed committed,
      store.Mutate(std::move(context), KeepWithin(call.reach(), std::move(mutation))));
  SetRevision(call, store, committed.position);
  return committed.First<T>();
}

// The resource now, or as known at a revision, if it was within the call's reach then.
template <typename T>
absl::StatusOr<T> Get(store::Store& store, rpc::Call& call, absl::string_view name,
                      int64_t as_known_at = 0) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(call.deadline()));
  SetRevision(call, store, (*snapshot)->position());
  return Visible(call, **snapshot, name,
                 as_known_at > 0 ? (*snapshot)->template GetAt<T>(name, as_known_at)
                                 : (*snapshot)->template Get<T>(name));
}

// A standard List, of what is within the call's reach. `prepare` may add to the arguments.
template <typename T, typename Request>
absl::StatusOr<store::Page<T>> ListPage(store::Store& store, rpc::Call& call,
                                        const Request& request,
                                        std::function<void(store::ListArgs&)> prepare = {}) {
  store::ListArgs args = store::ListArgsOf(request);
  args.caller = call.caller().actor;
  args.deadline = call.deadline();
  args.reach = call.reach();
  if (prepare) prepare(args);
  ACCORD_ASSIGN_OR_RETURN(store::Page<T> page, store::List<T>(store, args));
  SetRevision(call, store, page.position);
  return page;
}

// ABORTED (ETAG_MISMATCH) when the caller saw another version; empty is not compared.
absl::Status CheckEtag(absl::string_view domain, absl::string_view name, absl::string_view expected,
                       absl::string_view current);

// Characters (bytes) of the words that say why something was done.
inline constexpr size_t kMaxReason = 2000;

// Checks of request fields. Each adds to `violations` what is wrong.

// "agencies/{id}" with an id of the collection.
void RequireName(FieldViolations& violations, absl::string_view field, absl::string_view name,
                 absl::string_view collection);
// Not blank, at most `max` characters (bytes), no control characters.
void RequireText(FieldViolations& violations, absl::string_view field, absl::string_view text,
                 size_t max);
void CheckText(FieldViolations& violations, absl::string_view field, absl::string_view text,
               size_t max);
// At most 64 characters of [A-Za-z0-9_-].
void CheckRequestId(FieldViolations& violations, absl::string_view request_id);
// A whole date from 1996 (the program's first statute) to 2199.
std::optional<Date> RequireDate(FieldViolations& violations, absl::string_view field, bool is_set,
                                const google::type::Date& date);
// Empty when unset.
std::optional<Date> CheckDate(FieldViolations& violations, absl::string_view field, bool is_set,
                              const google::type::Date& date);

}  // namespace accord::service
