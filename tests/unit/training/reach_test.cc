// What the handlers answer to callers who may not see the whole program.
#include <gmock/gmock.h>

#include <functional>

#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::StatusIs;

constexpr char kHouston[] = "fieldOffices/houston";
constexpr char kDallas[] = "fieldOffices/dallas";
const Date kFirstDay = MakeDate(2026, 5, 4);

// Names of resources about one officer.
struct Side {
  std::string officer;
  std::string completion;
  std::string waiver;
  std::string enrollment;
  std::string revocation;
  std::string monitor;
};

class ReachTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    Announce("agreements/far", "agencies/far", "AAA", "AAA-1", kDallas);
    offering_ = Offer();
    other_offering_ = Offer();
    ours_ = MakeSide(kUnderA, "agencies/one");
    theirs_ = MakeSide("agreements/far", "agencies/far");
  }

  std::string Offer(int seats = 10) {
    v1::CreateOfferingRequest request;
    v1::Offering& offering = *request.mutable_offering();
    offering.set_course("aaa-annual");
    offering.set_place("Demo Academy");
    *offering.mutable_first_date() = ToProto(kFirstDay);
    *offering.mutable_last_date() = ToProto(kFirstDay + days(4));
    offering.set_seats(seats);
    offering.set_fictitious(true);
    return handlers_->CreateOffering(call_, request).value().name();
  }

  static v1::EnrollOfficerRequest EnrollmentOf(const std::string& officer,
                                               const std::string& offering) {
    v1::EnrollOfficerRequest request;
    request.mutable_enrollment()->set_officer(officer);
    request.mutable_enrollment()->set_offering(offering);
    return request;
  }
  std::string Enroll(const std::string& officer, const std::string& offering) {
    return handlers_->EnrollOfficer(call_, EnrollmentOf(officer, offering)).value().name();
  }

  v1::GrantWaiverRequest WaiverOf(const std::string& officer) {
    v1::GrantWaiverRequest request;
    v1::Waiver& waiver = *request.mutable_waiver();
    waiver.set_officer(officer);
    waiver.set_course("aaa-annual");
    waiver.set_reason(v1::Waiver::ADMINISTRATIVE);
    waiver.set_explanation("on leave");
    *waiver.mutable_first_date() = ToProto(today_);
    *waiver.mutable_last_date() = ToProto(today_ + days(30));
    return request;
  }
  static v1::ProposeRevocationRequest ProposalOf(const std::string& officer) {
    v1::ProposeRevocationRequest request;
    request.set_officer(officer);
    request.set_reason("as reported");
    return request;
  }
  static v1::NameMonitorRequest MonitorOf(const std::string& agency) {
    v1::NameMonitorRequest request;
    request.mutable_monitor()->set_agency(agency);
    request.mutable_monitor()->set_manager("unverified:clerk");
    request.mutable_monitor()->set_training_officer("unverified:trainer");
    return request;
  }

  Side MakeSide(const std::string& agreement, const std::string& agency) {
    Side side;
    side.officer = Certified(agreement).name();
    side.completion = Complete(side.officer, "aaa-annual", MakeDate(2025, 3, 4));
    side.waiver = handlers_->GrantWaiver(call_, WaiverOf(side.officer)).value().name();
    side.enrollment = Enroll(side.officer, offering_);
    side.revocation = handlers_->ProposeRevocation(call_, ProposalOf(side.officer)).value().name();
    side.monitor = handlers_->NameMonitor(call_, MonitorOf(agency)).value().name();
    return side;
  }

  static Side Absent() {
    return {"officers/none",    "completions/none",     "waivers/none",
            "enrollments/none", "revocationCases/none", "monitors/none"};
  }
  static std::string Renamed(absl::string_view text, const Side& from, const Side& to) {
    return absl::StrReplaceAll(text, {{from.officer, to.officer},
                                      {from.completion, to.completion},
                                      {from.waiver, to.waiver},
                                      {from.enrollment, to.enrollment},
                                      {from.revocation, to.revocation},
                                      {from.monitor, to.monitor}});
  }

  template <typename Request>
  Request Named(const std::string& name) const {
    Request request;
    request.set_name(name);
    if constexpr (requires { request.set_reason(""); }) request.set_reason("as decided");
    if constexpr (requires { request.mutable_date(); }) {
      *request.mutable_date() = ToProto(today_);
    }
    return request;
  }

  // Every method that is about an officer, or about what belongs to one.
  struct Method {
    std::string name;
    std::function<absl::Status(rpc::Call&, const Side&)> call;
  };
  std::vector<Method> Reads();
  std::vector<Method> Writes();

  static rpc::Call By(Reach reach) {
    return rpc::Call::ForTest("unverified:clerk", {.reach = std::move(reach)});
  }
  static rpc::Call OfHouston() { return By({.field_offices = {kHouston}}); }
  rpc::Call OfThemselves() const { return By({.self = true, .officers = {ours_.officer}}); }

  std::string offering_;
  std::string other_offering_;
  Side ours_;
  Side theirs_;
};

