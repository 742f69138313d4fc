#include "services/agreements/reconcile/desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/agreements/reconcile/keys.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;

bool IsAnswered(const Discrepancy& earlier) {
  if (earlier.state() == Discrepancy::REJECTED) return true;
  const bool accepted = earlier.state() == Discrepancy::ACCEPTED;
  return accepted && earlier.kind() != Discrepancy::DATE_CONFLICT;
}

}  // namespace

const Discrepancy* Desk::Raise(Discrepancy asked) {
  const Discrepancy* earlier = draft_.FindSubject(SubjectOf(asked));
  if (earlier && IsAnswered(*earlier)) return nullptr;
  if (earlier && earlier->state() == Discrepancy::OPEN) {
    Discrepancy& open = draft_.EditDiscrepancy(earlier->name());
    open.set_last_import(import_.name());
    open.set_lists_absent(asked.lists_absent());
    // A rename holds several rows when an agency has several models; the first stays.
    const bool same_row = asked.has_held_row() && asked.other_key() == open.other_key();
    if (same_row) *open.mutable_held_row() = asked.held_row();
    if (asked.kind() == open.kind()) open.set_proposal(asked.proposal());
    return &open;
  }
  asked.set_name(draft_.IssueName("rosterDiscrepancies"));
  asked.set_state(Discrepancy::OPEN);
  asked.set_roster_import(import_.name());
  asked.set_last_import(import_.name());
  ++opened_;
  return &draft_.Add(std::move(asked));
}

void Desk::Close(absl::string_view discrepancy, absl::string_view why) {
  Discrepancy& closed = draft_.EditDiscrepancy(discrepancy);
  closed.set_state(Discrepancy::CLOSED_BY_LIST);
  closed.set_last_import(import_.name());
  closed.add_evidence(absl::StrCat(ListLabel(), ": ", why));
  ++closed_;
}

void Desk::CloseAbout(absl::string_view agreement, Discrepancy::Kind kind, absl::string_view why) {
  for (const Discrepancy* open : draft_.OpenOn(agreement)) {
    if (open->kind() == kind && open->agreement() == agreement) Close(open->name(), why);
  }
}

std::string Desk::ListLabel() const {
  const auto as_of = FromProto(import_.as_of_date());
  return absl::StrCat(import_.kind() == v1::RosterImport::PENDING ? "pending" : "participating",
                      " list of ", as_of ? FormatDate(*as_of) : "unknown date", " (",
                      import_.name(), ")");
}

Discrepancy About(Discrepancy::Kind kind, const v1::Agreement& agreement,
                  const v1::Agency& agency) {
  Discrepancy discrepancy;
  discrepancy.set_kind(kind);
  discrepancy.set_agreement(agreement.name());
  discrepancy.set_agency(agency.name());
  discrepancy.set_key(MainKey(agency, agreement.model()));
  discrepancy.set_agency_state(agency.state());
  discrepancy.set_field_office(agency.field_office());
  return discrepancy;
}

std::string MainKey(const v1::Agency& agency, absl::string_view model) {
  const std::string key =
      agency.keys().empty() ? AgencyKey(agency.state(), agency.display_name()) : agency.keys(0);
  return AgreementKey(key, model);
}

}  // namespace accord::agreements
