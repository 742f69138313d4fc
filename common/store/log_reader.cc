#include "common/store/log_reader.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/chain.h"
#include "common/store/change_rows.h"
#include "common/store/filter.h"
#include "common/store/not_found.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"
#include "common/store/within_reach.h"

namespace accord::store {
namespace {

using log::v1::Change;

absl::Status ChangeNotFound(absl::string_view name) {
  return MakeError(absl::StatusCode::kNotFound, kLogDomain, "CHANGE_NOT_FOUND",
                   absl::StrCat(name, " does not exist; names are changes/{revision}"),
                   {{"name", std::string(name)}});
}

absl::Status LogForked(const std::string& follower_log, const Position& head,
                       std::optional<int64_t> last_common) {
  ErrorMetadata metadata = {{"log", head.log_id}, {"follower_log", follower_log}};
  std::string text = "this is not the log that was followed; stop and rebuild from it";
  if (last_common) {
    metadata.emplace_back("last_common_revision", absl::StrCat(*last_common));
    absl::StrAppend(&text, ". The last revision both have is ", *last_common);
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, kLogDomain, "LOG_FORKED", text,
                   std::move(metadata));
}

// Where `log_id`, an earlier id of this log, was left; empty if it never was one.
absl::StatusOr<std::optional<int64_t>> LeftAt(Reader& reader, const std::string& log_id) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute("SELECT revision FROM log_lineage WHERE log_id = $1", {log_id}));
  if (result.rows.empty()) return std::nullopt;
  ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(result.rows[0], 0));
  return revision;
}

// A Change may be about others, whom the caller may not see.
void KeepOwnSubject(Change& change) {
  change.clear_subjects();
  change.add_subjects(change.resource());
}

// Changes about the subject; without the whole reach, only those of itself.
std::string AboutSql(const std::string& subject, const Reach& reach,
                     std::vector<sql::Value>* params) {
  params->push_back(subject);
  if (!reach.whole) return absl::StrCat("f_resource = $", params->size());
  return absl::StrCat("f_revision IN (SELECT revision FROM change_subjects WHERE subject = $",
                      params->size(), ")");
}

absl::Status CheckCovered(const Reach& reach, Reader& reader, const std::string& name) {
  if (reach.whole) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const bool covered, IsCovered(reach, reader, name));
  return covered ? absl::OkStatus() : ResourceNotFound(kLogDomain, name);
}

}  // namespace

absl::StatusOr<std::string> HashAt(Reader& reader, int64_t revision) {
  if (revision == 0) return GenesisHash();
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute("SELECT hash FROM changes WHERE f_revision = $1", {revision}));
  if (result.rows.empty()) return std::string();
  return sql::GetBytes(result.rows[0], 0);
}

absl::StatusOr<Change> GetChange(Store& store, absl::string_view name, absl::Time deadline,
                                 const Reach& reach) {
  int64_t revision = 0;
  absl::string_view digits = name;
  if (!absl::ConsumePrefix(&digits, "changes/") || !absl::SimpleAtoi(digits, &revision)) {
    return ChangeNotFound(name);
  }
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  ACCORD_ASSIGN_OR_RETURN(std::vector<Change> changes,
                          ReadChanges((*snapshot)->connection(), revision, revision));
  if (changes.empty()) return ChangeNotFound(name);
  Change& change = changes.front();
  if (reach.whole) return std::move(change);
  ACCORD_ASSIGN_OR_RETURN(const bool covered, IsCovered(reach, **snapshot, change.resource()));
  if (!covered) return ChangeNotFound(name);
  KeepOwnSubject(change);
  return std::move(change);
}

