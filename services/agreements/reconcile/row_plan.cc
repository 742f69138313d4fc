#include "services/agreements/reconcile/row_plan.h"

#include "absl/strings/str_cat.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/keys.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;

v1::RosterRow Describe(const ListedRow& row, const std::string& import) {
  const roster::PublishedRow& published = *row.published;
  v1::RosterRow out;
  out.set_name(absl::StrCat(import, "/rows/", published.row_number));
  out.set_row_number(published.row_number);
  out.set_state(published.state);
  out.set_agency_name(published.agency);
  out.set_agency_type(published.type);
  out.set_county(published.county);
  out.set_model(published.model);
  out.set_signed_(published.signed_text);
  out.set_document_uri(published.document_uri);
  out.set_addendum_uri(published.addendum_uri);
  out.set_hidden(published.hidden);
  return out;
}

void SetOutcome(v1::RosterRow& out, v1::RowOutcome outcome, absl::string_view code,
                absl::string_view reason) {
  out.set_outcome(outcome);
  out.set_code(std::string(code));
  out.set_reason(std::string(reason));
}

absl::string_view ReasonText(RowFault fault) {
  switch (fault) {
    case RowFault::kStateMissing:
      return "the row has no state";
    case RowFault::kAgencyMissing:
      return "the row has no agency";
    case RowFault::kModelMissing:
      return "the row has no support type";
    case RowFault::kStateUnknown:
      return "the policy knows no state of that name";
    case RowFault::kModelUnknown:
      return "the policy knows no model of that name";
    case RowFault::kDuplicateRow:
      return "an earlier row has the same state, agency and model";
    case RowFault::kNone:
      return "";
  }
  return "";
}

void DecideKnown(const AgreementUpdate& update, bool county_changed, bool ended,
                 v1::RosterRow& out) {
  if (ended) {
    SetOutcome(out, v1::UNCHANGED, "AGREEMENT_ENDED",
               "listed although the record says it has ended");
  } else if (update.activated) {
    SetOutcome(out, v1::CHANGED, "AGREEMENT_ACTIVATED",
               "listed as participating for the first time");
  } else if (update.date_recorded) {
    SetOutcome(out, v1::CHANGED, "SIGNED_RECORDED", "a signature date appeared");
  } else if (update.documents_changed) {
    SetOutcome(out, v1::CHANGED, "DOCUMENT_CHANGED", "a document link is new or another");
  } else if (county_changed) {
    SetOutcome(out, v1::CHANGED, "COUNTY_CHANGED", "the county is new or another");
  } else {
    SetOutcome(out, v1::UNCHANGED, "AGREEMENT_KNOWN", "as recorded");
  }
}

}  // namespace

RowPlanner::RowPlanner(const RowPlanFacts& facts, Draft& draft, Desk& desk)
    : facts_(facts), draft_(draft), desk_(desk) {
  for (size_t i = 0; i < facts.rows.size(); ++i) {
    const ListedRow& row = facts.rows[i];
    if (row.fault != RowFault::kNone || row.published->document_uri.empty()) continue;
    const v1::Agency* agency = facts.match.rows[i].agency;
    const std::string key =
        agency ? std::string(AgencyKeyOf(MainKey(*agency, row.model_code))) : row.agency_key;
    links_of_list_[row.published->document_uri].push_back(
        {row.published->agency, key, row.state_code, row.model_code, row.published->document_uri});
  }
  for (const v1::RosterRow& row : draft.record().NewestRows(facts.import.kind())) {
    previous_county_.emplace(KeyOfRecordedRow(row, facts.policy), row.county());
  }
}

RowFacts RowPlanner::FactsOf(int index) const {
  const ListedRow& row = facts_.rows[index];
  RowFacts facts;
  facts.kind = facts_.import.kind();
  facts.source = absl::StrCat(facts_.import.name(), "/rows/", row.published->row_number);
  facts.as_of = FromProto(facts_.import.as_of_date()).value_or(Date());
  facts.state_code = row.state_code;
  facts.model = row.model_code;
  facts.agency_key = row.agency_key;
  facts.agency_name = row.published->agency;
  facts.agency_type = row.published->type;
  facts.county = row.county;
  facts.signed_date = row.signed_date;
  facts.document_uri = row.published->document_uri;
  facts.addendum_uri = row.published->addendum_uri;
  facts.fictitious = facts_.import.fictitious();
  return facts;
}

