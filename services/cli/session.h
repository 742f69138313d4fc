// One run of accordctl: its options, its connection, its output.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/client.h"
#include "services/cli/io.h"
#include "services/cli/output/table.h"

namespace accord::cli {

enum class Format { kTable, kWide, kJson, kCsv, kName };

// Options that every command takes. Empty means not given.
struct GlobalOptions {
  std::string server;
  std::string config;
  std::string context;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  bool plaintext = false;
  std::string actor;
  std::string token_file;
  // Zero: the command's own default.
  absl::Duration timeout = absl::ZeroDuration();
  Format format = Format::kTable;
  bool progress = false;
};

// Where the local runner listens.
inline constexpr char kDefaultServer[] = "127.0.0.1:7200";

// The default of calls, and of imports, which read whole files.
inline constexpr absl::Duration kCallTimeout = absl::Seconds(30);
inline constexpr absl::Duration kImportTimeout = absl::Seconds(300);

// The first word; "" when there is none. A token has no spaces: what follows it, such as the
// end of the line, is not part of it.
std::string ReadToken(std::istream& in);

class Session {
 public:
  explicit Session(const Io& io) : io_(io) {}

  const Io& io() const { return io_; }
  GlobalOptions& options() { return options_; }
  Format format() const { return options_.format; }
  bool json() const { return options_.format == Format::kJson; }
  // For people: not for a program that reads the output.
  bool human() const {
    return options_.format == Format::kTable || options_.format == Format::kWide;
  }

  // The command that was chosen; returns the exit code.
  std::function<absl::StatusOr<int>()> command;

  // The profile: that of --config, of ACCORD_CONFIG, or the user's own, which may be missing
  // and is empty then.
  std::string ProfileFile() const;
  absl::StatusOr<Config> ReadProfile() const;
  // The server that was asked for on the command line or in the environment; may be empty.
  std::string ServerAskedFor() const;
  // The context as the command line and the environment change it.
  // Usage error for what may not go over plain text.
  absl::StatusOr<Context> WithOptions(Context context) const;

  // The server, once known, for messages.
  const std::string& server() const { return context_.server; }

  // Calls a method by its full name, connecting first if need be.
  template <typename Response>
  absl::StatusOr<Response> Call(absl::string_view method, const google::protobuf::Message& request,
                                absl::Duration default_timeout = kCallTimeout) {
    ACCORD_ASSIGN_OR_RETURN(Client * client, Connect());
    return client->Call<Response>(method, request, CallOptions(default_timeout));
  }
  // The same for a response whose type is only known from the contract.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallAny(
      absl::string_view method, const google::protobuf::Message& request);
  absl::StatusOr<Client*> Connect();
  // Connects as this context says, and not as the profile does.
  absl::Status ConnectTo(Context context, std::string token);
  Client::Options CallOptions(absl::Duration default_timeout) const;

  // Whose log calls of ChangeFeed, Checkpoints and Erasure are about, if it was said.
  std::string log_service;
  std::string LogService() const { return log_service.empty() ? "agreements" : log_service; }
  // It is that of whoever keeps this resource, unless it was said.
  void SetLogOf(absl::string_view name);

  // Prints messages of one type in the chosen format: a table, CSV, or names
  // (field `id_field`). As JSON it prints `whole`, the message that holds them.
  absl::Status PrintMessages(const google::protobuf::Descriptor& type,
                             const std::vector<const google::protobuf::Message*>& messages,
                             const google::protobuf::Message& whole,
                             absl::string_view id_field = "name");
  // What tables show instead of a resource's name, for example an agency's display
  // name; only where the format is `table`, whose readers are people.
  std::map<std::string, std::string> shown_names;
  absl::Status PrintOne(const google::protobuf::Message& message,
                        absl::string_view id_field = "name");
  absl::Status PrintJson(const google::protobuf::Message& message, bool indented = true);
  // The table, cut and coloured as the terminal allows.
  void PrintTable(const Table& table);
  void PrintTitle(absl::string_view title);
  // A line for people on stderr, in every format.
  void Note(absl::string_view line);

  // Tells people about long work on stderr: only on a terminal or with --progress.
  void Progress(absl::string_view line);
  // Removes the last progress line from a terminal.
  void ProgressDone();

 private:
  absl::StatusOr<Context> ResolveContext() const;
  bool ShowsProgress() const { return options_.progress || io_.err_is_tty; }

  const Io& io_;
  GlobalOptions options_;
  Context context_;
  std::unique_ptr<Client> client_;
};

}  // namespace accord::cli
