#include "tests/integration/identities.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/policy/text_file.h"
#include "common/testing/eventually.h"
#include "common/testing/process.h"

namespace accord::testing {
namespace {

using policy::v1::AccessFile;
using policy::v1::Binding;

constexpr absl::Duration kReady = absl::Seconds(30);

void OpenSsl(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/openssl"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto output = RunCommand(command);
  ASSERT_TRUE(output.ok()) << output.status();
  ASSERT_EQ(output->exit_code, 0) << output->err;
}

std::string AlternativeNames(const std::string& name) {
  return absl::StrCat("subjectAltName=IP:127.0.0.1,DNS:localhost,URI:spiffe://accord/service/",
                      name);
}

std::string AsText(const google::protobuf::Message& message) {
  std::string text;
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(message, &text));
  return text;
}

// The file of a table of roles: `access`, written to `path`, or the one that ships.
std::string WriteAccess(const AccessFile& access, const std::string& path) {
  if (access.roles().empty()) return AccessPath();
  WriteFile(path, AsText(access));
  return path;
}

std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address, rpc::TlsFiles files) {
  rpc::ChannelOptions options;
  options.tls = std::move(files);
  auto channel = rpc::MakeChannel(address, options);
  EXPECT_TRUE(channel.ok()) << channel.status();
  return *std::move(channel);
}

}  // namespace

Authority::Authority(std::string folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-days", "2", "-subj", "/CN=test authority", "-keyout", File("ca.key"), "-out",
           File("ca.pem")});
}

void Authority::Sign(const std::string& name) const {
  OpenSsl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
           absl::StrCat("/CN=", name), "-keyout", File(name + ".key"), "-out",
           File(name + ".csr")});
  WriteFile(File(name + ".ext"), AlternativeNames(name) + "\n");
  OpenSsl({"x509", "-req", "-in", File(name + ".csr"), "-CA", File("ca.pem"), "-CAkey",
           File("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", File(name + ".ext"), "-out",
           File(name + ".pem")});
}

void Authority::SelfSign(const std::string& name) const {
  OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-days", "2", "-subj", absl::StrCat("/CN=", name), "-addext", AlternativeNames(name),
           "-keyout", File(name + ".key"), "-out", File(name + ".pem")});
}

rpc::TlsFiles TlsFilesIn(const std::string& folder, const std::string& name) {
  return {.cert = absl::StrCat(folder, "/", name, ".pem"),
          .key = absl::StrCat(folder, "/", name, ".key"),
          .ca = absl::StrCat(folder, "/ca.pem")};
}

void WriteFile(const std::string& path, const std::string& text) {
  const std::string made = path + ".new";
  std::ofstream(made) << text;
  std::error_code error;
  std::filesystem::rename(made, path, error);
  ASSERT_FALSE(error) << path << ": " << error.message();
}

std::string AccessPath() {
  return absl::StrCat(ACCORD_SOURCE_DIR, "/deploy/policy/access.textproto");
}

AccessFile ReadAccess() {
  AccessFile file;
  const auto text = ReadPolicyFile(AccessPath());
  EXPECT_TRUE(text.ok()) << text.status();
  const absl::Status status = ParseText(text.value_or(""), AccessPath(), file);
  EXPECT_TRUE(status.ok()) << status;
  return file;
}

Binding Bound(const std::string& subject, const std::string& role) {
  Binding binding;
  binding.set_issuer(kIssuer);
  binding.set_subject(subject);
  binding.set_role(role);
  return binding;
}

GatedSuite::GatedSuite(const GatedOptions& options)
    : authority_(File("first")),
      access_path_(WriteAccess(options.access, File("access"))),
      has_training_(options.training),
      agreements("accord-agreements", ServiceFlags("agreements")),
      training("accord-training", TrainingFlags()),
      gateway("accord-gateway", GatewayFlags(options)) {
  for (const char* name : {"agreements", "training", "gateway", "stranger"}) authority_.Sign(name);
  UseCertificates(File("first"));
  PublishKeys({key_.PublicJson()});
  WriteBindings(options.bindings);
  if (!options.database.empty()) {
    std::filesystem::copy_file(options.database, File("agreements.db"));
  }
}

