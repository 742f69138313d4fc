#include "services/cli/session.h"

#include <google/protobuf/dynamic_message.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/rpc/build_info.h"
#include "common/rpc/call.h"
#include "services/cli/errors.h"
#include "services/cli/kinds.h"
#include "services/cli/output/columns.h"
#include "services/cli/output/csv.h"
#include "services/cli/output/fields.h"
#include "services/cli/output/json.h"

namespace accord::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

std::string DefaultConfigFile(const Io& io) {
  const std::string xdg = io.env("XDG_CONFIG_HOME");
  if (!xdg.empty()) return absl::StrCat(xdg, "/accord/config.yaml");
  const std::string home = io.env("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.config/accord/config.yaml");
}

std::string FirstOf(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return "";
}

// Puts what people call things in the place of their names, but not in the column
// that names the row.
void ShowNames(const std::map<std::string, std::string>& shown, Table* table) {
  for (auto& row : table->rows) {
    for (size_t i = 1; i < row.size(); ++i) {
      if (const auto found = shown.find(row[i]); found != shown.end()) row[i] = found->second;
    }
  }
}

}  // namespace

std::string ReadToken(std::istream& in) {
  std::string token;
  in >> token;
  return token;
}

std::string Session::ProfileFile() const {
  return FirstOf({options_.config, io_.env("ACCORD_CONFIG"), DefaultConfigFile(io_)});
}

absl::StatusOr<Config> Session::ReadProfile() const {
  absl::StatusOr<Config> config = LoadConfig(ProfileFile());
  // A profile nobody named may be missing, but not be broken.
  const bool named = !FirstOf({options_.config, io_.env("ACCORD_CONFIG")}).empty();
  if (absl::IsNotFound(config.status()) && !named) return Config();
  return config;
}

std::string Session::ServerAskedFor() const {
  return FirstOf({options_.server, io_.env("ACCORD_SERVER")});
}

absl::StatusOr<Context> Session::WithOptions(Context context) const {
  const bool tls_asked = !FirstOf({options_.tls_ca, options_.tls_cert, options_.tls_key}).empty();
  if (tls_asked && options_.plaintext) {
    return UsageError("--plaintext excludes --tls-ca, --tls-cert and --tls-key", "choose one");
  }
  context.ca = FirstOf({options_.tls_ca, context.ca});
  context.cert = FirstOf({options_.tls_cert, context.cert});
  context.key = FirstOf({options_.tls_key, context.key});
  if (tls_asked || options_.plaintext) context.plaintext = options_.plaintext;
  if (context.plaintext) context.ca = context.cert = context.key = "";
  if (context.plaintext && !IsLoopback(context.server)) {
    return UsageError(absl::StrCat("plain text stays on this machine: not to ", context.server),
                      "use TLS: leave --plaintext, or the profile's plaintext, out; --tls-ca FILE "
                      "names your own authority");
  }
  context.token_file =
      FirstOf({options_.token_file, io_.env("ACCORD_TOKEN_FILE"), context.token_file});
  return context;
}

absl::StatusOr<Context> Session::ResolveContext() const {
  ACCORD_ASSIGN_OR_RETURN(const Config config, ReadProfile());
  std::string server = ServerAskedFor();
  if (config.contexts.empty() && server.empty()) server = kDefaultServer;
  Context context;
  if (!options_.context.empty() || server.empty()) {
    ACCORD_ASSIGN_OR_RETURN(context, ChooseContext(config, options_.context));
  } else if (const Context* known = FindServer(config, server)) {
    context = *known;
  }
  if (!server.empty()) context.server = server;
  return WithOptions(std::move(context));
}

absl::StatusOr<Client*> Session::Connect() {
  if (client_ != nullptr) return client_.get();
  ACCORD_ASSIGN_OR_RETURN(Context context, ResolveContext());
  std::string token;
  if (!context.token_file.empty()) {
    std::ifstream file(context.token_file);
    token = ReadToken(file);
    if (token.empty()) {
      return UsageError(absl::StrCat("there is no token in ", context.token_file),
                        "check --token-file, ACCORD_TOKEN_FILE or the profile's token_file");
    }
  }
  ACCORD_RETURN_IF_ERROR(ConnectTo(std::move(context), std::move(token)));
  return client_.get();
}

