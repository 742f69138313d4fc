#include "services/training/agreement_follower.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace accord::training {
namespace {

// Of what the log tells, agreements and agencies bear on officers and monitors.
std::string Filter() {
  return absl::StrCat("resource_type = \"", agreements::v1::Agreement::descriptor()->full_name(),
                      "\" OR resource_type = \"", agreements::v1::Agency::descriptor()->full_name(),
                      "\"");
}

prometheus::Gauge& MakeGauge(prometheus::Registry& registry, const std::string& name,
                             const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

absl::StatusOr<std::unique_ptr<feed::Follower>> FollowAgreements(
    std::shared_ptr<grpc::Channel> channel, AgreementEffects& effects,
    prometheus::Registry& registry) {
  ACCORD_ASSIGN_OR_RETURN(store::Position start, effects.Cursor());
  auto& revision = MakeGauge(registry, "accord_training_agreements_revision",
                             "Revision of the agreements log whose effects are on record.");
  auto& forked = MakeGauge(registry, "accord_training_agreements_forked",
                           "1 when the agreements log became another one: an operator must act.");
  feed::FollowerOptions options;
  options.filter = Filter();
  return std::make_unique<feed::Follower>(
      std::move(channel), std::move(start), std::move(options),
      [&effects, &revision](const log::v1::WatchChangesResponse& batch) {
        absl::Status status = effects.Take(batch);
        if (status.ok()) revision.Set(static_cast<double>(batch.revision()));
        return status;
      },
      [&forked](const absl::Status& status) {
        forked.Set(1);
        LogError(
            "the agreements log is another one than before; nothing is followed until this "
            "program is started with --follow-anew",
            {{"error", std::string(status.message())}});
      });
}

}  // namespace accord::training
