#include "services/cli/training_verbs.h"

#include "absl/strings/str_cat.h"

namespace accord::cli {
namespace {

constexpr char kDate[] = "The day of it, YYYY-MM-DD";
constexpr char kSource[] = "The letter, form or list that proves it";

// A step of an officer's way.
TrainingVerb Step(const char* verb, const char* method, const char* help) {
  return {"officer",
          verb,
          method,
          help,
          "officers",
          "name",
          {{"--date", "date", kDate}, {"--source", "source", kSource}}};
}

// A step of a revocation case.
TrainingVerb CaseStep(const char* verb, const char* method, const char* help) {
  return {"revocation",
          verb,
          method,
          help,
          "revocation-cases",
          "name",
          {{"--date", "date", "Of the notice or decision, YYYY-MM-DD"}}};
}

TrainingVerb EndOfEnrollment(const char* verb, const char* method, const char* help) {
  return {"enrollment", verb, method, help, "enrollments", "name", {}};
}

void AddOfficerVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back(
      {"officer",
       "nominate",
       "NominateOfficer",
       "Record that an agency nominated somebody",
       "",
       "",
       {{"--given-name", "officer.given_name", "Given name; personal"},
        {"--family-name", "officer.family_name", "Family name; personal"},
        {"--agreement", "officer.agreement", "The agreement to serve under", "agreements"},
        {"--date", "nomination_date", kDate},
        {"--source", "source", kSource}}});
  verbs.push_back({"officer",
                   "update",
                   "UpdateOfficer",
                   "Correct an officer's names",
                   "officers",
                   "officer.name",
                   {{"--given-name", "officer.given_name", "Given name; personal"},
                    {"--family-name", "officer.family_name", "Family name; personal"}},
                   "officer"});
  verbs.push_back(Step("clear", "ClearOfficer", "Record that a nominee was found eligible"));
  verbs.push_back(Step("screen-out", "ScreenOutOfficer",
                       "Record that a nominee was not found eligible; never why"));
  verbs.push_back(Step("start-training", "StartTraining", "Record that training has begun"));
  verbs.push_back(Step("certify", "CertifyOfficer", "Record the certification in writing"));
  verbs.push_back(Step("authorize", "AuthorizeOfficer",
                       "Record the field office director's letter, or one for a new term"));
  verbs.push_back(
      {"officer",
       "paper",
       "RecordPaper",
       "Record a form or credentials",
       "officers",
       "name",
       {{"--paper", "paper", "form_70_006_signed, credentials_issued or credentials_returned"},
        {"--date", "date", kDate},
        {"--source", "source", kSource}}});
  verbs.push_back(Step("withdraw", "WithdrawOfficer", "Take an officer out of the program"));
  verbs.push_back({"officer",
                   "transfer",
                   "TransferOfficer",
                   "Have an officer serve under another agreement",
                   "officers",
                   "name",
                   {{"--agreement", "agreement", "The agreement to serve under", "agreements"},
                    {"--date", "date", kDate},
                    {"--source", "source", kSource}}});
}

void AddCompletionVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back({"completion",
                   "record",
                   "RecordCompletion",
                   "Record that an officer took a course",
                   "officers",
                   "completion.officer",
                   {{"--course", "completion.course", "Code; see accordctl training courses"},
                    {"--date", "completion.date", kDate},
                    {"--result", "completion.result", "passed, failed or disqualified"},
                    {"--attempt", "completion.attempt",
                     "2 for a retake or remedial exam; else counted from the record"},
                    {"--offering", "completion.offering", "Where it was taken", "offerings"},
                    {"--evidence", "completion.evidence", "Reference of the certificate"},
                    {"--source", "completion.source", "Who said so"},
                    {"--score", "score", "Percent of the points; checked, and not kept"}}});
  verbs.push_back({"completion",
                   "void",
                   "VoidCompletion",
                   "Record that a completion does not count; it stays on record",
                   "completions",
                   "name",
                   {{"--date", "date", kDate}}});
}

void AddWaiverVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back({"waiver",
                   "grant",
                   "GrantWaiver",
                   "Waive a requirement for a time",
                   "officers",
                   "waiver.officer",
                   {{"--course", "waiver.course", "Code of the course that is waived"},
                    {"--because", "waiver.reason",
                     "course_retired, equivalent_training, tested_out or administrative"},
                    {"--explanation", "waiver.explanation", "Why, in words"},
                    {"--first-date", "waiver.first_date", "First day, YYYY-MM-DD"},
                    {"--last-date", "waiver.last_date", "Last day; it ends by itself"}}});
  verbs.push_back({"waiver",
                   "end",
                   "EndWaiver",
                   "End a waiver early",
                   "waivers",
                   "name",
                   {{"--last-date", "last_date", "The last day it still holds"}}});
}

void AddOfferingVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back(
      {"offering",
       "create",
       "CreateOffering",
       "Announce a class",
       "",
       "",
       {{"--course", "offering.course", "Code; see accordctl training courses"},
        {"--place", "offering.place", "Where"},
        {"--first-date", "offering.first_date", "First day, YYYY-MM-DD"},
        {"--last-date", "offering.last_date", "Last day, YYYY-MM-DD"},
        {"--seats", "offering.seats", "Seats in the room"},
        {"--instructor-capacity", "offering.instructor_capacity",
         "Students its instructors can take"},
        {"--fictitious", "offering.fictitious", "For made-up officers only: demo data"}}});
  verbs.push_back({"offering",
                   "update",
                   "UpdateOffering",
                   "Change place, dates or seats; more seats promote who waits",
                   "offerings",
                   "offering.name",
                   {{"--place", "offering.place", "Where"},
                    {"--first-date", "offering.first_date", "First day, YYYY-MM-DD"},
                    {"--last-date", "offering.last_date", "Last day, YYYY-MM-DD"},
                    {"--seats", "offering.seats", "Seats in the room"},
                    {"--instructor-capacity", "offering.instructor_capacity",
                     "Students its instructors can take"}},
                   "offering"});
  verbs.push_back({"offering",
                   "cancel",
                   "CancelOffering",
                   "Cancel it and all its enrollments",
                   "offerings",
                   "name",
                   {}});
}

void AddEnrollmentVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back(
      {"enrollment",
       "enroll",
       "EnrollOfficer",
       "Take a seat, or a place on the waiting list",
       "officers",
       "enrollment.officer",
       {{"--offering", "enrollment.offering", "The class", "offerings"},
        {"--priority", "enrollment.priority", "lapsed, first_officer or standard (default)"},
        {"--priority-reason", "enrollment.priority_reason",
         "Why before those of standard priority"}}});
  verbs.push_back(
      EndOfEnrollment("cancel", "CancelEnrollment", "Give the seat back; who waits first gets it"));
  verbs.push_back({"enrollment",
                   "transfer",
                   "TransferEnrollment",
                   "Move to another class of the same course",
                   "enrollments",
                   "name",
                   {{"--offering", "offering", "The other class", "offerings"}}});
  verbs.push_back(
      EndOfEnrollment("no-show", "RecordNoShow", "Record that the officer stayed away"));
  verbs.push_back(EndOfEnrollment("attended", "RecordAttendance", "Record that the officer came"));
}

void AddOversightVerbs(std::vector<TrainingVerb>& verbs) {
  verbs.push_back({"revocation",
                   "propose",
                   "ProposeRevocation",
                   "Open a case; those of lapsed training open by themselves",
                   "officers",
                   "officer",
                   {{"--date", "date", "The day of it, YYYY-MM-DD; today unless set"}}});
  verbs.push_back(CaseStep("notice", "GiveRevocationNotice", "Record that notice was given"));
  TrainingVerb decide = CaseStep("decide", "DecideRevocation", "Decide to revoke, by letter");
  decide.options.push_back(
      {"--letter-date", "letter_date", "Of the letter, when it is another day, YYYY-MM-DD"});
  verbs.push_back(std::move(decide));
  verbs.push_back(CaseStep("retain", "RetainOfficer", "Decide not to revoke"));
  verbs.push_back(CaseStep("reinstate", "ReinstateOfficer", "Take a revocation back"));
  verbs.push_back({"verification",
                   "record",
                   "RecordAnnualVerification",
                   "Record that an officer's recertification was verified",
                   "officers",
                   "annual_verification.officer",
                   {{"--year", "annual_verification.year", "The year, as the policy counts it"},
                    {"--date", "annual_verification.verify_date", kDate}}});
  verbs.push_back(
      {"monitor",
       "name",
       "NameMonitor",
       "Name who monitors an agency's training",
       "agencies",
       "monitor.agency",
       {{"--manager", "monitor.manager", "ISSUER#SUBJECT, as accordctl auth whoami"},
        {"--training-officer", "monitor.training_officer", "ISSUER#SUBJECT of another person"}}});
  verbs.push_back({"monitor",
                   "acknowledge",
                   "AcknowledgeMonitor",
                   "Acknowledge, as who was named, to monitor it",
                   "monitors",
                   "name",
                   {}});
}

}  // namespace

const std::vector<TrainingVerb>& TrainingVerbs() {
  static const auto& verbs = *[] {
    auto* all = new std::vector<TrainingVerb>;
    AddOfficerVerbs(*all);
    AddCompletionVerbs(*all);
    AddWaiverVerbs(*all);
    AddOfferingVerbs(*all);
    AddEnrollmentVerbs(*all);
    AddOversightVerbs(*all);
    return all;
  }();
  return verbs;
}

std::string TrainingVerbOf(absl::string_view method) {
  for (const TrainingVerb& verb : TrainingVerbs()) {
    if (method == verb.method) return absl::StrCat(verb.noun, " ", verb.verb);
  }
  return std::string(method);
}

}  // namespace accord::cli
