#include "services/agreements/reconcile/decide.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "services/agreements/errors.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/keys.h"
#include "services/agreements/reconcile/listed_row.h"
#include "services/agreements/reconcile/listing.h"
#include "services/agreements/reconcile/merge.h"
#include "services/agreements/reconcile/name_match.h"
#include "services/agreements/roster/loose_date.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;

// One decision while it is carried out.
struct Case {
  const DecisionFacts& facts;
  const Decision& decision;
  const Discrepancy& discrepancy;
  Draft& draft;

  std::string Source() const { return absl::StrCat(discrepancy.name(), ", ", decision.decided_by); }
  absl::Status Stale(absl::string_view why) const {
    return error::ProposalStale(discrepancy.name(), why);
  }
};

absl::Status FieldNeeded(absl::string_view field, absl::string_view text) {
  FieldViolations violations;
  violations.Add(field, text);
  return violations.ToStatus(kDomain);
}

// A signature that the list of the held row could know.
std::optional<Date> PlausibleDate(const Case& c, const v1::RosterImport* import) {
  const auto date = roster::ReadExactDate(c.discrepancy.held_row().signed_());
  const auto capture = import ? FromProto(import->capture_date()) : std::nullopt;
  const SigningWindow window = WindowOf(c.facts.policy, capture, c.facts.today);
  return date && *date >= window.first && *date <= window.last ? date : std::nullopt;
}

RowFacts HeldRowFacts(const Case& c) {
  const v1::RosterRow& row = c.discrepancy.held_row();
  const v1::RosterImport* import = c.facts.record.FindImport(c.discrepancy.last_import());
  RowFacts facts;
  facts.kind = import ? import->kind() : v1::RosterImport::PARTICIPATING;
  facts.as_of = import ? FromProto(import->as_of_date()).value_or(c.facts.today) : c.facts.today;
  facts.fictitious = import && import->fictitious();
  facts.source = row.name();
  facts.state_code = std::string(StateOf(c.discrepancy.other_key()));
  facts.model = std::string(ModelOf(c.discrepancy.other_key()));
  facts.agency_key = std::string(AgencyKeyOf(c.discrepancy.other_key()));
  facts.agency_name = row.agency_name();
  facts.agency_type = row.agency_type();
  facts.county = CountyOrNone(row.county());
  facts.signed_date = PlausibleDate(c, import);
  facts.document_uri = row.document_uri();
  facts.addendum_uri = row.addendum_uri();
  return facts;
}

// The agreement that the discrepancy is about, which must not have been merged since.
absl::StatusOr<v1::Agreement*> Subject(const Case& c) {
  const v1::Agreement* agreement = c.draft.FindAgreement(c.discrepancy.agreement());
  if (!agreement) return c.Stale("its agreement is not on record");
  if (!agreement->merged_into().empty()) return c.Stale("its agreement has been merged");
  return &c.draft.EditAgreement(agreement->name());
}

void KeepEarlier(const Case& c, absl::string_view field, absl::string_view value,
                 v1::Agreement& agreement) {
  if (value.empty()) return;
  *agreement.add_provenance() = MakeProvenance(
      field, absl::StrCat("earlier value ", value, "; ", c.Source()), v1::RECORD, c.facts.today);
}

absl::Status AcceptHeldRename(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * agreement, Subject(c));
  const RowFacts row = HeldRowFacts(c);
  const v1::Agency* known = c.draft.AgencyByKey(row.agency_key);
  if (known && known->name() != agreement->agency()) {
    return c.Stale("that name belongs to an agency of its own by now; merge the two");
  }
  v1::Agency& agency = c.draft.EditAgency(agreement->agency());
  if (!known) {
    agency.add_keys(row.agency_key);
    agency.add_aliases(row.agency_name);
    *agency.add_provenance() = MakeProvenance("aliases", row.source, v1::RECORD, row.as_of);
  }
  UpdateAgreement(*agreement, row, c.facts.today);
  return absl::OkStatus();
}

absl::Status AcceptMerge(const Case& c) {
  const v1::Agency* from = c.facts.record.ResolveAgency(c.discrepancy.other_agency());
  const v1::Agency* into = c.facts.record.ResolveAgency(c.discrepancy.agency());
  if (!from || !into) return c.Stale("one of the agencies is not on record");
  if (from->name() == into->name()) return c.Stale("the two are one agency already");
  return MergeAgencies(from->name(), into->name(), c.Source(), c.facts.today, c.draft);
}

