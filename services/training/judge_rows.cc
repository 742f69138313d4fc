#include "services/training/judge_rows.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/policy/fold.h"
#include "services/training/applicability.h"
#include "services/training/errors.h"
#include "services/training/officer_events.h"
#include "services/training/record_completion.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using Row = v1::CompletionRow;

constexpr size_t kMaxEvidence = 2000;

// Outcome of a row that is not to be recorded. No reason quotes a cell.
void Reject(absl::string_view code, absl::string_view reason, Row& row) {
  row.set_outcome(v1::COMPLETION_OUTCOME_REJECTED);
  row.set_code(std::string(code));
  row.set_reason(std::string(reason));
}

bool IsNameIn(absl::string_view collection, const std::string& name) {
  FieldViolations violations;
  service::RequireName(violations, "name", name, collection);
  return violations.empty();
}

v1::Completion::Result ResultOf(const std::string& text) {
  const std::string folded = FoldText(text);
  if (folded == "passed") return v1::Completion::PASSED;
  if (folded == "failed") return v1::Completion::FAILED;
  if (folded == "disqualified") return v1::Completion::DISQUALIFIED;
  return v1::Completion::RESULT_UNSPECIFIED;
}

// A row as read, without the record.
struct ReadRow {
  Row row;
  v1::Completion completion;
  const Course* course = nullptr;
  std::optional<double> score;

  bool rejected() const { return row.outcome() == v1::COMPLETION_OUTCOME_REJECTED; }
};

void ReadCourse(const ExportRow& source, const JudgeOptions& options, ReadRow& read) {
  read.course = options.policy.FindCourseByPublishedName(source.course);
  if (read.course == nullptr) {
    return Reject("COURSE_UNKNOWN", "the policy has no course of that code or name", read.row);
  }
  read.row.set_course(read.course->code());
  read.completion.set_course(read.course->code());
}

void ReadDate(const ExportRow& source, const JudgeOptions& options, ReadRow& read) {
  const auto date = ParseDate(source.date);
  FieldViolations violations;
  if (date) service::RequireDate(violations, "date", true, ToProto(*date));
  if (!date || !violations.empty()) {
    return Reject("DATE_UNREADABLE", "date must be a day as YYYY-MM-DD, from 1996 on", read.row);
  }
  *read.row.mutable_date() = ToProto(*date);
  *read.completion.mutable_date() = ToProto(*date);
  if (*date > options.today) {
    Reject("DATE_IN_FUTURE", absl::StrCat("date is after today, ", FormatDate(options.today)),
           read.row);
  }
}

void ReadAttempt(const ExportRow& source, ReadRow& read) {
  int attempt = 0;
  const bool is_number = source.attempt.empty() || absl::SimpleAtoi(source.attempt, &attempt);
  if (!is_number || attempt < 0 || attempt > kMaxAttempt) {
    return Reject("ATTEMPT_UNREADABLE", absl::StrCat("attempt must be 1 to ", kMaxAttempt),
                  read.row);
  }
  read.completion.set_attempt(attempt);
}

void ReadScore(const ExportRow& source, ReadRow& read) {
  if (source.score.empty()) return;
  absl::string_view text = source.score;
  absl::ConsumeSuffix(&text, "%");
  double score = 0;
  if (!absl::SimpleAtod(text, &score)) {
    return Reject("SCORE_UNREADABLE", "score must be a number of percent", read.row);
  }
  read.score = score;
}

void ReadEvidence(const ExportRow& source, ReadRow& read) {
  FieldViolations violations;
  service::CheckText(violations, "evidence", source.evidence, kMaxEvidence);
  if (!violations.empty()) {
    return Reject("EVIDENCE_UNREADABLE",
                  absl::StrCat("evidence must be a reference of at most ", kMaxEvidence,
                               " bytes without control characters"),
                  read.row);
  }
  read.completion.set_evidence(source.evidence);
}

