#include "services/agreements/write_out.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"

namespace accord::agreements {
namespace {

template <typename Resource>
void WriteSome(const std::vector<Planned<Resource>>& planned, absl::string_view first,
               bool is_first, store::WriteSet& writes) {
  for (const Planned<Resource>& each : planned) {
    if ((each.resource.name() == first) == is_first) WriteOut(each, writes);
  }
}

}  // namespace

std::string NewName(absl::string_view collection) { return absl::StrCat(collection, "/", NewId()); }

void WriteOut(const Writes& changed, absl::string_view first, store::Transaction& transaction,
              store::WriteSet& writes) {
  std::vector<Planned<v1::RosterDiscrepancy>> discrepancies = changed.discrepancies;
  for (Planned<v1::RosterDiscrepancy>& each : discrepancies) {
    if (each.resource.state() == v1::RosterDiscrepancy::OPEN || each.resource.has_decide_time()) {
      continue;
    }
    *each.resource.mutable_decide_time() =
        google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
            absl::ToUnixMicros(transaction.now()));
  }
  for (const bool is_first : {true, false}) {
    WriteSome(changed.agencies, first, is_first, writes);
    WriteSome(changed.agreements, first, is_first, writes);
    WriteSome(discrepancies, first, is_first, writes);
  }
}

}  // namespace accord::agreements
