#include <mutex>
#include <utility>

#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/service/standard.h"
#include "services/training/errors.h"
#include "services/training/export_file.h"
#include "services/training/handlers.h"
#include "services/training/import_completions.h"

namespace accord::training {
namespace {

constexpr size_t kMaxFileName = 200;

absl::Status CheckImportRequest(const v1::ImportCompletionsRequest& request) {
  FieldViolations violations;
  service::RequireText(violations, "file_name", request.file_name(), kMaxFileName);
  if (request.content().empty()) violations.Add("content", "must be the file's bytes");
  if (request.content().size() > kMaxExportBytes) {
    violations.Add("content", "must be at most 32 MiB");
  }
  service::CheckRequestId(violations, request.request_id());
  return violations.ToStatus(kDomain);
}

// Nobody waits any more for the rest, which is imported when the file comes again.
absl::Status GoOn(const rpc::Call& call, const v1::CompletionImport& import) {
  LogInfo("completions are imported", {{"import", import.name()},
                                       {"rows", int64_t{import.rows_applied()}},
                                       {"of", int64_t{import.rows()}}});
  return call.Cancelled() ? absl::CancelledError("the caller has gone") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::CompletionImport> Handlers::ImportCompletions(
    rpc::Call& call, const v1::ImportCompletionsRequest& request) {
  ACCORD_RETURN_IF_ERROR(CheckImportRequest(request));
  ACCORD_ASSIGN_OR_RETURN(const Export exported, ReadExport(request.content()));
  // One at a time: each may hold a large file in memory.
  std::unique_lock importing(importing_, absl::ToChronoTime(call.deadline()));
  if (!importing.owns_lock()) return error::ImportBusy();
  const store::MutationContext context = service::ContextOf(call, "ImportCompletions", request);
  ACCORD_ASSIGN_OR_RETURN(const auto replayed, store_.FindReplay(context));
  if (replayed) {
    service::SetRevision(call, store_, replayed->position);
    return replayed->First<v1::CompletionImport>();
  }
  const Date today = Today();
  ACCORD_ASSIGN_OR_RETURN(
      Imported imported,
      ImportExport({store_, PolicyOn(today), exported, request.file_name(), today, context,
                    [&call](const v1::CompletionImport& import) { return GoOn(call, import); },
                    policy_->time_zone()}));
  service::SetRevision(call, store_, imported.position);
  return std::move(imported.import);
}

absl::StatusOr<v1::CompletionImport> Handlers::GetCompletionImport(
    rpc::Call& call, const v1::GetCompletionImportRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "completionImports");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::CompletionImport>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListCompletionImportsResponse> Handlers::ListCompletionImports(
    rpc::Call& call, const v1::ListCompletionImportsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page,
                          service::ListPage<v1::CompletionImport>(store_, call, request));
  v1::ListCompletionImportsResponse response;
  response.mutable_completion_imports()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListCompletionRowsResponse> Handlers::ListCompletionRows(
    rpc::Call& call, const v1::ListCompletionRowsRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "parent", request.parent(), "completionImports");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  // An absent parent is an error, not an empty list.
  ACCORD_RETURN_IF_ERROR(
      service::Get<v1::CompletionImport>(store_, call, request.parent()).status());
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::CompletionRow>(store_, call, request));
  v1::ListCompletionRowsResponse response;
  response.mutable_completion_rows()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace accord::training