absl::Status Session::ConnectTo(Context context, std::string token) {
  context_ = std::move(context);
  if (options_.plaintext) {
    Note("warning: --plaintext: others on this machine may read what is sent, tokens too");
  }
  const Identity identity{
      .actor = FirstOf({options_.actor, io_.env("ACCORD_ACTOR"), context_.actor, io_.env("USER")}),
      .client = absl::StrCat("accordctl/", rpc::BuildVersion()),
      .token = std::move(token)};
  RevisionFile revisions(RevisionFile::DefaultFolder(io_.env("XDG_STATE_HOME"), io_.env("HOME")),
                         context_.server);
  ACCORD_ASSIGN_OR_RETURN(client_, Client::Open(context_, identity, std::move(revisions)));
  return absl::OkStatus();
}

Client::Options Session::CallOptions(absl::Duration default_timeout) const {
  const bool given = options_.timeout > absl::ZeroDuration();
  return {.timeout = given ? options_.timeout : default_timeout, .log_service = LogService()};
}

void Session::SetLogOf(absl::string_view name) {
  if (!log_service.empty()) return;
  const auto names = ParseNames({std::string(name)});
  if (names.ok()) log_service = LogServiceOf(*names->front().kind);
}

absl::StatusOr<std::unique_ptr<Message>> Session::CallAny(absl::string_view method,
                                                          const Message& request) {
  ACCORD_ASSIGN_OR_RETURN(Client * client, Connect());
  const auto& descriptor = Client::Method(method);
  std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                        ->GetPrototype(descriptor.output_type())
                                        ->New());
  ACCORD_RETURN_IF_ERROR(
      client->Call(descriptor, request, response.get(), CallOptions(kCallTimeout)));
  return response;
}

absl::Status Session::PrintMessages(const Descriptor& type,
                                    const std::vector<const Message*>& messages,
                                    const Message& whole, absl::string_view id_field) {
  switch (format()) {
    case Format::kJson:
      return PrintJson(whole);
    case Format::kCsv:
      io_.out << RenderCsv(MakeTable(type, messages, Detail::kCsv));
      return absl::OkStatus();
    case Format::kName: {
      for (const Message* message : messages) io_.out << FieldText(*message, id_field) << "\n";
      const auto made_up = std::count_if(messages.begin(), messages.end(),
                                         [](const Message* m) { return IsFictitious(*m); });
      // A label in the name itself would break the next command that takes it.
      if (made_up > 0) Note(absl::StrCat("note: SYNTHETIC (fictitious): ", made_up, " of these"));
      return absl::OkStatus();
    }
    default:
      break;
  }
  if (messages.empty()) {
    Note("nothing found");
    return absl::OkStatus();
  }
  const bool wide = format() == Format::kWide;
  Table table = MakeTable(type, messages, wide ? Detail::kWide : Detail::kTable);
  if (!wide) ShowNames(shown_names, &table);
  PrintTable(table);
  return absl::OkStatus();
}

absl::Status Session::PrintOne(const Message& message, absl::string_view id_field) {
  return PrintMessages(*message.GetDescriptor(), {&message}, message, id_field);
}

absl::Status Session::PrintJson(const Message& message, bool indented) {
  ACCORD_ASSIGN_OR_RETURN(const std::string json, ToJson(message, indented));
  io_.out << json;
  return absl::OkStatus();
}

void Session::PrintTable(const Table& table) {
  io_.out << RenderTable(table, {.width = io_.out_is_tty ? io_.width : 0,
                                 .bold_header = UseColor(io_, io_.out_is_tty)});
}

void Session::PrintTitle(absl::string_view title) {
  const bool bold = UseColor(io_, io_.out_is_tty);
  io_.out << (bold ? "\x1b[1m" : "") << Printable(title) << (bold ? "\x1b[0m" : "") << "\n";
}

void Session::Note(absl::string_view line) { io_.err << Printable(line) << "\n"; }

void Session::Progress(absl::string_view line) {
  if (!ShowsProgress()) return;
  if (io_.err_is_tty) {
    io_.err << "\r\x1b[K" << CutToWidth(Printable(line), std::max(io_.width, 20)) << std::flush;
  } else {
    io_.err << Printable(line) << "\n";
  }
}

void Session::ProgressDone() {
  if (io_.err_is_tty) io_.err << "\r\x1b[K" << std::flush;
}

}  // namespace accord::cli