absl::Status GatedSuite::Start() {
  ACCORD_RETURN_IF_ERROR(agreements.Start());
  if (has_training_) ACCORD_RETURN_IF_ERROR(training.Start());
  ACCORD_RETURN_IF_ERROR(gateway.Start());
  const auto channel = Connect();
  absl::Status health;
  const auto serves = [&] { return (health = rpc::CheckHealth(channel, "")).ok(); };
  return Eventually(serves, kReady) ? absl::OkStatus() : health;
}

absl::Status GatedSuite::Rebind(const std::vector<Binding>& bindings) {
  WriteBindings(bindings);
  gateway.Kill();
  training.Kill();
  agreements.Kill();
  return Start();
}

void GatedSuite::UseCertificates(const std::string& folder) {
  const std::string made = live() + ".new";
  std::filesystem::create_directory_symlink(folder, made);
  std::filesystem::rename(made, live());
}

void GatedSuite::PublishKeys(const std::vector<std::string>& keys) {
  WriteFile(File("keys.json"), auth::SetOf(keys));
}

std::string GatedSuite::TokenOf(const std::string& subject) const {
  auth::TestToken token(absl::Now());
  token.Set("iss", kIssuer).Set("sub", subject);
  return token.Signed(R_JWA_ALG_EDDSA, key_.signing());
}

rpc::CallOptions GatedSuite::WithToken(const std::string& token) {
  return {.metadata = {{rpc::kAuthorizationKey, absl::StrCat("Bearer ", token)}}};
}

std::shared_ptr<grpc::Channel> GatedSuite::Connect() const {
  return ConnectTo(gateway.address(), {.ca = live() + "/ca.pem"});
}

std::shared_ptr<grpc::Channel> GatedSuite::ConnectDirectly(const std::string& service) const {
  return ConnectTo(agreements.address(), TlsFilesIn(live(), service));
}

std::shared_ptr<grpc::Channel> GatedSuite::ConnectToTraining() const {
  return ConnectTo(training.address(), TlsFilesIn(live(), "gateway"));
}

void GatedSuite::WriteBindings(std::vector<Binding> bindings) {
  for (const char* name : {"gateway", "training"}) {
    Binding& own = bindings.emplace_back();
    own.set_issuer("spiffe");
    own.set_subject(absl::StrCat("spiffe://accord/service/", name));
    own.set_role("service");
  }
  policy::v1::BindingsFile file;
  file.mutable_bindings()->Assign(bindings.begin(), bindings.end());
  WriteFile(File("bindings"), AsText(file));
}

std::vector<std::string> GatedSuite::GateFlags() const {
  return {"--access",       access_path_, "--bindings",   File("bindings"),
          "--token-issuer", kIssuer,      "--token-keys", File("keys.json")};
}

std::vector<std::string> GatedSuite::ServiceFlags(const std::string& name) const {
  const rpc::TlsFiles files = TlsFilesIn(live(), name);
  std::vector<std::string> flags = GateFlags();
  flags.insert(flags.end(),
               {"--store", absl::StrCat("sqlite:", File(name + ".db")), "--policy", PolicyPath(),
                "--tls-cert", files.cert, "--tls-key", files.key, "--tls-client-ca", files.ca});
  return flags;
}

std::vector<std::string> GatedSuite::TrainingFlags() const {
  const rpc::TlsFiles files = TlsFilesIn(live(), "training");
  std::vector<std::string> flags = ServiceFlags("training");
  flags.insert(flags.end(), {"--agreements", agreements.address(), "--agreements-ca", files.ca,
                             "--agreements-cert", files.cert, "--agreements-key", files.key});
  return flags;
}

std::vector<std::string> GatedSuite::GatewayFlags(const GatedOptions& options) const {
  const rpc::TlsFiles files = TlsFilesIn(live(), "gateway");
  std::vector<std::string> flags = GateFlags();
  flags.insert(flags.end(),
               {"--agreements", agreements.address(), "--agreements-ca", files.ca,
                "--agreements-cert", files.cert, "--agreements-key", files.key, "--policy",
                PolicyPath(), "--tls-cert", files.cert, "--tls-key", files.key});
  if (options.training) flags.insert(flags.end(), {"--training", training.address()});
  flags.insert(flags.end(), options.gateway_flags.begin(), options.gateway_flags.end());
  return flags;
}

}  // namespace accord::testing
