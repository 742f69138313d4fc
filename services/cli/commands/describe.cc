// describe: one resource with what belongs to it, for people.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "accord/training/v1/resources.pb.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/options.h"
#include "services/cli/commands/status.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/columns.h"
#include "services/cli/output/fields.h"
#include "services/cli/view.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;
namespace lv1 = accord::log::v1;
namespace tv1 = accord::training::v1;
using google::protobuf::Message;

constexpr int kRecentChanges = 5;

absl::Status PrintRecentChanges(Session& session, const std::string& name) {
  session.SetLogOf(name);
  lv1::ListChangesRequest request;
  request.set_subject(name);
  request.set_page_size(kRecentChanges);
  request.set_omit_images(true);
  ACCORD_ASSIGN_OR_RETURN(const auto changes, session.Call<lv1::ListChangesResponse>(
                                                  "accord.log.v1.ChangeFeed.ListChanges", request));
  PrintSection(session, absl::StrCat("Recent changes (all: accordctl changes ", name, ")"),
               TableOf(changes.changes()));
  return absl::OkStatus();
}

void PrintAgency(Session& session, const av1::AgencyRecord& record) {
  const av1::Agency& agency = record.agency();
  session.PrintTitle(MarkedTitle(absl::StrCat(agency.display_name(), " (", agency.state(), ")"),
                                 agency.fictitious()));
  PrintFacts(session, {{"Name", agency.name()},
                       {"Also known as", FieldText(agency, "aliases")},
                       {"Kind", FieldText(agency, "kind")},
                       {"County", agency.county()},
                       {"ORI", agency.ori()},
                       {"Field office", agency.field_office()},
                       {"Placement", agency.field_office_note()},
                       {"Merged into", agency.merged_into()},
                       {"Found in lists as", FieldText(agency, "keys")},
                       {"Created", FieldText(agency, "create_time")},
                       {"Updated", FieldText(agency, "update_time")},
                       {"Etag", agency.etag()}});
  PrintSection(session, "Agreements", TableOf(record.agreements()));
  for (const av1::Agreement& agreement : record.agreements()) {
    PrintSection(session,
                 absl::StrCat("Transitions of ", agreement.name(), " (", agreement.model(), ")"),
                 TransitionTable(agreement));
  }
  PrintSection(session, "Open discrepancies", TableOf(record.open_discrepancies()));
  PrintSection(session, "Provenance", ProvenanceTable(agency.provenance()));
}

absl::Status DescribeAgency(Session& session, const std::string& name, const ReadOptions& options) {
  av1::GetAgencyRecordRequest request;
  request.set_name(name);
  ACCORD_RETURN_IF_ERROR(
      SetFields(&request, {{"--as-of", "as_of", options.as_of},
                           {"--as-known-at", "as_known_at", options.as_known_at}}));
  ACCORD_ASSIGN_OR_RETURN(
      const auto record,
      session.Call<av1::AgencyRecord>(absl::StrCat(kAgreements, "GetAgencyRecord"), request));
  if (!session.human()) return session.PrintOne(record, "agency.name");
  PrintAgency(session, record);
  return PrintRecentChanges(session, record.agency().name());
}

std::string ListingText(const av1::Listing& listing) {
  const std::string first = FieldText(listing, "first_listed_date");
  if (first.empty()) return "never listed";
  const std::string last = FieldText(listing, "last_listed_date");
  if (listing.listed()) return absl::StrCat("listed from ", first, " to ", last, " (newest list)");
  return absl::StrCat("listed from ", first, " to ", last, "; absent from the ",
                      listing.lists_absent(), " lists since (not an end)");
}

std::string AgencyText(Session& session, const av1::Agreement& agreement) {
  const Items items{av1::Agreement::descriptor(), {&agreement}};
  LearnAgencyNames(session, items, {});
  const std::string name = absl::StrCat(agreement.agency(), " (", agreement.agency_state(), ")");
  const auto shown = session.shown_names.find(agreement.agency());
  return shown == session.shown_names.end() ? name : absl::StrCat(shown->second, ", ", name);
}

