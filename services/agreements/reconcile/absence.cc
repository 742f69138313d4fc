#include "services/agreements/reconcile/absence.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/agreements/lifecycle.h"
#include "services/agreements/reconcile/keys.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;
using Import = v1::RosterImport;

Date FirstListed(const v1::Listing& listing) {
  return FromProto(listing.first_listed_date()).value_or(Date::min());
}

Date LastListed(const v1::Listing& listing) {
  return FromProto(listing.last_listed_date()).value_or(Date::min());
}

class AbsencePlanner {
 public:
  AbsencePlanner(const AbsenceFacts& facts, Draft& draft, Desk& desk)
      : facts_(facts),
        draft_(draft),
        desk_(desk),
        window_(facts.policy.version().import_policy().absences_before_proposal()) {}

  void Plan() {
    MarkAbsent();
    CloseWhereRowLeft();
    for (const std::string& name : Unexplained()) Explain(name);
  }

 private:
  void MarkAbsent() {
    for (const v1::Agreement* recorded :
         AbsentFrom(facts_.match, facts_.import.kind(), draft_.record())) {
      v1::Agreement& agreement = draft_.EditAgreement(recorded->name());
      v1::Listing& listing = MutableListingOf(agreement, facts_.import.kind());
      listing.set_listed(false);
      listing.set_lists_absent(listing.lists_absent() + 1);
      absent_.push_back(agreement.name());
    }
  }

  // Nothing waits any longer for a decision about a row that is gone. Rows that are still
  // listed have confirmed their question by now.
  void CloseWhereRowLeft() {
    for (const auto& [name, recorded] : draft_.record().discrepancies()) {
      const bool holds = recorded.state() == Discrepancy::OPEN && recorded.has_held_row() &&
                         (recorded.kind() == Discrepancy::POSSIBLE_RENAME ||
                          recorded.kind() == Discrepancy::REASSIGNMENT);
      if (!holds || IsConfirmedOrClosed(name)) continue;
      const Import* last = draft_.record().FindImport(recorded.last_import());
      if (last && last->kind() == facts_.import.kind()) {
        desk_.Close(name, "the row that waited is no longer listed");
      }
    }
  }

  bool IsConfirmedOrClosed(const std::string& name) const {
    const auto planned = draft_.discrepancies().find(name);
    return planned != draft_.discrepancies().end() &&
           planned->second.resource.last_import() == facts_.import.name();
  }