absl::Status AcceptSwitch(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * old, Subject(c));
  const v1::Agreement* other = c.draft.FindAgreement(c.discrepancy.other_agreement());
  if (!other || !other->merged_into().empty() || other->agency() != old->agency()) {
    return c.Stale("the other agreement is no longer one of this agency");
  }
  const std::optional<Date> date =
      c.decision.effective_date ? c.decision.effective_date : EffectiveDate(*other);
  if (!date) {
    return FieldNeeded("effective_date", "needed: the new agreement has no date of signing yet");
  }
  v1::Transition transition;
  *transition.mutable_effective_date() = ToProto(*date);
  transition.set_actor(c.decision.decided_by);
  transition.set_reason(c.decision.reason);
  transition.set_source(c.discrepancy.name());
  transition.set_basis(v1::RECORD);
  const bool board = c.facts.policy.version().approval_policy().board_review_required();
  ACCORD_RETURN_IF_ERROR(Apply(*old, Move::kSupersede, transition, board, c.facts.today));
  old->set_successor(other->name());
  c.draft.EditAgreement(other->name()).set_predecessor(old->name());
  return absl::OkStatus();
}

absl::Status AcceptReassignment(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * agreement, Subject(c));
  const RowFacts row = HeldRowFacts(c);
  const v1::Agency* to = c.draft.AgencyByKey(row.agency_key);
  if (to && c.draft.CurrentAgreement(to->name(), agreement->model())) {
    return c.Stale("that agency has an agreement of this model by now");
  }
  if (!to) to = &c.draft.Add(NewAgency(row, c.draft.IssueName("agencies"), c.facts.policy));
  KeepEarlier(c, "agency", agreement->agency(), *agreement);
  agreement->set_agency(to->name());
  agreement->set_agency_state(to->state());
  agreement->set_field_office(to->field_office());
  UpdateAgreement(*agreement, row, c.facts.today);
  return absl::OkStatus();
}

absl::Status AcceptDate(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * agreement, Subject(c));
  const bool implausible = c.discrepancy.kind() == Discrepancy::IMPLAUSIBLE_DATE;
  std::optional<Date> date = FromProto(c.discrepancy.proposed_date());
  if (implausible && c.decision.effective_date) date = c.decision.effective_date;
  if (!date) return FieldNeeded("effective_date", "needed: the list suggests no date");
  const auto earlier = FromProto(agreement->published_signed_date());
  ACCORD_RETURN_IF_ERROR(
      DateSigning(*agreement, *date, c.discrepancy.held_row().name(), c.facts.today));
  KeepEarlier(c, "published_signed_date", earlier ? FormatDate(*earlier) : "", *agreement);
  *agreement->add_provenance() =
      MakeProvenance("published_signed_date", c.Source(), v1::RECORD, c.facts.today);
  return absl::OkStatus();
}

absl::Status AcceptWrongLink(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * agreement, Subject(c));
  const std::string& wrong = c.discrepancy.held_row().document_uri();
  KeepEarlier(c, "document_uri", wrong, *agreement);
  if (agreement->document_uri() == wrong) agreement->clear_document_uri();
  return absl::OkStatus();
}

std::optional<Move> MoveTo(v1::Agreement::State end_state) {
  for (Move move : {Move::kTerminate, Move::kWithdraw, Move::kRescind, Move::kDecline}) {
    if (TargetOf(move) == end_state) return move;
  }
  return std::nullopt;
}

absl::Status AcceptAbsence(const Case& c) {
  ACCORD_ASSIGN_OR_RETURN(v1::Agreement * agreement, Subject(c));
  FieldViolations violations;
  const std::optional<Move> move = MoveTo(c.decision.end_state);
  if (!c.decision.effective_date) violations.Add("effective_date", "needed: the day it ended");
  if (!move) violations.Add("end_state", "one of TERMINATED, WITHDRAWN, RESCINDED, DECLINED");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  v1::Transition transition;
  *transition.mutable_effective_date() = ToProto(*c.decision.effective_date);
  transition.set_actor(c.decision.decided_by);
  transition.set_reason(c.decision.reason);
  transition.set_source(c.discrepancy.name());
  transition.set_basis(v1::RECORD);
  const bool board = c.facts.policy.version().approval_policy().board_review_required();
  return Apply(*agreement, *move, transition, board, c.facts.today);
}

absl::Status CarryOut(const Case& c) {
  switch (c.discrepancy.kind()) {
    case Discrepancy::POSSIBLE_RENAME:
      return c.discrepancy.has_held_row() ? AcceptHeldRename(c) : AcceptMerge(c);
    case Discrepancy::POSSIBLE_DUPLICATE:
      return AcceptMerge(c);
    case Discrepancy::POSSIBLE_MODEL_SWITCH:
      return AcceptSwitch(c);
    case Discrepancy::REASSIGNMENT:
      return AcceptReassignment(c);
    case Discrepancy::DATE_CONFLICT:
    case Discrepancy::IMPLAUSIBLE_DATE:
      return AcceptDate(c);
    case Discrepancy::WRONG_DOCUMENT_LINK:
      return AcceptWrongLink(c);
    case Discrepancy::NO_LONGER_LISTED:
      return AcceptAbsence(c);
    default:
      return c.Stale("its kind is not known");
  }
}