absl::Status DescribeAgreement(Session& session, const av1::Agreement& agreement) {
  session.PrintTitle(MarkedTitle(
      absl::StrCat(agreement.name(), "  ", agreement.model(), "  ", FieldText(agreement, "state")),
      agreement.fictitious()));
  PrintFacts(session, {{"Agency", AgencyText(session, agreement)},
                       {"Field office", agreement.field_office()},
                       {"Template", agreement.template_()},
                       {"In force from", FieldText(agreement, "effective_date")},
                       {"Agency signed", FieldText(agreement, "agency_signed_date")},
                       {"Federal side signed", FieldText(agreement, "federal_signed_date")},
                       {"Signed, as published", FieldText(agreement, "published_signed_date")},
                       {"Participating lists", ListingText(agreement.participating())},
                       {"Pending lists", ListingText(agreement.pending())},
                       {"Document", agreement.document_uri()},
                       {"Addendum", agreement.addendum_uri()},
                       {"Predecessor", agreement.predecessor()},
                       {"Successor", agreement.successor()},
                       {"Merged into", agreement.merged_into()},
                       {"Updated", FieldText(agreement, "update_time")},
                       {"Etag", agreement.etag()}});
  PrintSection(session, "Transitions", TransitionTable(agreement));
  PrintSection(session, "Provenance", ProvenanceTable(agreement.provenance()));
  return PrintRecentChanges(session, agreement.name());
}

template <typename Entries>
Table EntryTable(std::vector<Column> columns, const Entries& entries) {
  Table table{std::move(columns), {}};
  for (const auto& entry : entries) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const Column& column : table.columns) row.push_back(FieldText(entry, column.key));
  }
  return table;
}

// "ended after 2026-11-05, by authorization_term"; empty where nothing on record ends it.
std::string AuthorityInWords(const tv1::Officer& officer) {
  if (!officer.has_authority_through()) return "";
  return absl::StrCat(officer.authority_ended() ? "ended after " : "through ",
                      FieldText(officer, "authority_through"), ", by ",
                      officer.authority_ends_by());
}

absl::Status DescribeOfficer(Session& session, const tv1::Officer& officer) {
  session.PrintTitle(MarkedTitle(
      absl::StrCat(officer.name(), "  ", officer.model(), "  ", FieldText(officer, "state")),
      officer.fictitious()));
  PrintFacts(session,
             {{"Given name", officer.given_name()},
              {"Family name", officer.family_name()},
              {"Agency", absl::StrCat(officer.agency(), " (", officer.agency_state(), ")")},
              {"Agreement", officer.agreement()},
              {"Field office", officer.field_office()},
              {"Template", officer.template_()},
              {"Training", FieldText(officer, "certification")},
              {"Current through", FieldText(officer, "current_through")},
              {"Ends by", officer.ends_by()},
              {"Authority", AuthorityInWords(officer)},
              {"Next change", FieldText(officer, "next_change_date")},
              {"Certified", FieldText(officer, "certification_date")},
              {"Authorized", FieldText(officer, "authorization_date")},
              {"Form 70-006", FieldText(officer, "form_70_006_date")},
              {"Credentials issued", FieldText(officer, "credentials_issued_date")},
              {"Credentials returned", FieldText(officer, "credentials_returned_date")},
              {"Policy", officer.policy_version()},
              {"Updated", FieldText(officer, "update_time")},
              {"Etag", officer.etag()}});
  PrintSection(session, "Events",
               EntryTable({{"DATE", "date"},
                           {"EVENT", "kind"},
                           {"AGREEMENT", "agreement"},
                           {"WHO", "actor"},
                           {"WHY", "reason"},
                           {"EVIDENCE", "source"}},
                          officer.events()));
  PrintSection(session, "The agreement, by its log",
               EntryTable({{"FROM", "date"}, {"IN FORCE", "in_force"}, {"CAUSE", "cause"}},
                          officer.agreement_standing()));
  PrintSection(session, "Next",
               {absl::StrCat("accordctl why ", officer.name()),
                absl::StrCat("accordctl authority ", officer.name())});
  return PrintRecentChanges(session, officer.name());
}