v1::RosterRow RowPlanner::Plan(int index, bool newest) {
  const ListedRow& row = facts_.rows[index];
  v1::RosterRow out = Describe(row, facts_.import.name());
  draft_.BeginRow(index);
  if (row.fault != RowFault::kNone) {
    SetOutcome(out, v1::REJECTED, CodeOf(row.fault), ReasonText(row.fault));
  } else if (newest) {
    PlanNewest(index, out);
  } else {
    PlanHistory(index, out);
  }
  return out;
}

void RowPlanner::PlanNewest(int index, v1::RosterRow& out) {
  const ListedRow& row = facts_.rows[index];
  const RowMatch& match = facts_.match.rows[index];
  if (match.agreement) return PlanKnown(index, *match.agreement, out);
  if (const Discrepancy* holder = HolderOf(row)) {
    Discrepancy question = *holder;
    if (question.other_key() == row.key) *question.mutable_held_row() = out;
    if (PlanHeld(question, out)) return;
  }
  const HandOff& hand_off = facts_.hand_offs[index];
  if (hand_off.from && PlanHeld(QuestionOf(hand_off, out, row.key), out)) return;
  PlanNew(index, out);
}

const Discrepancy* RowPlanner::HolderOf(const ListedRow& row) const {
  const Discrepancy* holder = nullptr;
  for (const Discrepancy* candidate : draft_.record().HoldingAgencyKey(row.agency_key)) {
    const bool this_row =
        candidate->kind() == Discrepancy::POSSIBLE_RENAME || candidate->other_key() == row.key;
    // What left is back, so it was not handed over.
    const bool void_now = facts_.match.listed_agreements.contains(candidate->agreement());
    if (!this_row || void_now) continue;
    if (!holder || holder->state() != Discrepancy::OPEN) holder = candidate;
  }
  return holder;
}

bool RowPlanner::PlanHeld(const Discrepancy& question, v1::RosterRow& out) {
  const Discrepancy* open = desk_.Raise(question);
  if (!open) return false;
  SetOutcome(out, v1::NEEDS_REVIEW, Discrepancy::Kind_Name(open->kind()),
             absl::StrCat("may be ", open->key(), ", which left the lists; held until decided"));
  out.set_agency(open->agency());
  out.set_agreement(open->agreement());
  out.set_discrepancy(open->name());
  return true;
}

void RowPlanner::PlanKnown(int index, const v1::Agreement& known, v1::RosterRow& out) {
  const ListedRow& row = facts_.rows[index];
  out.set_agency(known.agency());
  out.set_agreement(known.name());
  if (facts_.match.rows[index].repeats) {
    SetOutcome(out, v1::UNCHANGED, "AGREEMENT_REPEATED", "another row speaks for this agreement");
    return;
  }
  RowFacts facts = FactsOf(index);
  const LinkVerdict link = JudgeLink(row, &known, facts);
  v1::Agreement& agreement = draft_.EditAgreement(known.name());
  const AgreementUpdate update = UpdateAgreement(agreement, facts, facts_.today);
  draft_.NoteDocument(agreement);
  const bool county_changed = UpdateCounty(row, known.agency(), facts.source);
  const v1::Agency& agency = *draft_.FindAgency(known.agency());

  CloseAnswered(row, update, agreement);
  DecideKnown(update, county_changed, HasEnded(agreement), out);
  AskAboutLink(link, agreement, agency, out);
  AskAboutDate(row, agreement, agency, out);
  if (update.date_conflicts) AskAboutConflict(row, agreement, agency, out);
  if (update.documents_changed) AskAboutDuplicates(agreement, agency, out);
}