// The row that waited is what it says it is.
void RecordHeldRow(const Case& c) {
  const RowFacts row = HeldRowFacts(c);
  const v1::Agency* agency = c.draft.AgencyByKey(row.agency_key);
  if (!agency) {
    agency = &c.draft.Add(NewAgency(row, c.draft.IssueName("agencies"), c.facts.policy));
  }
  if (c.draft.CurrentAgreement(agency->name(), row.model)) return;
  c.draft.Add(NewAgreement(row, c.draft.IssueName("agreements"), *agency, c.facts.today));
}

// A person says that the link is right, so it is recorded.
void RecordLinkOf(const Case& c) {
  const std::string& uri = c.discrepancy.held_row().document_uri();
  const v1::Agreement* known = c.draft.FindAgreement(c.discrepancy.agreement());
  if (!known || known->document_uri() == uri) return;
  v1::Agreement& agreement = c.draft.EditAgreement(known->name());
  KeepEarlier(c, "document_uri", agreement.document_uri(), agreement);
  agreement.set_document_uri(uri);
}

void StateWhatFollows(const Case& c) {
  const bool identity = c.discrepancy.kind() == Discrepancy::POSSIBLE_RENAME ||
                        c.discrepancy.kind() == Discrepancy::REASSIGNMENT;
  if (identity && c.discrepancy.has_held_row()) RecordHeldRow(c);
  if (c.discrepancy.kind() == Discrepancy::WRONG_DOCUMENT_LINK) RecordLinkOf(c);
}

void Sign(Discrepancy::State state, const Case& c) {
  Discrepancy& decided = c.draft.EditDiscrepancy(c.discrepancy.name());
  decided.set_state(state);
  decided.set_decided_by(c.decision.decided_by);
  decided.set_decision_reason(c.decision.reason);
}

absl::StatusOr<const Discrepancy*> FindOpen(const DecisionFacts& facts, const Decision& decision) {
  const Discrepancy* found = facts.record.FindDiscrepancy(decision.discrepancy);
  if (!found) return error::ProposalStale(decision.discrepancy, "it is not on record");
  if (found->state() != Discrepancy::OPEN) {
    return error::DiscrepancyDecided(found->name(), Discrepancy::State_Name(found->state()));
  }
  return found;
}

}  // namespace

absl::StatusOr<Writes> AcceptDiscrepancy(const DecisionFacts& facts, const Decision& decision) {
  ACCORD_ASSIGN_OR_RETURN(const Discrepancy* discrepancy, FindOpen(facts, decision));
  Draft draft(facts.record, facts.issue);
  const Case c{facts, decision, *discrepancy, draft};
  ACCORD_RETURN_IF_ERROR(CarryOut(c));
  Sign(Discrepancy::ACCEPTED, c);
  return WritesOf(draft);
}

absl::StatusOr<Writes> RejectDiscrepancy(const DecisionFacts& facts, const Decision& decision) {
  ACCORD_ASSIGN_OR_RETURN(const Discrepancy* discrepancy, FindOpen(facts, decision));
  Draft draft(facts.record, facts.issue);
  const Case c{facts, decision, *discrepancy, draft};
  StateWhatFollows(c);
  Sign(Discrepancy::REJECTED, c);
  return WritesOf(draft);
}

absl::StatusOr<Writes> UndoDecision(const DecisionFacts& facts, const Decision& decision,
                                    absl::Span<const BeforeImage> before) {
  const Discrepancy* discrepancy = facts.record.FindDiscrepancy(decision.discrepancy);
  const bool decided = discrepancy && (discrepancy->state() == Discrepancy::ACCEPTED ||
                                       discrepancy->state() == Discrepancy::REJECTED);
  if (!decided) return error::ProposalStale(decision.discrepancy, "it is not decided");
  for (const BeforeImage& image : before) {
    if (image.changed_since) return error::DecisionBuiltUpon(discrepancy->name(), image.name);
  }
  Draft draft(facts.record, facts.issue);
  Sign(Discrepancy::UNDONE, {facts, decision, *discrepancy, draft});
  Writes writes = WritesOf(draft);
  for (const BeforeImage& image : before) {
    if (const auto* agency = std::get_if<v1::Agency>(&image.before)) {
      writes.agencies.push_back({*agency, false, kNoRow});
    } else if (const auto* agreement = std::get_if<v1::Agreement>(&image.before)) {
      writes.agreements.push_back({*agreement, false, kNoRow});
    } else {
      writes.deletions.push_back(image.name);
    }
  }
  return writes;
}

}  // namespace accord::agreements
