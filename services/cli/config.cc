#include "services/cli/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"
#include "services/cli/errors.h"
#include "services/cli/private_file.h"

namespace accord::cli {
namespace {

constexpr char kShape[] =
    "a profile has `current: NAME` and `contexts:`, a list of {name, server, plaintext: true or "
    "tls: {ca, cert, key}, actor, token_file}";

// Reads nodes of one file, and remembers its name for the errors.
class Reader {
 public:
  Reader(absl::string_view file, absl::string_view folder) : file_(file), folder_(folder) {}

  absl::Status Error(const YAML::Mark& mark, absl::string_view what) const {
    return LocalError(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                      absl::StrCat(file_, ":", mark.line + 1, ": ", what), kShape);
  }

  absl::Status OnlyKeys(const YAML::Node& node, std::initializer_list<absl::string_view> keys) {
    if (!node.IsMap()) return Error(node.Mark(), "expected keys and values");
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      return Error(entry.first.Mark(), absl::StrCat("unknown key \"", key, "\""));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Text(const YAML::Node& node, const char* key) const {
    const YAML::Node value = node[key];
    if (!value.IsDefined() || value.IsNull()) return std::string();
    if (!value.IsScalar()) return Error(value.Mark(), absl::StrCat(key, " must be one value"));
    return value.Scalar();
  }

  absl::StatusOr<std::string> File(const YAML::Node& node, const char* key) const {
    absl::StatusOr<std::string> name = Text(node, key);
    if (!name.ok() || name->empty() || name->front() == '/') return name;
    return (std::filesystem::path(folder_) / *name).string();
  }

  absl::StatusOr<Context> ReadContext(const YAML::Node& node) {
    ACCORD_RETURN_IF_ERROR(
        OnlyKeys(node, {"name", "server", "tls", "plaintext", "actor", "token_file"}));
    Context context;
    ACCORD_ASSIGN_OR_RETURN(context.name, Text(node, "name"));
    ACCORD_ASSIGN_OR_RETURN(context.server, Text(node, "server"));
    ACCORD_ASSIGN_OR_RETURN(context.actor, Text(node, "actor"));
    ACCORD_ASSIGN_OR_RETURN(context.token_file, File(node, "token_file"));
    ACCORD_ASSIGN_OR_RETURN(const std::string plaintext, Text(node, "plaintext"));
    context.plaintext = plaintext == "true";
    if (!plaintext.empty() && plaintext != "true" && plaintext != "false") {
      return Error(node.Mark(), "plaintext must be true or false");
    }
    if (context.name.empty() || context.server.empty()) {
      return Error(node.Mark(), "a context needs a name and a server");
    }
    const YAML::Node tls = node["tls"];
    if (!tls.IsDefined()) return context;
    if (context.plaintext) return Error(tls.Mark(), "tls and plaintext exclude each other");
    ACCORD_RETURN_IF_ERROR(OnlyKeys(tls, {"ca", "cert", "key"}));
    ACCORD_ASSIGN_OR_RETURN(context.ca, File(tls, "ca"));
    ACCORD_ASSIGN_OR_RETURN(context.cert, File(tls, "cert"));
    ACCORD_ASSIGN_OR_RETURN(context.key, File(tls, "key"));
    return context;
  }

  absl::StatusOr<Config> ReadConfig(const YAML::Node& root) {
    ACCORD_RETURN_IF_ERROR(OnlyKeys(root, {"current", "contexts"}));
    Config config;
    ACCORD_ASSIGN_OR_RETURN(config.current, Text(root, "current"));
    const YAML::Node contexts = root["contexts"];
    if (!contexts.IsDefined() || !contexts.IsSequence()) {
      return Error(root.Mark(), "there is no list of contexts");
    }
    for (const YAML::Node& node : contexts) {
      ACCORD_ASSIGN_OR_RETURN(Context context, ReadContext(node));
      config.contexts.push_back(std::move(context));
    }
    return config;
  }

 private:
  const std::string file_;
  const std::string folder_;
};

// As the profile's folder sees it.
std::string FileName(const std::string& file, const std::filesystem::path& folder) {
  const std::filesystem::path whole = FullName(file);
  const auto below = whole.lexically_relative(folder);
  const bool outside = below.empty() || *below.begin() == "..";
  return (outside ? whole : below).string();
}

// Writes the keys that have a value.
class Writer {
 public:
  explicit Writer(const std::string& file)
      : folder_(std::filesystem::path(FullName(file)).parent_path()) {}

