#include "services/training/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace accord::training::error {
namespace {

constexpr char kFigureNotInTime[] = "FIGURE_NOT_IN_TIME";

absl::Status Precondition(absl::string_view reason, absl::string_view text,
                          ErrorMetadata metadata) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kDomain, reason, text,
                   std::move(metadata));
}

absl::Status Exists(absl::string_view reason, absl::string_view text, absl::string_view name) {
  return MakeError(absl::StatusCode::kAlreadyExists, kDomain, reason, text,
                   {{"name", std::string(name)}});
}

absl::Status BadExport(absl::string_view reason, absl::string_view text) {
  return MakeError(absl::StatusCode::kInvalidArgument, kDomain, reason, text);
}

}  // namespace

absl::Status IllegalStep(absl::string_view name, absl::string_view method, absl::string_view state,
                         absl::string_view legal_steps) {
  const std::string next = legal_steps.empty() ? "no step is legal from there"
                                               : absl::StrCat("legal now: ", legal_steps);
  return WithPrecondition(
      Precondition("ILLEGAL_STEP", absl::StrCat(method, ": ", name, " is ", state, "; ", next),
                   {{"name", std::string(name)},
                    {"method", std::string(method)},
                    {"state", std::string(state)},
                    {"legal_steps", std::string(legal_steps)}}),
      "STATE", name, next);
}

absl::Status DateOutOfOrder(absl::string_view name, Date date, Date last) {
  return Precondition(
      "DATE_OUT_OF_ORDER",
      absl::StrCat(FormatDate(date), " lies before the last step of ", name, " (", FormatDate(last),
                   "); give that day or a later one"),
      {{"name", std::string(name)}, {"date", FormatDate(date)}, {"last_step", FormatDate(last)}});
}

absl::Status AgreementNotFound(absl::string_view agreement) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "AGREEMENT_NOT_FOUND",
                   absl::StrCat("there is no ", agreement, "; list agreements for its name"),
                   {{"agreement", std::string(agreement)}});
}

absl::Status AgreementsUnreachable() {
  return MakeError(absl::StatusCode::kUnavailable, kDomain, "AGREEMENTS_UNREACHABLE",
                   "the agreements service must be asked and does not answer; try again later");
}

absl::Status AgencyNotFound(absl::string_view agency) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "AGENCY_NOT_FOUND",
                   absl::StrCat("there is no ", agency, "; list agencies for its name"),
                   {{"agency", std::string(agency)}});
}

absl::Status AgreementsForked() {
  return MakeError(absl::StatusCode::kUnavailable, kDomain, "AGREEMENTS_FORKED",
                   "the agreements service's log is another one than the one followed here; an "
                   "operator must decide which is meant");
}

absl::Status BasicCourseMissing(absl::string_view officer, absl::string_view course) {
  return Precondition("BASIC_COURSE_MISSING",
                      absl::StrCat(officer, " has not passed ", course,
                                   " by that date; record the completion first"),
                      {{"officer", std::string(officer)}, {"course", std::string(course)}});
}

absl::Status CertificationNotCurrent(absl::string_view officer, absl::string_view requirement) {
  return Precondition(
      "CERTIFICATION_NOT_CURRENT",
      absl::StrCat(officer, " is not current on that date: ", requirement,
                   "; ExplainCertification says what is missing"),
      {{"officer", std::string(officer)}, {"requirement", std::string(requirement)}});
}

absl::Status CourseNotOffered(absl::string_view course, Date date, absl::string_view instead) {
  return Precondition("COURSE_NOT_OFFERED",
                      absl::StrCat(course, " is not offered on ", FormatDate(date), "; ", instead),
                      {{"course", std::string(course)}, {"date", FormatDate(date)}});
}

absl::Status AttemptsExhausted(absl::string_view officer, absl::string_view course,
                               absl::string_view why) {
  return Precondition("ATTEMPTS_EXHAUSTED",
                      absl::StrCat(officer, " may not take ", course, " again: ", why),
                      {{"officer", std::string(officer)}, {"course", std::string(course)}});
}

absl::Status AttemptContradicts(absl::string_view course, int attempt, int next) {
  return Precondition(
      "ATTEMPT_CONTRADICTS",
      absl::StrCat("attempt ", attempt, " of ", course,
                   " was taken before and failed; give attempt ", next, ", or none"),
      {{"course", std::string(course)}, {"next_attempt", absl::StrCat(next)}});
}

absl::Status CompletionExists(absl::string_view name) {
  return Exists("COMPLETION_EXISTS",
                absl::StrCat("that is on record as ", name, "; void it first if it is wrong"),
                name);
}

absl::Status AlreadyVoided(absl::string_view name, absl::string_view by) {
  return Precondition("ALREADY_VOIDED", absl::StrCat(name, " was voided by ", by),
                      {{"name", std::string(name)}, {"by", std::string(by)}});
}

absl::Status ExportEmpty() {
  return BadExport("EXPORT_EMPTY", "the file has no rows below its header");
}

absl::Status ExportHeaderMissing(absl::string_view columns) {
  return BadExport("EXPORT_HEADER_MISSING",
                   absl::StrCat("the file's first row must name its columns; missing: ", columns));
}

absl::Status ExportDamaged(absl::string_view why) {
  return BadExport("EXPORT_DAMAGED", absl::StrCat("the file cannot be read: ", why));
}

absl::Status ImportUnfinished(absl::string_view import) {
  return Precondition("IMPORT_UNFINISHED",
                      absl::StrCat("the same rows in another order are half imported as ", import,
                                   "; import that very file again"),
                      {{"import", std::string(import)}});
}

absl::Status ImportBusy() {
  return MakeError(absl::StatusCode::kUnavailable, kDomain, "IMPORT_BUSY",
                   "another export is being imported; try again when it is done");
}

