#include "services/cli/commands/options.h"

#include <google/protobuf/dynamic_message.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/crypto.h"
#include "common/base/personal.h"
#include "common/rpc/call.h"
#include "services/cli/errors.h"
#include "services/cli/exit_codes.h"
#include "services/cli/output/fields.h"

namespace accord::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Large enough to make few calls, small enough to show progress.
constexpr int kPageSize = 500;

constexpr size_t kNamesInFilter = 50;

// The contracts' bound on a file.
constexpr uintmax_t kLargestFile = 32u << 20;

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// The list in a list response.
const FieldDescriptor* ListField(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->is_repeated() && field->message_type() != nullptr) return field;
  }
  return nullptr;
}

// Adds the elements of `page` to those of `all`, and takes over what else the page says: where to
// go on, and what was counted so far.
void Append(const Message& page, Message* all, const FieldDescriptor* list) {
  const auto& reflection = *all->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*all, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field != list) reflection.ClearField(all, field);
  }
  all->MergeFrom(page);
}

absl::Status ApplyReadOptions(const ReadOptions& options, Message* request) {
  return SetFields(request, {{"--filter", "filter", options.filter},
                             {"--order-by", "order_by", options.order_by},
                             {"--page-token", "page_token", options.page_token},
                             {"--as-of", "as_of", options.as_of},
                             {"--as-known-at", "as_known_at", options.as_known_at}});
}

absl::Status ApplyParent(const Kind& kind, const ReadOptions& options, Message* request) {
  if (absl::string_view(kind.parent).empty()) {
    return SetFields(request, {{"--parent", "parent", options.parent}});
  }
  ACCORD_ASSIGN_OR_RETURN(const Kind* parents, FindKind(kind.parent));
  if (options.parent.empty()) {
    return UsageError("rows of which import?",
                      absl::StrCat("add --parent ", parents->collection, "/ID; see accordctl list ",
                                   parents->plural));
  }
  ACCORD_ASSIGN_OR_RETURN(const std::string parent, FullName(*parents, options.parent));
  return SetField(request, "parent", parent, "--parent");
}

// One of a kind that has no method to get it.
absl::StatusOr<std::unique_ptr<Message>> FindInList(Session& session, const NamedResource& resource,
                                                    ReadOptions options) {
  const Kind& kind = *resource.kind;
  if (!absl::string_view(kind.parent).empty()) {
    return UsageError(absl::StrCat("single ", kind.plural, " cannot be fetched"),
                      absl::StrCat("list them: accordctl list ", kind.plural,
                                   " --parent IMPORT --filter 'row_number = 12'"));
  }
  options.filter = absl::StrCat("name = ", FilterLiteral(resource.name));
  ACCORD_ASSIGN_OR_RETURN(const std::unique_ptr<Message> list, FetchList(session, kind, options));
  const Items items = ItemsOf(*list);
  if (items.messages.empty()) {
    return LocalError(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
                      absl::StrCat("there is no ", resource.name),
                      absl::StrCat("look the name up: accordctl list ", kind.plural));
  }
  std::unique_ptr<Message> found = NewMessage(*items.type);
  found->CopyFrom(*items.messages.front());
  return found;
}

}  // namespace

void AddTimeOptions(CLI::App& command, ReadOptions& options) {
  command.add_option("--as-of", options.as_of, "States as of this day, YYYY-MM-DD (default today)");
  command.add_option("--as-known-at", options.as_known_at,
                     "What the record said at this revision of the log");
}

void AddListOptions(CLI::App& command, ReadOptions& options) {
  command.add_option("--filter", options.filter, "For example: state = \"FL\" AND model = \"JEM\"");
  command.add_option("--order-by", options.order_by, "For example: \"effective_date desc\"");
  command.add_option("--limit", options.limit, "At most this many (default: all)")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--page-size", options.page_size, "This many per call (default 500)")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--page-token", options.page_token, "Go on where --limit stopped");
}

void AddWriteOptions(CLI::App& command, WriteOptions& options, bool takes_etag, bool takes_reason) {
  if (takes_reason) command.add_option("--reason", options.reason, "Why; kept in the log");
  command.add_option("--request-id", options.request_id,
                     "UUID that makes a repeated command safe (default: a new one)");
  command.add_flag("--dry-run", options.dry_run, "Answer as if it had happened, write nothing");
  if (takes_etag) {
    command.add_option("--etag", options.etag, "Refuse if it has changed since it was read");
  }
}