  // This list's absences, and agreements that left the participating list lately, which a
  // pending list may explain.
  std::vector<std::string> Unexplained() const {
    std::vector<std::string> names = absent_;
    if (facts_.import.kind() == Import::PENDING) {
      for (const auto& [name, agreement] : draft_.record().agreements()) {
        if (LeftParticipatingWithin(agreement, window_)) names.push_back(name);
      }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) { return IsExplained(name); }),
                names.end());
    return names;
  }

  bool IsExplained(const std::string& name) const {
    if (HasEnded(*draft_.FindAgreement(name))) return true;
    for (const Discrepancy* open : draft_.OpenOn(name)) {
      const bool leaves = open->agreement() == name;
      const bool explains = open->kind() == Discrepancy::POSSIBLE_RENAME ||
                            open->kind() == Discrepancy::REASSIGNMENT ||
                            open->kind() == Discrepancy::POSSIBLE_MODEL_SWITCH;
      if (leaves && explains) return true;
      if (open->kind() == Discrepancy::POSSIBLE_DUPLICATE) return true;
    }
    return false;
  }

  void Explain(const std::string& name) {
    const v1::Agreement& agreement = *draft_.FindAgreement(name);
    const v1::Agency* agency = draft_.FindAgency(agreement.agency());
    if (!agency) return;
    if (agreement.participating().has_first_listed_date()) {
      ExplainParticipating(agreement, *agency);
    } else if (IsOnlyPending(agreement)) {
      ExplainPending(agreement, *agency);
    }
  }

  void ExplainParticipating(const v1::Agreement& agreement, const v1::Agency& agency) {
    const v1::Listing& listing = agreement.participating();
    const bool lately = LeftParticipatingWithin(agreement, window_);
    if (lately && AskAboutSwitch(agreement, agency)) return;
    if (facts_.import.kind() == Import::PARTICIPATING && !listing.listed()) {
      AskAboutAbsence(agreement, agency, listing);
    }
  }

  void ExplainPending(const v1::Agreement& agreement, const v1::Agency& agency) {
    const v1::Listing& listing = agreement.pending();
    const bool lately = listing.lists_absent() <= window_;
    if (lately && AskAboutRename(agreement, agency)) return;
    if (listing.lists_absent() >= window_) AskAboutAbsence(agreement, agency, listing);
  }

  // It was on no list when lists began to be read, and is since `date`.
  bool EnteredSince(const v1::Listing& listing, Import::Kind kind, Date date) const {
    return listing.has_first_listed_date() && FirstListed(listing) >= date &&
           FirstListed(listing) > draft_.record().OldestListDate(kind);
  }

  bool EnteredSince(const v1::Agreement& agreement, Date date) const {
    return EnteredSince(agreement.participating(), Import::PARTICIPATING, date) ||
           EnteredSince(agreement.pending(), Import::PENDING, date);
  }

  bool AskAboutSwitch(const v1::Agreement& agreement, const v1::Agency& agency) {
    const Date last = LastListed(agreement.participating());
    for (const v1::Agreement* other : draft_.AgreementsOf(agency.name())) {
      const bool entered =
          other->model() != agreement.model() && !HasEnded(*other) && EnteredSince(*other, last);
      if (!entered) continue;
      Discrepancy question = About(Discrepancy::POSSIBLE_MODEL_SWITCH, agreement, agency);
      question.set_other_agreement(other->name());
      question.set_other_agency(agency.name());
      question.set_other_key(MainKey(agency, other->model()));
      question.add_evidence(absl::StrCat(question.key(), " was last listed on ", FormatDate(last)));
      question.add_evidence(
          absl::StrCat(desk_.ListLabel(), ": ", question.other_key(), " has entered"));
      question.set_proposal(absl::StrCat(agreement.name(), " is superseded by ", other->name()));
      if (!desk_.Raise(std::move(question))) continue;
      desk_.CloseAbout(agreement.name(), Discrepancy::NO_LONGER_LISTED,
                       "the agency entered under another model");
      return true;
    }
    return false;
  }

  // The entering side: its agency is new since the application left.
  bool MayBeRenamed(const v1::Agency& from, const v1::Agency& to, Date last_listed) const {
    if (to.name() == from.name() || to.state() != from.state() || !to.merged_into().empty()) {
      return false;
    }
    const NameAndCounty left{from.display_name(), from.county()};
    const NameAndCounty right{to.display_name(), to.county()};
    if (CountiesContradict(left, right)) return false;
    if (CompareToAgency(from.display_name(), to) < Likeness::kNearSpelling) return false;
    for (const v1::Agreement* agreement : draft_.AgreementsOf(to.name())) {
      if (!EnteredSince(*agreement, last_listed)) return false;
    }
    return !facts_.match.listed_agencies.contains(from.name());
  }

  bool AskAboutRename(const v1::Agreement& agreement, const v1::Agency& agency) {
    const Date last = LastListed(agreement.pending());
    for (const v1::Agency* other : AgenciesOfState(agency.state())) {
      if (!MayBeRenamed(agency, *other, last)) continue;
      const v1::Agreement* entered = draft_.CurrentAgreement(other->name(), agreement.model());
      if (!entered || !EnteredSince(*entered, last)) continue;
      Discrepancy question = About(Discrepancy::POSSIBLE_RENAME, agreement, agency);
      question.set_other_agreement(entered->name());
      question.set_other_agency(other->name());
      question.set_other_key(MainKey(*other, entered->model()));
      question.add_evidence(absl::StrCat(desk_.ListLabel(), ": ", question.key(),
                                         " is not on it; last listed on ", FormatDate(last)));
      question.add_evidence(absl::StrCat(question.other_key(), " entered the lists since then"));
      question.set_proposal(absl::StrCat(other->name(), " is merged into ", agency.name()));
      if (desk_.Raise(std::move(question))) return true;
    }
    return false;
  }

  // In order of name. Departures are few, so the state is gathered for each.
  std::vector<const v1::Agency*> AgenciesOfState(absl::string_view state) const {
    std::vector<const v1::Agency*> agencies;
    for (const auto& [name, agency] : draft_.record().agencies()) {
      if (agency.state() == state) agencies.push_back(draft_.FindAgency(name));
    }
    for (const auto& [name, planned] : draft_.agencies()) {
      if (planned.is_new && planned.resource.state() == state) {
        agencies.push_back(&planned.resource);
      }
    }
    std::sort(agencies.begin(), agencies.end(),
              [](const auto* a, const auto* b) { return a->name() < b->name(); });
    return agencies;
  }

  void AskAboutAbsence(const v1::Agreement& agreement, const v1::Agency& agency,
                       const v1::Listing& listing) {
    Discrepancy question = About(Discrepancy::NO_LONGER_LISTED, agreement, agency);
    question.set_lists_absent(listing.lists_absent());
    *question.mutable_current_date() = listing.last_listed_date();
    question.add_evidence(absl::StrCat(desk_.ListLabel(), ": ", question.key(),
                                       " is not on it; last listed on ",
                                       FormatDate(LastListed(listing))));
    question.set_proposal(
        listing.lists_absent() >= window_
            ? absl::StrCat("record that ", agreement.name(),
                           " has ended, with the state and date you give")
            : absl::StrCat("none yet: absent from fewer than ", window_, " successive lists"));
    desk_.Raise(std::move(question));
  }

  const AbsenceFacts& facts_;
  Draft& draft_;
  Desk& desk_;
  // Lists, this one included.
  const int window_;
  std::vector<std::string> absent_;
};

}  // namespace

void PlanAbsences(const AbsenceFacts& facts, Draft& draft, Desk& desk) {
  AbsencePlanner(facts, draft, desk).Plan();
}

}  // namespace accord::agreements
