#include "services/agreements/handlers.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "services/agreements/store.h"

namespace accord::agreements {
namespace {

constexpr int kSweepBatch = 500;

// "a1b2|agreement-state|2026-01-31": the event of this rule for this agreement and date.
std::string EventKey(const v1::Agreement& agreement) {
  const auto date = FromProto(agreement.next_change_date());
  return absl::StrCat(agreement.name(), "|agreement-state|", date ? FormatDate(*date) : "");
}

absl::StatusOr<store::WriteSet> SweepBatch(store::Transaction& transaction, Date today) {
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Agreement> due, DueBy(transaction, today, kSweepBatch));
  store::WriteSet writes;
  for (v1::Agreement& agreement : due) {
    const std::string key = EventKey(agreement);
    ACCORD_ASSIGN_OR_RETURN(const bool happened, transaction.IsMarked(key));
    if (!happened) writes.Mark(key);
    Recompute(agreement, today);
    writes.Update(agreement);
  }
  return writes;
}

}  // namespace

Handlers::Handlers(store::Store& store, std::shared_ptr<const Policy> policy,
                   service::Separation separation)
    : store_(store), policy_(std::move(policy)), separation_(std::move(separation)) {}

Date Handlers::Today() const { return accord::Today(store_.clock().Now(), policy_->time_zone()); }

const PolicyView& Handlers::PolicyOn(Date date) const { return policy_->AtOrFirst(date); }

bool Handlers::BoardGate() const {
  return PolicyOn(Today()).version().approval_policy().board_review_required();
}

absl::Status Handlers::SweepDay(Date today, const service::DaySweep::KeepGoing& keep_going) {
  for (;;) {
    ACCORD_ASSIGN_OR_RETURN(
        const store::Committed committed,
        store_.Mutate(
            service::OwnContext(store_, "DaySweep", absl::StrCat("the day is ", FormatDate(today))),
            [today](store::Transaction& transaction) { return SweepBatch(transaction, today); }));
    if (committed.changes.empty()) return absl::OkStatus();
    ACCORD_RETURN_IF_ERROR(keep_going());
  }
}

absl::Status Handlers::RecordPolicy() {
  return service::RecordPolicy(store_, PolicyOn(Today()).id(), policy_->digest());
}

}  // namespace accord::agreements