  std::string Write(const Config& config) {
    out_ << YAML::BeginMap;
    Text("current", config.current);
    out_ << YAML::Key << "contexts" << YAML::Value << YAML::BeginSeq;
    for (const Context& context : config.contexts) Write(context);
    out_ << YAML::EndSeq << YAML::EndMap;
    return absl::StrCat(out_.c_str(), "\n");
  }

 private:
  void Write(const Context& context) {
    out_ << YAML::BeginMap;
    Text("name", context.name);
    Text("server", context.server);
    if (context.plaintext) out_ << YAML::Key << "plaintext" << YAML::Value << true;
    if (!context.ca.empty() || !context.cert.empty() || !context.key.empty()) {
      out_ << YAML::Key << "tls" << YAML::Value << YAML::BeginMap;
      File("ca", context.ca);
      File("cert", context.cert);
      File("key", context.key);
      out_ << YAML::EndMap;
    }
    Text("actor", context.actor);
    File("token_file", context.token_file);
    out_ << YAML::EndMap;
  }

  void Text(const char* key, const std::string& value) {
    if (!value.empty()) out_ << YAML::Key << key << YAML::Value << value;
  }
  void File(const char* key, const std::string& file) {
    if (!file.empty()) Text(key, FileName(file, folder_));
  }

  const std::filesystem::path folder_;
  YAML::Emitter out_;
};

}  // namespace

absl::StatusOr<Config> ParseConfig(absl::string_view yaml, absl::string_view file,
                                   absl::string_view folder) {
  Reader reader(file, folder);
  // yaml-cpp throws; nothing of that leaves this function.
  try {
    return reader.ReadConfig(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& exception) {
    return reader.Error(exception.mark, exception.msg);
  }
}

absl::StatusOr<Config> LoadConfig(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    return LocalError(absl::StatusCode::kNotFound, "CONFIG_NOT_FOUND",
                      absl::StrCat("cannot read the configuration ", file),
                      "name an existing file with --config or ACCORD_CONFIG, or use --server");
  }
  std::stringstream text;
  text << in.rdbuf();
  return ParseConfig(text.str(), file, std::filesystem::path(file).parent_path().string());
}

std::string FullName(const std::string& file) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::absolute(file, failed);
  return failed ? file : whole.lexically_normal().string();
}

absl::Status SaveConfig(const std::string& file, const Config& config) {
  return WritePrivateFile(file, Writer(file).Write(config));
}

const Context* FindContext(const Config& config, absl::string_view name) {
  const auto found = std::find_if(config.contexts.begin(), config.contexts.end(),
                                  [name](const Context& context) { return context.name == name; });
  return found == config.contexts.end() ? nullptr : &*found;
}

const Context* FindServer(const Config& config, absl::string_view server) {
  const Context* current = FindContext(config, config.current);
  if (current != nullptr && current->server == server) return current;
  const auto found = std::find_if(config.contexts.begin(), config.contexts.end(),
                                  [&](const Context& each) { return each.server == server; });
  return found == config.contexts.end() ? nullptr : &*found;
}

absl::StatusOr<Context> ChooseContext(const Config& config, absl::string_view name) {
  const absl::string_view wanted = name.empty() ? absl::string_view(config.current) : name;
  if (wanted.empty() && config.contexts.size() == 1) return config.contexts[0];
  if (const Context* context = FindContext(config, wanted)) return *context;
  if (config.contexts.empty()) {
    return LocalError(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                      "the configuration has no contexts",
                      "accordctl login --help shows how to make one");
  }
  const std::string known =
      absl::StrJoin(config.contexts, ", ",
                    [](std::string* out, const Context& context) { out->append(context.name); });
  return LocalError(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
                    wanted.empty()
                        ? "the configuration has no current context"
                        : absl::StrCat("the configuration has no context \"", wanted, "\""),
                    absl::StrCat("use --context with one of: ", known));
}

bool IsLoopback(absl::string_view server) {
  const absl::string_view host = server.substr(0, server.rfind(':'));
  const bool address = host.find_first_not_of("0123456789.") == absl::string_view::npos;
  return host == "localhost" || host == "[::1]" || (address && absl::StartsWith(host, "127."));
}

}  // namespace accord::cli
