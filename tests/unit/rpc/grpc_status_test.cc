#include "common/rpc/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace accord::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDomain[] = "test.accord";

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status proto;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  return proto;
}

int CountErrorInfos(const google::rpc::Status& proto) {
  int count = 0;
  for (const auto& detail : proto.details()) count += detail.Is<google::rpc::ErrorInfo>();
  return count;
}

google::rpc::BadRequest BadRequestOf(const google::rpc::Status& proto) {
  google::rpc::BadRequest bad;
  for (const auto& detail : proto.details()) {
    if (detail.UnpackTo(&bad)) return bad;
  }
  return bad;
}

// base64 of the details and the message, as the wire has them.
size_t WireSize(const grpc::Status& status) {
  return status.error_message().size() + (status.error_details().size() + 2) / 3 * 4;
}

TEST(GrpcStatusTest, ErrorsForCallersKeepEverything) {
  const absl::Status error = WithPrecondition(
      WithRetryAfter(MakeError(absl::StatusCode::kFailedPrecondition, kDomain, "STATE_FORBIDS",
                               "cannot do it now", {{"state", "DRAFT"}}),
                     absl::Milliseconds(1500)),
      "STATE", "agreements/1", "is a draft");
  const grpc::Status status = ToGrpcStatus(error, "other.accord");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "cannot do it now");
  EXPECT_EQ(CountErrorInfos(DetailsOf(status)), 1);
  EXPECT_EQ(FromGrpcStatus(status), error);
}

TEST(GrpcStatusTest, OkIsOkBothWays) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), kDomain).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

struct InternalCase {
  absl::StatusCode code;
  absl::StatusCode visible;
  const char* reason;
};

class InternalErrorTest : public ::testing::TestWithParam<InternalCase> {};

TEST_P(InternalErrorTest, HidesItsTextAndCarriesAnErrorInfo) {
  absl::Status error(GetParam().code, "SELECT secret FROM officers");
  error.SetPayload("type.googleapis.com/secret", absl::Cord("secret"));
  const grpc::Status status = ToGrpcStatus(error, kDomain);
  EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(GetParam().visible));
  EXPECT_THAT(status.error_message(), Not(HasSubstr("secret")));
  EXPECT_THAT(status.error_details(), Not(HasSubstr("secret")));
  EXPECT_EQ(CountErrorInfos(DetailsOf(status)), 1);
  const absl::Status seen = FromGrpcStatus(status);
  EXPECT_EQ(GetReason(seen), GetParam().reason);
  EXPECT_EQ(GetErrorInfo(seen)->domain(), kDomain);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, InternalErrorTest,
    ::testing::Values(
        InternalCase{absl::StatusCode::kUnavailable, absl::StatusCode::kUnavailable,
                     "STORE_UNAVAILABLE"},
        InternalCase{absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kDeadlineExceeded,
                     "DEADLINE_EXCEEDED"},
        InternalCase{absl::StatusCode::kCancelled, absl::StatusCode::kCancelled, "CANCELLED"},
        InternalCase{absl::StatusCode::kAborted, absl::StatusCode::kAborted, "ABORTED"},
        InternalCase{absl::StatusCode::kResourceExhausted, absl::StatusCode::kResourceExhausted,
                     "RESOURCE_EXHAUSTED"},
        InternalCase{absl::StatusCode::kNotFound, absl::StatusCode::kInternal, "INTERNAL"},
        InternalCase{absl::StatusCode::kUnknown, absl::StatusCode::kInternal, "INTERNAL"},
        InternalCase{absl::StatusCode::kInternal, absl::StatusCode::kInternal, "INTERNAL"}));

TEST(GrpcStatusTest, FiveHundredViolationsFitAndTellTheirTotal) {
  FieldViolations violations;
  for (int i = 0; i < 500; ++i) {
    violations.Add(absl::StrCat("rows[", i, "].agreement.model"), std::string(200, 'x'));
  }
  const grpc::Status status = ToGrpcStatus(violations.ToStatus(kDomain), kDomain);
  EXPECT_LE(WireSize(status), kMaxStatusBytes);
  const absl::Status seen = FromGrpcStatus(status);
  const auto metadata = GetErrorInfo(seen)->metadata();
  const int listed = BadRequestOf(DetailsOf(status)).field_violations_size();
  EXPECT_GT(listed, 5);
  EXPECT_EQ(metadata.at("violations"), "500");
  EXPECT_EQ(metadata.at("violations_listed"), absl::StrCat(listed));
}

TEST(GrpcStatusTest, AFewViolationsAreAllListed) {
  FieldViolations violations;
  for (int i = 0; i < 20; ++i) violations.Add(absl::StrCat("field_", i), "is required");
  const grpc::Status status = ToGrpcStatus(violations.ToStatus(kDomain), kDomain);
  EXPECT_EQ(BadRequestOf(DetailsOf(status)).field_violations_size(), 20);
}

TEST(GrpcStatusTest, OtherDetailsGoBeforeTheErrorInfo) {
  absl::Status error = WithPrecondition(MakeError(absl::StatusCode::kFailedPrecondition, kDomain,
                                                  "STATE_FORBIDS", "no", {{"state", "DRAFT"}}),
                                        "STATE", "x", std::string(20'000, 'y'));
  const grpc::Status status = ToGrpcStatus(error, kDomain);
  EXPECT_LE(WireSize(status), kMaxStatusBytes);
  const absl::Status seen = FromGrpcStatus(status);
  EXPECT_EQ(GetReason(seen), "STATE_FORBIDS");
  EXPECT_EQ(GetErrorInfo(seen)->metadata().at("state"), "DRAFT");
  EXPECT_EQ(GetErrorInfo(seen)->metadata().at("details_dropped"), "1");
}

TEST(GrpcStatusTest, HugeMetadataAndTextStillFit) {
  const std::string huge(30'000, 'z');
  const grpc::Status status = ToGrpcStatus(
      MakeError(absl::StatusCode::kInvalidArgument, kDomain, "TOO_LONG", huge, {{"value", huge}}),
      kDomain);
  EXPECT_LE(WireSize(status), kMaxStatusBytes);
  EXPECT_EQ(GetReason(FromGrpcStatus(status)), "TOO_LONG");
}

TEST(GrpcStatusTest, APeerWithoutErrorInfoGetsOne) {
  const auto reason = [](grpc::StatusCode code) {
    return GetReason(FromGrpcStatus(grpc::Status(code, "connection refused")));
  };
  EXPECT_EQ(reason(grpc::StatusCode::UNAVAILABLE), "UNREACHABLE");
  EXPECT_EQ(reason(grpc::StatusCode::DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED");
  EXPECT_EQ(reason(grpc::StatusCode::UNIMPLEMENTED), "UNIMPLEMENTED");
}

}  // namespace
}  // namespace accord::rpc