Table OutcomeTable(const av1::RosterImport& import) {
  Table table{{{"OUTCOME", "outcome"}, {"ROWS", "rows", true}}, {}};
  for (const auto& count : import.outcome_counts()) {
    table.rows.push_back({FieldText(count, "outcome"), absl::StrCat(count.rows())});
  }
  table.rows.push_back({"total", absl::StrCat(import.rows())});
  return table;
}

absl::Status DescribeImport(Session& session, const av1::RosterImport& import) {
  session.PrintTitle(
      MarkedTitle(absl::StrCat(FieldText(import, "kind"), " list of ",
                               FieldText(import, "as_of_date"), "  ", FieldText(import, "state")),
                  import.fictitious()));
  PrintFacts(session, {{"Name", import.name()},
                       {"File", import.file_name()},
                       {"Date taken from", FieldText(import, "as_of_basis")},
                       {"Captured", FieldText(import, "capture_date")},
                       {"Compared with", import.previous()},
                       {"Agreements listed",
                        absl::StrCat(import.agreements_listed(), " of ", import.agencies_listed(),
                                     " agencies in ", import.states_listed(), " states")},
                       {"By model", FieldText(import, "agreements_by_model")},
                       {"Newly listed", absl::StrCat(import.newly_listed())},
                       {"No longer listed", absl::StrCat(import.no_longer_listed())},
                       {"Dates changed", absl::StrCat(import.dates_changed())},
                       {"Rows with document", absl::StrCat(import.rows_with_document())},
                       {"Rows without county", absl::StrCat(import.rows_without_county())},
                       {"Hidden rows", absl::StrCat(import.hidden_rows())},
                       {"Discrepancies", absl::StrCat(import.discrepancies_opened(), " opened, ",
                                                      import.discrepancies_closed(), " closed")},
                       {"Policy", import.policy_version()},
                       {"Content", import.content_digest()},
                       {"Imported", FieldText(import, "create_time")},
                       {"Etag", import.etag()}});
  PrintSection(session, "What became of the rows", OutcomeTable(import));
  PrintSection(session, "Warnings", {import.warnings().begin(), import.warnings().end()});
  PrintSection(session, "Next",
               {absl::StrCat("accordctl list rows --parent ", import.name(),
                             " --filter 'outcome = \"NEEDS_REVIEW\"'"),
                absl::StrCat("accordctl import revert ", import.name(), " --reason WHY")});
  return absl::OkStatus();
}

std::vector<std::string> DecisionCommands(const av1::RosterDiscrepancy& discrepancy) {
  const std::string start = absl::StrCat("accordctl resolve ", discrepancy.name());
  switch (discrepancy.state()) {
    case av1::RosterDiscrepancy::OPEN: {
      const bool ends = discrepancy.kind() == av1::RosterDiscrepancy::NO_LONGER_LISTED;
      const char* end = ends ? " --effective-date YYYY-MM-DD --end-state terminated" : "";
      return {absl::StrCat(start, " --accept", end, " --reason WHY --etag ", discrepancy.etag()),
              absl::StrCat(start, " --reject --reason WHY --etag ", discrepancy.etag())};
    }
    case av1::RosterDiscrepancy::ACCEPTED:
    case av1::RosterDiscrepancy::REJECTED:
      return {absl::StrCat("accordctl resolve undo ", discrepancy.name(), " --reason WHY")};
    default:
      return {};
  }
}