std::vector<ReachTest::Method> ReachTest::Reads() {
  Handlers& h = *handlers_;
  const auto of_officer = [](const Side& side) {
    v1::GetCertificationRequest request;
    request.set_officer(side.officer);
    return request;
  };
  return {
      {"GetOfficer",
       [&](auto& call, const Side& side) {
         return h.GetOfficer(call, Named<v1::GetOfficerRequest>(side.officer)).status();
       }},
      {"GetOfficer as known",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::GetOfficerRequest>(side.officer);
         request.set_as_known_at(Revision());
         return h.GetOfficer(call, request).status();
       }},
      {"GetCompletion",
       [&](auto& call, const Side& side) {
         return h.GetCompletion(call, Named<v1::GetCompletionRequest>(side.completion)).status();
       }},
      {"GetWaiver",
       [&](auto& call, const Side& side) {
         return h.GetWaiver(call, Named<v1::GetWaiverRequest>(side.waiver)).status();
       }},
      {"GetEnrollment",
       [&](auto& call, const Side& side) {
         return h.GetEnrollment(call, Named<v1::GetEnrollmentRequest>(side.enrollment)).status();
       }},
      {"GetRevocationCase",
       [&](auto& call, const Side& side) {
         const auto request = Named<v1::GetRevocationCaseRequest>(side.revocation);
         return h.GetRevocationCase(call, request).status();
       }},
      {"GetCertification",
       [&, of_officer](auto& call, const Side& side) {
         return h.GetCertification(call, of_officer(side)).status();
       }},
      {"GetCertification as known",
       [&, of_officer](auto& call, const Side& side) {
         auto request = of_officer(side);
         request.set_as_known_at(Revision());
         return h.GetCertification(call, request).status();
       }},
      {"ExplainCertification",
       [&, of_officer](auto& call, const Side& side) {
         return h.ExplainCertification(call, of_officer(side)).status();
       }},
      {"GetOfficerRecord",
       [&](auto& call, const Side& side) {
         v1::GetOfficerRecordRequest request;
         request.set_officer(side.officer);
         return h.GetOfficerRecord(call, request).status();
       }},
  };
}

std::vector<ReachTest::Method> ReachTest::Writes() {
  Handlers& h = *handlers_;
  std::vector<Method> methods = {
      {"UpdateOfficer",
       [&](auto& call, const Side& side) {
         v1::UpdateOfficerRequest request;
         request.mutable_officer()->set_name(side.officer);
         request.mutable_officer()->set_given_name("Model");
         request.mutable_update_mask()->add_paths("given_name");
         return h.UpdateOfficer(call, request).status();
       }},
      {"RecordPaper",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::RecordPaperRequest>(side.officer);
         request.set_paper(v1::OfficerEvent::FORM_70_006_SIGNED);
         return h.RecordPaper(call, request).status();
       }},
      {"TransferOfficer",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::TransferOfficerRequest>(side.officer);
         request.set_agreement(kUnderB);
         request.set_validate_only(true);
         return h.TransferOfficer(call, request).status();
       }},
      {"AuthorizeOfficer",
       [&](auto& call, const Side& side) {
         return h.TakeStep(call, Step::kAuthorize, Named<v1::StepOfficerRequest>(side.officer))
             .status();
       }},
      {"RecordCompletion",
       [&](auto& call, const Side& side) {
         v1::RecordCompletionRequest request;
         request.mutable_completion()->set_officer(side.officer);
         request.mutable_completion()->set_course("aaa-annual");
         *request.mutable_completion()->mutable_date() = ToProto(MakeDate(2025, 9, 1));
         request.mutable_completion()->set_result(v1::Completion::PASSED);
         return h.RecordCompletion(call, request).status();
       }},
      {"VoidCompletion",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::VoidCompletionRequest>(side.completion);
         return h.VoidCompletion(call, request).status();
       }},
      {"EndWaiver",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::EndWaiverRequest>(side.waiver);
         *request.mutable_last_date() = ToProto(today_);
         return h.EndWaiver(call, request).status();
       }},
      {"EnrollOfficer",
       [&](auto& call, const Side& side) {
         return h.EnrollOfficer(call, EnrollmentOf(side.officer, other_offering_)).status();
       }},
      {"TransferEnrollment",
       [&](auto& call, const Side& side) {
         auto request = Named<v1::TransferEnrollmentRequest>(side.enrollment);
         request.set_offering(Offer());
         request.set_validate_only(true);
         return h.TransferEnrollment(call, request).status();
       }},
      {"CancelEnrollment",
       [&](auto& call, const Side& side) {
         const auto request = Named<v1::EndEnrollmentRequest>(side.enrollment);
         return h.EndEnrollment(call, EnrollmentEnd::kCancel, request).status();
       }},
      {"GiveRevocationNotice",
       [&](auto& call, const Side& side) {
         const auto request = Named<v1::StepRevocationCaseRequest>(side.revocation);
         return h.TakeCaseStep(call, CaseStep::kGiveNotice, request).status();
       }},
      {"RecordAnnualVerification",
       [&](auto& call, const Side& side) {
         v1::RecordAnnualVerificationRequest request;
         request.mutable_annual_verification()->set_officer(side.officer);
         request.mutable_annual_verification()->set_year(2026);
         *request.mutable_annual_verification()->mutable_verify_date() = ToProto(today_);
         return h.RecordAnnualVerification(call, request).status();
       }},
      {"AcknowledgeMonitor",
       [&](auto& call, const Side& side) {
         return h.AcknowledgeMonitor(call, Named<v1::AcknowledgeMonitorRequest>(side.monitor))
             .status();
       }},
  };
  return methods;
}

