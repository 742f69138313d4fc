// Certifications, courses and an officer's record, as callers ask for them.
#include <gmock/gmock.h>

#include "tests/unit/training/completions_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::PartiallyEqualsProto;
using ::testing::SizeIs;

class RecordTest : public CompletionsTest {
 protected:
  absl::StatusOr<v1::Certification> Certification(const std::string& officer, Date as_of,
                                                  int64_t as_known_at = 0) {
    v1::GetCertificationRequest request;
    request.set_officer(officer);
    *request.mutable_as_of() = ToProto(as_of);
    request.set_as_known_at(as_known_at);
    return handlers_->GetCertification(call_, request);
  }

  v1::OfficerRecord RecordOn(const std::string& officer, Date as_of) {
    v1::GetOfficerRecordRequest request;
    request.set_officer(officer);
    *request.mutable_as_of() = ToProto(as_of);
    const auto record = handlers_->GetOfficerRecord(call_, request);
    EXPECT_THAT(record, IsOk());
    return record.value_or(v1::OfficerRecord());
  }

  static v1::AuthorityCondition Find(const v1::OfficerRecord& record, const std::string& code) {
    for (const auto& condition : record.conditions()) {
      if (condition.code() == code) return condition;
    }
    return {};
  }

  std::vector<std::string> CoursesOf(const std::string& model) {
    v1::ListCoursesRequest request;
    request.set_model(model);
    std::vector<std::string> codes;
    const auto courses = handlers_->ListCourses(call_, request);
    EXPECT_THAT(courses, IsOk());
    if (!courses.ok()) return codes;
    for (const auto& course : courses->courses()) codes.push_back(course.code());
    return codes;
  }
};

TEST_F(RecordTest, CoursesAreThoseOfTheModel) {
  EXPECT_THAT(CoursesOf(""), ElementsAre("aaa-basic", "aaa-annual", "bbb-basic"));
  EXPECT_THAT(CoursesOf("BBB"), ElementsAre("bbb-basic"));
  EXPECT_THAT(CoursesOf("CCC"), IsEmpty());
}