absl::Status WaiverEnded(absl::string_view name, Date last) {
  return Precondition("WAIVER_ENDED", absl::StrCat(name, " ended on ", FormatDate(last)),
                      {{"name", std::string(name)}, {"last_date", FormatDate(last)}});
}

absl::Status CalendarClosed(absl::string_view course, absl::string_view quarter) {
  return Precondition("CALENDAR_CLOSED",
                      absl::StrCat("by the policy's calendar no class of ", course, " begins in ",
                                   quarter, "; choose another first day"),
                      {{"course", std::string(course)}, {"quarter", std::string(quarter)}});
}

absl::Status SeatsTaken(absl::string_view offering, int taken) {
  return Precondition("SEATS_TAKEN",
                      absl::StrCat(taken, " seats of ", offering,
                                   " are taken; first cancel, transfer or record "
                                   "who stayed away"),
                      {{"offering", std::string(offering)}, {"seats_taken", absl::StrCat(taken)}});
}

absl::Status OfferingClosed(absl::string_view offering, absl::string_view state) {
  return Precondition("OFFERING_CLOSED",
                      absl::StrCat(offering, " is ", state, "; choose one that is open"),
                      {{"offering", std::string(offering)}, {"state", std::string(state)}});
}

absl::Status AlreadyEnrolled(absl::string_view enrollment) {
  return Exists("ALREADY_ENROLLED",
                absl::StrCat("the officer has a place there already: ", enrollment), enrollment);
}

absl::Status EnrollmentEnded(absl::string_view enrollment, absl::string_view state) {
  return Precondition("ENROLLMENT_ENDED",
                      absl::StrCat(enrollment, " is ", state, "; enroll the officer anew"),
                      {{"enrollment", std::string(enrollment)}, {"state", std::string(state)}});
}

absl::Status ResultOnRecord(absl::string_view of, absl::string_view completion) {
  return Precondition(
      "RESULT_ON_RECORD",
      absl::StrCat(completion, " is a result of ", of, "; void it first if it is wrong"),
      {{"resource", std::string(of)}, {"completion", std::string(completion)}});
}

absl::Status OtherCourse(absl::string_view from, absl::string_view to) {
  return Precondition(
      "OTHER_COURSE",
      absl::StrCat("the offering is of ", to, ", not of ", from, "; transfer within one course"),
      {{"from", std::string(from)}, {"to", std::string(to)}});
}

absl::Status NotBegun(absl::string_view offering, Date first) {
  return Precondition("NOT_BEGUN", absl::StrCat(offering, " begins on ", FormatDate(first)),
                      {{"offering", std::string(offering)}, {"first_date", FormatDate(first)}});
}

absl::Status NoSeat(absl::string_view enrollment) {
  return Precondition("NO_SEAT",
                      absl::StrCat(enrollment, " is on the waiting list; it never had a seat"),
                      {{"enrollment", std::string(enrollment)}});
}

absl::Status OfficerNotInProgram(absl::string_view officer, absl::string_view state) {
  return Precondition(
      "OFFICER_NOT_IN_PROGRAM",
      absl::StrCat(officer, " is ", state, "; who is not in the program takes no seat"),
      {{"officer", std::string(officer)}, {"state", std::string(state)}});
}

absl::Status WaitingListFull(absl::string_view offering, int waiting) {
  return Precondition(
      "WAITING_LIST_FULL",
      absl::StrCat(waiting, " wait for a seat of ", offering, "; choose another offering"),
      {{"offering", std::string(offering)}, {"waiting", absl::StrCat(waiting)}});
}

absl::Status CaseOpen(absl::string_view name) {
  return Exists("CASE_OPEN", absl::StrCat("a case of this officer is open: ", name), name);
}

absl::Status VerificationExists(absl::string_view name) {
  return Exists("VERIFICATION_EXISTS", absl::StrCat("that year was verified: ", name), name);
}

absl::Status NotNamed(absl::string_view monitor) {
  return MakeError(absl::StatusCode::kPermissionDenied, kDomain, "NOT_NAMED",
                   absl::StrCat("only who is named in ", monitor, " can acknowledge it"),
                   {{"monitor", std::string(monitor)}});
}

absl::Status PreviewOutdated() {
  return Precondition("PREVIEW_OUTDATED",
                      "the policy is another one than the preview was compared with; preview again",
                      {});
}

absl::Status PolicyNotPreviewed(absl::string_view digest) {
  return Precondition(
      "POLICY_NOT_PREVIEWED",
      absl::StrCat("officers are on record, and whom this policy file affects was not previewed "
                   "(digest ",
                   digest,
                   "); run with the file before, then: accordctl training preview FILE --record "
                   "--reason WHY; or start once with --policy-without-preview REASON"),
      {{"digest", std::string(digest)}});
}

absl::Status FigureNotInTime(absl::string_view instead) {
  return MakeError(absl::StatusCode::kDeadlineExceeded, kDomain, kFigureNotInTime,
                   absl::StrCat("the figure takes longer than the call may; ask about ", instead));
}

absl::Status PastDayNotInTime(int64_t officers, absl::Duration needed) {
  const std::string seconds =
      absl::StrCat(absl::ToInt64Seconds(absl::Ceil(needed, absl::Seconds(1))));
  return MakeError(
      absl::StatusCode::kDeadlineExceeded, kDomain, kFigureNotInTime,
      absl::StrCat("for a day before today each officer is weighed anew, and ", officers,
                   " take about ", seconds,
                   " s; wait longer, at most 10 minutes, or ask about a field office or an agency"),
      {{"officers", absl::StrCat(officers)}, {"seconds", seconds}});
}

}  // namespace accord::training::error