absl::Status DescribeDiscrepancy(Session& session, const av1::RosterDiscrepancy& discrepancy) {
  session.PrintTitle(absl::StrCat(discrepancy.name(), "  ", FieldText(discrepancy, "kind"), "  ",
                                  FieldText(discrepancy, "state")));
  PrintFacts(session,
             {{"Agency", discrepancy.agency()},
              {"Agreement", discrepancy.agreement()},
              {"Other agency", discrepancy.other_agency()},
              {"Other agreement", discrepancy.other_agreement()},
              {"Key", discrepancy.key()},
              {"Other key", discrepancy.other_key()},
              {"Raised by", discrepancy.roster_import()},
              {"Last seen in", discrepancy.last_import()},
              {"Lists absent",
               discrepancy.lists_absent() > 0 ? absl::StrCat(discrepancy.lists_absent()) : ""},
              {"Date on record", FieldText(discrepancy, "current_date")},
              {"Date proposed", FieldText(discrepancy, "proposed_date")},
              {"Row held back", discrepancy.held_row().name()},
              {"Decided by", discrepancy.decided_by()},
              {"Decided", FieldText(discrepancy, "decide_time")},
              {"Because", discrepancy.decision_reason()}});
  PrintSection(session, "Evidence", {discrepancy.evidence().begin(), discrepancy.evidence().end()});
  if (!discrepancy.proposal().empty()) {
    PrintSection(session, "Accepting does this", std::vector<std::string>{discrepancy.proposal()});
  }
  PrintSection(session, "Next", DecisionCommands(discrepancy));
  return absl::OkStatus();
}

void PrintAllFields(Session& session, const Message& message) {
  Facts facts;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const std::string field(message.GetDescriptor()->field(i)->name());
    facts.emplace_back(field, FieldText(message, field));
  }
  PrintFacts(session, facts);
}

absl::Status DescribeOne(Session& session, const NamedResource& resource,
                         const ReadOptions& options) {
  if (resource.kind->singular == std::string("agency")) {
    return DescribeAgency(session, resource.name, options);
  }
  ACCORD_ASSIGN_OR_RETURN(const std::unique_ptr<Message> message,
                          FetchOne(session, resource, options));
  if (!session.human()) return session.PrintOne(*message, resource.kind->id_field);
  if (const auto* agreement = dynamic_cast<const av1::Agreement*>(message.get())) {
    return DescribeAgreement(session, *agreement);
  }
  if (const auto* officer = dynamic_cast<const tv1::Officer*>(message.get())) {
    return DescribeOfficer(session, *officer);
  }
  if (const auto* import = dynamic_cast<const av1::RosterImport*>(message.get())) {
    return DescribeImport(session, *import);
  }
  if (const auto* discrepancy = dynamic_cast<const av1::RosterDiscrepancy*>(message.get())) {
    return DescribeDiscrepancy(session, *discrepancy);
  }
  if (const auto* status = dynamic_cast<const gateway::v1::AgencyStatus*>(message.get())) {
    PrintAgencyStatus(session, *status);
    return absl::OkStatus();
  }
  PrintAllFields(session, *message);
  return absl::OkStatus();
}

absl::StatusOr<int> RunDescribe(Session& session, const std::vector<std::string>& words,
                                const ReadOptions& options) {
  ACCORD_ASSIGN_OR_RETURN(const std::vector<NamedResource> names, ParseNames(words));
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0 && session.human()) session.io().out << "\n----\n\n";
    ACCORD_RETURN_IF_ERROR(DescribeOne(session, names[i], options));
  }
  return kExitOk;
}

}  // namespace

void AddDescribe(CLI::App& app, Session& session) {
  struct Options {
    std::vector<std::string> words;
    ReadOptions read;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("describe", "Show a resource with its history and what belongs to it");
  command->add_option("name", options->words, "KIND/NAME…, or KIND NAME…")->required();
  AddTimeOptions(*command, options->read);
  command->callback([&session, options] {
    session.command = [&session, options] {
      return RunDescribe(session, options->words, options->read);
    };
  });
}

}  // namespace accord::cli
