// Officers, and what belongs to them, in both scenes.
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/status.h"
#include "common/policy/text_file.h"
#include "tests/integration/officers.h"
#include "tests/integration/scene.h"
#include "tests/integration/suite.h"

namespace accord::testing {
namespace {

namespace tv1 = training::v1;
using Stub = tv1::Training::Stub;

// Puts officers on record, as somebody who may.
class Recorder {
 public:
  Recorder(const std::shared_ptr<grpc::Channel>& gateway, const rpc::CallOptions& as)
      : officers_(gateway, as),
        stub_(tv1::Training::NewStub(gateway)),
        feed_(log::v1::ChangeFeed::NewStub(gateway)),
        as_(as) {
    as_.metadata.emplace("accord-service", "training");
  }

  absl::StatusOr<std::string> Offer(int day) const {
    return NameOf(
        &Stub::CreateOffering,
        Parse<tv1::CreateOfferingRequest>(absl::Substitute(
            "offering { course: '$0' place: 'Sample Academy' seats: 10 fictitious: true "
            "first_date { year: 2190 month: 3 day: $1 } last_date { year: 2190 month: 3 day: $1 } "
            "}",
            kCourse, day)));
  }

  absl::Status Fill(Scene& scene) const {
    ACCORD_ASSIGN_OR_RETURN(scene.officer, officers_.Nominate(scene.agreement));
    // Before the training: whoever records that may not waive it.
    ACCORD_ASSIGN_OR_RETURN(
        scene.waiver, NameOf(&Stub::GrantWaiver,
                             Parse<tv1::GrantWaiverRequest>(absl::Substitute(
                                 "waiver { officer: '$0' course: '$1' reason: ADMINISTRATIVE "
                                 "explanation: 'tried' first_date { year: 2025 month: 6 day: 1 } "
                                 "last_date { year: 2190 month: 1 day: 1 } }",
                                 scene.officer, kCourse))));
    ACCORD_ASSIGN_OR_RETURN(scene.completion, officers_.Certify(scene.officer, kCourse));
    ACCORD_ASSIGN_OR_RETURN(scene.revocation_case,
                            NameOf(&Stub::ProposeRevocation,
                                   Parse<tv1::ProposeRevocationRequest>(absl::Substitute(
                                       "officer: '$0' reason: 'as reported'", scene.officer))));
    ACCORD_ASSIGN_OR_RETURN(
        scene.enrollment,
        NameOf(&Stub::EnrollOfficer,
               Parse<tv1::EnrollOfficerRequest>(absl::Substitute(
                   "enrollment { officer: '$0' offering: '$1' }", scene.officer, scene.offering))));
    ACCORD_ASSIGN_OR_RETURN(
        scene.monitor,
        NameOf(&Stub::NameMonitor, Parse<tv1::NameMonitorRequest>(absl::Substitute(
                                       "monitor { agency: '$0' manager: 'https://scene#manager' "
                                       "training_officer: 'https://scene#trainer' }",
                                       scene.agency))));
    return FindChange(scene);
  }

  absl::StatusOr<std::string> Import(const Scene& scene) const {
    tv1::ImportCompletionsRequest request;
    request.set_file_name("export.csv");
    request.set_content(absl::StrCat("officer,course,date,result\n", scene.officer, ",", kCourse,
                                     ",2025-03-03,passed\n"));
    return NameOf(&Stub::ImportCompletions, request);
  }

  // Of the policy that holds: it affects nobody.
  absl::Status Preview(Scene& scene) const {
    tv1::PreviewPolicyRequest request;
    ACCORD_ASSIGN_OR_RETURN(*request.mutable_policy_text(), ReadPolicyFile(PolicyPath()));
    request.set_page_size(1000);
    ACCORD_ASSIGN_OR_RETURN(const auto seen,
                            rpc::CallUnary(*stub_, &Stub::PreviewPolicy, request, as_));
    scene.preview_token = seen.preview_token();
    tv1::RecordPolicyPreviewRequest record;
    record.set_preview_token(seen.preview_token());
    record.set_reason("the table of roles is tried");
    ACCORD_ASSIGN_OR_RETURN(scene.policy_preview, NameOf(&Stub::RecordPolicyPreview, record));
    return absl::OkStatus();
  }

 private:
  template <typename AnyMethod, typename Request>
  absl::StatusOr<std::string> NameOf(AnyMethod method, const Request& request) const {
    ACCORD_ASSIGN_OR_RETURN(const auto made, rpc::CallUnary(*stub_, method, request, as_));
    return made.name();
  }

  // The officer's creation.
  absl::Status FindChange(Scene& scene) const {
    log::v1::ListChangesRequest request;
    request.set_filter(absl::StrCat("resource = \"", scene.officer, "\""));
    request.set_order_by("revision");
    ACCORD_ASSIGN_OR_RETURN(
        const auto list,
        rpc::CallUnary(*feed_, &log::v1::ChangeFeed::Stub::ListChanges, request, as_));
    if (list.changes_size() == 0) return absl::InternalError("no Change of " + scene.officer);
    scene.training_change = list.changes(0).name();
    return absl::OkStatus();
  }

  const OfficerRecorder officers_;
  const std::unique_ptr<Stub> stub_;
  const std::unique_ptr<log::v1::ChangeFeed::Stub> feed_;
  rpc::CallOptions as_;
};

}  // namespace

absl::Status AddTraining(const std::shared_ptr<grpc::Channel>& gateway, const rpc::CallOptions& as,
                         Scenes& scenes) {
  const Recorder recorder(gateway, as);
  ACCORD_ASSIGN_OR_RETURN(const std::string offering, recorder.Offer(8));
  ACCORD_ASSIGN_OR_RETURN(const std::string other_offering, recorder.Offer(15));
  for (Scene* scene : {&scenes.near, &scenes.far}) {
    scene->offering = offering;
    scene->other_offering = other_offering;
    ACCORD_RETURN_IF_ERROR(recorder.Fill(*scene));
  }
  ACCORD_ASSIGN_OR_RETURN(scenes.near.completion_import, recorder.Import(scenes.near));
  scenes.far.completion_import = scenes.near.completion_import;
  ACCORD_RETURN_IF_ERROR(recorder.Preview(scenes.near));
  scenes.far.policy_preview = scenes.near.policy_preview;
  scenes.far.preview_token = scenes.near.preview_token;
  return absl::OkStatus();
}

}  // namespace accord::testing
