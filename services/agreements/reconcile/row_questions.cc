// What the rows of a list make RowPlanner ask a person.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/reconcile/row_plan.h"
#include "services/agreements/roster/agency_name.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;

std::string QuoteRow(const v1::RosterRow& row) {
  std::string text =
      absl::StrCat("row ", row.row_number(), ": \"", row.agency_name(), "\", ", row.model());
  if (!row.signed_().empty()) absl::StrAppend(&text, ", signed ", row.signed_());
  if (!row.document_uri().empty()) absl::StrAppend(&text, ", ", row.document_uri());
  return text;
}

std::string DateOrNone(const google::type::Date& date) {
  const auto day = FromProto(date);
  return day ? FormatDate(*day) : "none";
}

// Its application is still on the pending list, where publishers take rows off some days
// after they appear as participating.
bool IsAboutToLeavePending(const v1::Agency& agency, const Draft& draft) {
  const auto agreements = draft.AgreementsOf(agency.name());
  for (const v1::Agreement* agreement : agreements) {
    if (!IsOnlyPending(*agreement) || !agreement->pending().listed()) return false;
  }
  return !agreements.empty();
}

bool SameSigning(const v1::Agreement& a, const v1::Agreement& b) {
  const auto signed_date = FromProto(a.published_signed_date());
  return a.model() == b.model() && signed_date &&
         signed_date == FromProto(b.published_signed_date());
}

}  // namespace

Discrepancy RowPlanner::QuestionOf(const HandOff& hand_off, const v1::RosterRow& row,
                                   const std::string& key) const {
  const v1::Agreement& from = *hand_off.from;
  const v1::Agency& agency = *draft_.record().ResolveAgency(from.agency());
  Discrepancy question = About(hand_off.kind, from, agency);
  question.set_other_key(key);
  if (const v1::Agency* other = draft_.AgencyByKey(AgencyKeyOf(key))) {
    question.set_other_agency(other->name());
  }
  *question.mutable_held_row() = row;
  question.add_evidence(absl::StrCat(desk_.ListLabel(), ": ", question.key(), " is not on it"));
  question.add_evidence(absl::StrCat(desk_.ListLabel(), ", ", QuoteRow(row)));
  question.add_evidence(hand_off.reason);
  question.set_proposal(
      hand_off.kind == Discrepancy::POSSIBLE_RENAME
          ? absl::StrCat("\"", row.agency_name(), "\" becomes another name of ", agency.name(),
                         ", and the row means ", from.name())
          : absl::StrCat(from.name(), " becomes an agreement of \"", row.agency_name(), "\""));
  return question;
}

LinkVerdict RowPlanner::JudgeLink(const ListedRow& row, const v1::Agreement* known,
                                  RowFacts& facts) const {
  if (facts.document_uri.empty()) return {};
  const v1::Agency* agency = draft_.AgencyByKey(row.agency_key);
  const std::string key = agency ? MainKey(*agency, row.model_code) : row.key;
  const LinkedAgreement own{row.published->agency, std::string(AgencyKeyOf(key)), row.state_code,
                            row.model_code, facts.document_uri};
  std::vector<LinkedAgreement> sharers;
  const auto listed = links_of_list_.find(facts.document_uri);
  if (listed != links_of_list_.end()) sharers = listed->second;
  for (const v1::Agreement* other : draft_.AgreementsWithDocument(facts.document_uri)) {
    const v1::Agency* owner = draft_.FindAgency(other->agency());
    if (!owner) continue;
    sharers.push_back({owner->display_name(),
                       std::string(AgencyKeyOf(MainKey(*owner, other->model()))), owner->state(),
                       other->model(), facts.document_uri});
  }
  LinkVerdict verdict = CheckLink(own, sharers);
  if (!verdict.wrong) return verdict;

  Discrepancy question;
  question.set_kind(Discrepancy::WRONG_DOCUMENT_LINK);
  question.set_key(key);
  question.mutable_held_row()->set_document_uri(facts.document_uri);
  const Discrepancy* earlier = draft_.FindSubject(SubjectOf(question));
  if (earlier && earlier->state() == Discrepancy::REJECTED) return {};
  const bool found_wrong = earlier && earlier->state() == Discrepancy::ACCEPTED;
  const bool has_other =
      known && !known->document_uri().empty() && known->document_uri() != facts.document_uri;
  if (found_wrong || has_other) facts.document_uri.clear();
  return found_wrong ? LinkVerdict() : verdict;
}

