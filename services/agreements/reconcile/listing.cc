#include "services/agreements/reconcile/listing.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/agreements/errors.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/record.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements {
namespace {

using State = v1::Agreement;

v1::Agency::Kind KindFromType(absl::string_view type) {
  const std::string folded = roster::FoldKey(type);
  if (absl::StartsWith(folded, "county")) return v1::Agency::COUNTY;
  if (absl::StartsWith(folded, "municipal")) return v1::Agency::MUNICIPALITY;
  if (absl::StartsWith(folded, "state")) return v1::Agency::STATE_AGENCY;
  return v1::Agency::KIND_UNSPECIFIED;
}

v1::Transition MakeTransition(v1::Agreement::State state, Date date, v1::Basis basis,
                              absl::string_view source) {
  v1::Transition transition;
  transition.set_state(state);
  *transition.mutable_effective_date() = ToProto(date);
  transition.set_basis(basis);
  transition.set_source(std::string(source));
  transition.set_reason("published list");
  return transition;
}

// A list observes PENDING after the fact, so its day gives way to a signature.
void MovePendingNotAfter(v1::Agreement& agreement, Date date) {
  for (v1::Transition& transition : *agreement.mutable_transitions()) {
    const bool later = EffectiveOf(transition) > date;
    if (later && transition.state() == State::PENDING) {
      *transition.mutable_effective_date() = ToProto(date);
    }
  }
}

bool HasBothSignatures(const v1::Agreement& agreement) {
  return FromProto(agreement.agency_signed_date()) && FromProto(agreement.federal_signed_date());
}

// With both signatures on record, the one published date must be either of them.
bool ContradictsRecord(const v1::Agreement& agreement, Date listed) {
  if (const auto published = FromProto(agreement.published_signed_date())) {
    return *published != listed;
  }
  return HasBothSignatures(agreement) && listed != *FromProto(agreement.agency_signed_date()) &&
         listed != *FromProto(agreement.federal_signed_date());
}

void ActivateFromRow(v1::Agreement& agreement, const RowFacts& facts, Date today) {
  if (const auto effective = EffectiveDate(agreement)) {
    Activate(agreement, *effective, v1::RECORD, facts.source, today);
  } else {
    Activate(agreement, facts.as_of, v1::ASSUMED, facts.source, today);
  }
}

void RecordDate(v1::Agreement& agreement, const RowFacts& facts, Date today,
                AgreementUpdate& update) {
  if (!facts.signed_date) return;
  if (ContradictsRecord(agreement, *facts.signed_date)) {
    update.date_conflicts = true;
    return;
  }
  if (FromProto(agreement.published_signed_date())) return;
  if (!DateSigning(agreement, *facts.signed_date, facts.source, today).ok()) {
    // Later moves on record forbid to move the signing; the published date stands alone.
    *agreement.mutable_published_signed_date() = ToProto(*facts.signed_date);
    Recompute(agreement, today);
  }
  *agreement.add_provenance() =
      MakeProvenance("published_signed_date", facts.source, v1::RECORD, facts.as_of);
  update.date_recorded = true;
}

// Returns whether the field changed.
bool RecordLink(const std::string& link, std::string& field, absl::string_view field_name,
                const RowFacts& facts, v1::Agreement& agreement) {
  if (link.empty() || link == field) return false;
  field = link;
  *agreement.add_provenance() =
      MakeProvenance(field_name, absl::StrCat(facts.source, " ", link), v1::RECORD, facts.as_of);
  return true;
}

void RecordLinks(v1::Agreement& agreement, const RowFacts& facts, AgreementUpdate& update) {
  const bool document = RecordLink(facts.document_uri, *agreement.mutable_document_uri(),
                                   "document_uri", facts, agreement);
  const bool addendum = RecordLink(facts.addendum_uri, *agreement.mutable_addendum_uri(),
                                   "addendum_uri", facts, agreement);
  update.documents_changed = document || addendum;
}

}  // namespace

v1::Provenance MakeProvenance(absl::string_view field, absl::string_view source, v1::Basis basis,
                              Date source_date) {
  v1::Provenance provenance;
  provenance.set_field(std::string(field));
  provenance.set_source(std::string(source));
  provenance.set_basis(basis);
  *provenance.mutable_source_date() = ToProto(source_date);
  return provenance;
}

void PlaceAgency(v1::Agency& agency, const PolicyView& policy) {
  if (agency.field_office_pinned()) return;
  const Placement placement = policy.PlaceFieldOffice(agency.state(), agency.county());
  agency.clear_field_office();
  agency.clear_field_office_note();
  if (placement.office) {
    agency.set_field_office(absl::StrCat("fieldOffices/", placement.office->code()));
  } else {
    agency.set_field_office_note(std::string(ToString(placement.reason)));
  }
}

