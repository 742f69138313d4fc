#include "services/training/explain.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace accord::training {
namespace {

using policy::v1::Course;
using policy::v1::TimeLimit;
using R = v1::Requirement;

std::string DayOf(const v1::Completion& completion) { return FormatDate(DateOf(completion)); }

// "2 years", "1 year".
std::string InWords(const TimeLimit& limit) {
  const std::string unit = absl::AsciiStrToLower(TimeLimit::Unit_Name(limit.unit()));
  const bool one = limit.count() == 1;
  return absl::StrCat(limit.count(), " ", one ? unit.substr(0, unit.size() - 1) : unit);
}

std::string RuleInWords(const Course& course) {
  const auto& recurrence = course.recurrence();
  if (recurrence.has_anniversary_of_basic()) {
    return absl::StrCat("due every ", InWords(recurrence.anniversary_of_basic()),
                        " on the anniversary of the basic course");
  }
  if (recurrence.has_fiscal_date()) {
    return absl::StrCat("due in every fiscal year by day ", recurrence.fiscal_date().day(),
                        " of month ", recurrence.fiscal_date().month());
  }
  if (recurrence.has_after_completion()) {
    return absl::StrCat("due ", InWords(recurrence.after_completion()),
                        " after the last completion, first after the basic course");
  }
  return "once, before certification";
}

std::string RetirementInWords(const Course& course) {
  const std::string since =
      absl::StrCat(course.code(), " is not offered since ",
                   FormatDate(FromProto(course.retirement().date()).value_or(Date::min())));
  if (course.retirement().replaced_by().empty()) {
    return absl::StrCat(since, " and nothing takes its place");
  }
  return absl::StrCat(since,
                      "; in its place: ", absl::StrJoin(course.retirement().replaced_by(), " or "));
}

void AddEvidence(const Course& course, const Standing& standing, std::vector<std::string>& steps) {
  if (course.kind() != Course::BASIC) {
    steps.push_back(standing.basic ? absl::StrCat("counted from the basic course, ",
                                                  FormatDate(*standing.basic))
                                   : "the basic course is not on record");
  }
  for (const v1::Completion* early : standing.schedule.too_early) {
    steps.push_back(absl::StrCat(early->name(), " of ", DayOf(*early), " came less than ",
                                 InWords(course.minimum_spacing()),
                                 " after the one before: on record, not counted"));
  }
  for (const v1::Completion* late : standing.after_retirement) {
    steps.push_back(absl::StrCat(late->name(), " of ", DayOf(*late), " is of ", late->course(),
                                 ", which was not offered then: not counted"));
  }
  if (standing.disqualified != nullptr) {
    steps.push_back(absl::StrCat("disqualified from ", standing.disqualified->course(), " by ",
                                 standing.disqualified->name(), " of ",
                                 DayOf(*standing.disqualified), ": later ones do not count"));
  }
}

std::string ResultInWords(const v1::Completion& completion) {
  return absl::AsciiStrToLower(v1::Completion::Result_Name(completion.result()));
}

// What was looked at and does not count: nothing on record is passed over in silence.
void AddNotCounted(const Standing& standing, const Evidence& evidence,
                   std::vector<std::string>& steps) {
  for (const Evidence::Voided& voided : evidence.voided) {
    steps.push_back(absl::StrCat(voided.completion->name(), " of ", DayOf(*voided.completion), ", ",
                                 ResultInWords(*voided.completion), ", was voided by ",
                                 voided.by->name(), " (", voided.by->reason(), "): not counted"));
  }
  for (const v1::Completion* failed : evidence.failed) {
    if (failed == standing.disqualified) continue;
    steps.push_back(absl::StrCat(failed->name(), " of ", DayOf(*failed), ", attempt ",
                                 std::max(1, failed->attempt()), ", was failed: not counted"));
  }
}

std::string WaiverInWords(const v1::Waiver& waiver, Date day) {
  const Date first = FromProto(waiver.first_date()).value_or(Date::max());
  const Date last = FromProto(waiver.last_date()).value_or(Date::min());
  const std::string span = absl::StrCat(waiver.name(), " waives ", waiver.course(), " from ",
                                        FormatDate(first), " through ", FormatDate(last));
  if (last < first) return absl::StrCat(span, ": ended before it began");
  if (first > day) return absl::StrCat(span, ": not begun");
  if (last < day) return absl::StrCat(span, ": ended");
  return absl::StrCat(span, ": holds, and is not what it rests on");
}

// The one that it is met by is in the verdict.
void AddWaivers(const Standing& standing, const Evidence& evidence, Date day,
                std::vector<std::string>& steps) {
  for (const v1::Waiver* waiver : evidence.waivers) {
    if (waiver->name() != standing.fact) steps.push_back(WaiverInWords(*waiver, day));
  }
}

std::string PaperInWords(absl::string_view what, const google::type::Date& date, Date day) {
  const auto dated = FromProto(date);
  if (!dated) return absl::StrCat(what, ": not on record");
  if (*dated > day) return absl::StrCat(what, ": not by this day (", FormatDate(*dated), ")");
  return absl::StrCat(what, ": ", FormatDate(*dated));
}

std::string Verdict(const Course& course, const Standing& standing) {
  const std::string by = standing.fact.empty() ? "" : absl::StrCat(" by ", standing.fact);
  const std::string last = standing.through ? FormatDate(*standing.through) : "";
  switch (standing.state) {
    case R::MET:
      if (!standing.through) return absl::StrCat("met", by, ", for good");
      if (by.empty()) return absl::StrCat("met by the basic course; first due by ", last);
      return absl::StrCat("met", by, " through ", last);
    case R::WAIVED:
      return absl::StrCat("waived", by, " through ", last);
    case R::LAPSED:
      return absl::StrCat("lapsed: met through ", last, " and not since");
    case R::UNKNOWN:
      return course.kind() == Course::BASIC
                 ? "unknown: papers say certified, and no completion of it counts"
                 : "unknown: papers say certified, and without the basic course no due day follows";
    default:
      return "never met";
  }
}

}  // namespace

