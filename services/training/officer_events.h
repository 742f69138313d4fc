// An officer's events and papers, and what other resources carry of an officer. Pure.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"

namespace accord::training {

// Screened out, disqualified, withdrawn or revoked.
bool HasLeftProgram(v1::Officer::State state);
// Nominated, and not left.
bool IsInProgram(v1::Officer::State state);
// CERTIFIED or AUTHORIZED.
bool IsOnDuty(v1::Officer::State state);

// Form 70-006 and credentials: dated on their own, apart from the steps.
bool IsPaper(v1::OfficerEvent::Kind kind);

// The day of the newest event that is no paper; empty before the first.
std::optional<Date> LastStep(const v1::Officer& officer);

// Whether a step of that day follows the newest one. Errors: DATE_OUT_OF_ORDER.
absl::Status CheckOrder(const v1::Officer& officer, Date date);

// Puts the event behind those of its day and earlier ones.
void AddEvent(v1::OfficerEvent event, v1::Officer& officer);

// Sets what is kept of the events: the nomination under the present agreement, and the first
// certification under any.
void KeepEventDates(v1::Officer& officer);

// Another agreement: NOMINATED, and no paper yet.
void BeginAnew(v1::Officer& officer);

// The first day that the paper may bear, and the agreement under which it is; empty when the
// officer cannot have it. Papers follow the certification (MOA-J25, MOA-W25), and what was not
// issued cannot be returned: credentials of an earlier agreement still can.
struct PaperStart {
  Date date;
  std::string agreement;
};
std::optional<PaperStart> PaperFrom(const v1::Officer& officer, v1::OfficerEvent::Kind paper);
// Sets the date of the paper.
void SetPaper(v1::OfficerEvent::Kind paper, Date date, v1::Officer& officer);

// Sets what waivers, cases and the like carry of their officer; whether that changed anything.
template <typename Resource>
bool CopyOfficer(const v1::Officer& officer, Resource& resource) {
  const bool same = resource.agency() == officer.agency() &&
                    resource.field_office() == officer.field_office() &&
                    resource.fictitious() == officer.fictitious();
  resource.set_agency(officer.agency());
  resource.set_field_office(officer.field_office());
  resource.set_fictitious(officer.fictitious());
  return !same;
}

}  // namespace accord::training