TEST_F(RecordTest, ACertificationIsOfItsDateAndExplainedWhenAsked) {
  const std::string officer = Authorized().name();
  const auto then = Certification(officer, MakeDate(2026, 3, 4));
  ASSERT_THAT(then, IsOk());
  EXPECT_THAT(*then, PartiallyEqualsProto(R"pb(
    state: CURRENT
    basis: SYNTHETIC
    fictitious: true
    policy_version: "v1"
    ends_by: "aaa-annual"
    current_through { year: 2026 month: 3 day: 4 }
  )pb"));
  EXPECT_THAT(then->requirements(0).steps(), IsEmpty());
  const auto later = Certification(officer, MakeDate(2026, 3, 5));
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(later->state(), v1::Certification::LAPSED);
  v1::GetCertificationRequest request;
  request.set_officer(officer);
  const auto explained = handlers_->ExplainCertification(call_, request);
  ASSERT_THAT(explained, IsOk());
  EXPECT_THAT(explained->requirements(0).steps(), Not(IsEmpty()));
  EXPECT_THAT(Certification("officers/none", today_),
              FailsWith(StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_F(RecordTest, ACertificationCanBeThatOfAnEarlierRecord) {
  const std::string officer = Certified().name();
  const int64_t before = Revision();
  ASSERT_THAT(Record(officer, "aaa-annual", MakeDate(2026, 2, 27)), IsOk());
  const int64_t with = Revision();
  v1::GrantWaiverRequest waive;
  waive.mutable_waiver()->set_officer(officer);
  waive.mutable_waiver()->set_course("aaa-annual");
  waive.mutable_waiver()->set_reason(v1::Waiver::TESTED_OUT);
  waive.mutable_waiver()->set_explanation("as examined");
  *waive.mutable_waiver()->mutable_first_date() = ToProto(today_);
  *waive.mutable_waiver()->mutable_last_date() = ToProto(MakeDate(2027, 6, 30));
  ASSERT_THAT(handlers_->GrantWaiver(director_, waive), IsOk());
  const auto ends = [&](int64_t as_known_at) {
    const auto certification = Certification(officer, today_, as_known_at);
    EXPECT_THAT(certification, IsOk());
    return FromProto(certification.value_or(v1::Certification()).current_through());
  };
  EXPECT_EQ(Certification(officer, today_, before)->state(), v1::Certification::LAPSED);
  EXPECT_EQ(ends(with), MakeDate(2027, 2, 27));
  EXPECT_EQ(ends(0), MakeDate(2027, 6, 30));
  EXPECT_THAT(Certification(officer, today_, Revision() + 1),
              FailsWith(StatusCode::kOutOfRange, "REVISION_AHEAD"));
}

TEST_F(RecordTest, AnOfficersRecordSaysWhatAuthorityRestsOn) {
  const std::string officer = Authorized().name();
  const v1::OfficerRecord record = RecordOn(officer, MakeDate(2026, 3, 2));
  EXPECT_EQ(record.officer().name(), officer);
  EXPECT_EQ(record.certification().state(), v1::Certification::CURRENT);
  EXPECT_THAT(record.open_cases(), IsEmpty());
  EXPECT_THAT(Find(record, "training"), PartiallyEqualsProto(R"pb(
                state: PROVEN
                holds_through { year: 2026 month: 3 day: 4 }
              )pb"));
  EXPECT_THAT(Find(record, "training").fact(), ::testing::StartsWith("completions/"));
  EXPECT_THAT(Find(record, "authorization"),
              PartiallyEqualsProto(absl::StrCat("state: PROVEN fact: '", officer, "'")));
  EXPECT_THAT(Find(record, "authorization_term"),
              PartiallyEqualsProto("state: NOT_REQUIRED clause: 'no rule on record'"));
  EXPECT_THAT(Find(record, "not_revoked"), PartiallyEqualsProto("state: PROVEN"));
  // That is its owner's to say.
  EXPECT_EQ(Find(record, "agreement").code(), "");
}

TEST_F(RecordTest, WhatIsKnownNotToHoldIsDisproven) {
  const std::string officer = Authorized().name();
  EXPECT_THAT(Find(RecordOn(officer, MakeDate(2026, 3, 5)), "training"),
              PartiallyEqualsProto("state: DISPROVEN"));
  // Before the letter there is nothing that proves it, and nothing that speaks against it.
  EXPECT_THAT(Find(RecordOn(officer, MakeDate(2025, 3, 9)), "authorization"),
              PartiallyEqualsProto("state: NOT_PROVEN"));
  const std::string of_term = Authorized(MakeDate(2025, 3, 4), kUnderB).name();
  EXPECT_THAT(Find(RecordOn(of_term, MakeDate(2027, 3, 9)), "authorization_term"),
              PartiallyEqualsProto("state: PROVEN holds_through { year: 2027 month: 3 day: 9 }"));
  EXPECT_THAT(Find(RecordOn(of_term, MakeDate(2027, 3, 10)), "authorization_term"),
              PartiallyEqualsProto("state: DISPROVEN"));
}

TEST_F(RecordTest, CasesAreOpenUntilTheyAreDecided) {
  const std::string officer = Authorized().name();
  GoTo(MakeDate(2026, 3, 20));
  ASSERT_THAT(handlers_->SweepDay(today_), IsOk());
  const auto cases = All<v1::RevocationCase>();
  ASSERT_THAT(cases, SizeIs(1));
  EXPECT_THAT(RecordOn(officer, MakeDate(2026, 3, 19)).open_cases(), IsEmpty());
  EXPECT_THAT(RecordOn(officer, today_).open_cases(), SizeIs(1));
  v1::StepRevocationCaseRequest decide;
  decide.set_name(cases[0].name());
  *decide.mutable_date() = ToProto(MakeDate(2026, 3, 25));
  decide.set_reason("as decided");
  GoTo(MakeDate(2026, 3, 25));
  ASSERT_THAT(handlers_->TakeCaseStep(director_, CaseStep::kRevoke, decide), IsOk());
  EXPECT_THAT(RecordOn(officer, MakeDate(2026, 3, 24)).open_cases(), SizeIs(1));
  const v1::OfficerRecord revoked = RecordOn(officer, today_);
  EXPECT_THAT(revoked.open_cases(), IsEmpty());
  EXPECT_THAT(Find(revoked, "not_revoked"),
              PartiallyEqualsProto(absl::StrCat("state: DISPROVEN fact: '", cases[0].name(), "'")));
  GoTo(MakeDate(2026, 4, 9));
  *decide.mutable_date() = ToProto(today_);
  ASSERT_THAT(handlers_->TakeCaseStep(director_, CaseStep::kReinstate, decide), IsOk());
  EXPECT_THAT(RecordOn(officer, MakeDate(2026, 3, 26)).open_cases(), IsEmpty());
}

}  // namespace
}  // namespace accord::training
