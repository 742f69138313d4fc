#include "services/agreements/reconcile/keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/calendar/date.h"
#include "services/agreements/roster/text_fold.h"

namespace accord::agreements {
namespace {

using Discrepancy = v1::RosterDiscrepancy;

std::string DateText(const google::type::Date& date) {
  const auto day = FromProto(date);
  return day ? FormatDate(*day) : "";
}

std::string PairText(absl::string_view a, absl::string_view b) {
  if (b < a) std::swap(a, b);
  return absl::StrCat(a, " & ", b);
}

}  // namespace

std::string AgencyKey(absl::string_view state_code, absl::string_view agency_name) {
  const std::string name = absl::StrReplaceAll(roster::FoldKey(agency_name), {{"|", "/"}});
  return absl::StrCat(state_code, "|", name);
}

std::string AgreementKey(absl::string_view agency_key, absl::string_view model) {
  return absl::StrCat(agency_key, "|", model);
}

absl::string_view AgencyKeyOf(absl::string_view agreement_key) {
  const size_t first = agreement_key.find('|');
  const size_t last = agreement_key.rfind('|');
  return first == last ? agreement_key : agreement_key.substr(0, last);
}

absl::string_view StateOf(absl::string_view key) { return key.substr(0, key.find('|')); }

absl::string_view AgencyNameOf(absl::string_view key) {
  const absl::string_view agency_key = AgencyKeyOf(key);
  const size_t bar = agency_key.find('|');
  return bar == absl::string_view::npos ? "" : agency_key.substr(bar + 1);
}

absl::string_view ModelOf(absl::string_view agreement_key) {
  const size_t first = agreement_key.find('|');
  const size_t last = agreement_key.rfind('|');
  return first == last ? "" : agreement_key.substr(last + 1);
}

std::string SubjectOf(const v1::RosterDiscrepancy& discrepancy) {
  const std::string kind = Discrepancy::Kind_Name(discrepancy.kind());
  switch (discrepancy.kind()) {
    case Discrepancy::POSSIBLE_RENAME:
    case Discrepancy::POSSIBLE_DUPLICATE:
      return absl::StrCat("SAME_AGENCY ", PairText(AgencyKeyOf(discrepancy.key()),
                                                   AgencyKeyOf(discrepancy.other_key())));
    case Discrepancy::DATE_CONFLICT:
      return absl::StrCat(kind, " ", discrepancy.key(), " ", DateText(discrepancy.proposed_date()));
    case Discrepancy::IMPLAUSIBLE_DATE:
      return absl::StrCat(kind, " ", discrepancy.key(), " ", discrepancy.held_row().signed_());
    case Discrepancy::WRONG_DOCUMENT_LINK:
      return absl::StrCat(kind, " ", discrepancy.key(), " ", discrepancy.held_row().document_uri());
    case Discrepancy::NO_LONGER_LISTED:
      return absl::StrCat(kind, " ", discrepancy.key(), " ", DateText(discrepancy.current_date()));
    default:
      return absl::StrCat(kind, " ", discrepancy.key(), " ", discrepancy.other_key());
  }
}

}  // namespace accord::agreements
