// Agencies with an agreement in force and officers under it, made and asked about through a
// gateway.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/gateway/v1/gateway.grpc.pb.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/calendar/date.h"
#include "tests/integration/officers.h"

namespace accord::fault {

// One thread at a time.
class Corps {
 public:
  explicit Corps(const std::string& gateway);

  // A made-up agency signs an agreement of the warrant service model, whose text asks for no
  // equipment: what authority rests on is known here. In force since 3 March 2025; its name.
  absl::StatusOr<std::string> Sign(const std::string& display_name) const;
  // An officer under it who may act; the officer's name.
  absl::StatusOr<std::string> Authorize(const std::string& agreement) const;
  // From `date` on, which is not before that of the last move.
  absl::Status Suspend(const std::string& agreement, Date date) const;
  absl::Status Reinstate(const std::string& agreement, Date date) const;
  absl::Status Withdraw(const std::string& officer) const;

  absl::StatusOr<training::v1::Officer> Officer(const std::string& name) const;
  absl::StatusOr<gateway::v1::OfficerAuthority> AuthorityOf(
      const std::string& officer, absl::Duration timeout = absl::Seconds(5)) const;
  // VERDICT_UNSPECIFIED when there is no answer.
  gateway::v1::OfficerAuthority::Verdict VerdictOf(const std::string& officer) const;

  const testing::OfficerRecorder& recorder() const { return recorder_; }

 private:
  explicit Corps(const std::shared_ptr<grpc::Channel>& gateway);

  template <typename Method>
  absl::Status Move(Method method, const std::string& agreement, Date date) const;

  const std::unique_ptr<agreements::v1::Agreements::Stub> agreements_;
  const std::unique_ptr<training::v1::Training::Stub> training_;
  const std::unique_ptr<gateway::v1::Gateway::Stub> gateway_;
  const testing::OfficerRecorder recorder_;
};

}  // namespace accord::fault
