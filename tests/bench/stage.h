// What the benchmarks stand on: synthetic lists, and the real programs over them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/agreements.grpc.pb.h"
#include "accord/gateway/v1/gateway.grpc.pb.h"
#include "common/rpc/channel.h"
#include "common/testing/process.h"
#include "common/testing/temp_dir.h"
#include "tests/integration/suite.h"

namespace accord::bench {

// A participating list as CSV, with `rows` agreements of made-up agencies in the states;
// every fifth row is a second agreement of the agency before. At most 250,000 rows fit the
// service's bound on files.
std::string SyntheticList(int rows);

// Imports such a list as fictitious, and checks that every row was taken as new.
absl::StatusOr<agreements::v1::RosterImport> ImportSynthetic(const std::string& address, int rows,
                                                             const std::string& list);

// The SQLite file of a record that holds such a list, made once by the service itself. It
// lives as long as this process and is not to be changed. One thread at a time.
absl::StatusOr<std::string> ImportedFile(int rows);

// A small write: the agency's county becomes "Demo NUMBER County".
agreements::v1::UpdateAgencyRequest CountyUpdate(const std::string& agency, int64_t number);

// The agreements service on a SQLite file of its own that holds a synthetic list.
class Stage {
 public:
  // The file is a copy of ImportedFile.
  static absl::StatusOr<std::unique_ptr<Stage>> Start(int rows);

  testing::Program& agreements() { return agreements_; }
  agreements::v1::Agreements::Stub& stub() { return *stub_; }
  // Names of up to `most` agencies.
  absl::StatusOr<std::vector<std::string>> AgencyNames(int most);
  // Names of up to `most` agreements in force.
  absl::StatusOr<std::vector<std::string>> AgreementNames(int most);

 private:
  Stage();

  testing::TempDir dir_;
  testing::Program agreements_;
  std::unique_ptr<agreements::v1::Agreements::Stub> stub_;
};

// A gateway in front of an agreements service, with more flags.
class Gateway {
 public:
  // `as`: who asks through stub().
  Gateway(const std::string& agreements_address, const std::vector<std::string>& flags,
          rpc::ChannelOptions as = {});

  // Waits until it has read the record and answers.
  absl::Status Start();

  testing::Program& program() { return program_; }
  gateway::v1::Gateway::Stub& stub() { return *stub_; }
  int metrics_port() const { return metrics_port_; }

 private:
  const int metrics_port_;
  const rpc::ChannelOptions as_;
  testing::Program program_;
  std::unique_ptr<gateway::v1::Gateway::Stub> stub_;
};

// The bare server that answers GetAgencyStatus with the same bytes every time.
class ConstantServer {
 public:
  static absl::StatusOr<std::unique_ptr<ConstantServer>> Start(const std::string& answer);

  std::string address() const;
  pid_t pid() const { return process_->pid(); }

 private:
  testing::TempDir dir_;
  std::optional<testing::Process> process_;
  int port_ = 0;
};

}  // namespace accord::bench
