#include <mutex>

#include "absl/strings/str_cat.h"
#include "common/service/standard.h"
#include "services/agreements/errors.h"
#include "services/agreements/handlers.h"
#include "services/agreements/import_roster.h"
#include "services/agreements/restore.h"
#include "services/agreements/roster/roster_file.h"
#include "services/agreements/store.h"

namespace accord::agreements {
namespace {

constexpr size_t kMaxFileName = 200;
constexpr size_t kMaxFileBytes = 32u << 20;

absl::StatusOr<ImportOptions> OptionsOf(const v1::ImportRosterRequest& request) {
  FieldViolations violations;
  service::RequireText(violations, "file_name", request.file_name(), kMaxFileName);
  if (request.content().empty()) violations.Add("content", "must be the file's bytes");
  if (request.content().size() > kMaxFileBytes) violations.Add("content", "must be at most 32 MiB");
  if (!v1::RosterImport::Kind_IsValid(request.kind())) {
    violations.Add("kind", "must be PARTICIPATING or PENDING, or left out");
  }
  service::CheckRequestId(violations, request.request_id());
  ImportOptions options;
  options.file_name = request.file_name();
  options.kind = request.kind();
  options.as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of());
  options.capture_date = service::CheckDate(violations, "capture_date", request.has_capture_date(),
                                            request.capture_date());
  options.history = request.history();
  options.allow_shrink = request.allow_shrink();
  options.fictitious = request.fictitious();
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return options;
}

}  // namespace

absl::StatusOr<v1::RosterImport> Handlers::ImportRoster(rpc::Call& call,
                                                        const v1::ImportRosterRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(const ImportOptions options, OptionsOf(request));
  ACCORD_ASSIGN_OR_RETURN(const roster::PublishedList list,
                          roster::ReadPublishedList(request.content()));
  // One list at a time: each is compared with the one before.
  std::unique_lock importing(importing_, absl::ToChronoTime(call.deadline()));
  if (!importing.owns_lock()) {
    return MakeError(absl::StatusCode::kUnavailable, kDomain, "IMPORT_BUSY",
                     "another list is being imported; try again when it is done");
  }
  const store::MutationContext context = service::ContextOf(call, "ImportRoster", request);
  ACCORD_ASSIGN_OR_RETURN(const auto replayed, store_.FindReplay(context));
  if (replayed) {
    service::SetRevision(call, store_, replayed->position);
    return replayed->First<v1::RosterImport>();
  }
  const Date today = Today();
  ACCORD_ASSIGN_OR_RETURN(Imported imported,
                          ImportList({store_, PolicyOn(today), list, options, today, context}));
  service::SetRevision(call, store_, imported.position);
  if (request.validate_only()) imported.import.clear_name();
  return std::move(imported.import);
}

absl::StatusOr<v1::RosterImport> Handlers::RevertRosterImport(
    rpc::Call& call, const v1::RevertRosterImportRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "rosterImports");
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Commit<v1::RosterImport>(
      store_, call, service::ContextOf(call, "RevertRosterImport", request),
      [&request](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::RosterImport import,
                                transaction.Get<v1::RosterImport>(request.name()));
        ACCORD_RETURN_IF_ERROR(
            service::CheckEtag(kDomain, import.name(), request.etag(), import.etag()));
        if (import.state() == v1::RosterImport::REVERTED) {
          return error::ImportReverted(import.name());
        }
        import.set_state(v1::RosterImport::REVERTED);
        store::WriteSet writes;
        writes.Update(import);
        ACCORD_ASSIGN_OR_RETURN(const auto ranges,
                                MutationsOf(transaction, import.name(), "ImportRoster"));
        ACCORD_RETURN_IF_ERROR(RestoreBefore(
            transaction, ranges, {import.name()},
            [&](const WrittenResource& changed) {
              const std::string change = absl::StrCat("changes/", changed.newest_revision);
              return changed.newest_action == "ImportRoster"
                         ? error::ImportNotNewest(import.name(), change)
                         : error::ImportBuiltUpon(import.name(), changed.name, change);
            },
            writes));
        return writes;
      });
}

absl::StatusOr<v1::RosterImport> Handlers::GetRosterImport(
    rpc::Call& call, const v1::GetRosterImportRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "rosterImports");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::RosterImport>(store_, call, request.name());
}

absl::StatusOr<v1::ListRosterImportsResponse> Handlers::ListRosterImports(
    rpc::Call& call, const v1::ListRosterImportsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::RosterImport>(store_, call, request));
  v1::ListRosterImportsResponse response;
  response.mutable_roster_imports()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListRosterRowsResponse> Handlers::ListRosterRows(
    rpc::Call& call, const v1::ListRosterRowsRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "parent", request.parent(), "rosterImports");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  // An absent parent is an error, not an empty list.
  ACCORD_RETURN_IF_ERROR(service::Get<v1::RosterImport>(store_, call, request.parent()).status());
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::RosterRow>(store_, call, request));
  v1::ListRosterRowsResponse response;
  response.mutable_roster_rows()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace accord::agreements