absl::StatusOr<log::v1::ListChangesResponse> ListChanges(Store& store,
                                                         const log::v1::ListChangesRequest& request,
                                                         absl::string_view caller,
                                                         absl::Time deadline, const Reach& reach) {
  if (!reach.whole && request.subject().empty()) {
    return ReachTooSmall(kLogDomain,
                         "the whole log is for roles that may see the whole program; name one "
                         "resource as `subject`");
  }
  FieldViolations violations;
  const int page_size = ClampPageSize(request.page_size(), violations);
  const auto filter = Filter::Parse(request.filter(), ChangeFields(), violations);
  if (!reach.whole && filter && filter->Mentions("subjects")) {
    violations.Add("filter",
                   "must not ask for `subjects`; you are shown one resource's own Changes");
  }
  const bool oldest_first = request.order_by() == "revision";
  if (!oldest_first && !request.order_by().empty() && request.order_by() != "revision desc") {
    violations.Add("order_by", "is `revision` or `revision desc`");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kLogDomain));

  const std::string order = oldest_first ? "f_revision" : "f_revision DESC";
  const std::string binding =
      absl::StrJoin({std::string(caller), std::string("ListChanges"), request.filter(),
                     request.subject(), order, ReachText(reach)},
                    std::string(1, '\0'));
  std::vector<sql::Value> params;
  std::vector<std::string> conditions = {"0 = 0"};
  if (!filter->empty()) conditions.push_back(filter->ToSql(&params));
  if (!request.subject().empty()) {
    conditions.push_back(AboutSql(request.subject(), reach, &params));
  }
  if (!request.page_token().empty()) {
    ACCORD_ASSIGN_OR_RETURN(
        const std::vector<sql::Value> after,
        OpenPageToken(store.page_key(), binding, request.page_token(), kLogDomain));
    params.push_back(after.at(0));
    conditions.push_back(
        absl::StrCat("f_revision ", oldest_first ? ">" : "<", " $", params.size()));
  }

  const bool images = !request.omit_images();
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  ACCORD_RETURN_IF_ERROR(CheckCovered(reach, **snapshot, request.subject()));
  log::v1::ListChangesResponse response;
  ACCORD_RETURN_IF_ERROR((*snapshot)->connection().ForEach(
      absl::StrCat("SELECT ", ChangeColumns(images), " FROM changes WHERE ",
                   absl::StrJoin(conditions, " AND "), " ORDER BY ", order, " LIMIT ",
                   page_size + 1),
      params, [&](sql::Row& row) -> absl::Status {
        Change& change = *response.add_changes();
        ACCORD_ASSIGN_OR_RETURN(change, ParseChange(row, images));
        if (!reach.whole) KeepOwnSubject(change);
        return absl::OkStatus();
      }));
  if (response.changes_size() > page_size) {
    response.mutable_changes()->RemoveLast();
    ACCORD_ASSIGN_OR_RETURN(
        *response.mutable_next_page_token(),
        SealPageToken(store.page_key(), binding,
                      {response.changes(response.changes_size() - 1).revision()}));
  }
  return response;
}

absl::StatusOr<std::string> NewestActionBy(Reader& reader, absl::string_view actor,
                                           absl::string_view resource,
                                           const std::vector<std::string>& actions) {
  if (actions.empty()) return std::string();
  // Other Changes may name the resource for what it is to theirs; rows are about their subjects.
  std::vector<sql::Value> params = {std::string(resource), std::string(actor),
                                    int64_t{Change::BULK}};
  std::vector<std::string> places;
  for (const std::string& action : actions) {
    params.push_back(action);
    places.push_back(absl::StrCat("$", params.size()));
  }
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute(
          absl::StrCat("SELECT c.f_action FROM change_subjects s JOIN changes c ON "
                       "c.f_revision = s.revision WHERE s.subject = $1 AND c.f_actor = $2 AND "
                       "(c.f_resource = $1 OR c.f_kind = $3) AND c.f_action IN (",
                       absl::StrJoin(places, ", "), ") ORDER BY s.revision DESC LIMIT 1"),
          params));
  if (result.rows.empty()) return std::string();
  return sql::GetText(result.rows[0], 0);
}

absl::StatusOr<std::vector<Change>> ReadTail(Reader& reader, int64_t revision, int64_t limit) {
  const int64_t head = reader.position().revision;
  const int64_t last = std::min(revision + limit, head);
  ACCORD_ASSIGN_OR_RETURN(std::vector<Change> changes,
                          ReadChanges(reader.connection(), revision + 1, last));
  if (changes.empty() || changes.back().mutation_end() == changes.back().revision()) {
    return changes;
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<Change> rest, ReadChanges(reader.connection(), last + 1,
                                                                changes.back().mutation_end()));
  std::move(rest.begin(), rest.end(), std::back_inserter(changes));
  return changes;
}

absl::Status CheckFollower(Reader& reader, const Position& follower) {
  const Position& head = reader.position();
  if (!follower.log_id.empty() && follower.log_id != head.log_id) {
    ACCORD_ASSIGN_OR_RETURN(std::optional<int64_t> left, LeftAt(reader, follower.log_id));
    if (left) left = std::min(*left, follower.revision);
    return LogForked(follower.log_id, head, left);
  }
  if (follower.revision > head.revision) {
    // Somebody who knows the log by id or hash has seen a future that is gone.
    if (!follower.log_id.empty() || !follower.hash.empty()) {
      return LogForked(follower.log_id, head, std::nullopt);
    }
    return MakeError(absl::StatusCode::kOutOfRange, kLogDomain, "REVISION_AHEAD",
                     absl::StrCat("the log ends at revision ", head.revision),
                     {{"revision", absl::StrCat(head.revision)}});
  }
  if (follower.hash.empty() || follower.revision == 0) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const std::string hash, HashAt(reader, follower.revision));
  if (hash == follower.hash) return absl::OkStatus();
  return LogForked(follower.log_id, head, std::nullopt);
}

}  // namespace accord::store
