#include "services/agreements/handlers.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/agreements/store.h"

namespace accord::agreements {
namespace {

constexpr int kSweepBatch = 500;

store::MutationContext OwnContext(absl::string_view action, absl::string_view reason) {
  store::MutationContext context;
  context.action = std::string(action);
  context.actor = "services/agreements";
  context.role = "service";
  context.reason = std::string(reason);
  return context;
}

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

// The first version holds before it, too: rules about the past need some policy.
const PolicyView& Handlers::PolicyOn(Date date) const {
  const auto view = policy_->At(date);
  return view.ok() ? **view : *policy_->versions().front();
}

bool Handlers::BoardGate() const {
  return PolicyOn(Today()).version().approval_policy().board_review_required();
}

absl::Status Handlers::SweepDay(Date today) {
  for (;;) {
    ACCORD_ASSIGN_OR_RETURN(
        const store::Committed committed,
        store_.Mutate(
            OwnContext("DaySweep", absl::StrCat("the day is ", FormatDate(today))),
            [today](store::Transaction& transaction) { return SweepBatch(transaction, today); }));
    if (committed.changes.empty()) return absl::OkStatus();
  }
}

absl::Status Handlers::RecordPolicy() {
  constexpr char kSource[] = "policy";
  const std::string id = PolicyOn(Today()).id();
  return store_
      .Mutate(OwnContext("StartWithPolicy",
                         absl::StrCat("policy ", id, ", digest ", policy_->digest())),
              [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
                ACCORD_ASSIGN_OR_RETURN(store::Position known, transaction.Cursor(kSource));
                store::WriteSet writes;
                if (known.log_id == policy_->digest()) return writes;
                known.log_id = policy_->digest();
                writes.Event(absl::StrCat("policies/", id), nullptr);
                writes.AdvanceCursor(kSource, known);
                return writes;
              })
      .status();
}

}  // namespace accord::agreements
