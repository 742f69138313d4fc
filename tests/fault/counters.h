// What a load counts up: one counter for each agency, kept by one service and shown by every
// status of the agency.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/log/v1/log.pb.h"
#include "common/rpc/channel.h"

namespace accord::fault {

// Whose counters they are, as freshness tokens name the services.
inline constexpr char kAgreements[] = "agreements";
inline constexpr char kTraining[] = "training";

struct CounterWrite {
  std::string agency;
  // One more than before.
  int64_t counter = 0;
  std::string request_id{};
};

// Through one gateway. One thread at a time.
class Counters {
 public:
  virtual ~Counters() = default;
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  // For agreements the counter is kept in the agency's name. For training it is the number of
  // its officers, so that one who is put on record twice shows in every status from then on.
  static std::unique_ptr<Counters> Of(const std::string& service,
                                      const std::shared_ptr<grpc::Channel>& gateway);

  // Makes what is needed to count in an agency that was just created.
  virtual absl::Status Begin(const std::string& agency) = 0;
  // Tries once. `revisions` receives those of the answer.
  virtual absl::Status Write(const CounterWrite& write, absl::Duration timeout,
                             std::vector<std::string>& revisions) = 0;
  // 0 is an agency as it was created, -1 what no writer writes.
  virtual int64_t In(const gateway::v1::AgencyStatus& status) const = 0;

  // The action of the Changes that count, and what each says, without a request id; empty for
  // one that somebody else than a writer of counters made.
  virtual std::string action() const = 0;
  virtual absl::StatusOr<std::optional<CounterWrite>> In(const log::v1::Change& change) const = 0;

 protected:
  Counters() = default;
};

}  // namespace accord::fault
