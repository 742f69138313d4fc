// Exit codes, and what a failed command says.
#include "services/cli/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/cli/exit_codes.h"

namespace accord::cli {
namespace {

using ::testing::HasSubstr;
using Code = absl::StatusCode;

absl::Status ServerError(Code code, absl::string_view reason, ErrorMetadata metadata = {}) {
  return MakeError(code, "agreements.accord", reason, "what happened", std::move(metadata));
}

TEST(ExitCodeTest, IsStable) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeFor(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeFor(absl::PermissionDeniedError("")), 1);
  EXPECT_EQ(ExitCodeFor(ServerError(Code::kInvalidArgument, "ROSTER_DAMAGED")), 1);
  EXPECT_EQ(ExitCodeFor(ServerError(Code::kInvalidArgument, "INVALID_FIELDS")), 2);
  EXPECT_EQ(ExitCodeFor(UsageError("a", "b")), 2);
  EXPECT_EQ(ExitCodeFor(absl::OutOfRangeError("")), 2);
  EXPECT_EQ(ExitCodeFor(absl::NotFoundError("")), 3);
  EXPECT_EQ(ExitCodeFor(absl::FailedPreconditionError("")), 4);
  EXPECT_EQ(ExitCodeFor(absl::AbortedError("")), 4);
  EXPECT_EQ(ExitCodeFor(absl::AlreadyExistsError("")), 4);
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("")), 5);
  EXPECT_EQ(ExitCodeFor(absl::ResourceExhaustedError("")), 5);
  EXPECT_EQ(ExitCodeFor(absl::DeadlineExceededError("")), 124);
}

TEST(DescribeErrorTest, EveryCodeSaysWhatToDoNext) {
  for (int code = 1; code <= 16; ++code) {
    EXPECT_NE(NextStep(absl::Status(static_cast<Code>(code), "x"), ""), "") << code;
  }
}

struct NextCase {
  const char* title;
  Code code;
  const char* reason;
  ErrorMetadata metadata;
  const char* next;
};

class NextStepTest : public ::testing::TestWithParam<NextCase> {};

TEST_P(NextStepTest, FollowsTheReason) {
  const NextCase& c = GetParam();
  EXPECT_EQ(NextStep(ServerError(c.code, c.reason, c.metadata), "host:1"), c.next);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, NextStepTest,
    ::testing::Values(
        NextCase{
            "Transition",
            Code::kFailedPrecondition,
            "ILLEGAL_TRANSITION",
            {{"name", "agreements/x"}, {"legal_moves", "SuspendAgreement, TerminateAgreement"}},
            "legal now: accordctl agreement suspend|terminate agreements/x …"},
        NextCase{"Ended",
                 Code::kFailedPrecondition,
                 "ILLEGAL_TRANSITION",
                 {{"name", "agreements/x"}, {"legal_moves", ""}},
                 "no move is legal any more; accordctl describe shows how it ended"},
        NextCase{"Date",
                 Code::kFailedPrecondition,
                 "DATE_OUT_OF_ORDER",
                 {{"last_transition", "2025-05-01"}},
                 "give --date 2025-05-01 or a later day"},
        NextCase{"Decided",
                 Code::kFailedPrecondition,
                 "DISCREPANCY_DECIDED",
                 {{"name", "rosterDiscrepancies/d"}},
                 "to decide again, take it back: accordctl resolve undo rosterDiscrepancies/d "
                 "--reason …"},
        NextCase{"Newest",
                 Code::kFailedPrecondition,
                 "IMPORT_NOT_NEWEST",
                 {{"newest", "rosterImports/9"}},
                 "take the later one back first: accordctl import revert rosterImports/9 "
                 "--reason …"},
        NextCase{"Unreachable",
                 Code::kUnavailable,
                 "UNREACHABLE",
                 {},
                 "is host:1 the right address, and running? Set --server, ACCORD_SERVER or "
                 "--config. TLS is spoken with it unless you say --plaintext; --tls-ca FILE names "
                 "your own authority"},
        NextCase{"NoProof",
                 Code::kUnauthenticated,
                 "NO_PROOF",
                 {},
                 "log in: accordctl login --token-file FILE"},
        NextCase{"Expired",
                 Code::kUnauthenticated,
                 "TOKEN_EXPIRED",
                 {},
                 "get a new token of your identity provider, then accordctl login --token-file "
                 "FILE; check the certificate, if you use one"},
        NextCase{"NotGranted",
                 Code::kPermissionDenied,
                 "METHOD_NOT_GRANTED",
                 {{"method", "a.B/Sign"}},
                 "see who may: accordctl auth can-i a.B/Sign; and your roles: accordctl auth "
                 "whoami"},
        NextCase{"Reach",
                 Code::kPermissionDenied,
                 "REACH_TOO_SMALL",
                 {{"method", "a.B/List"}},
                 "name one resource of your own office or agency, or ask somebody whose role "
                 "reaches the whole program: accordctl auth can-i a.B/List; yours: accordctl auth "
                 "whoami"},
        NextCase{"Separation",
                 Code::kPermissionDenied,
                 "SEPARATION_OF_DUTIES",
                 {{"name", "agreements/x"}},
                 "another person must do this; who did what with it: accordctl changes "
                 "agreements/x"},
        NextCase{"Quota",
                 Code::kResourceExhausted,
                 "CALLER_QUOTA",
                 {},
                 "your roles allow no more calls for now: wait as long as it says, then run it "
                 "again"},
        NextCase{"UnknownReason",
                 Code::kAborted,
                 "SOMETHING_NEW",
                 {},
                 "somebody changed it: read it again, then decide again"}),
    [](const auto& info) { return info.param.title; });

TEST(DescribeErrorTest, NamesReasonAndEveryViolatedField) {
  FieldViolations violations;
  violations.Add("filter", "unknown field stat");
  violations.Add("page_size", "must not be negative");
  EXPECT_EQ(DescribeError(violations.ToStatus("agreements.accord"), ""),
            std::string("error: ") + std::string(violations.ToStatus("a").message()) +
                " [INVALID_ARGUMENT INVALID_FIELDS]\n"
                "  filter: unknown field stat\n"
                "  page_size: must not be negative\n"
                "next: correct the fields named above; --help shows what each option takes\n");
}

TEST(DescribeErrorTest, SaysWhenToRetryAndWhatForbids) {
  const absl::Status busy =
      WithRetryAfter(ServerError(Code::kResourceExhausted, "OVERLOADED"), absl::Milliseconds(2500));
  EXPECT_THAT(DescribeError(busy, ""), HasSubstr("\n  retry after 2.5 s\n"));
  const absl::Status forbidden = WithPrecondition(ServerError(Code::kFailedPrecondition, "X"),
                                                  "STATE", "agreements/x", "legal now: sign");
  EXPECT_THAT(DescribeError(forbidden, ""), HasSubstr("\n  agreements/x: legal now: sign\n"));
}

TEST(DescribeErrorTest, IsRpcStatusAsJson) {
  const std::string json = ErrorJson(ServerError(Code::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(json, HasSubstr("\"code\":5"));
  EXPECT_THAT(json, HasSubstr("\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\""));
  EXPECT_THAT(json, HasSubstr("\"reason\":\"RESOURCE_NOT_FOUND\""));
}

}  // namespace
}  // namespace accord::cli
