#include "services/training/agreement_effects.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/base/status.h"
#include "common/service/standard.h"
#include "services/training/agreement_copy.h"
#include "services/training/facts.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

using agreements::v1::Agency;
using agreements::v1::Agreement;
using log::v1::Change;

constexpr absl::Duration kEffectPatience = absl::Seconds(10);
// A merge points at what stands; a chain of merges is short.
constexpr int kMostMerges = 8;

bool Is(const Change& change, const google::protobuf::Descriptor* type) {
  return change.resource_type() == type->full_name() && change.has_image();
}

std::vector<std::string> Named(const std::vector<const Change*>& changes,
                               const google::protobuf::Descriptor* type) {
  std::set<std::string> names;
  for (const Change* change : changes) {
    if (Is(*change, type)) names.insert(change->resource());
  }
  return {names.begin(), names.end()};
}

// The effects of one stretch on officers, each written once with all of them.
class OfficerEffects {
 public:
  OfficerEffects(store::Transaction& transaction, const std::string& log,
                 const std::vector<const Change*>& changes)
      : transaction_(transaction), log_(log) {
    for (const Change* change : changes) {
      if (!Is(*change, Agreement::descriptor())) continue;
      Seen& seen = seen_[change->resource()];
      change->image().UnpackTo(&seen.agreement);
      seen.revision = change->revision();
    }
  }

  absl::Status Apply() {
    std::vector<std::string> names;
    for (const auto& [name, seen] : seen_) names.push_back(name);
    ACCORD_ASSIGN_OR_RETURN(const auto served, EverServedUnder(transaction_, names));
    for (const std::string& name : served) {
      // Those under it, and those whom a person had put under it and a merge took.
      ACCORD_ASSIGN_OR_RETURN(auto officers, OfficersOnceUnder(transaction_, name));
      for (v1::Officer& officer : officers) officers_.try_emplace(officer.name(), officer);
    }
    for (auto& [name, officer] : officers_) Follow(officer);
    return absl::OkStatus();
  }

  // Those that changed.
  std::vector<v1::Officer> Changed() {
    std::vector<v1::Officer> changed;
    for (auto& [name, officer] : officers_) {
      if (changed_.contains(name)) changed.push_back(std::move(officer));
    }
    return changed;
  }

 private:
  // The newest image of an agreement in the stretch.
  struct Seen {
    Agreement agreement;
    int64_t revision = 0;
  };

  // Null when the stretch does not show it.
  const Seen* Find(const std::string& agreement) const {
    const auto found = seen_.find(agreement);
    return found == seen_.end() ? nullptr : &found->second;
  }

  // A person's choice holds again as soon as it is seen to be merged into nothing.
  const Seen* Present(const v1::Officer& officer) const {
    const Seen* chosen = Find(ChosenAgreement(officer));
    const Seen* seen = chosen != nullptr ? chosen : Find(officer.agreement());
    for (int merges = 0; seen != nullptr && merges < kMostMerges; ++merges) {
      if (seen->agreement.merged_into().empty()) break;
      const Seen* into = Find(seen->agreement.merged_into());
      if (into == nullptr) break;
      seen = into;
    }
    return seen;
  }

  void Follow(v1::Officer& officer) {
    const Seen* seen = Present(officer);
    if (seen == nullptr) return;
    const std::string& into = seen->agreement.merged_into();
    // Already moved on, or read later than the Change.
    if (!into.empty() && officer.agreement() == into) return;
    if (CarriesSince(officer, log_, seen->revision)) return;
    const std::string before = officer.SerializeAsString();
    CopyAgreement(seen->agreement, CauseOf(log_, seen->revision), officer);
    // What the rest of it says comes with its own next change.
    if (!into.empty()) officer.set_agreement(into);
    if (officer.SerializeAsString() != before) changed_.insert(officer.name());
  }

  store::Transaction& transaction_;
  const std::string& log_;
  std::map<std::string, Seen> seen_;             // By agreement.
  std::map<std::string, v1::Officer> officers_;  // By name.
  std::set<std::string> changed_;
};