std::string KindName(Course::Kind kind) { return absl::AsciiStrToLower(Course::Kind_Name(kind)); }

std::vector<std::string> InputsOf(const v1::Officer& officer, Date day) {
  const std::string text = officer.template_().empty()
                               ? std::string("which text the agreement has is not on record")
                               : absl::StrCat("text ", officer.template_());
  return {absl::StrCat("model ", officer.model(), ", ", text, " (", officer.agreement(), ")"),
          PaperInWords("certification", officer.certification_date(), day),
          PaperInWords("authorization letter", officer.authorization_date(), day),
          PaperInWords("Form 70-006", officer.form_70_006_date(), day),
          PaperInWords("credentials issued", officer.credentials_issued_date(), day),
          PaperInWords("credentials returned", officer.credentials_returned_date(), day)};
}

std::vector<std::string> StepsOf(const Course& course, const Standing& standing,
                                 const Evidence& evidence, Date day) {
  std::vector<std::string> steps = {absl::StrCat(course.code(), ": ", RuleInWords(course))};
  if (IsRetired(course, day)) steps.push_back(RetirementInWords(course));
  AddEvidence(course, standing, steps);
  AddNotCounted(standing, evidence, steps);
  AddWaivers(standing, evidence, day, steps);
  if (standing.schedule.window) {
    steps.push_back(absl::StrCat("from ", FormatDate(*standing.schedule.window),
                                 " on, a completion counts for the next period"));
  }
  steps.push_back(Verdict(course, standing));
  return steps;
}

std::string CureOf(const Course& course, const Standing& standing, Date day) {
  if (IsMet(standing.state)) return "";
  const bool retired = IsRetired(course, day);
  if (retired && course.retirement().replaced_by().empty()) {
    return absl::StrCat(RetirementInWords(course), ": a waiver is needed");
  }
  if (standing.state == R::UNKNOWN) {
    return absl::StrCat(
        "record the completion of the basic course",
        course.kind() == Course::BASIC ? absl::StrCat(" ", course.code()) : std::string());
  }
  if (standing.disqualified != nullptr && standing.disqualified->course() == course.code() &&
      !retired) {
    return absl::StrCat("disqualified from ", course.code(), ": no further exam is allowed");
  }
  if (course.kind() != Course::BASIC && !standing.basic) return "complete the basic course";
  const std::string what =
      retired ? absl::StrJoin(course.retirement().replaced_by(), " or ") : course.code();
  const std::optional<Date>& first = standing.schedule.not_before;
  if (first && *first > day) {
    return absl::StrCat("complete ", what, " on or after ", FormatDate(*first));
  }
  return absl::StrCat("complete ", what);
}

}  // namespace accord::training
