// What a day brings, each once: certifications that change, those kept under another policy,
// notices and revocation cases.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "services/training/day_effects.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

constexpr int kSweepBatch = 500;
constexpr absl::Duration kSweepPatience = absl::Seconds(30);
// How far the derivation under a policy has come: its log id names the policy, its hash the
// last officer.
constexpr char kDerived[] = "officers-derived";
// What is kept of officers, when a release keeps more: another number derives all anew.
constexpr char kKeptFields[] = "5";
// Officers between two lines of progress in the log.
constexpr int64_t kTellEvery = 10'000;

absl::StatusOr<store::WriteSet> RekeepDue(store::Transaction& transaction, const PolicyView& policy,
                                          Date today) {
  store::WriteSet writes;
  ACCORD_ASSIGN_OR_RETURN(auto due, OfficersDueBy(transaction, today, kSweepBatch));
  const bool any = !due.empty();
  ACCORD_ASSIGN_OR_RETURN(auto all, LoadFacts(transaction, std::move(due)));
  ACCORD_RETURN_IF_ERROR(RekeepChanged(transaction, std::move(all), policy, today, writes));
  // They would be due for ever.
  if (any && writes.empty()) return absl::InternalError("officers whose day does not pass");
  return writes;
}

// One batch of the derivation under `key`; `progress` says how far it has come.
absl::StatusOr<store::WriteSet> Derive(store::Transaction& transaction, const std::string& key,
                                       const PolicyView& policy, Date today,
                                       store::Position& progress) {
  ACCORD_ASSIGN_OR_RETURN(progress, transaction.Cursor(kDerived));
  if (progress.log_id != key) progress = {key, 0, ""};
  store::WriteSet writes;
  ACCORD_ASSIGN_OR_RETURN(auto officers, OfficersAfter(transaction, progress.hash, kSweepBatch));
  if (officers.empty()) return writes;
  progress.revision += static_cast<int64_t>(officers.size());
  progress.hash = officers.back().name();
  ACCORD_ASSIGN_OR_RETURN(auto all, LoadFacts(transaction, std::move(officers)));
  ACCORD_RETURN_IF_ERROR(RekeepChanged(transaction, std::move(all), policy, today, writes));
  writes.AdvanceCursor(kDerived, progress);
  return writes;
}

absl::Status WriteEffects(store::Store& store, const PolicyView& policy, Date today,
                          const std::vector<std::string>& officers) {
  return store
      .Mutate(
          service::OwnContext(store, "DaySweep", absl::StrCat("the day is ", FormatDate(today))),
          [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
            ACCORD_ASSIGN_OR_RETURN(auto still, OfficersNamed(transaction, officers));
            ACCORD_ASSIGN_OR_RETURN(const auto all,
                                    LoadDayEffects(transaction, std::move(still), policy, today));
            store::WriteSet writes;
            for (const DayEffects& effects : all) {
              for (const v1::Notice& notice : effects.notices) {
                writes.Create(notice).reason = notice.reason();
              }
              for (const v1::RevocationCase& revocation : effects.cases) {
                writes.Create(revocation).reason = "training lapsed past the policy's grace";
              }
            }
            return writes;
          })
      .status();
}

}  // namespace

absl::Status Handlers::SweepDay(Date today, const KeepGoing& keep_going,
                                const OnProgress& on_progress) {
  ACCORD_RETURN_IF_ERROR(SweepDue(today, keep_going));
  ACCORD_RETURN_IF_ERROR(DeriveAnew(today, keep_going, on_progress));
  return SweepEffects(today, keep_going);
}

absl::Status Handlers::SweepDue(Date today, const KeepGoing& keep_going) {
  for (;;) {
    ACCORD_ASSIGN_OR_RETURN(
        const store::Committed committed,
        store_.Mutate(
            service::OwnContext(store_, "DaySweep", absl::StrCat("the day is ", FormatDate(today))),
            [&](store::Transaction& transaction) {
              return RekeepDue(transaction, PolicyOn(today), today);
            }));
    if (committed.changes.empty()) return absl::OkStatus();
    ACCORD_RETURN_IF_ERROR(keep_going());
  }
}

absl::Status Handlers::DeriveAnew(Date today, const KeepGoing& keep_going,
                                  const OnProgress& on_progress) {
  const PolicyView& policy = PolicyOn(today);
  const std::string key = absl::StrCat(policy_->digest(), "/", policy.id(), "/", kKeptFields);
  SweepProgress progress;
  int64_t told = 0;
  for (;;) {
    store::Position position;
    const int64_t before = progress.derived;
    ACCORD_RETURN_IF_ERROR(
        store_
            .Mutate(service::OwnContext(store_, "DeriveAnew", absl::StrCat("policy ", policy.id())),
                    [&](store::Transaction& transaction) {
                      return Derive(transaction, key, policy, today, position);
                    })
            .status());
    progress.derived = position.revision;
    if (progress.derived == before) break;
    if (progress.left == 0 || progress.derived - told >= kTellEvery) {
      ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(absl::Now() + kSweepPatience));
      ACCORD_ASSIGN_OR_RETURN(progress.left, CountOfficersAfter(**snapshot, position.hash));
      told = progress.derived;
      LogInfo("officers are derived under the policy",
              {{"policy", policy.id()}, {"officers", progress.derived}, {"left", progress.left}});
    } else {
      progress.left = std::max<int64_t>(0, progress.left - (progress.derived - before));
    }
    if (on_progress) on_progress(progress);
    ACCORD_RETURN_IF_ERROR(keep_going());
  }
  progress.left = 0;
  if (on_progress) on_progress(progress);
  return absl::OkStatus();
}

absl::Status Handlers::SweepEffects(Date today, const KeepGoing& keep_going) {
  const PolicyView& policy = PolicyOn(today);
  const WatchSpan span = WatchSpanOf(policy, today);
  for (std::string after;;) {
    std::vector<std::string> concerned;
    {
      // Most days bring most officers nothing: the writer is left alone with them.
      ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(absl::Now() + kSweepPatience));
      ACCORD_ASSIGN_OR_RETURN(
          auto officers,
          OfficersToWatch(**snapshot, span.last_end, span.last_authorization, after, kSweepBatch));
      if (officers.empty()) return absl::OkStatus();
      after = officers.back().name();
      ACCORD_ASSIGN_OR_RETURN(const auto all,
                              LoadDayEffects(**snapshot, std::move(officers), policy, today));
      for (const DayEffects& effects : all) {
        if (!effects.empty()) concerned.push_back(effects.officer);
      }
    }
    if (!concerned.empty()) {
      ACCORD_RETURN_IF_ERROR(WriteEffects(store_, policy, today, concerned));
    }
    ACCORD_RETURN_IF_ERROR(keep_going());
  }
}

}  // namespace accord::training