void ReadOffering(const ExportRow& source, ReadRow& read) {
  if (source.offering.empty()) return;
  if (!IsNameIn("offerings", source.offering)) {
    return Reject("OFFERING_UNREADABLE", "offering must be offerings/{id}", read.row);
  }
  read.completion.set_offering(source.offering);
}

// Cell by cell; the first that is wrong decides.
ReadRow Read(const ExportRow& source, const JudgeOptions& options) {
  ReadRow read;
  read.row.set_name(absl::StrCat(options.import, "/rows/", source.row_number));
  read.row.set_row_number(source.row_number);
  read.completion.set_source(read.row.name());
  if (!IsNameIn("officers", source.officer)) {
    Reject("OFFICER_UNREADABLE", "officer must be officers/{id}", read.row);
    return read;
  }
  read.row.set_officer(source.officer);
  read.completion.set_officer(source.officer);
  read.completion.set_result(ResultOf(source.result));
  ReadCourse(source, options, read);
  if (!read.rejected()) ReadDate(source, options, read);
  if (!read.rejected() && read.completion.result() == v1::Completion::RESULT_UNSPECIFIED) {
    Reject("RESULT_UNREADABLE", "result must be passed, failed or disqualified", read.row);
  }
  if (!read.rejected()) ReadAttempt(source, read);
  if (!read.rejected()) ReadScore(source, read);
  if (!read.rejected()) ReadEvidence(source, read);
  if (!read.rejected()) ReadOffering(source, read);
  return read;
}

using FactsByName = std::map<std::string, OfficerFacts>;

absl::StatusOr<FactsByName> LoadOfficers(store::Reader& reader, const std::vector<ReadRow>& rows,
                                         const OfficerFacts* before) {
  std::set<std::string> names;
  for (const ReadRow& read : rows) {
    // Of rejected rows too: whether it is about somebody made up is said of every row.
    if (!read.row.officer().empty()) names.insert(read.row.officer());
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Officer> officers,
                          OfficersNamed(reader, {names.begin(), names.end()}));
  ACCORD_ASSIGN_OR_RETURN(std::vector<OfficerFacts> all, LoadFacts(reader, std::move(officers)));
  FactsByName by_name;
  for (OfficerFacts& facts : all) {
    std::string name = facts.officer.name();
    by_name.emplace(std::move(name), std::move(facts));
  }
  if (before != nullptr) by_name[before->officer.name()] = *before;
  return by_name;
}

// The classes that rows name, and the places of the officers of these rows.
struct Classes {
  std::map<std::string, v1::Offering> offerings;
  std::map<std::string, std::vector<v1::Enrollment>> places;
};

absl::StatusOr<Classes> LoadClasses(store::Reader& reader, const std::vector<ReadRow>& rows) {
  std::set<std::string> offerings, officers;
  for (const ReadRow& read : rows) {
    if (read.rejected() || read.completion.offering().empty()) continue;
    offerings.insert(read.completion.offering());
    officers.insert(read.completion.officer());
  }
  Classes classes;
  if (offerings.empty()) return classes;
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Offering> named,
                          OfferingsNamed(reader, {offerings.begin(), offerings.end()}));
  for (v1::Offering& offering : named) {
    std::string name = offering.name();
    classes.offerings.emplace(std::move(name), std::move(offering));
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Enrollment> places,
                          EnrollmentsOf(reader, {officers.begin(), officers.end()}));
  for (v1::Enrollment& place : places) {
    std::vector<v1::Enrollment>& of_officer = classes.places[place.officer()];
    of_officer.push_back(std::move(place));
  }
  return classes;
}

// That the completion can be of the class it names, if it names one.
void JudgeClass(const JudgeOptions& options, Classes& classes, const v1::Officer& officer,
                ReadRow& read) {
  if (read.completion.offering().empty()) return;
  const auto offering = classes.offerings.find(read.completion.offering());
  if (offering == classes.offerings.end()) {
    return Reject("OFFERING_UNKNOWN", "there is no such offering", read.row);
  }
  const Date announced = DayOf(offering->second.create_time(), options.zone);
  const ClassFacts facts = {offering->second, announced, classes.places[officer.name()]};
  const std::vector<std::string> why = WhyNotOf(facts, read.completion, officer);
  if (why.empty()) return;
  Reject("OFFERING_CONTRADICTS", absl::StrCat("the offering ", absl::StrJoin(why, "; it ")),
         read.row);
}