void RowPlanner::AskAboutLink(const LinkVerdict& verdict, const v1::Agreement& agreement,
                              const v1::Agency& agency, v1::RosterRow& out) {
  if (!verdict.wrong) return;
  Discrepancy question = About(Discrepancy::WRONG_DOCUMENT_LINK, agreement, agency);
  *question.mutable_held_row() = out;
  if (!verdict.other_agency_key.empty()) {
    question.set_other_key(AgreementKey(verdict.other_agency_key, agreement.model()));
    if (const auto* other = draft_.AgencyByKey(verdict.other_agency_key)) {
      question.set_other_agency(other->name());
    }
  }
  question.add_evidence(absl::StrCat(desk_.ListLabel(), ", ", QuoteRow(out)));
  question.add_evidence(verdict.reason);
  question.set_proposal(absl::StrCat("the link is not recorded as the document of ",
                                     agreement.name(), "; it stays in its provenance"));
  if (const Discrepancy* open = desk_.Raise(std::move(question))) {
    out.set_discrepancy(open->name());
  }
}

void RowPlanner::AskAboutDate(const ListedRow& row, const v1::Agreement& agreement,
                              const v1::Agency& agency, v1::RosterRow& out) {
  if (row.signed_verdict != SignedVerdict::kImplausible) return;
  const auto recorded = FromProto(agreement.published_signed_date());
  if (recorded && recorded == row.proposed_date) return;
  Discrepancy question = About(Discrepancy::IMPLAUSIBLE_DATE, agreement, agency);
  *question.mutable_held_row() = out;
  if (recorded) *question.mutable_current_date() = ToProto(*recorded);
  question.add_evidence(absl::StrCat(desk_.ListLabel(), ", ", QuoteRow(out)));
  if (row.proposed_date) {
    *question.mutable_proposed_date() = ToProto(*row.proposed_date);
    question.set_proposal(absl::StrCat("the signature date of ", agreement.name(), " becomes ",
                                       FormatDate(*row.proposed_date)));
  } else {
    question.set_proposal("no repair is obvious; accepting needs the date");
  }
  if (const Discrepancy* open = desk_.Raise(std::move(question))) {
    out.set_discrepancy(open->name());
  }
}

void RowPlanner::AskAboutConflict(const ListedRow& row, const v1::Agreement& agreement,
                                  const v1::Agency& agency, v1::RosterRow& out) {
  Discrepancy question = About(Discrepancy::DATE_CONFLICT, agreement, agency);
  *question.mutable_held_row() = out;
  *question.mutable_proposed_date() = ToProto(*row.signed_date);
  *question.mutable_current_date() = agreement.effective_date();
  question.add_evidence(absl::StrCat(desk_.ListLabel(), ", ", QuoteRow(out)));
  question.add_evidence(
      absl::StrCat("recorded signature date: ", DateOrNone(agreement.effective_date())));
  question.set_proposal(absl::StrCat("the signature date of ", agreement.name(), " becomes ",
                                     FormatDate(*row.signed_date)));
  const std::string subject = SubjectOf(question);
  for (const Discrepancy* open : draft_.OpenOn(agreement.name())) {
    const bool other_date =
        open->kind() == Discrepancy::DATE_CONFLICT && SubjectOf(*open) != subject;
    if (other_date) desk_.Close(open->name(), "the list now shows a third date");
  }
  const Discrepancy* open = desk_.Raise(std::move(question));
  if (!open) {
    if (out.outcome() != v1::UNCHANGED) return;
    out.set_code("SIGNED_KEPT");
    out.set_reason("the list shows another date; a person kept the recorded one");
    return;
  }
  out.set_outcome(v1::NEEDS_REVIEW);
  out.set_code("SIGNED_CHANGED");
  out.set_reason("the list shows another signature date; the recorded one stays until decided");
  out.set_discrepancy(open->name());
}

