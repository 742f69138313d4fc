// Options that many commands share, and how they get into a request.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/kinds.h"
#include "services/cli/session.h"

namespace CLI {
class App;
}

namespace accord::cli {

// Of reads. Empty or 0 means not given.
struct ReadOptions {
  std::string filter;
  std::string order_by;
  std::string page_token;
  // Messages per call.
  int page_size = 0;
  // Messages in all; 0 is all there are.
  int limit = 0;
  // Effective dates as of a day; the record as known at a revision.
  std::string as_of;
  std::string as_known_at;
  // The import whose rows are meant.
  std::string parent;
};

void AddTimeOptions(CLI::App& command, ReadOptions& options);
void AddListOptions(CLI::App& command, ReadOptions& options);

// Of writes.
struct WriteOptions {
  std::string reason;
  std::string request_id;
  std::string etag;
  bool dry_run = false;
};

// `--etag` only where `takes_etag`; `--reason` only where `takes_reason`.
void AddWriteOptions(CLI::App& command, WriteOptions& options, bool takes_etag,
                     bool takes_reason = true);

// Sets what was given; makes a request_id if none was. Usage error for an option
// that the request has no field for.
absl::Status ApplyWriteOptions(const WriteOptions& options, google::protobuf::Message* request);

// Prints what was written, without the names of people: they are printed when asked for, by
// get, list and describe.
absl::Status PrintWritten(Session& session, google::protobuf::Message& written, bool dry_run);

// Calls a method of which the answer is the resource that it wrote, and prints that.
absl::StatusOr<int> Write(Session& session, absl::string_view method,
                          google::protobuf::Message* request, const WriteOptions& write);

// A file to import, whole. Errors: FILE_NOT_FOUND (NOT_FOUND); FILE_TOO_LARGE
// (INVALID_ARGUMENT: above the 32 MiB that the contracts take).
absl::StatusOr<std::string> ReadImportFile(const std::string& file);

// Sets each non-empty value: {option as typed, field, text}.
struct OptionValue {
  const char* option;
  const char* field;
  std::string text;
};
absl::Status SetFields(google::protobuf::Message* message, const std::vector<OptionValue>& values);

// Usage error unless `value` is there.
absl::Status Require(absl::string_view option, absl::string_view value);

// An empty request of a method, by its full name.
std::unique_ptr<google::protobuf::Message> NewRequest(absl::string_view method);

// Reads every page that `options` asks for, into one response message. Its
// next_page_token is what would come next. `request` says what else is asked; `what` is
// read, to those who wait.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> FetchPages(
    Session& session, absl::string_view method, google::protobuf::Message* request,
    const ReadOptions& options, absl::string_view what);
// The same of all resources of a kind.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> FetchList(Session& session,
                                                                     const Kind& kind,
                                                                     const ReadOptions& options);

// Reads one resource.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> FetchOne(Session& session,
                                                                    const NamedResource& resource,
                                                                    const ReadOptions& options);

// The elements of a list response, and their type.
struct Items {
  const google::protobuf::Descriptor* type;
  std::vector<const google::protobuf::Message*> messages;
};
Items ItemsOf(const google::protobuf::Message& list);

// Prints the resources of an answer to a List, and how to get those that it leaves out.
absl::Status PrintPage(Session& session, const google::protobuf::Message& list,
                       absl::string_view id_field = "name");

// Looks the display names of the agencies in `items` up for the session's tables.
// Does nothing for other formats, and leaves out what cannot be read: a table
// without them is still right.
void LearnAgencyNames(Session& session, const Items& items, const ReadOptions& options);

// A string as a filter literal, with its quotes.
std::string FilterLiteral(absl::string_view text);
// Both filters, either of which may be empty.
std::string AndFilter(absl::string_view left, absl::string_view right);

}  // namespace accord::cli