void RowPlanner::PlanNew(int index, v1::RosterRow& out) {
  const ListedRow& row = facts_.rows[index];
  RowFacts facts = FactsOf(index);
  const LinkVerdict link = JudgeLink(row, nullptr, facts);
  const v1::Agency* agency = draft_.AgencyByKey(row.agency_key);
  const bool agency_is_new = agency == nullptr;
  if (agency_is_new) {
    agency = &draft_.Add(NewAgency(facts, draft_.IssueName("agencies"), facts_.policy));
  } else {
    UpdateCounty(row, agency->name(), facts.source);
    agency = draft_.FindAgency(agency->name());
  }
  v1::Agreement created =
      NewAgreement(facts, draft_.IssueName("agreements"), *agency, facts_.today);
  if (const auto* ended = draft_.CurrentAgreement(agency->name(), row.model_code)) {
    created.set_predecessor(ended->name());
  }
  const v1::Agreement& agreement = draft_.Add(std::move(created));

  out.set_agency(agency->name());
  out.set_agreement(agreement.name());
  SetOutcome(out, v1::NEW, agency_is_new ? "AGENCY_NEW" : "AGREEMENT_NEW",
             agency_is_new ? "first listing of this agency" : "another model of a known agency");
  AskAboutLink(link, agreement, *agency, out);
  AskAboutDate(row, agreement, *agency, out);
  AskAboutDuplicates(agreement, *agency, out);
}

bool RowPlanner::UpdateCounty(const ListedRow& row, const std::string& agency_name,
                              absl::string_view source) {
  const v1::Agency& known = *draft_.FindAgency(agency_name);
  if (row.county.empty() || row.county == known.county()) return false;
  // Rows of one agency may disagree about its county for months. Only a row that changed
  // since the last list, and had given the recorded county, changes it.
  const auto previous = previous_county_.find(row.key);
  const bool row_changed = previous != previous_county_.end() &&
                           previous->second == known.county() &&
                           CountyCellsDiffer(previous->second, row.county);
  if (!known.county().empty() && !row_changed) return false;
  v1::Agency& agency = draft_.EditAgency(agency_name);
  agency.set_county(row.county);
  *agency.add_provenance() = MakeProvenance("county", source, v1::RECORD,
                                            FromProto(facts_.import.as_of_date()).value_or(Date()));
  PlaceAgency(agency, facts_.policy);
  for (const v1::Agreement* agreement : draft_.AgreementsOf(agency_name)) {
    if (agreement->field_office() == agency.field_office()) continue;
    draft_.EditAgreement(agreement->name()).set_field_office(agency.field_office());
    for (const v1::RosterDiscrepancy* open : draft_.OpenOn(agreement->name())) {
      if (open->agency() != agency_name) continue;
      draft_.EditDiscrepancy(open->name()).set_field_office(agency.field_office());
    }
  }
  return true;
}

void RowPlanner::PlanHistory(int index, v1::RosterRow& out) {
  const RowMatch& match = facts_.match.rows[index];
  if (match.agency) out.set_agency(match.agency->name());
  if (!match.agreement) {
    return SetOutcome(out, v1::UNCHANGED, "HISTORY_UNKNOWN",
                      "not on record; an older list creates nothing");
  }
  out.set_agreement(match.agreement->name());
  const RowFacts facts = FactsOf(index);
  const auto first = FromProto(ListingOf(*match.agreement, facts.kind).first_listed_date());
  if (first && *first <= facts.as_of) {
    return SetOutcome(out, v1::UNCHANGED, "HISTORY_RECORDED",
                      "its first listing is known to be as early");
  }
  v1::Agreement& agreement = draft_.EditAgreement(match.agreement->name());
  MarkListedInHistory(MutableListingOf(agreement, facts.kind), facts.as_of);
  const bool pending = facts.kind == Import::PENDING;
  *agreement.add_provenance() =
      MakeProvenance(pending ? "pending.first_listed_date" : "participating.first_listed_date",
                     facts.source, v1::RECORD, facts.as_of);
  SetOutcome(out, v1::CHANGED, "HISTORY_EARLIER", "listed earlier than was known");
}

}  // namespace accord::agreements