absl::Status FollowAgencies(store::Transaction& transaction,
                            const std::vector<const Change*>& changes, store::WriteSet& writes) {
  std::map<std::string, Agency> agencies;
  for (const Change* change : changes) {
    if (Is(*change, Agency::descriptor())) change->image().UnpackTo(&agencies[change->resource()]);
  }
  ACCORD_ASSIGN_OR_RETURN(auto monitors,
                          MonitorsOf(transaction, Named(changes, Agency::descriptor())));
  for (v1::Monitor& monitor : monitors) {
    const Agency& agency = agencies[monitor.agency()];
    if (monitor.field_office() == agency.field_office()) continue;
    monitor.set_field_office(agency.field_office());
    writes.Update(monitor);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<AgreementEffects::Stretch>> AgreementEffects::Divide(
    const log::v1::WatchChangesResponse& batch) const {
  std::vector<const Change*> all;
  for (const Change& change : batch.changes()) all.push_back(&change);
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(absl::Now() + kEffectPatience));
  ACCORD_ASSIGN_OR_RETURN(const std::set<std::string> concerned,
                          EverServedUnder(**snapshot, Named(all, Agreement::descriptor())));
  std::vector<Stretch> stretches(1);
  for (const Change* change : all) {
    if (!stretches.back().cause.empty() &&
        stretches.back().changes.back()->mutation_end() != change->mutation_end()) {
      stretches.emplace_back();
    }
    Stretch& stretch = stretches.back();
    stretch.changes.push_back(change);
    stretch.end = {batch.log(), change->revision(), change->hash()};
    if (concerned.contains(change->resource())) {
      stretch.cause = CauseOf(batch.log(), change->revision());
    }
  }
  stretches.back().end = {batch.log(), batch.revision(), batch.hash()};
  return stretches;
}

absl::StatusOr<store::WriteSet> AgreementEffects::Write(store::Transaction& transaction,
                                                        const Stretch& stretch) const {
  store::WriteSet writes;
  ACCORD_ASSIGN_OR_RETURN(const store::Position cursor, transaction.Cursor(kAgreementsService));
  const std::string& log = stretch.end.log_id;
  if (!cursor.log_id.empty() && cursor.log_id != log) {
    return absl::FailedPreconditionError("the cursor stands in another log");
  }
  // Another replica was faster.
  if (cursor.revision >= stretch.end.revision) return writes;
  std::vector<const Change*> ahead;
  for (const Change* change : stretch.changes) {
    if (change->revision() > cursor.revision) ahead.push_back(change);
  }
  const Date today = Today(transaction.now(), policy_->time_zone());
  OfficerEffects effects(transaction, log, ahead);
  ACCORD_RETURN_IF_ERROR(effects.Apply());
  ACCORD_ASSIGN_OR_RETURN(std::vector<OfficerFacts> changed,
                          LoadFacts(transaction, effects.Changed()));
  for (OfficerFacts& facts : changed) facts.may_have_moved = true;
  ACCORD_RETURN_IF_ERROR(
      Rekeep(transaction, std::move(changed), policy_->AtOrFirst(today), today, writes));
  ACCORD_RETURN_IF_ERROR(FollowAgencies(transaction, ahead, writes));
  writes.AdvanceCursor(kAgreementsService, stretch.end);
  return writes;
}

absl::Status AgreementEffects::Take(const log::v1::WatchChangesResponse& batch) {
  const store::Position end{batch.log(), batch.revision(), batch.hash()};
  if (batch.changes().empty() && end == taken_) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const std::vector<Stretch> stretches, Divide(batch));
  for (const Stretch& stretch : stretches) {
    store::MutationContext context =
        service::OwnContext(store_, "FollowAgreements", "the agreement changed");
    context.cause = stretch.cause;
    ACCORD_RETURN_IF_ERROR(
        store_
            .Mutate(std::move(context),
                    [&](store::Transaction& transaction) { return Write(transaction, stretch); })
            .status());
  }
  taken_ = end;
  return absl::OkStatus();
}

absl::StatusOr<store::Position> AgreementEffects::Cursor() const {
  store::Position cursor;
  ACCORD_RETURN_IF_ERROR(
      store_
          .Mutate(service::OwnContext(store_, "ReadCursor", ""),
                  [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
                    ACCORD_ASSIGN_OR_RETURN(cursor, transaction.Cursor(kAgreementsService));
                    return store::WriteSet();
                  })
          .status());
  return cursor;
}

absl::Status AgreementEffects::FollowAnew() {
  return store_
      .Mutate(
          service::OwnContext(store_, "FollowAnew", "an operator says that another log is meant"),
          [](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
            store::WriteSet writes;
            writes.Event("services/training", nullptr);
            writes.AdvanceCursor(kAgreementsService, {});
            return writes;
          })
      .status();
}

}  // namespace accord::training
