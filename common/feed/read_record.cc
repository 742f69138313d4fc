#include "common/feed/read_record.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "common/store/filter.h"
#include "common/store/log_reader.h"

namespace accord::feed {
namespace {

using log::v1::LogRead;

// A read waits no longer for its record: without a database there is no answer anyway.
constexpr absl::Duration kLongestWait = absl::Seconds(10);

// What a caller may make us keep of their request; a longer filter is invalid.
constexpr size_t kMostText = store::Filter::kMaxBytes;

absl::Status NotRecorded(const absl::Status& why) {
  LogWarning("a read of the log was refused: it could not be recorded",
             {{"error", std::string(why.message())}});
  return MakeError(absl::StatusCode::kUnavailable, store::kLogDomain, "READ_NOT_RECORDED",
                   "your reads of the log are recorded, and this one could not be; try again");
}

// "accord.log.v1.ChangeFeed/ListChanges" as "ListChanges".
std::string ActionOf(const std::string& method) { return method.substr(method.rfind('/') + 1); }

std::string MarkOf(const std::string& actor, const std::string& method, absl::Time now) {
  return absl::StrCat("logRead ", absl::FormatTime("%Y-%m-%dT%H", now, absl::UTCTimeZone()), " ",
                      method, " ", actor);
}

// At most kMostText bytes, and no half of a character: a text in a proto is valid UTF-8.
void Shorten(std::string& text) {
  if (text.size() <= kMostText) return;
  size_t end = kMostText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
}

}  // namespace

absl::Status RecordRead(store::Store& store, const rpc::Call& call, LogRead read) {
  if (!call.log_reads_recorded()) return absl::OkStatus();
  Shorten(*read.mutable_filter());
  Shorten(*read.mutable_subject());
  store::MutationContext context = service::ContextOf(call, ActionOf(read.method()), read);
  context.deadline = std::min(call.deadline(), absl::Now() + kLongestWait);
  const auto recorded = store.Mutate(
      context, [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        store::WriteSet writes;
        const std::string mark = MarkOf(call.caller().actor, read.method(), transaction.now());
        ACCORD_ASSIGN_OR_RETURN(const bool known, transaction.IsMarked(mark));
        if (known) return writes;
        writes.Event("log", &read);
        writes.Mark(mark);
        return writes;
      });
  return recorded.ok() ? absl::OkStatus() : NotRecorded(recorded.status());
}

}  // namespace accord::feed
