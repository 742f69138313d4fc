#include "services/training/officer_events.h"

#include <algorithm>
#include <utility>

#include "services/training/errors.h"

namespace accord::training {

using Event = v1::OfficerEvent;

namespace {

// Those that were issued last, under whatever agreement.
std::optional<PaperStart> CredentialsNotReturned(const v1::Officer& officer) {
  std::optional<PaperStart> issued;
  for (const Event& event : officer.events()) {
    if (event.kind() == Event::CREDENTIALS_RETURNED) issued.reset();
    if (event.kind() != Event::CREDENTIALS_ISSUED) continue;
    if (const auto date = FromProto(event.date())) issued = PaperStart{*date, event.agreement()};
  }
  return issued;
}

}  // namespace

bool HasLeftProgram(v1::Officer::State state) {
  return state == v1::Officer::SCREENED_OUT || state == v1::Officer::DISQUALIFIED ||
         state == v1::Officer::WITHDRAWN || state == v1::Officer::REVOKED;
}

bool IsInProgram(v1::Officer::State state) {
  return state != v1::Officer::STATE_UNSPECIFIED && !HasLeftProgram(state);
}

bool IsOnDuty(v1::Officer::State state) {
  return state == v1::Officer::CERTIFIED || state == v1::Officer::AUTHORIZED;
}

bool IsPaper(Event::Kind kind) {
  return kind == Event::FORM_70_006_SIGNED || kind == Event::CREDENTIALS_ISSUED ||
         kind == Event::CREDENTIALS_RETURNED;
}

std::optional<Date> LastStep(const v1::Officer& officer) {
  std::optional<Date> last;
  for (const Event& event : officer.events()) {
    if (!IsPaper(event.kind())) last = std::max(last, FromProto(event.date()));
  }
  return last;
}

absl::Status CheckOrder(const v1::Officer& officer, Date date) {
  const auto last = LastStep(officer);
  if (last && date < *last) return error::DateOutOfOrder(officer.name(), date, *last);
  return absl::OkStatus();
}

void AddEvent(Event event, v1::Officer& officer) {
  const auto date = FromProto(event.date());
  officer.add_events()->Swap(&event);
  auto& events = *officer.mutable_events();
  for (int at = events.size() - 1; at > 0 && FromProto(events[at - 1].date()) > date; --at) {
    events.SwapElements(at - 1, at);
  }
}

void KeepEventDates(v1::Officer& officer) {
  officer.clear_nomination_date();
  officer.clear_first_certification_date();
  for (const Event& event : officer.events()) {
    if (event.kind() == Event::NOMINATED || event.kind() == Event::TRANSFERRED) {
      *officer.mutable_nomination_date() = event.date();
    }
    if (event.kind() == Event::CERTIFIED && !officer.has_first_certification_date()) {
      *officer.mutable_first_certification_date() = event.date();
    }
  }
}

void BeginAnew(v1::Officer& officer) {
  officer.set_state(v1::Officer::NOMINATED);
  officer.clear_certification_date();
  officer.clear_authorization_date();
  officer.clear_form_70_006_date();
  officer.clear_credentials_issued_date();
  officer.clear_credentials_returned_date();
}

std::optional<PaperStart> PaperFrom(const v1::Officer& officer, Event::Kind paper) {
  const bool returned = paper == Event::CREDENTIALS_RETURNED;
  const auto from =
      FromProto(returned ? officer.credentials_issued_date() : officer.certification_date());
  if (from) return PaperStart{*from, officer.agreement()};
  return returned ? CredentialsNotReturned(officer) : std::nullopt;
}

void SetPaper(Event::Kind paper, Date date, v1::Officer& officer) {
  if (paper == Event::FORM_70_006_SIGNED) {
    *officer.mutable_form_70_006_date() = ToProto(date);
  } else if (paper == Event::CREDENTIALS_ISSUED) {
    *officer.mutable_credentials_issued_date() = ToProto(date);
    officer.clear_credentials_returned_date();
  } else {
    *officer.mutable_credentials_returned_date() = ToProto(date);
  }
}

}  // namespace accord::training
