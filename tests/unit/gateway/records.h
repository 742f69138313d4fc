// Short ways to write down agencies and agreements, for the tests of this folder.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy.h"
#include "services/gateway/timeline.h"
#include "tests/unit/policy/minimal_policy.h"

namespace accord::gateway {

inline Date Day(absl::string_view text) { return *ParseDate(text); }

inline absl::TimeZone Zone() { return absl::FixedTimeZone(-5 * 3600); }

inline std::shared_ptr<const Policy> TestPolicy() {
  return Policy::Parse(kMinimalPolicy, "test").value();
}

struct Move {
  av1::Agreement::State state;
  std::string date;
  // The day it was recorded; empty when not known.
  std::string recorded = "";
};

inline av1::Agreement MakeAgreement(const std::string& name, const std::string& agency,
                                    const std::vector<Move>& moves) {
  av1::Agreement agreement;
  agreement.set_name(name);
  agreement.set_agency(agency);
  agreement.set_model("AAA");
  agreement.set_agency_state("TX");
  agreement.set_field_office("fieldOffices/houston");
  for (const Move& move : moves) {
    av1::Transition& transition = *agreement.add_transitions();
    transition.set_state(move.state);
    transition.set_basis(av1::RECORD);
    if (!move.date.empty()) *transition.mutable_effective_date() = ToProto(Day(move.date));
    if (move.recorded.empty()) continue;
    const absl::Time noon = StartOfDay(Day(move.recorded), Zone()) + absl::Hours(12);
    transition.mutable_record_time()->set_seconds(absl::ToUnixSeconds(noon));
  }
  return agreement;
}

inline av1::Agency MakeAgency(const std::string& name, const std::string& display_name = "",
                              const std::string& state = "TX") {
  av1::Agency agency;
  agency.set_name(name);
  agency.set_display_name(display_name.empty() ? absl::StrCat("Agency ", name) : display_name);
  agency.set_state(state);
  agency.set_field_office("fieldOffices/houston");
  return agency;
}

}  // namespace accord::gateway
