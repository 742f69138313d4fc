#include "tests/bench/corps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/training/lapse.h"
#include "services/training/officer_events.h"
#include "services/training/revocation.h"

namespace accord::bench {
namespace {

namespace tv1 = training::v1;
using Case = tv1::RevocationCase;
using O = tv1::Officer;

constexpr uint64_t kSeed = 287;
constexpr int kAgenciesOfRound = 25;
constexpr int kSeats = 24;
// Days since the basic course: from the newest to the oldest hand.
constexpr int kNewest = 30;
constexpr int kOldest = 1'400;
// Days from the beginning of a class to its exam, and from a failed exam to the next one.
constexpr int kClassDays = 3;
constexpr int kRetakeDays = 10;
constexpr int kYearAhead = 365;

struct ModelPlan {
  const char* code;
  const char* template_code;
  const char* basic;
  // Of 25 agencies.
  int agencies;
};
constexpr ModelPlan kModels[] = {{"JEM", "JEM-2025-02-15", "jem-basic", 20},
                                 {"WSO", "WSO-2025-02-15", "wso-basic", 3},
                                 {"TFM", "TFM-2025-02-12", "tfm-basic", 2}};
constexpr char kRefresher[] = "jem-refresher";
constexpr const char* kAnnual[] = {
    "annual-ina-overview",          "annual-immigration-fundamentals",
    "annual-trafficking-awareness", "annual-information-awareness",
    "annual-records-management",    "annual-privacy-awareness",
    "annual-operations-security",   "annual-language-access",
};

// What a number draws, always the same (splitmix64).
class Dice {
 public:
  explicit Dice(int number) : state_(kSeed + static_cast<uint64_t>(number) * kStep) {}
  int Below(int limit) {
    state_ += kStep;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return static_cast<int>(mixed % static_cast<uint64_t>(limit));
  }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  uint64_t state_;
};

const ModelPlan& ModelOf(int agency) {
  int place = agency % kAgenciesOfRound;
  for (const ModelPlan& model : kModels) {
    if (place < model.agencies) return model;
    place -= model.agencies;
  }
  return kModels[0];
}

// Of a hundred officers.
O::State StateOf(int draw) {
  if (draw < 3) return O::NOMINATED;
  if (draw < 5) return O::SCREENED;
  if (draw < 8) return O::IN_TRAINING;
  if (draw < 88) return O::AUTHORIZED;
  if (draw < 92) return O::CERTIFIED;
  if (draw < 96) return O::WITHDRAWN;
  if (draw < 98) return O::REVOKED;
  return draw < 99 ? O::DISQUALIFIED : O::SCREENED_OUT;
}

bool HasBasic(O::State state) {
  return training::IsOnDuty(state) || state == O::WITHDRAWN || state == O::REVOKED;
}

void AddEvent(O& officer, tv1::OfficerEvent::Kind kind, Date date) {
  tv1::OfficerEvent event;
  event.set_kind(kind);
  *event.mutable_date() = ToProto(date);
  event.set_agreement(officer.agreement());
  event.set_actor("bench");
  event.set_source("DEMO");
  training::AddEvent(std::move(event), officer);
}

}  // namespace

struct Corps::Way {
  int number = 0;
  int agency = 0;
  const ModelPlan* model = nullptr;
  O::State state = O::STATE_UNSPECIFIED;
  // Passed, or failed for good.
  Date basic;
  bool failed_first = false;
  // Days before an anniversary.
  int lead = 0;
  bool missed_last = false;
  bool voided = false;
  bool retained_once = false;
  bool waits = false;
  int days_ahead = 0;
  uint32_t pick = 0;
};

struct Corps::Taken {
  std::string course;
  Date date;
  tv1::Completion::Result result = tv1::Completion::PASSED;
  int attempt = 1;
  std::string offering = {};
  int place = 0;
  // The one before it was recorded by mistake.
  bool voids_last = false;
};

std::string OfficerName(int number) { return absl::StrFormat("officers/b%07d", number); }
std::string AgencyName(int number) { return absl::StrFormat("agencies/b%05d", number); }
std::string OfficeName(int number) { return absl::StrFormat("fieldOffices/b%02d", number); }

Corps::Way Corps::WayOf(int number) const {
  Dice dice(number);
  Way way;
  way.number = number;
  way.agency = number / kOfficersOfAgency;
  way.model = &ModelOf(way.agency);
  way.state = StateOf(dice.Below(100));
  way.basic = today_ - days(kNewest + dice.Below(kOldest - kNewest));
  way.failed_first = dice.Below(100) < 6;
  way.lead = 2 + dice.Below(59);
  // One agency of three lets its officers miss a year.
  way.missed_last = way.agency % 3 == 0 && dice.Below(100) < 12;
  way.voided = dice.Below(500) == 0;
  way.retained_once = dice.Below(16) == 0;
  way.waits = dice.Below(2) == 0;
  way.days_ahead = 5 + dice.Below(60);
  way.pick = static_cast<uint32_t>(dice.Below(1 << 20));
  return way;
}

int Corps::ClassesADay(const std::string& course) const {
  int agencies = kModels[0].agencies;
  for (const ModelPlan& model : kModels) {
    if (course == model.basic) agencies = model.agencies;
  }
  const int64_t students = int64_t{officers_} * agencies / kAgenciesOfRound / (kOldest - kNewest);
  return static_cast<int>(1 + students / kSeats);
}

std::string Corps::ClassOn(const std::string& course, Date day, uint32_t pick) const {
  return absl::StrCat("offerings/", course, "-", FormatDate(day), "-", pick % ClassesADay(course));
}

std::vector<Corps::Taken> Corps::TakenOn(const Way& way) const {
  std::vector<Taken> taken;
  const auto add = [&taken](Taken one) {
    one.place = static_cast<int>(taken.size());
    taken.push_back(std::move(one));
  };
  const std::string basic = way.model->basic;
  const bool failed_for_good = way.state == O::DISQUALIFIED;
  if (!failed_for_good && !HasBasic(way.state)) return taken;
  const bool fails = way.failed_first || failed_for_good;
  const Date first = way.basic - days(fails ? kRetakeDays : 0);
  const std::string offering = ClassOn(basic, first - days(kClassDays), way.pick);
  if (fails) {
    add({.course = basic, .date = first, .result = tv1::Completion::FAILED, .offering = offering});
  }
  add({.course = basic,
       .date = way.basic,
       .result = failed_for_good ? tv1::Completion::DISQUALIFIED : tv1::Completion::PASSED,
       .attempt = fails ? 2 : 1,
       .offering = offering});
  if (failed_for_good || way.model != &kModels[0]) return taken;
  for (int year = 1; year <= kYears; ++year) {
    const Date on = way.basic + days(365 * year - way.lead);
    const bool last = on + days(365) > today_;
    if (on > today_ || (last && way.missed_last && way.basic + days(366 * year) < today_)) break;
    for (const char* course : kAnnual) add({.course = course, .date = on});
    if (year == 2) {
      add({.course = kRefresher,
           .date = on,
           .offering = ClassOn(kRefresher, on - days(kClassDays), way.pick)});
    }
    if (year == 1 && way.voided) {
      add({.course = kAnnual[0], .date = on});
      add({.course = kAnnual[0], .date = on, .voids_last = true});
    }
  }
  return taken;
}

tv1::Completion Corps::CompletionOf(const Way& way, const Taken& taken) const {
  const auto name = [&way](int place) {
    return absl::StrFormat("completions/b%07dx%d", way.number, place);
  };
  tv1::Completion completion;
  completion.set_name(name(taken.place));
  completion.set_officer(OfficerName(way.number));
  *completion.mutable_date() = ToProto(taken.date);
  completion.set_agency(AgencyName(way.agency));
  completion.set_field_office(OfficerOf(way).field_office());
  completion.set_fictitious(true);
  if (taken.voids_last) {
    completion.set_voids(name(taken.place - 1));
    completion.set_reason("Demo: recorded twice");
    return completion;
  }
  completion.set_course(taken.course);
  completion.set_result(taken.result);
  completion.set_attempt(taken.attempt);
  completion.set_offering(taken.offering);
  completion.set_evidence(absl::StrCat("DEMO-", way.number));
  return completion;
}

O Corps::OfficerOf(const Way& way) const {
  O officer;
  officer.set_name(OfficerName(way.number));
  officer.set_given_name("Demo");
  officer.set_family_name(absl::StrCat("Person-", way.number));
  officer.set_agency(AgencyName(way.agency));
  officer.set_agreement(absl::StrFormat("agreements/b%05d", way.agency));
  officer.set_agency_state("GA");
  // Each round of agencies goes through the offices, beginning with another one.
  officer.set_field_office(OfficeName((way.agency * 7 + way.agency / kAgenciesOfRound) % kOffices));
  officer.set_model(way.model->code);
  officer.set_template_(way.model->template_code);
  officer.set_state(way.state);
  officer.set_fictitious(true);
  return officer;
}

namespace {

// The steps that lead to where the officer is.
void AddSteps(Date basic, Date today, O& officer) {
  using E = tv1::OfficerEvent;
  const O::State state = officer.state();
  AddEvent(officer, E::NOMINATED, basic - days(60));
  if (state == O::NOMINATED) return;
  if (state == O::SCREENED_OUT) return AddEvent(officer, E::SCREENED_OUT, basic - days(45));
  AddEvent(officer, E::SCREENED, basic - days(45));
  if (state == O::SCREENED) return;
  AddEvent(officer, E::TRAINING_STARTED, basic - days(28));
  if (state == O::IN_TRAINING) return;
  if (state == O::DISQUALIFIED) return AddEvent(officer, E::DISQUALIFIED, basic);
  AddEvent(officer, E::CERTIFIED, basic);
  *officer.mutable_certification_date() = ToProto(basic);
  if (state == O::CERTIFIED) return;
  AddEvent(officer, E::AUTHORIZED, basic + days(14));
  *officer.mutable_authorization_date() = ToProto(basic + days(14));
  const Date left = std::max(basic + days(20), today - days(200));
  if (state == O::WITHDRAWN) AddEvent(officer, E::WITHDRAWN, left);
  if (state == O::REVOKED) AddEvent(officer, E::REVOKED, left);
}

}  // namespace

Member Corps::MemberAt(int number) const {
  const Way way = WayOf(number);
  Member member;
  member.facts.officer = OfficerOf(way);
  AddSteps(way.basic, today_, member.facts.officer);
  for (const Taken& taken : TakenOn(way)) {
    member.facts.completions.push_back(CompletionOf(way, taken));
  }
  const tv1::Certification certification = training::KeepToday(member.facts, policy_, today_);
  AddEnrollments(way, member);
  AddCases(way, certification, member);
  AddNotices(certification, member);
  return member;
}

std::vector<tv1::Completion> Corps::CompletionsOf(int number, int year) const {
  const Way way = WayOf(number);
  std::vector<tv1::Completion> completions;
  for (const Taken& taken : TakenOn(way)) {
    const auto since = static_cast<int>((taken.date - way.basic).count());
    if (std::clamp(since / 365, 0, kYears - 1) != year) continue;
    completions.push_back(CompletionOf(way, taken));
  }
  return completions;
}

void Corps::AddEnrollments(const Way& way, Member& member) const {
  tv1::Enrollment enrollment;
  enrollment.set_name(absl::StrFormat("enrollments/b%07d", way.number));
  enrollment.set_officer(member.facts.officer.name());
  enrollment.set_course(way.model->basic);
  enrollment.set_priority(tv1::Enrollment::STANDARD);
  enrollment.set_sequence(way.number + 1);
  training::CopyOfficer(member.facts.officer, enrollment);
  if (!member.facts.completions.empty()) {
    enrollment.set_state(tv1::Enrollment::ATTENDED);
    enrollment.set_offering(member.facts.completions.front().offering());
    *enrollment.mutable_request_date() = ToProto(way.basic - days(40));
  } else if (way.state == O::IN_TRAINING) {
    enrollment.set_state(way.waits ? tv1::Enrollment::WAITING : tv1::Enrollment::ENROLLED);
    enrollment.set_offering(ClassOn(way.model->basic, today_ + days(way.days_ahead), way.pick));
    *enrollment.mutable_request_date() = ToProto(today_ - days(3 * way.days_ahead));
  } else {
    return;
  }
  member.enrollments.push_back(std::move(enrollment));
}

void Corps::AddCases(const Way& way, const tv1::Certification& certification,
                     Member& member) const {
  const O& officer = member.facts.officer;
  const auto open = [&](Date date) -> Case& {
    const std::string name =
        absl::StrFormat("revocationCases/b%07dx%d", way.number, member.cases.size());
    Case& opened = member.cases.emplace_back(
        training::OpenCase(name, officer, "services/training", policy_, date));
    opened.set_requirement(kAnnual[0]);
    *opened.mutable_lapse_date() = ToProto(date);
    return opened;
  };
  if (way.state == O::REVOKED) {
    const Date letter = std::max(way.basic + days(20), today_ - days(200));
    TakeStepOn(open(letter - days(3)), training::CaseStep::kRevoke, letter, "bench", "Demo");
  }
  const Date first_year = way.basic + days(366);
  if (way.state == O::AUTHORIZED && way.retained_once && first_year + days(40) < today_) {
    TakeStepOn(open(first_year), training::CaseStep::kRetain, first_year + days(20), "bench",
               "Demo");
  }
  const auto due = training::CaseDue(officer, certification, member.cases, policy_, today_);
  if (!due) return;
  Case& opened = open(due->lapse_date);
  opened.set_requirement(due->requirement);
  if (way.waits) TakeStepOn(opened, training::CaseStep::kGiveNotice, today_, "bench", "Demo");
}

void Corps::AddNotices(const tv1::Certification& certification, Member& member) const {
  const O& officer = member.facts.officer;
  for (const auto& due : training::NoticesDue(officer, certification, policy_, today_)) {
    member.notices.push_back(training::NoticeOf(
        absl::StrCat("notices/", officer.name().substr(9), "x", member.notices.size() + 1), due,
        officer, due.end_date - days(due.days_before)));
  }
}

std::vector<tv1::Offering> Corps::Offerings() const {
  std::vector<std::string> courses = {kRefresher};
  for (const ModelPlan& model : kModels) courses.emplace_back(model.basic);
  std::vector<tv1::Offering> offerings;
  const Date first = today_ - days(kOldest + kRetakeDays + kClassDays);
  for (const std::string& course : courses) {
    for (Date day = first; day < today_ + days(kYearAhead); day += days(1)) {
      for (int pick = 0; pick < ClassesADay(course); ++pick) {
        tv1::Offering& offering = offerings.emplace_back();
        offering.set_name(ClassOn(course, day, static_cast<uint32_t>(pick)));
        offering.set_course(course);
        offering.set_place("Demo");
        *offering.mutable_first_date() = ToProto(day);
        *offering.mutable_last_date() = ToProto(day + days(kClassDays));
        offering.set_seats(kSeats);
        offering.set_state(day < today_ ? tv1::Offering::HELD : tv1::Offering::OPEN);
        offering.set_fictitious(true);
        offering.set_next_sequence(officers_ + 1);
      }
    }
  }
  return offerings;
}

}  // namespace accord::bench
