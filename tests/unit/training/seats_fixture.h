// Offerings and enrollments: the handlers on a real store with a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/store/log_reader.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/types.h"
#include "tests/unit/training/course_policy.h"
#include "tests/unit/training/no_agreements.h"

namespace accord::training {

inline constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
inline const Date kToday = MakeDate(2026, 3, 2);
inline const Date kFirstDay = MakeDate(2026, 4, 6);

class SeatHandlersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto policy = CoursePolicy();
    ASSERT_NE(policy, nullptr);
    zone_ = policy->time_zone();
    SetToday(kToday);
    auto store = store::Store::Open("training", kDomain, Types(), clock_,
                                    {.url = absl::StrCat("sqlite:", dir_.path(), "/t.db")});
    ASSERT_THAT(store, testing::IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, policy, agreements_);
  }

  void SetToday(Date date) { clock_.Set(StartOfDay(date, zone_) + absl::Hours(12)); }

  // Writes a resource as the part of the service would that owns it.
  template <typename T>
  void Put(const T& resource) {
    store::MutationContext context;
    context.action = "Put";
    ASSERT_THAT(store_->Mutate(context,
                               [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                                 store::WriteSet writes;
                                 writes.Create(resource);
                                 return writes;
                               }),
                testing::IsOk());
  }
  std::string PutOfficer(const std::string& id, v1::Officer::State state = v1::Officer::SCREENED,
                         bool fictitious = true, const std::string& model = "AAA") {
    v1::Officer officer;
    officer.set_name(absl::StrCat("officers/", id));
    officer.set_agency("agencies/demo");
    officer.set_field_office("fieldOffices/houston");
    officer.set_model(model);
    officer.set_state(state);
    officer.set_fictitious(fictitious);
    Put(officer);
    return officer.name();
  }

  static v1::CreateOfferingRequest OfferingOf(int seats, const std::string& course = "aaa-basic") {
    v1::CreateOfferingRequest request;
    v1::Offering& offering = *request.mutable_offering();
    offering.set_course(course);
    offering.set_place("Demo Academy");
    *offering.mutable_first_date() = ToProto(kFirstDay);
    *offering.mutable_last_date() = ToProto(kFirstDay + days(25));
    offering.set_seats(seats);
    offering.set_fictitious(true);
    return request;
  }
  std::string Announce(int seats) {
    const auto offering = handlers_->CreateOffering(call_, OfferingOf(seats));
    EXPECT_THAT(offering, testing::IsOk());
    return offering.value_or(v1::Offering()).name();
  }
  absl::StatusOr<v1::Enrollment> TryEnroll(
      const std::string& offering, const std::string& officer,
      v1::Enrollment::Priority priority = v1::Enrollment::STANDARD) {
    v1::EnrollOfficerRequest request;
    request.mutable_enrollment()->set_offering(offering);
    request.mutable_enrollment()->set_officer(officer);
    request.mutable_enrollment()->set_priority(priority);
    if (priority != v1::Enrollment::STANDARD) {
      request.mutable_enrollment()->set_priority_reason("as said");
    }
    return handlers_->EnrollOfficer(call_, request);
  }
  // Of a new officer.
  v1::Enrollment Enroll(const std::string& offering,
                        v1::Enrollment::Priority priority = v1::Enrollment::STANDARD) {
    const auto enrollment =
        TryEnroll(offering, PutOfficer(absl::StrCat("p", ++officers_)), priority);
    EXPECT_THAT(enrollment, testing::IsOk());
    return enrollment.value_or(v1::Enrollment());
  }
  absl::StatusOr<v1::Enrollment> End(EnrollmentEnd end, const std::string& name,
                                     const std::string& etag = "", const std::string& reason = "") {
    v1::EndEnrollmentRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_reason(reason);
    return handlers_->EndEnrollment(call_, end, request);
  }
  absl::StatusOr<v1::Enrollment> Cancel(const std::string& name) {
    return End(EnrollmentEnd::kCancel, name);
  }
  absl::StatusOr<v1::Enrollment> Transfer(const std::string& name, const std::string& offering) {
    v1::TransferEnrollmentRequest request;
    request.set_name(name);
    request.set_offering(offering);
    return handlers_->TransferEnrollment(call_, request);
  }
  absl::StatusOr<v1::Offering> CancelOffering(const std::string& name) {
    v1::CancelOfferingRequest request;
    request.set_name(name);
    request.set_reason("no instructors");
    return handlers_->CancelOffering(call_, request);
  }
  absl::StatusOr<v1::Offering> ChangeSeats(const std::string& name, int seats) {
    v1::UpdateOfferingRequest request;
    request.mutable_offering()->set_name(name);
    request.mutable_offering()->set_seats(seats);
    request.mutable_update_mask()->add_paths("seats");
    return handlers_->UpdateOffering(call_, request);
  }
  absl::StatusOr<v1::Offering> MoveTo(const std::string& name, Date first) {
    v1::UpdateOfferingRequest request;
    request.mutable_offering()->set_name(name);
    *request.mutable_offering()->mutable_first_date() = ToProto(first);
    *request.mutable_offering()->mutable_last_date() = ToProto(first + days(25));
    request.mutable_update_mask()->add_paths("first_date");
    request.mutable_update_mask()->add_paths("last_date");
    return handlers_->UpdateOffering(call_, request);
  }

  absl::StatusOr<v1::Completion> RecordResult(const std::string& officer,
                                              v1::Completion::Result result, Date date = kToday,
                                              const std::string& offering = "") {
    v1::RecordCompletionRequest request;
    v1::Completion& completion = *request.mutable_completion();
    completion.set_officer(officer);
    completion.set_course("aaa-basic");
    completion.set_offering(offering);
    completion.set_result(result);
    *completion.mutable_date() = ToProto(date);
    return handlers_->RecordCompletion(call_, request);
  }

  std::vector<log::v1::Change> ChangesSince(int64_t revision) {
    const auto snapshot = store_->Read(absl::InfiniteFuture());
    const auto changes = store::ReadTail(***snapshot, revision, 100);
    EXPECT_THAT(changes, testing::IsOk());
    return changes.value_or(std::vector<log::v1::Change>());
  }

  v1::Enrollment Now(const std::string& name) {
    v1::GetEnrollmentRequest request;
    request.set_name(name);
    return handlers_->GetEnrollment(call_, request).value_or(v1::Enrollment());
  }
  void ExpectCounts(const std::string& name, int taken, int waiting) {
    v1::GetOfferingRequest request;
    request.set_name(name);
    const auto offering = handlers_->GetOffering(call_, request);
    ASSERT_THAT(offering, testing::IsOk());
    EXPECT_EQ(offering->seats_taken(), taken);
    EXPECT_EQ(offering->waiting(), waiting);
  }
  int64_t Revision() { return store_->heads().Current().revision; }

  testing::TempDir dir_;
  absl::TimeZone zone_;
  FakeClock clock_{absl::UnixEpoch()};
  NoAgreements agreements_{};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Handlers> handlers_;
  rpc::Call call_ = rpc::Call::ForTest("unverified:tester");
  int officers_ = 0;
};

}  // namespace accord::training
