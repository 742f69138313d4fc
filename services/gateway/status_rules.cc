#include "services/gateway/status_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace accord::gateway {
namespace {

v1::Reason MakeReason(absl::string_view code, absl::string_view text, absl::string_view fact,
                      absl::string_view clause, std::optional<Date> date) {
  v1::Reason reason;
  reason.set_code(std::string(code));
  reason.set_text(std::string(text));
  reason.set_fact(std::string(fact));
  reason.set_clause(std::string(clause));
  if (date && *date != Date::min()) *reason.mutable_date() = ToProto(*date);
  return reason;
}

template <typename Entry>
std::string Clause(const PolicyView& policy, absl::string_view what, const Entry& entry) {
  return absl::StrCat("policy ", policy.id(), ": ", what, " ", entry.code(), " [",
                      absl::StrJoin(entry.sources(), ", "), "]");
}

// What makes it an agreement: its text, else its model.
std::string AgreementClause(const av1::Agreement& agreement, const PolicyView& policy) {
  if (const auto* text = policy.FindTemplate(agreement.template_())) {
    return Clause(policy, "template", *text);
  }
  const auto* model = policy.FindModelByPublishedName(agreement.model());
  return model == nullptr ? kNoRule : Clause(policy, "model", *model);
}

std::string DutyClause(const av1::Agreement& agreement, const PolicyView& policy,
                       absl::string_view duty_code) {
  const auto* duty = policy.FindDuty(agreement.template_(), duty_code);
  return duty == nullptr ? kNoRule : Clause(policy, "duty", *duty);
}

// Who ended it is not a field of the record, so both rules are named.
std::string EndClause(const av1::Agreement& agreement, const PolicyView& policy,
                      av1::Agreement::State state) {
  if (state != av1::Agreement::TERMINATED) return kNoRule;
  const std::string by_ice = DutyClause(agreement, policy, "termination_by_ice");
  const std::string by_agency = DutyClause(agreement, policy, "termination_by_agency");
  return by_ice == by_agency ? by_ice : absl::StrCat(by_ice, "; ", by_agency);
}

std::string ListClause(const PolicyView& policy) {
  return absl::StrCat("policy ", policy.id(), ": import_policy [",
                      absl::StrJoin(policy.version().import_policy().sources(), ", "), "]");
}

std::string StateText(av1::Agreement::State state) {
  const std::string& name = av1::Agreement::State_Name(state);
  return name.empty() ? absl::StrCat("state ", static_cast<int>(state)) : name;
}

std::string SinceText(Date from) {
  return from == Date::min() ? " (date not on record)" : absl::StrCat(" since ", FormatDate(from));
}

// The words and the proof that came with the move to the state on `date`.
std::string WordsOf(const av1::Agreement& agreement, Date from) {
  std::string words;
  for (const av1::Transition& transition : agreement.transitions()) {
    if (FromProto(transition.effective_date()).value_or(Date::min()) != from) continue;
    words.clear();
    if (!transition.reason().empty()) absl::StrAppend(&words, ": ", transition.reason());
    if (!transition.source().empty()) absl::StrAppend(&words, " (", transition.source(), ")");
  }
  return words;
}

std::optional<Date> InForceFrom(const Timeline& timeline, Date date) {
  for (const Span& span : timeline) {
    if (span.from > date && span.state == av1::Agreement::ACTIVE) return span.from;
  }
  return std::nullopt;
}

// One agreement on one date, in words.
class Explainer {
 public:
  Explainer(const av1::Agreement& agreement, const PolicyView& policy, Timeline timeline, Date date)
      : agreement_(agreement),
        policy_(policy),
        timeline_(std::move(timeline)),
        date_(date),
        span_(SpanOn(timeline_, date)) {}

  const Timeline& timeline() const { return timeline_; }
  const Span* span() const { return span_; }

  v1::Reason Main() const {
    switch (VerdictOn(timeline_, date_)) {
      case v1::IN_FORCE:
        return OfState("IN_FORCE", AgreementClause(agreement_, policy_));
      case v1::SIGNED_NOT_YET_IN_FORCE:
        return Signed();
      case v1::IN_PIPELINE:
        return OfState("IN_PIPELINE", AgreementClause(agreement_, policy_));
      case v1::SUSPENDED:
        return OfState("SUSPENDED", DutyClause(agreement_, policy_, "suspension"));
      case v1::ENDED:
        return OfState("ENDED", EndClause(agreement_, policy_, span_->state));
      default:
        return span_ == nullptr ? NotOnRecord() : OfState("STATE_UNKNOWN", kNoRule);
    }
  }

  // Empty when nothing is recorded ahead.
  std::optional<v1::Reason> Ahead() const {
    const std::optional<Date> day = NextStateChange(timeline_, date_);
    if (!day) return std::nullopt;
    return MakeReason("CHANGE_AHEAD",
                      absl::StrCat(StateText(SpanOn(timeline_, *day)->state), " from ",
                                   FormatDate(*day), WordsOf(agreement_, *day)),
                      agreement_.name(), kNoRule, day);
  }

