#include "services/training/agreement_copy.h"

#include <algorithm>
#include <map>

#include "common/calendar/date.h"
#include "common/rpc/revision.h"

namespace accord::training {

std::string CauseOf(absl::string_view log, int64_t revision) {
  return rpc::FormatRevision({kAgreementsService, std::string(log), revision});
}

std::vector<v1::AgreementStanding> StandingOf(const agreements::v1::Agreement& agreement,
                                              absl::string_view cause) {
  // Of several on one day the last one holds.
  std::map<Date, bool> days;
  for (const auto& transition : agreement.transitions()) {
    const auto date = FromProto(transition.effective_date());
    if (date) days[*date] = transition.state() == agreements::v1::Agreement::ACTIVE;
  }
  std::vector<v1::AgreementStanding> standings;
  for (const auto& [date, in_force] : days) {
    const bool was = !standings.empty() && standings.back().in_force();
    if (!standings.empty() && was == in_force) continue;
    v1::AgreementStanding& standing = standings.emplace_back();
    *standing.mutable_date() = ToProto(date);
    standing.set_in_force(in_force);
    standing.set_cause(std::string(cause));
  }
  return standings;
}

void CopyAgreement(const agreements::v1::Agreement& agreement, absl::string_view cause,
                   v1::Officer& officer) {
  officer.set_agreement(agreement.name());
  officer.set_agency(agreement.agency());
  officer.set_model(agreement.model());
  officer.set_template_(agreement.template_());
  officer.set_agency_state(agreement.agency_state());
  officer.set_field_office(agreement.field_office());
  officer.set_fictitious(agreement.fictitious());
  const auto standings = StandingOf(agreement, cause);
  officer.mutable_agreement_standing()->Assign(standings.begin(), standings.end());
}

bool CarriesSince(const v1::Officer& officer, absl::string_view log, int64_t revision) {
  const auto& standings = officer.agreement_standing();
  return std::any_of(standings.begin(), standings.end(), [&](const v1::AgreementStanding& each) {
    const auto read = rpc::ParseRevision(each.cause());
    return read && read->log == log && read->revision >= revision;
  });
}

std::string ChosenAgreement(const v1::Officer& officer) {
  for (auto event = officer.events().rbegin(); event != officer.events().rend(); ++event) {
    if (event->kind() == v1::OfficerEvent::NOMINATED ||
        event->kind() == v1::OfficerEvent::TRANSFERRED) {
      return event->agreement();
    }
  }
  return officer.agreement();
}

}  // namespace accord::training