void RowPlanner::AskAboutDuplicates(const v1::Agreement& agreement, const v1::Agency& agency,
                                    v1::RosterRow& out) {
  const auto ask = [&](const v1::Agency& other, const v1::Agreement* others,
                       absl::string_view why) {
    Discrepancy question = others ? About(Discrepancy::POSSIBLE_DUPLICATE, *others, other)
                                  : About(Discrepancy::POSSIBLE_DUPLICATE, v1::Agreement(), other);
    if (!others) question.set_key(MainKey(other, agreement.model()));
    question.set_other_agreement(agreement.name());
    question.set_other_agency(agency.name());
    question.set_other_key(MainKey(agency, agreement.model()));
    question.add_evidence(absl::StrCat(desk_.ListLabel(), ", ", QuoteRow(out)));
    question.add_evidence(std::string(why));
    question.set_proposal(absl::StrCat(agency.name(), " is merged into ", other.name()));
    const Discrepancy* open = desk_.Raise(std::move(question));
    if (open && out.discrepancy().empty()) out.set_discrepancy(open->name());
  };
  const auto differs = [&](const v1::Agency& other) {
    return other.name() == agency.name() || other.state() != agency.state() ||
           CountiesContradict({agency.display_name(), agency.county()},
                              {other.display_name(), other.county()});
  };
  const std::string canonical = roster::CanonicalAgencyName(out.agency_name());
  for (const v1::Agency* other : draft_.AgenciesWithCanonicalName(agency.state(), canonical)) {
    const bool leaving =
        facts_.import.kind() == Import::PARTICIPATING && IsAboutToLeavePending(*other, draft_);
    if (differs(*other) || leaving) continue;
    ask(*other, draft_.CurrentAgreement(other->name(), agreement.model()),
        "the names are one but for abbreviations and the like");
  }
  if (agreement.document_uri().empty()) return;
  for (const v1::Agreement* other : draft_.AgreementsWithDocument(agreement.document_uri())) {
    const v1::Agency* owner = draft_.FindAgency(other->agency());
    if (!owner || differs(*owner) || !SameSigning(agreement, *other)) continue;
    if (CompareNames(agency.display_name(), owner->display_name()) < Likeness::kNearSpelling) {
      continue;
    }
    ask(*owner, other, "the same document and signature date, and names that are nearly one");
  }
}

void RowPlanner::CloseAnswered(const ListedRow& row, const AgreementUpdate& update,
                               const v1::Agreement& agreement) {
  const bool participating = facts_.import.kind() == Import::PARTICIPATING;
  // What left the participating list is not back when the pending list has it.
  const bool is_back = participating || !agreement.participating().has_first_listed_date();
  for (const Discrepancy* open : draft_.OpenOn(agreement.name())) {
    if (open->agreement() != agreement.name()) continue;
    switch (open->kind()) {
      case Discrepancy::NO_LONGER_LISTED:
      case Discrepancy::POSSIBLE_RENAME:
      case Discrepancy::REASSIGNMENT:
      case Discrepancy::POSSIBLE_MODEL_SWITCH:
        if (is_back) desk_.Close(open->name(), "listed again");
        break;
      case Discrepancy::DATE_CONFLICT:
        if (participating && row.signed_date && !update.date_conflicts) {
          desk_.Close(open->name(), "the list shows the recorded date");
        }
        break;
      case Discrepancy::IMPLAUSIBLE_DATE:
        if (row.signed_date) desk_.Close(open->name(), "the list shows a plausible date");
        break;
      case Discrepancy::WRONG_DOCUMENT_LINK: {
        const std::string& uri = row.published->document_uri;
        if (participating && !uri.empty() && uri != open->held_row().document_uri()) {
          desk_.Close(open->name(), "the list has another link");
        }
        break;
      }
      default:
        break;
    }
  }
}

}  // namespace accord::agreements