absl::StatusOr<std::string> ReadImportFile(const std::string& file) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error) {
    return LocalError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
                      absl::StrCat("cannot read ", file, ": ", error.message()), "check the path");
  }
  if (size > kLargestFile) {
    return LocalError(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE",
                      absl::StrCat(file, " has ", size >> 20, " MiB; 32 are the most"),
                      "check that it is the file you mean");
  }
  std::ifstream in(file, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

absl::Status SetFields(Message* message, const std::vector<OptionValue>& values) {
  for (const OptionValue& value : values) {
    if (value.text.empty()) continue;
    ACCORD_RETURN_IF_ERROR(SetField(message, value.field, value.text, value.option));
  }
  return absl::OkStatus();
}

absl::Status ApplyWriteOptions(const WriteOptions& options, Message* request) {
  return SetFields(request, {{"--reason", "reason", options.reason},
                             {"--etag", "etag", options.etag},
                             {"--dry-run", "validate_only", options.dry_run ? "true" : ""},
                             {"--request-id", "request_id",
                              options.request_id.empty() ? NewUuid() : options.request_id}});
}

absl::Status PrintWritten(Session& session, Message& written, bool dry_run) {
  ClearPersonal(written);
  ACCORD_RETURN_IF_ERROR(session.PrintOne(written));
  if (dry_run) session.Note("dry run: nothing was written");
  return absl::OkStatus();
}

absl::StatusOr<int> Write(Session& session, absl::string_view method, Message* request,
                          const WriteOptions& write) {
  ACCORD_RETURN_IF_ERROR(ApplyWriteOptions(write, request));
  ACCORD_ASSIGN_OR_RETURN(const auto written, session.CallAny(method, *request));
  ACCORD_RETURN_IF_ERROR(PrintWritten(session, *written, write.dry_run));
  return kExitOk;
}

absl::Status Require(absl::string_view option, absl::string_view value) {
  if (!value.empty()) return absl::OkStatus();
  return UsageError(absl::StrCat(option, " is missing"), absl::StrCat("add ", option));
}

std::unique_ptr<Message> NewRequest(absl::string_view method) {
  return NewMessage(*Client::Method(method).input_type());
}

absl::StatusOr<std::unique_ptr<Message>> FetchPages(Session& session, absl::string_view method,
                                                    Message* request, const ReadOptions& options,
                                                    absl::string_view what) {
  const FieldDescriptor* list = ListField(*Client::Method(method).output_type());
  ACCORD_RETURN_IF_ERROR(ApplyReadOptions(options, request));
  std::unique_ptr<Message> all;
  int have = 0;
  while (true) {
    const int wanted = options.page_size > 0 ? options.page_size : kPageSize;
    const int size = options.limit > 0 ? std::min(wanted, options.limit - have) : wanted;
    ACCORD_RETURN_IF_ERROR(SetField(request, "page_size", absl::StrCat(size), "--page-size"));
    ACCORD_ASSIGN_OR_RETURN(std::unique_ptr<Message> page, session.CallAny(method, *request));
    if (all == nullptr) {
      all = std::move(page);
    } else {
      Append(*page, all.get(), list);
    }
    have = all->GetReflection()->FieldSize(*all, list);
    const std::string token = FieldText(*all, "next_page_token");
    if (token.empty() || (options.limit > 0 && have >= options.limit)) break;
    ACCORD_RETURN_IF_ERROR(SetField(request, "page_token", token, "--page-token"));
    session.Progress(absl::StrCat("reading ", what, ": ", have, " …"));
  }
  session.ProgressDone();
  return all;
}

absl::StatusOr<std::unique_ptr<Message>> FetchList(Session& session, const Kind& kind,
                                                   const ReadOptions& options) {
  const std::unique_ptr<Message> request = NewRequest(kind.list);
  ACCORD_RETURN_IF_ERROR(ApplyParent(kind, options, request.get()));
  return FetchPages(session, kind.list, request.get(), options, kind.plural);
}

absl::StatusOr<std::unique_ptr<Message>> FetchOne(Session& session, const NamedResource& resource,
                                                  const ReadOptions& options) {
  const Kind& kind = *resource.kind;
  if (absl::string_view(kind.get).empty()) return FindInList(session, resource, options);
  const std::unique_ptr<Message> request = NewRequest(kind.get);
  ACCORD_RETURN_IF_ERROR(ApplyReadOptions(options, request.get()));
  ACCORD_RETURN_IF_ERROR(SetField(request.get(), kind.name_field, resource.name, "NAME"));
  return session.CallAny(kind.get, *request);
}

Items ItemsOf(const Message& list) {
  const FieldDescriptor* field = ListField(*list.GetDescriptor());
  Items items{field->message_type(), {}};
  const auto& reflection = *list.GetReflection();
  for (int i = 0; i < reflection.FieldSize(list, field); ++i) {
    items.messages.push_back(&reflection.GetRepeatedMessage(list, field, i));
  }
  return items;
}

absl::Status PrintPage(Session& session, const Message& list, absl::string_view id_field) {
  const Items items = ItemsOf(list);
  ACCORD_RETURN_IF_ERROR(session.PrintMessages(*items.type, items.messages, list, id_field));
  const std::string token = FieldText(list, "next_page_token");
  if (!token.empty() && !session.json()) {
    session.Note(absl::StrCat("there is more: raise --limit, or add --page-token ", token));
  }
  return absl::OkStatus();
}

void LearnAgencyNames(Session& session, const Items& items, const ReadOptions& options) {
  const bool wanted = session.format() == Format::kTable && HasField(*items.type, "agency") &&
                      !HasField(*items.type, "display_name");
  if (!wanted) return;
  std::set<std::string> names;
  for (const Message* message : items.messages) names.insert(FieldText(*message, "agency"));
  names.erase("");
  if (names.empty()) return;
  ReadOptions read;
  read.as_known_at = options.as_known_at;
  // Beyond that, reading all agencies is quicker than naming them.
  if (names.size() <= kNamesInFilter) {
    read.filter = absl::StrJoin(names, " OR ", [](std::string* out, const std::string& name) {
      absl::StrAppend(out, "name = ", FilterLiteral(name));
    });
  }
  const auto kind = FindKind("agencies");
  if (!kind.ok()) return;
  const auto agencies = FetchList(session, **kind, read);
  if (!agencies.ok()) return;
  for (const Message* agency : ItemsOf(**agencies).messages) {
    session.shown_names[FieldText(*agency, "name")] = FieldText(*agency, "display_name");
  }
}

std::string FilterLiteral(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string AndFilter(absl::string_view left, absl::string_view right) {
  if (left.empty()) return std::string(right);
  if (right.empty()) return std::string(left);
  return absl::StrCat("(", left, ") AND (", right, ")");
}

}  // namespace accord::cli