v1::OfficerEvent EventOf(const JudgeOptions& options) {
  v1::OfficerEvent event;
  event.set_actor(options.actor);
  *event.mutable_record_time() = options.now;
  return event;
}

// Against the officer's facts, which a completion that is recorded joins.
void Judge(const JudgeOptions& options, Classes& classes, OfficerFacts& facts, ReadRow& read) {
  v1::Completion& completion = read.completion;
  if (IsOfOtherModel(*read.course, facts.officer)) {
    return Reject("COURSE_OF_OTHER_MODEL",
                  absl::StrCat("the course is of ", read.course->model(), ", the officer of ",
                               facts.officer.model()),
                  read.row);
  }
  const Course& course = CourseFor(facts.view(), options.policy, *read.course);
  if (read.score) {
    const auto wrong = WhyScoreIsWrong(course, completion.result(), *read.score);
    if (wrong) return Reject("SCORE_CONTRADICTS_RESULT", absl::StrCat("score ", *wrong), read.row);
  }
  const v1::Completion* same = FindSame(completion, facts.completions);
  if (same != nullptr && same->result() == completion.result()) {
    read.row.set_outcome(v1::COMPLETION_OUTCOME_KNOWN);
    read.row.set_code("COMPLETION_KNOWN");
    read.row.set_completion(same->name());
    return;
  }
  JudgeClass(options, classes, facts.officer, read);
  if (read.rejected()) return;
  const absl::StatusOr<int> attempt = AttemptOf(completion, course, facts.completions);
  if (!attempt.ok()) {
    return Reject(GetReason(attempt.status()), attempt.status().message(), read.row);
  }
  completion.set_attempt(*attempt);
  completion.set_name(NewName("completions"));
  CopyOfficer(facts.officer, completion);
  read.row.set_outcome(v1::COMPLETION_OUTCOME_RECORDED);
  read.row.set_code("RECORDED");
  read.row.set_completion(completion.name());
  facts.completions.push_back(completion);
  FollowDisqualification(course, facts.completions, EventOf(options), facts.officer);
}

}  // namespace

absl::StatusOr<JudgedRows> JudgeRows(store::Reader& reader, absl::Span<const ExportRow> rows,
                                     const JudgeOptions& options, const OfficerFacts* before) {
  std::vector<ReadRow> all;
  all.reserve(rows.size());
  for (const ExportRow& row : rows) all.push_back(Read(row, options));
  ACCORD_ASSIGN_OR_RETURN(FactsByName officers, LoadOfficers(reader, all, before));
  ACCORD_ASSIGN_OR_RETURN(Classes classes, LoadClasses(reader, all));
  JudgedRows judged;
  absl::flat_hash_set<std::string> touched;
  for (ReadRow& read : all) {
    const auto officer = officers.find(read.row.officer());
    const bool is_known = officer != officers.end();
    if (is_known) read.row.set_fictitious(officer->second.officer.fictitious());
    if (!read.rejected() && !is_known) {
      Reject("OFFICER_UNKNOWN", "there is no such officer", read.row);
    } else if (!read.rejected()) {
      Judge(options, classes, officer->second, read);
    }
    if (read.row.outcome() == v1::COMPLETION_OUTCOME_RECORDED) {
      touched.insert(read.completion.officer());
      judged.completions.push_back(std::move(read.completion));
    }
    judged.rows.push_back(std::move(read.row));
  }
  for (auto& [name, facts] : officers) {
    if (touched.contains(name)) judged.officers.push_back(std::move(facts));
  }
  return judged;
}

}  // namespace accord::training