TEST_F(ReachTest, WhatLiesOutsideIsAnsweredAsWhatIsNotThere) {
  std::vector<Method> methods = Reads();
  for (Method& method : Writes()) methods.push_back(std::move(method));
  // Two that the clerk could not do within the reach either: the other part was theirs.
  methods.push_back({"GrantWaiver", [this](auto& call, const Side& side) {
                       return handlers_->GrantWaiver(call, WaiverOf(side.officer)).status();
                     }});
  methods.push_back({"ProposeRevocation", [this](auto& call, const Side& side) {
                       return handlers_->ProposeRevocation(call, ProposalOf(side.officer)).status();
                     }});
  methods.push_back({"DecideRevocation", [this](auto& call, const Side& side) {
                       const auto request = Named<v1::StepRevocationCaseRequest>(side.revocation);
                       return handlers_->TakeCaseStep(call, CaseStep::kRevoke, request).status();
                     }});
  rpc::Call call = OfHouston();
  const int64_t before = Revision();
  for (const Method& method : methods) {
    SCOPED_TRACE(method.name);
    const absl::Status hidden = method.call(call, theirs_);
    const absl::Status absent = method.call(call, Absent());
    EXPECT_THAT(hidden, StatusIs(StatusCode::kNotFound));
    EXPECT_EQ(GetReason(hidden), GetReason(absent));
    EXPECT_EQ(Renamed(hidden.message(), theirs_, Absent()), absent.message());
  }
  EXPECT_EQ(Revision(), before + 2);  // The offerings that TransferEnrollment is asked about.
}

TEST_F(ReachTest, WhatLiesWithinIsReadAndWritten) {
  rpc::Call call = OfHouston();
  for (const Method& method : Reads()) EXPECT_THAT(method.call(call, ours_), IsOk()) << method.name;
  for (const Method& method : Writes()) {
    EXPECT_THAT(method.call(call, ours_), IsOk()) << method.name;
  }
}

TEST_F(ReachTest, AnOfficerSeesTheirOwnRecordOnly) {
  rpc::Call call = OfThemselves();
  for (const Method& method : Reads()) {
    EXPECT_THAT(method.call(call, ours_), IsOk()) << method.name;
    EXPECT_THAT(method.call(call, theirs_), StatusIs(StatusCode::kNotFound)) << method.name;
  }
}

template <typename Rows>
std::vector<std::string> OfficersIn(const Rows& rows) {
  std::vector<std::string> officers;
  for (const auto& row : rows) officers.push_back(row.officer());
  return officers;
}

