#include "services/agreements/reconcile/merge.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "services/agreements/errors.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/listing.h"

namespace accord::agreements {
namespace {

using Import = v1::RosterImport;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

bool Contains(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

void AddUnique(const std::string& text, Texts& texts) {
  if (!Contains(texts, text)) *texts.Add() = text;
}

void RemoveAll(const Texts& gone, Texts& texts) {
  const auto kept = std::remove_if(texts.begin(), texts.end(),
                                   [&](const std::string& text) { return Contains(gone, text); });
  texts.erase(kept, texts.end());
}

// The names under which an agency is known, the main one first.
Texts NamesOf(const v1::Agency& agency) {
  Texts names;
  *names.Add() = agency.display_name();
  names.MergeFrom(agency.aliases());
  return names;
}

void AbsorbListing(const v1::Listing& from, v1::Listing& into) {
  if (!from.has_first_listed_date()) return;
  const bool was_listed = into.listed();
  const int absent = into.lists_absent();
  const bool had_any = into.has_first_listed_date();
  const auto into_last = FromProto(into.last_listed_date());
  MarkListedInHistory(into, *FromProto(from.first_listed_date()));
  MarkListedInHistory(into, *FromProto(from.last_listed_date()));
  into.set_listed(was_listed || from.listed());
  const bool from_is_later = !had_any || *FromProto(from.last_listed_date()) > *into_last;
  into.set_lists_absent(into.listed() ? 0 : from_is_later ? from.lists_absent() : absent);
}

void AbsorbSigning(const v1::Agreement& from, Date today, v1::Agreement& into) {
  if (!IsPipeline(LastState(into)) || IsPipeline(LastState(from))) return;
  for (const v1::Transition& transition : from.transitions()) {
    if (IsPipeline(transition.state())) continue;
    const Date date = FromProto(transition.effective_date()).value_or(Date());
    if (transition.state() == v1::Agreement::ACTIVE) {
      Activate(into, date, transition.basis(), transition.source(), today);
    } else {
      *into.add_transitions() = transition;
    }
  }
}

void Absorb(const v1::Agreement& from, Date today, v1::Agreement& into) {
  AbsorbListing(from.participating(), MutableListingOf(into, Import::PARTICIPATING));
  AbsorbListing(from.pending(), MutableListingOf(into, Import::PENDING));
  if (!into.has_published_signed_date() && from.has_published_signed_date()) {
    *into.mutable_published_signed_date() = from.published_signed_date();
  }
  AbsorbSigning(from, today, into);
  if (into.document_uri().empty()) into.set_document_uri(from.document_uri());
  if (into.addendum_uri().empty()) into.set_addendum_uri(from.addendum_uri());
  into.mutable_provenance()->MergeFrom(from.provenance());
  Recompute(into, today);
}

absl::Status CheckMergeable(const v1::Agency& agency, const v1::Agency& into) {
  const auto conflict = [&](absl::string_view why) {
    return error::MergeConflict(agency.name(), into.name(), why);
  };
  if (!agency.merged_into().empty()) {
    return error::AlreadyMerged(agency.name(), agency.merged_into());
  }
  if (agency.name() == into.name()) return conflict("they are one agency");
  if (!into.merged_into().empty()) return conflict("the target is itself merged");
  if (agency.state() != into.state()) return conflict("they are in two states");
  if (agency.fictitious() != into.fictitious()) return conflict("one of them is fictitious");
  return absl::OkStatus();
}

// The agreement of `into` that `agreement` is the same as, or null.
const v1::Agreement* Counterpart(const v1::Agreement& agreement, absl::string_view into,
                                 const Draft& draft) {
  const v1::Agreement* other = draft.CurrentAgreement(into, agreement.model());
  if (!other) return nullptr;
  return IsEnded(LastState(*other)) == IsEnded(LastState(agreement)) ? other : nullptr;
}

void MoveAgreement(const std::string& name, const v1::Agency& to, absl::string_view source,
                   Date today, Draft& draft) {
  v1::Agreement& agreement = draft.EditAgreement(name);
  *agreement.add_provenance() = MakeProvenance("agency", agreement.agency(), v1::RECORD, today);
  *agreement.add_provenance() = MakeProvenance("agency", source, v1::RECORD, today);
  agreement.set_agency(to.name());
  agreement.set_agency_state(to.state());
  agreement.set_field_office(to.field_office());
}

// Where MoveAgreement took it from, if that was `agency`.
bool CameFrom(const v1::Agreement& agreement, absl::string_view agency) {
  return std::any_of(agreement.provenance().begin(), agreement.provenance().end(),
                     [&](const v1::Provenance& provenance) {
                       return provenance.field() == "agency" && provenance.source() == agency;
                     });
}

}  // namespace

absl::Status MergeAgencies(absl::string_view name, absl::string_view into, absl::string_view source,
                           Date today, Draft& draft) {
  const v1::Agency* from = draft.FindAgency(name);
  const v1::Agency* to = draft.FindAgency(into);
  if (!from || !to) return error::MergeConflict(name, into, "one of them is not on record");
  ACCORD_RETURN_IF_ERROR(CheckMergeable(*from, *to));

  std::vector<std::string> agreements;
  for (const v1::Agreement* agreement : draft.AgreementsOf(name)) {
    agreements.push_back(agreement->name());
  }
  v1::Agency& merged = draft.EditAgency(name);
  v1::Agency& target = draft.EditAgency(into);
  merged.set_merged_into(target.name());
  for (const std::string& key : merged.keys()) AddUnique(key, *target.mutable_keys());
  for (const std::string& alias : NamesOf(merged)) {
    if (alias != target.display_name()) AddUnique(alias, *target.mutable_aliases());
  }
  for (const std::string& agreement_name : agreements) {
    const v1::Agreement& agreement = *draft.FindAgreement(agreement_name);
    const v1::Agreement* counterpart = Counterpart(agreement, into, draft);
    if (!counterpart) {
      MoveAgreement(agreement_name, target, source, today, draft);
      continue;
    }
    v1::Agreement& kept = draft.EditAgreement(counterpart->name());
    v1::Agreement& absorbed = draft.EditAgreement(agreement_name);
    Absorb(absorbed, today, kept);
    absorbed.set_merged_into(kept.name());
  }
  return absl::OkStatus();
}

absl::Status UnmergeAgency(absl::string_view name, Draft& draft) {
  const v1::Agency* found = draft.FindAgency(name);
  if (!found || found->merged_into().empty()) return error::NotMerged(name);
  const std::string into = found->merged_into();

  std::vector<std::string> moved;
  for (const v1::Agreement* agreement : draft.AgreementsOf(into)) {
    if (CameFrom(*agreement, name)) moved.push_back(agreement->name());
  }
  v1::Agency& alone = draft.EditAgency(name);
  alone.clear_merged_into();
  v1::Agency& target = draft.EditAgency(into);
  RemoveAll(alone.keys(), *target.mutable_keys());
  RemoveAll(NamesOf(alone), *target.mutable_aliases());
  for (const std::string& agreement_name : moved) {
    v1::Agreement& agreement = draft.EditAgreement(agreement_name);
    agreement.set_agency(alone.name());
    agreement.set_field_office(alone.field_office());
  }
  for (const v1::Agreement* agreement : draft.record().AllAgreementsOf(name)) {
    if (agreement->merged_into().empty()) continue;
    draft.EditAgreement(agreement->name()).clear_merged_into();
  }
  return absl::OkStatus();
}

}  // namespace accord::agreements
