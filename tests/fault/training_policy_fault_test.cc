// The training service is started with another policy file: not before somebody has seen whom
// it affects, and then everybody is kept by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/calendar/date.h"
#include "common/policy/text_file.h"
#include "common/rpc/channel.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "tests/fault/put_officers.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

namespace tv1 = training::v1;
using accord::testing::Eventually;
using accord::testing::IsOk;
using ::testing::HasSubstr;
using Stub = tv1::Training::Stub;

constexpr char kOfficer[] = "officers/p1";

// Trained two months ago, as a JEM officer.
tv1::Officer Trained() {
  tv1::Officer officer;
  officer.set_name(kOfficer);
  officer.set_model("JEM");
  officer.set_template_("JEM-2025-02-15");
  officer.set_state(tv1::Officer::CERTIFIED);
  officer.set_fictitious(true);
  return officer;
}
tv1::Completion Basic(Date date) {
  tv1::Completion completion;
  completion.set_name("completions/c1");
  completion.set_officer(kOfficer);
  completion.set_course("jem-basic");
  completion.set_result(tv1::Completion::PASSED);
  completion.set_attempt(1);
  completion.set_fictitious(true);
  *completion.mutable_date() = ToProto(date);
  return completion;
}

class TrainingPolicyFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto text = ReadPolicyFile(testing::PolicyPath());
    ASSERT_THAT(text, IsOk());
    before_ = *text;
    // The refresher comes round every month.
    after_ = absl::StrReplaceAll(
        *text,
        {{"after_completion { count: 2 unit: YEARS", "after_completion { count: 1 unit: MONTHS"},
         {"minimum_spacing { count: 2 unit: YEARS", "minimum_spacing { count: 1 unit: MONTHS"}});
    ASSERT_NE(after_, before_);
    std::ofstream(dir_.File("before.textproto")) << before_;
    std::ofstream(dir_.File("after.textproto")) << after_;
    const Date today = Today(absl::Now(), absl::UTCTimeZone());
    ASSERT_THAT(PutOfficers(url_, {Trained()}, {Basic(today - days(60))}), IsOk());
  }

  // What it says when it is started with the file and ends at once.
  testing::Output RefusalOf(const std::string& file) {
    const auto output =
        testing::RunCommand({testing::ProgramPath("accord-training"), "--store", url_, "--policy",
                             dir_.File(file), "--agreements", "127.0.0.1:1", "--insecure",
                             "--listen", absl::StrCat("127.0.0.1:", testing::FreePort())});
    EXPECT_THAT(output, IsOk());
    return output.value_or(testing::Output());
  }

  void Preview(const Training& training) {
    const auto channel = rpc::MakeChannel(training.address());
    EXPECT_THAT(channel, IsOk());
    const auto stub = tv1::Training::NewStub(*channel);
    tv1::PreviewPolicyRequest request;
    request.set_policy_text(after_);
    const auto seen = rpc::CallUnary(*stub, &Stub::PreviewPolicy, request);
    EXPECT_THAT(seen, IsOk());
    EXPECT_EQ(seen->officers_affected(), 1);
    tv1::RecordPolicyPreviewRequest record;
    record.set_preview_token(seen->preview_token());
    record.set_reason("as decided");
    EXPECT_THAT(rpc::CallUnary(*stub, &Stub::RecordPolicyPreview, record), IsOk());
  }

  static tv1::Certification::State Kept(const Training& training) {
    const auto channel = rpc::MakeChannel(training.address());
    if (!channel.ok()) return tv1::Certification::STATE_UNSPECIFIED;
    tv1::GetOfficerRequest request;
    request.set_name(kOfficer);
    const auto stub = tv1::Training::NewStub(*channel);
    const auto officer = rpc::CallUnary(*stub, &Stub::GetOfficer, request);
    return officer.ok() ? officer->certification() : tv1::Certification::STATE_UNSPECIFIED;
  }

  const testing::TempDir dir_;
  const std::string url_ = absl::StrCat("sqlite:", dir_.File("training.db"));
  std::string before_;
  std::string after_;
};

TEST_F(TrainingPolicyFaultTest, IsPreviewedThenHoldsForEverybody) {
  const int nobody = testing::FreePort();
  Training before(nobody, url_, dir_.File("before.textproto"));
  ASSERT_THAT(before.Start(), IsOk());
  EXPECT_EQ(before.program.Terminate(), 0);

  const testing::Output refused = RefusalOf("after.textproto");
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("was not previewed"));
  EXPECT_THAT(refused.out + refused.err, HasSubstr("--policy-without-preview"));

  ASSERT_THAT(before.Start(), IsOk());
  Preview(before);
  EXPECT_EQ(before.program.Terminate(), 0);

  Training after(nobody, url_, dir_.File("after.textproto"));
  ASSERT_THAT(after.Start(), IsOk());
  EXPECT_TRUE(Eventually([&] { return Kept(after) == tv1::Certification::LAPSED; }));
  EXPECT_EQ(after.program.Terminate(), 0);

  // Back is a change, too.
  EXPECT_NE(RefusalOf("before.textproto").exit_code, 0);
  ASSERT_THAT(before.Start({"--policy-without-preview", "the new one was wrong"}), IsOk());
  EXPECT_TRUE(Eventually([&] { return Kept(before) == tv1::Certification::CURRENT; }));
  EXPECT_EQ(before.program.Terminate(), 0);
}

}  // namespace
}  // namespace accord::fault