TEST_F(ReachTest, ListsHoldWhatLiesWithin) {
  rpc::Call call = OfHouston();
  Handlers& h = *handlers_;
  const auto officers = h.ListOfficers(call, {});
  ASSERT_THAT(officers, IsOk());
  ASSERT_EQ(officers->officers_size(), 1);
  EXPECT_EQ(officers->officers(0).name(), ours_.officer);
  // The basic course and the annual one.
  EXPECT_THAT(OfficersIn(h.ListCompletions(call, {})->completions()),
              ElementsAre(ours_.officer, ours_.officer));
  EXPECT_THAT(OfficersIn(h.ListWaivers(call, {})->waivers()), ElementsAre(ours_.officer));
  EXPECT_THAT(OfficersIn(h.ListEnrollments(call, {})->enrollments()), ElementsAre(ours_.officer));
  EXPECT_THAT(OfficersIn(h.ListRevocationCases(call, {})->revocation_cases()),
              ElementsAre(ours_.officer));
  EXPECT_EQ(h.ListMonitors(call, {})->monitors_size(), 1);
  v1::ListMonitorGapsRequest monitor_gaps;
  monitor_gaps.set_fictitious(true);
  EXPECT_EQ(h.ListMonitorGaps(call, monitor_gaps)->gaps_size(), 1);
  EXPECT_EQ(h.ListMonitorGaps(call_, monitor_gaps)->gaps_size(), 2);
  // Who reaches themselves alone reaches no agency.
  rpc::Call oneself = By({.self = true, .officers = {ours_.officer}});
  EXPECT_EQ(h.ListMonitorGaps(oneself, monitor_gaps)->gaps_size(), 0);
  v1::ListVerificationGapsRequest gaps;
  gaps.set_year(2026);
  const auto gap = h.ListVerificationGaps(call, gaps);
  ASSERT_THAT(gap, IsOk());
  ASSERT_EQ(gap->officers_size(), 1);
  EXPECT_EQ(gap->officers(0).name(), ours_.officer);
  // A seat is everybody's to see.
  EXPECT_EQ(h.ListOfferings(call, {})->offerings_size(), 2);
  rpc::Call nobody = By({.self = true});
  EXPECT_THAT(h.ListOfficers(nobody, {})->officers(), IsEmpty());
}

TEST_F(ReachTest, ASeatThatComesFreeGoesToWhoeverIsNext) {
  const std::string offering = Offer(1);
  const std::string seated = Enroll(ours_.officer, offering);
  const std::string next = Enroll(theirs_.officer, offering);
  rpc::Call call = OfHouston();
  ASSERT_THAT(handlers_->EndEnrollment(call, EnrollmentEnd::kCancel,
                                       Named<v1::EndEnrollmentRequest>(seated)),
              IsOk());
  const auto promoted = handlers_->GetEnrollment(call_, Named<v1::GetEnrollmentRequest>(next));
  ASSERT_THAT(promoted, IsOk());
  EXPECT_EQ(promoted->state(), v1::Enrollment::ENROLLED);
}

TEST_F(ReachTest, NothingIsWrittenBeyond) {
  rpc::Call call = OfHouston();
  const int64_t before = Revision();
  v1::NominateOfficerRequest nomination;
  nomination.mutable_officer()->set_given_name("Demo");
  nomination.mutable_officer()->set_family_name("Person");
  nomination.mutable_officer()->set_agreement("agreements/far");
  *nomination.mutable_nomination_date() = ToProto(today_);
  EXPECT_THAT(handlers_->NominateOfficer(call, nomination),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  auto transfer = Named<v1::TransferOfficerRequest>(ours_.officer);
  transfer.set_agreement("agreements/far");
  EXPECT_THAT(handlers_->TransferOfficer(call, transfer),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  EXPECT_THAT(handlers_->NameMonitor(call, MonitorOf("agencies/far")),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  // It would end the enrollments of others.
  EXPECT_THAT(handlers_->CancelOffering(call, Named<v1::CancelOfferingRequest>(offering_)),
              FailsWith(StatusCode::kPermissionDenied, "REACH_TOO_SMALL"));
  EXPECT_EQ(Revision(), before);
}

TEST_F(ReachTest, AnOfficersRecordFollowsATransfer) {
  const auto recorded = [&](rpc::Call& call) {
    std::vector<std::string> names;
    const auto listed = handlers_->ListCompletions(call, {});
    EXPECT_THAT(listed, IsOk());
    for (const v1::Completion& completion : listed->completions()) {
      if (completion.officer() == ours_.officer) names.push_back(completion.name());
    }
    return names;
  };
  rpc::Call old_call = OfHouston();
  rpc::Call new_call = By({.field_offices = {kDallas}});
  const std::vector<std::string> all = recorded(old_call);
  EXPECT_THAT(all, Contains(ours_.completion));
  EXPECT_THAT(recorded(new_call), IsEmpty());
  auto away = Named<v1::TransferOfficerRequest>(ours_.officer);
  away.set_agreement("agreements/far");
  ASSERT_THAT(handlers_->TransferOfficer(call_, away), IsOk());
  EXPECT_THAT(recorded(old_call), IsEmpty());
  EXPECT_EQ(recorded(new_call), all);
  // The agency is the one that it was recorded under; who may see and void it goes by the officer.
  const auto get = Named<v1::GetCompletionRequest>(ours_.completion);
  EXPECT_EQ(handlers_->GetCompletion(new_call, get)->agency(), "agencies/one");
  const auto to_void = Named<v1::VoidCompletionRequest>(ours_.completion);
  EXPECT_THAT(handlers_->VoidCompletion(old_call, to_void), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(handlers_->VoidCompletion(new_call, to_void), IsOk());
}

}  // namespace
}  // namespace accord::training
