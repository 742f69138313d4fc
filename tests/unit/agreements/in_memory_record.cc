#include "tests/unit/agreements/in_memory_record.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/roster_name.h"

namespace accord::agreements {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::string BaseName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

ImportOptions OptionsOf(v1::RosterImport::Kind kind, absl::string_view as_of) {
  ImportOptions options;
  options.file_name = "list.xlsx";
  options.kind = kind;
  options.as_of = ParseDate(as_of);
  return options;
}

// Capture day, participating first, day of the name, am before pm.
auto OrderOf(const std::string& path) {
  const roster::RosterName name = roster::ParseRosterName(BaseName(path));
  return std::make_tuple(name.capture_date, name.kind == roster::ListKind::kPending, name.date,
                         name.afternoon, path);
}

}  // namespace

InMemoryRecord::InMemoryRecord() : today_(MakeDate(2025, 7, 2)) {
  policy_ = Policy::Load(absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/287g.textproto")).value();
  view_ = policy_->At(today_).value();
  issue_ = [this](absl::string_view collection) {
    return absl::StrFormat("%s/%06d", collection, ++issued_);
  };
}

absl::StatusOr<Plan> InMemoryRecord::Import(const roster::PublishedList& list,
                                            const ImportOptions& options) {
  const ImportFacts facts{list, options, record_, *view_, today_, issue_};
  ACCORD_ASSIGN_OR_RETURN(Plan plan, PlanImport(facts));
  if (plan.header.state() == v1::RosterImport::PLANNED) Apply(plan);
  return plan;
}

absl::StatusOr<Plan> InMemoryRecord::ImportFile(const std::string& path, bool history) {
  ACCORD_ASSIGN_OR_RETURN(const roster::PublishedList list,
                          roster::ReadPublishedList(ReadFile(path)));
  ImportOptions options;
  options.file_name = BaseName(path);
  options.history = history;
  return Import(list, options);
}

void InMemoryRecord::Apply(const Plan& plan) {
  for (const PlanGroup& group : plan.groups) {
    for (const auto& planned : group.agencies) record_.Put(planned.resource);
    for (const auto& planned : group.agreements) record_.Put(planned.resource);
    for (const auto& planned : group.discrepancies) record_.Put(planned.resource);
  }
  v1::RosterImport import = plan.header;
  import.set_state(v1::RosterImport::APPLIED);
  const v1::RosterImport::Kind kind = import.kind();
  const std::string name = import.name();
  record_.Put(std::move(import));
  if (record_.NewestImport(kind)->name() == name) record_.SetNewestRows(kind, plan.rows);
}

void InMemoryRecord::Apply(const Writes& writes) {
  before_.clear();
  for (const auto& planned : writes.agencies) {
    const v1::Agency* before = record_.FindAgency(planned.resource.name());
    BeforeImage& image = before_.emplace_back(BeforeImage{planned.resource.name(), {}, false});
    if (before) image.before = *before;
    record_.Put(planned.resource);
  }
  for (const auto& planned : writes.agreements) {
    const v1::Agreement* before = record_.FindAgreement(planned.resource.name());
    BeforeImage& image = before_.emplace_back(BeforeImage{planned.resource.name(), {}, false});
    if (before) image.before = *before;
    record_.Put(planned.resource);
  }
  for (const auto& planned : writes.discrepancies) record_.Put(planned.resource);
  for (const std::string& name : writes.deletions) record_.Erase(name);
}

absl::Status InMemoryRecord::Accept(const Decision& decision) {
  ACCORD_ASSIGN_OR_RETURN(const Writes writes, AcceptDiscrepancy(Facts(), decision));
  Apply(writes);
  return absl::OkStatus();
}

absl::Status InMemoryRecord::Reject(const Decision& decision) {
  ACCORD_ASSIGN_OR_RETURN(const Writes writes, RejectDiscrepancy(Facts(), decision));
  Apply(writes);
  return absl::OkStatus();
}

absl::Status InMemoryRecord::Undo(const Decision& decision) {
  ACCORD_ASSIGN_OR_RETURN(const Writes writes, UndoDecision(Facts(), decision, before_));
  Apply(writes);
  return absl::OkStatus();
}

std::vector<const v1::RosterDiscrepancy*> InMemoryRecord::Discrepancies() const {
  std::vector<const v1::RosterDiscrepancy*> all;
  for (const auto& [name, discrepancy] : record_.discrepancies()) all.push_back(&discrepancy);
  std::sort(all.begin(), all.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  return all;
}

std::vector<const v1::RosterDiscrepancy*> InMemoryRecord::Open(
    v1::RosterDiscrepancy::Kind kind) const {
  std::vector<const v1::RosterDiscrepancy*> open;
  for (const auto* discrepancy : Discrepancies()) {
    const bool is_open = discrepancy->state() == v1::RosterDiscrepancy::OPEN;
    if (is_open && discrepancy->kind() == kind) open.push_back(discrepancy);
  }
  return open;
}

const v1::RosterRow& RowOf(const Plan& plan, absl::string_view agency) {
  static const auto& none = *new v1::RosterRow();
  for (const v1::RosterRow& row : plan.rows) {
    if (row.agency_name() == agency) return row;
  }
  return none;
}

int CountOutcome(const Plan& plan, v1::RowOutcome outcome) {
  return static_cast<int>(
      std::count_if(plan.rows.begin(), plan.rows.end(),
                    [&](const v1::RosterRow& row) { return row.outcome() == outcome; }));
}

roster::PublishedList MakeList(const std::vector<RowText>& rows) {
  roster::PublishedList list;
  list.has_county_column = true;
  std::vector<std::string> digest;
  for (const RowText& text : rows) {
    roster::PublishedRow row;
    row.row_number = static_cast<int>(list.rows.size()) + 2;
    row.state = text.state;
    row.agency = text.agency;
    row.type = text.type;
    row.county = text.county;
    row.county_not_available = text.county.empty() || text.county == "#N/A";
    row.model = text.model;
    row.signed_text = text.signed_text;
    row.signed_date = roster::ReadExactDate(text.signed_text);
    if (!row.signed_date) row.suggested_date = roster::SuggestDate(text.signed_text);
    row.document_uri = text.document;
    digest.push_back(absl::StrJoin({text.state, text.agency, text.model, text.signed_text,
                                    text.county, text.document, text.type},
                                   "|"));
    list.rows.push_back(std::move(row));
  }
  std::sort(digest.begin(), digest.end());
  list.content_digest = absl::StrJoin(digest, "\n");
  list.bytes_digest = "test";
  return list;
}

ImportOptions Participating(absl::string_view as_of) {
  return OptionsOf(v1::RosterImport::PARTICIPATING, as_of);
}

ImportOptions Pending(absl::string_view as_of) {
  return OptionsOf(v1::RosterImport::PENDING, as_of);
}

std::vector<std::string> RosterFiles() {
  std::vector<std::string> files;
  const std::string folder = absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/rosters");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".xlsx") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end(),
            [](const std::string& a, const std::string& b) { return OrderOf(a) < OrderOf(b); });
  return files;
}

}  // namespace accord::agreements
