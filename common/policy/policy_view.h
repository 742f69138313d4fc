// One version of the policy, indexed for the questions that rules ask.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/calendar/date.h"
#include "common/calendar/holidays.h"
#include "common/policy/view_training.h"

namespace accord {

// What is said where no source states a rule: it is never read as a permission.
inline constexpr char kNoRule[] = "no rule on record";

// Which field office has an agency, or why none can be named.
struct Placement {
  enum class Reason {
    kPlaced,
    kStateUnknown,
    // The state is split by county and none was given ("", "#N/A").
    kCountyNeeded,
    // The state is split by county and no office lists this one.
    kCountyUnknown,
    // No office lists the state.
    kNoOfficeForState,
  };

  // Set exactly when placed; lives as long as the policy.
  const policy::v1::FieldOffice* office = nullptr;
  Reason reason = Reason::kStateUnknown;
};

// "county needed" and so on, for people.
absl::string_view ToString(Placement::Reason reason);

// Not only to some officers; of the first version with training, which says nothing, too.
bool AppliesToAll(policy::v1::TrainingPolicy::Applicability applies_to);

// Immutable; safe to share between threads. Returned pointers live as long as the
// Policy that the view belongs to.
class PolicyView {
 public:
  // `version` must be valid (validate.h) and outlive the view; so must the one before it, if
  // there is one.
  explicit PolicyView(const policy::v1::PolicyVersion& version, const PolicyView* before = nullptr);
  PolicyView(const PolicyView&) = delete;
  PolicyView& operator=(const PolicyView&) = delete;

  const policy::v1::PolicyVersion& version() const { return version_; }
  // What results name as the policy they used.
  const std::string& id() const { return version_.id(); }
  Date effective_from() const { return effective_from_; }
  const HolidayCalendar& holidays() const { return holidays_; }
  const TrainingView& training() const { return training_; }
  // The version before this one, where its courses go on binding those to whom the courses of
  // this one do not apply. Null otherwise.
  const PolicyView* still_binding() const { return still_binding_; }

  // The courses that bind anybody: of this version, then those of codes that only a version still
  // binding has, each with its rules by the latest of these versions.
  std::vector<const policy::v1::Course*> CoursesInForce() const;

  // The first day of a course of this version that the version before it, which has courses, did
  // not have, and that replaces none: nothing was due under it earlier. Empty for others: when
  // those began is not on record.
  std::optional<Date> CourseSince(absl::string_view code) const;

  // The finders below answer null when nothing matches.

  // By code, display name or any published name, compared folded (fold.h).
  const policy::v1::Model* FindModelByPublishedName(absl::string_view name) const;
  // By code, name or any published name, compared folded.
  const policy::v1::State* FindState(absl::string_view text) const;
  const policy::v1::Template* FindTemplate(absl::string_view code) const;
  // By the revision date printed on the text, alternates included.
  const policy::v1::Template* FindTemplateByStamp(absl::string_view model, Date stamp) const;
  const policy::v1::FieldOffice* FindFieldOffice(absl::string_view code) const;
  // Of the courses in force. By published name as TrainingView finds it.
  const policy::v1::Course* FindCourse(absl::string_view code) const;
  const policy::v1::Course* FindCourseByPublishedName(absl::string_view name) const;

  // The duties that bind `template_code`, in the order of the file; empty when unknown.
  absl::Span<const policy::v1::Duty* const> Duties(absl::string_view template_code) const;
  // Null means "no rule on record". A duty whose `required` is false is a rule:
  // the template is known not to have it.
  const policy::v1::Duty* FindDuty(absl::string_view template_code,
                                   absl::string_view duty_code) const;

  // `state` as FindState takes it; `county` with or without "County" or "Parish".
  // Where one office has the whole state, the county is not looked at.
  Placement PlaceFieldOffice(absl::string_view state, absl::string_view county) const;

 private:
  void IndexModels();
  void IndexTemplates();
  void IndexStates();
  void IndexOffices();
  void IndexNewCourses(const PolicyView* before);

  const policy::v1::PolicyVersion& version_;
  const Date effective_from_;
  const HolidayCalendar holidays_;
  const TrainingView training_;
  const PolicyView* const still_binding_;
  absl::flat_hash_map<std::string, Date> courses_since_;
  // Keys are folded.
  absl::flat_hash_map<std::string, const policy::v1::Model*> models_;
  absl::flat_hash_map<std::string, const policy::v1::State*> states_;
  absl::flat_hash_map<std::string, const policy::v1::Template*> templates_;
  absl::flat_hash_map<std::string, std::vector<const policy::v1::Duty*>> duties_;
  absl::flat_hash_map<std::string, const policy::v1::FieldOffice*> offices_;
  // "GA" for a whole state, "TX/harris" for a county.
  absl::flat_hash_map<std::string, const policy::v1::FieldOffice*> areas_;
  absl::flat_hash_set<std::string> split_states_;
};

}  // namespace accord
