#include "services/training/import_completions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "common/base/status.h"
#include "services/training/errors.h"
#include "services/training/judge_rows.h"
#include "services/training/request_checks.h"
#include "services/training/store_completions.h"

namespace accord::training {
namespace {

using Import = v1::CompletionImport;

Import NewImport(const ImportCall& call) {
  Import import;
  import.set_name(NewName("completionImports"));
  import.set_file_name(call.file_name);
  import.set_content_digest(call.exported.content_digest);
  import.set_file_digest(call.exported.file_digest);
  import.set_state(Import::APPLYING);
  import.set_rows(static_cast<int>(call.exported.rows.size()));
  for (const std::string& warning : call.exported.warnings) import.add_warnings(warning);
  return import;
}

// The import of this content as it stands, or a new one.
struct Begun {
  Import import;
  bool is_new = false;
};
absl::StatusOr<Begun> BeginOrResume(const ImportCall& call, store::Reader& reader) {
  ACCORD_ASSIGN_OR_RETURN(std::optional<Import> known,
                          ImportOf(reader, call.exported.content_digest));
  if (!known) return Begun{NewImport(call), true};
  const bool unfinished = known->state() != Import::APPLIED;
  if (unfinished && known->file_digest() != call.exported.file_digest) {
    return error::ImportUnfinished(known->name());
  }
  return Begun{*std::move(known)};
}

absl::Span<const ExportRow> RowsFrom(const ImportCall& call, int begin) {
  const auto size = static_cast<size_t>(call.policy.version().import_policy().chunk_rows());
  return absl::MakeConstSpan(call.exported.rows).subspan(static_cast<size_t>(begin), size);
}

bool IsLast(const ImportCall& call, int begin) {
  return static_cast<size_t>(begin) + RowsFrom(call, begin).size() == call.exported.rows.size();
}

void Count(const JudgedRows& judged, Import& import) {
  std::map<v1::CompletionOutcome, int> counts;
  for (const auto& count : import.outcome_counts()) counts[count.outcome()] = count.rows();
  for (const v1::CompletionRow& row : judged.rows) ++counts[row.outcome()];
  import.clear_outcome_counts();
  for (const auto& [outcome, rows] : counts) {
    v1::CompletionOutcomeCount& count = *import.add_outcome_counts();
    count.set_outcome(outcome);
    count.set_rows(rows);
  }
  for (const v1::CompletionRow& row : judged.rows) {
    if (row.fictitious()) import.set_fictitious(true);
  }
}

JudgeOptions OptionsOf(const ImportCall& call, const std::string& import,
                       const google::protobuf::Timestamp& now) {
  return {call.policy, call.today, import, call.context.actor, now, call.zone};
}

template <typename T>
void Append(const std::string& import, std::vector<T> all, store::WriteSet& writes) {
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;
  rows.reserve(all.size());
  for (T& each : all) rows.push_back(std::make_unique<T>(std::move(each)));
  if (!rows.empty()) writes.AppendRows(import, std::move(rows));
}

// The rows of one chunk, what became of them, and how far the import has come with it.
absl::StatusOr<store::WriteSet> WriteChunk(const ImportCall& call, store::Transaction& transaction,
                                           Begun begun) {
  Import& import = begun.import;
  const absl::Span<const ExportRow> rows = RowsFrom(call, import.rows_applied());
  ACCORD_ASSIGN_OR_RETURN(
      JudgedRows judged,
      JudgeRows(transaction, rows, OptionsOf(call, import.name(), TimeOf(transaction))));
  Count(judged, import);
  import.set_rows_applied(import.rows_applied() + static_cast<int>(rows.size()));
  import.set_policy_version(call.policy.id());
  if (import.rows_applied() == import.rows()) import.set_state(Import::APPLIED);
  store::WriteSet writes;
  if (begun.is_new) {
    writes.Create(import);
  } else {
    writes.Update(import);
  }
  Append(import.name(), std::move(judged.completions), writes);
  Append(import.name(), std::move(judged.rows), writes);
  ACCORD_RETURN_IF_ERROR(
      RekeepChanged(transaction, std::move(judged.officers), call.policy, call.today, writes));
  return writes;
}

// Writes the chunk that begins at `begin`; empty when the import has come elsewhere meanwhile.
absl::StatusOr<std::optional<Imported>> CommitChunk(const ImportCall& call, int begin) {
  store::MutationContext context = call.context;
  // The answer to the caller's request is that of the last chunk.
  if (!IsLast(call, begin)) context.request_id.clear();
  bool moved = false;
  ACCORD_ASSIGN_OR_RETURN(
      const store::Committed committed,
      call.store.Mutate(std::move(context),
                        [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
                          ACCORD_ASSIGN_OR_RETURN(Begun begun, BeginOrResume(call, transaction));
                          moved = begun.import.rows_applied() != begin;
                          if (moved) return store::WriteSet();
                          return WriteChunk(call, transaction, std::move(begun));
                        }));
  if (moved) return std::nullopt;
  return Imported{committed.First<Import>(), committed.position};
}

// As if the rest had been imported.
absl::StatusOr<Imported> Plan(const ImportCall& call, store::Reader& reader, Begun begun) {
  Import& import = begun.import;
  OfficerFacts last;
  for (int begin = import.rows_applied(); begin < import.rows();) {
    const absl::Span<const ExportRow> rows = RowsFrom(call, begin);
    ACCORD_ASSIGN_OR_RETURN(JudgedRows judged,
                            JudgeRows(reader, rows, OptionsOf(call, import.name(), {}),
                                      last.officer.name().empty() ? nullptr : &last));
    Count(judged, import);
    begin += static_cast<int>(rows.size());
    // Rows are ordered by officer: of those before, only the last one goes on.
    if (!judged.officers.empty()) last = std::move(judged.officers.back());
  }
  import.set_state(Import::PLANNED);
  import.set_policy_version(call.policy.id());
  import.clear_name();
  return Imported{std::move(import), reader.position()};
}

}  // namespace

absl::StatusOr<Imported> ImportExport(const ImportCall& call) {
  for (;;) {
    Begun begun;
    {
      ACCORD_ASSIGN_OR_RETURN(const auto snapshot, call.store.Read(call.context.deadline));
      ACCORD_ASSIGN_OR_RETURN(begun, BeginOrResume(call, **snapshot));
      if (begun.import.state() == Import::APPLIED) {
        begun.import.set_state(Import::ALREADY_IMPORTED);
        return Imported{std::move(begun.import), (*snapshot)->position()};
      }
      if (call.context.validate_only) return Plan(call, **snapshot, std::move(begun));
    }
    ACCORD_ASSIGN_OR_RETURN(std::optional<Imported> written,
                            CommitChunk(call, begun.import.rows_applied()));
    if (!written) continue;
    if (written->import.state() == Import::APPLIED) return *std::move(written);
    ACCORD_RETURN_IF_ERROR(call.between_chunks(written->import));
  }
}

}  // namespace accord::training
