// Officers' records and a policy to weigh them by, for the tests of the rules.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "accord/policy/v1/policy.pb.h"
#include "common/policy/policy_view.h"
#include "common/policy/validate.h"
#include "services/training/certification.h"
#include "tests/unit/policy/minimal_policy.h"

namespace accord::training {

// "2024-02-29".
inline Date On(const std::string& date) {
  const auto parsed = ParseDate(date);
  EXPECT_TRUE(parsed.has_value()) << date;
  return parsed.value_or(Date::min());
}

inline std::string Text(const google::type::Date& date) {
  const auto day = FromProto(date);
  return day ? FormatDate(*day) : "";
}
inline std::string Text(std::optional<Date> date) { return date ? FormatDate(*date) : ""; }

// The minimal policy with a training policy given as text.
class MadePolicy {
 public:
  explicit MadePolicy(const std::string& training) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kMinimalPolicy, &file_));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        training, file_.mutable_versions(0)->mutable_training_policy()));
    EXPECT_TRUE(ValidatePolicy(file_).ok()) << ValidatePolicy(file_);
    view_ = std::make_unique<PolicyView>(file_.versions(0));
  }

  const PolicyView& view() const { return *view_; }
  const policy::v1::Course& course(const std::string& code) const {
    return *view_->training().FindCourse(code);
  }

 private:
  policy::v1::PolicyFile file_;
  std::unique_ptr<PolicyView> view_;
};

// A course of model AAA; `more` is its other fields as text.
inline std::string CourseText(const std::string& code, const std::string& kind,
                              const std::string& more = "") {
  return absl::StrCat("courses { code: '", code, "' title: 'The ", code, "' kind: ", kind,
                      " model: 'AAA' sources: 'DOC' ", more, " }\n");
}

inline std::string Every(const std::string& due, const std::string& count_and_unit) {
  return absl::StrCat("recurrence { ", due, " { ", count_and_unit,
                      " counting: EVERY_DAY from: PREVIOUS_OCCURRENCE } }");
}

inline std::string Spacing(const std::string& count_and_unit) {
  return absl::StrCat("minimum_spacing { ", count_and_unit,
                      " counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }");
}

// What is on record about one officer of model AAA.
struct MadeRecord {
  MadeRecord() {
    officer.set_name("officers/one");
    officer.set_model("AAA");
    officer.set_template_("AAA-1");
    officer.set_agreement("agreements/one");
    officer.set_state(v1::Officer::AUTHORIZED);
  }

  MadeRecord& Completed(const std::string& course, const std::string& date,
                        v1::Completion::Result result = v1::Completion::PASSED) {
    v1::Completion& completion = completions.emplace_back();
    completion.set_name(absl::StrCat("completions/", completions.size()));
    completion.set_course(course);
    *completion.mutable_date() = ToProto(On(date));
    completion.set_result(result);
    completion.set_attempt(1);
    return *this;
  }
  MadeRecord& Failed(const std::string& course, const std::string& date) {
    return Completed(course, date, v1::Completion::FAILED);
  }
  // Voids the completion recorded as the `number`-th.
  MadeRecord& Voided(int number, const std::string& date) {
    v1::Completion& voiding = completions.emplace_back();
    voiding.set_name(absl::StrCat("completions/", completions.size()));
    voiding.set_voids(absl::StrCat("completions/", number));
    *voiding.mutable_date() = ToProto(On(date));
    return *this;
  }
  MadeRecord& Waived(const std::string& course, const std::string& first, const std::string& last) {
    v1::Waiver& waiver = waivers.emplace_back();
    waiver.set_name(absl::StrCat("waivers/", waivers.size()));
    waiver.set_course(course);
    *waiver.mutable_first_date() = ToProto(On(first));
    *waiver.mutable_last_date() = ToProto(On(last));
    return *this;
  }
  MadeRecord& Event(v1::OfficerEvent::Kind kind, const std::string& date) {
    v1::OfficerEvent& event = *officer.add_events();
    event.set_kind(kind);
    *event.mutable_date() = ToProto(On(date));
    event.set_agreement(officer.agreement());
    return *this;
  }

  v1::Certification At(const PolicyView& policy, Date as_of, bool explain = false) const {
    return Certify({officer, completions, waivers}, policy, as_of, explain);
  }
  v1::Certification At(const MadePolicy& policy, const std::string& as_of,
                       bool explain = false) const {
    return At(policy.view(), On(as_of), explain);
  }

  v1::Officer officer;
  std::vector<v1::Completion> completions;
  std::vector<v1::Waiver> waivers;
};

// The requirement of that code, or an empty one.
inline v1::Requirement Find(const v1::Certification& certification, const std::string& code) {
  for (const auto& requirement : certification.requirements()) {
    if (requirement.code() == code) return requirement;
  }
  return {};
}

}  // namespace accord::training