v1::Agency NewAgency(const RowFacts& facts, const std::string& name, const PolicyView& policy) {
  v1::Agency agency;
  agency.set_name(name);
  agency.set_display_name(facts.agency_name);
  agency.set_state(facts.state_code);
  agency.set_county(facts.county);
  agency.set_kind(KindFromType(facts.agency_type));
  agency.set_fictitious(facts.fictitious);
  agency.add_keys(facts.agency_key);
  *agency.add_provenance() = MakeProvenance(
      "display_name", facts.source, facts.fictitious ? v1::SYNTHETIC : v1::RECORD, facts.as_of);
  PlaceAgency(agency, policy);
  return agency;
}

v1::Agreement NewAgreement(const RowFacts& facts, const std::string& name, const v1::Agency& agency,
                           Date today) {
  v1::Agreement agreement;
  agreement.set_name(name);
  agreement.set_agency(agency.name());
  agreement.set_model(facts.model);
  agreement.set_agency_state(agency.state());
  agreement.set_field_office(agency.field_office());
  agreement.set_fictitious(facts.fictitious || agency.fictitious());
  if (facts.kind == v1::RosterImport::PENDING) {
    *agreement.add_transitions() =
        MakeTransition(State::PENDING, facts.as_of, v1::RECORD, facts.source);
    Recompute(agreement, today);
  }
  UpdateAgreement(agreement, facts, today);
  return agreement;
}

AgreementUpdate UpdateAgreement(v1::Agreement& agreement, const RowFacts& facts, Date today) {
  AgreementUpdate update;
  MarkListed(MutableListingOf(agreement, facts.kind), facts.as_of);
  const v1::Agreement::State state = LastState(agreement);
  if (IsEnded(state)) return update;
  RecordLinks(agreement, facts, update);
  if (facts.kind != v1::RosterImport::PARTICIPATING) return update;
  RecordDate(agreement, facts, today, update);
  if (state == State::STATE_UNSPECIFIED || IsPipeline(state)) {
    ActivateFromRow(agreement, facts, today);
    update.activated = true;
  }
  return update;
}

void MarkListed(v1::Listing& listing, Date as_of) {
  const auto first = FromProto(listing.first_listed_date());
  if (!first || as_of < *first) *listing.mutable_first_listed_date() = ToProto(as_of);
  *listing.mutable_last_listed_date() = ToProto(as_of);
  listing.set_listed(true);
  listing.set_lists_absent(0);
}

void MarkListedInHistory(v1::Listing& listing, Date as_of) {
  const auto first = FromProto(listing.first_listed_date());
  const auto last = FromProto(listing.last_listed_date());
  if (!first || as_of < *first) *listing.mutable_first_listed_date() = ToProto(as_of);
  if (!last || as_of > *last) *listing.mutable_last_listed_date() = ToProto(as_of);
}

absl::Status DateSigning(v1::Agreement& agreement, Date signed_date, absl::string_view source,
                         Date today) {
  v1::Agreement dated = agreement;
  *dated.mutable_published_signed_date() = ToProto(signed_date);
  auto& transitions = *dated.mutable_transitions();
  const auto active =
      std::find_if(transitions.begin(), transitions.end(),
                   [](const v1::Transition& t) { return t.state() == State::ACTIVE; });
  if (active != transitions.end() && !HasBothSignatures(dated)) {
    MovePendingNotAfter(dated, signed_date);
    *active->mutable_effective_date() = ToProto(signed_date);
    active->set_basis(v1::RECORD);
    active->set_source(std::string(source));
  }
  for (int i = 1; i < transitions.size(); ++i) {
    if (EffectiveOf(transitions[i]) < EffectiveOf(transitions[i - 1])) {
      return error::DateOutOfOrder(agreement.name(), EffectiveOf(transitions[i]),
                                   EffectiveOf(transitions[i - 1]));
    }
  }
  Recompute(dated, today);
  agreement = std::move(dated);
  return absl::OkStatus();
}

void Activate(v1::Agreement& agreement, Date date, v1::Basis basis, absl::string_view source,
              Date today) {
  MovePendingNotAfter(agreement, date);
  const auto& past = agreement.transitions();
  if (!past.empty() && EffectiveOf(*past.rbegin()) > date) {
    date = EffectiveOf(*past.rbegin());
    basis = v1::ASSUMED;
  }
  *agreement.add_transitions() = MakeTransition(State::ACTIVE, date, basis, source);
  Recompute(agreement, today);
}

}  // namespace accord::agreements
