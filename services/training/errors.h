// What can go wrong in the training service: code, reason and text in one place. No text
// names a person.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/date.h"

namespace accord::training {

inline constexpr absl::string_view kDomain = "training.accord";

namespace error {

// Officers and their steps; also of cases.
absl::Status IllegalStep(absl::string_view name, absl::string_view method, absl::string_view state,
                         absl::string_view legal_steps);
absl::Status DateOutOfOrder(absl::string_view name, Date date, Date last);
absl::Status AgreementNotFound(absl::string_view agreement);
absl::Status AgencyNotFound(absl::string_view agency);
absl::Status AgreementsUnreachable();
// Its log is another one than the one that is followed.
absl::Status AgreementsForked();
absl::Status BasicCourseMissing(absl::string_view officer, absl::string_view course);
absl::Status CertificationNotCurrent(absl::string_view officer, absl::string_view requirement);

// Completions, their imports, waivers.
absl::Status CourseNotOffered(absl::string_view course, Date date, absl::string_view instead);
absl::Status AttemptsExhausted(absl::string_view officer, absl::string_view course,
                               absl::string_view why);
absl::Status AttemptContradicts(absl::string_view course, int attempt, int next);
absl::Status CompletionExists(absl::string_view name);
absl::Status AlreadyVoided(absl::string_view name, absl::string_view by);
absl::Status ExportEmpty();
absl::Status ExportHeaderMissing(absl::string_view columns);
absl::Status ExportDamaged(absl::string_view why);
// The same rows came in another file, which was cut short.
absl::Status ImportUnfinished(absl::string_view import);
absl::Status ImportBusy();
absl::Status WaiverEnded(absl::string_view name, Date last);

// Offerings and enrollments.
absl::Status CalendarClosed(absl::string_view course, absl::string_view quarter);
absl::Status SeatsTaken(absl::string_view offering, int taken);
absl::Status OfferingClosed(absl::string_view offering, absl::string_view state);
absl::Status AlreadyEnrolled(absl::string_view enrollment);
absl::Status EnrollmentEnded(absl::string_view enrollment, absl::string_view state);
// `of`, an enrollment or an offering, stays with its result.
absl::Status ResultOnRecord(absl::string_view of, absl::string_view completion);
absl::Status OtherCourse(absl::string_view from, absl::string_view to);
absl::Status NotBegun(absl::string_view offering, Date first);
absl::Status NoSeat(absl::string_view enrollment);
absl::Status OfficerNotInProgram(absl::string_view officer, absl::string_view state);
absl::Status WaitingListFull(absl::string_view offering, int waiting);

// Oversight.
absl::Status CaseOpen(absl::string_view name);
absl::Status VerificationExists(absl::string_view name);
absl::Status NotNamed(absl::string_view monitor);

// Policies.
absl::Status PreviewOutdated();
absl::Status PolicyNotPreviewed(absl::string_view digest);

// Figures.
// What to ask instead: "fewer days".
absl::Status FigureNotInTime(absl::string_view instead);
// A past day, for which every officer is weighed: they take `needed`.
absl::Status PastDayNotInTime(int64_t officers, absl::Duration needed);

}  // namespace error
}  // namespace accord::training
