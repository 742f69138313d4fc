// Who calls, for tests of programs that ask: an authority and its certificates, an identity
// provider and its tokens, and the real programs behind both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "accord/policy/v1/access.pb.h"
#include "common/rpc/channel.h"
#include "common/testing/temp_dir.h"
#include "tests/integration/suite.h"
#include "tests/unit/auth/token_maker.h"

namespace accord::testing {

inline constexpr char kIssuer[] = "https://id.example";

// An authority and what it signs, made with openssl. Fails the test when that does not work.
class Authority {
 public:
  // Makes FOLDER with ca.pem and ca.key.
  explicit Authority(std::string folder);

  // NAME.pem and NAME.key beside it: for 127.0.0.1, and for the service of that name.
  void Sign(const std::string& name) const;
  // The same without the authority: NAME.pem vouches for itself.
  void SelfSign(const std::string& name) const;
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

 private:
  const std::string folder_;
};

// What the program, or the service, NAME shows and trusts of a folder of certificates.
rpc::TlsFiles TlsFilesIn(const std::string& folder, const std::string& name);

// Fails the test when it cannot; nobody sees half of it.
void WriteFile(const std::string& path, const std::string& text);

// The table of roles that ships.
std::string AccessPath();
policy::v1::AccessFile ReadAccess();
// "role" for whoever has tokens for `subject`.
policy::v1::Binding Bound(const std::string& subject, const std::string& role);

struct GatedOptions {
  // Empty is the table that ships.
  policy::v1::AccessFile access{};
  // Those of the services are added.
  std::vector<policy::v1::Binding> bindings{};
  // The SQLite file that the record begins as a copy of; empty is an empty record.
  std::string database{};
  std::vector<std::string> gateway_flags{};
  // Whether there is a training service too.
  bool training = false;
};

// A gateway that knows people by their tokens, over TLS, and an agreements service that
// takes connections from services only, over mutual TLS; so does a training service.
//
// Certificates are used through a link to the folder that holds them, so that all of them
// are replaced at once: "agreements", "training", "gateway" and "stranger", a service with
// no role.
class GatedSuite {
 public:
  explicit GatedSuite(const GatedOptions& options = {});

  // Waits until the gateway has read the record.
  absl::Status Start();
  // Starts all again, with these bindings.
  absl::Status Rebind(const std::vector<policy::v1::Binding>& bindings);

  // Of the suite's folder.
  std::string File(const std::string& name) const { return dir_.File(name); }
  std::string live() const { return File("live"); }
  const Authority& authority() const { return authority_; }
  // From now on the certificates of another folder.
  void UseCertificates(const std::string& folder);
  // From now on these keys, as JSON, and no others.
  void PublishKeys(const std::vector<std::string>& keys);

  // The key of the tokens below.
  const auth::TestKey& key() const { return key_; }
  // Good for an hour.
  std::string TokenOf(const std::string& subject) const;
  rpc::CallOptions As(const std::string& subject) const { return WithToken(TokenOf(subject)); }
  static rpc::CallOptions WithToken(const std::string& token);

  // What makes any program ask who calls, as these two do.
  std::vector<std::string> GateFlags() const;

  // To the gateway, as people connect. A connection of its own each time.
  std::shared_ptr<grpc::Channel> Connect() const;
  // To agreements, with the certificate of a service.
  std::shared_ptr<grpc::Channel> ConnectDirectly(const std::string& service = "gateway") const;
  // To training, as the gateway.
  std::shared_ptr<grpc::Channel> ConnectToTraining() const;

 private:
  void WriteBindings(std::vector<policy::v1::Binding> bindings);
  // Of a service that keeps a record of its own.
  std::vector<std::string> ServiceFlags(const std::string& name) const;
  std::vector<std::string> TrainingFlags() const;
  std::vector<std::string> GatewayFlags(const GatedOptions& options) const;

  const TempDir dir_;
  const Authority authority_;
  const auth::TestKey key_{R_KEY_TYPE_EDDSA, 256, "k1"};
  const std::string access_path_;
  const bool has_training_;

 public:
  Program agreements;
  Program training;
  Program gateway;
};

}  // namespace accord::testing