  // Empty unless in force and known to be absent from the newest list.
  std::optional<v1::Reason> Absent() const {
    const av1::Listing& listing = agreement_.participating();
    if (listing.listed() || listing.lists_absent() == 0) return std::nullopt;
    if (VerdictOn(timeline_, date_) != v1::IN_FORCE) return std::nullopt;
    return MakeReason("NOT_ON_NEWEST_LIST",
                      absl::StrCat("absent from the newest ", listing.lists_absent(),
                                   " participating list(s); that is no end"),
                      agreement_.name(), ListClause(policy_),
                      FromProto(listing.last_listed_date()));
  }

 private:
  v1::Reason OfState(absl::string_view code, absl::string_view clause) const {
    return MakeReason(code,
                      absl::StrCat(agreement_.model(), " agreement ", StateText(span_->state),
                                   SinceText(span_->from), WordsOf(agreement_, span_->from)),
                      agreement_.name(), clause, span_->from);
  }
  v1::Reason Signed() const {
    const std::optional<Date> from = InForceFrom(timeline_, date_);
    return MakeReason("SIGNED_NOT_YET_IN_FORCE",
                      absl::StrCat(agreement_.model(), " agreement signed, in force from ",
                                   from ? FormatDate(*from) : std::string()),
                      agreement_.name(), AgreementClause(agreement_, policy_), from);
  }
  v1::Reason NotOnRecord() const {
    return MakeReason("NO_AGREEMENT_ON_DATE",
                      absl::StrCat("the record of this ", agreement_.model(),
                                   " agreement begins after ", FormatDate(date_)),
                      agreement_.name(), kNoRule, NextStateChange(timeline_, date_));
  }

  const av1::Agreement& agreement_;
  const PolicyView& policy_;
  const Timeline timeline_;
  const Date date_;
  const Span* const span_;
};

void AddIfAny(const std::optional<v1::Reason>& reason, v1::AgreementStatus& status) {
  if (reason) *status.add_reasons() = *reason;
}

v1::Reason NothingOnRecord(const av1::Agency& agency) {
  return MakeReason("NO_AGREEMENT_ON_RECORD", "no agreement of this agency is on record",
                    agency.name(), kNoRule, std::nullopt);
}

av1::Basis BasisOn(const av1::AgencyRecord& record, absl::TimeZone zone, Date date) {
  if (record.agency().fictitious()) return av1::SYNTHETIC;
  av1::Basis weakest = av1::DERIVED;
  for (const av1::Agreement& agreement : record.agreements()) {
    const Timeline timeline = TimelineOf(agreement, zone);
    const Span* span = SpanOn(timeline, date);
    if (span != nullptr) weakest = std::max(weakest, span->basis);
  }
  return weakest;
}

// Verdict and reasons of the best agreements.
void SetVerdict(v1::AgencyStatus& status) {
  status.set_verdict(v1::NO_AGREEMENT);
  for (const v1::AgreementStatus& agreement : status.agreements()) {
    status.set_verdict(std::min(status.verdict(), agreement.verdict()));
  }
  for (const v1::AgreementStatus& agreement : status.agreements()) {
    if (agreement.verdict() != status.verdict()) continue;
    status.mutable_reasons()->MergeFrom(agreement.reasons());
  }
  if (status.agreements().empty()) *status.add_reasons() = NothingOnRecord(status.agency());
}

}  // namespace

v1::AgreementStatus AgreementStatusOn(const av1::Agreement& agreement, const PolicyView& policy,
                                      absl::TimeZone zone, Date date) {
  const Explainer explain(agreement, policy, TimelineOf(agreement, zone), date);
  v1::AgreementStatus status;
  *status.mutable_agreement() = agreement;
  status.set_verdict(VerdictOn(explain.timeline(), date));
  if (explain.span() != nullptr) status.set_state(explain.span()->state);
  *status.add_reasons() = explain.Main();
  AddIfAny(explain.Ahead(), status);
  AddIfAny(explain.Absent(), status);
  if (const auto until = NextVerdictChange(explain.timeline(), date)) {
    *status.mutable_valid_until() = ToProto(*until);
  }
  return status;
}

v1::AgencyStatus AgencyStatusOn(const av1::AgencyRecord& record, const PolicyView& policy,
                                absl::TimeZone zone, Date date) {
  v1::AgencyStatus status;
  *status.mutable_agency() = record.agency();
  std::optional<Date> valid_until;
  for (const av1::Agreement& agreement : record.agreements()) {
    v1::AgreementStatus& added = *status.add_agreements();
    added = AgreementStatusOn(agreement, policy, zone, date);
    valid_until = EarlierOf(valid_until, FromProto(added.valid_until()));
  }
  SetVerdict(status);
  *status.mutable_open_discrepancies() = record.open_discrepancies();
  *status.mutable_as_of() = ToProto(date);
  if (valid_until) *status.mutable_valid_until() = ToProto(*valid_until);
  status.set_basis(BasisOn(record, zone, date));
  status.set_fictitious(record.agency().fictitious());
  status.set_policy_version(policy.id());
  return status;
}

}  // namespace accord::gateway
