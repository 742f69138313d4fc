// A made-up corps of officers of any size, with the years of training that they have behind them:
// the same for the same size and day. All of it is fictitious. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "common/policy/policy_view.h"
#include "services/training/facts.h"

namespace accord::bench {

inline constexpr int kOfficersOfAgency = 100;
inline constexpr int kOffices = 25;

// "officers/b0000042", "agencies/b00001" and "fieldOffices/b07".
std::string OfficerName(int number);
std::string AgencyName(int number);
std::string OfficeName(int number);

// An officer as the service would have them after sweeping the day, with what goes with them.
struct Member {
  training::OfficerFacts facts;
  std::vector<training::v1::Enrollment> enrollments;
  std::vector<training::v1::RevocationCase> cases;
  std::vector<training::v1::Notice> notices;
};

class Corps {
 public:
  // `policy` is that of `today` and outlives it.
  Corps(const PolicyView& policy, Date today, int officers)
      : policy_(policy), today_(today), officers_(officers) {}

  int size() const { return officers_; }
  // Most are authorized and current. An agency has one model; about ten completions an officer,
  // a few of them failed, over up to four years.
  Member MemberAt(int number) const;
  // Completions alone, of the years of service from 0 on: the whole corps' first years, then
  // its second ones, and so on, are the order in which they came to be.
  std::vector<training::v1::Completion> CompletionsOf(int number, int year) const;
  // Every class that a member may be named in, and those of the next twelve months; with the
  // seats that are taken and who waits left at zero.
  std::vector<training::v1::Offering> Offerings() const;

  static constexpr int kYears = 4;

 private:
  // Somebody's way in days and choices, all of it drawn from the number.
  struct Way;
  struct Taken;

  Way WayOf(int number) const;
  std::vector<Taken> TakenOn(const Way& way) const;
  training::v1::Completion CompletionOf(const Way& way, const Taken& taken) const;
  training::v1::Officer OfficerOf(const Way& way) const;
  void AddEnrollments(const Way& way, Member& member) const;
  void AddCases(const Way& way, const training::v1::Certification& certification,
                Member& member) const;
  void AddNotices(const training::v1::Certification& certification, Member& member) const;
  // Of the classes that begin on a day, `pick` says which.
  std::string ClassOn(const std::string& course, Date day, uint32_t pick) const;
  // That begin on each day.
  int ClassesADay(const std::string& course) const;

  const PolicyView& policy_;
  const Date today_;
  const int officers_;
};

}  // namespace accord::bench
