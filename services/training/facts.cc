#include "services/training/facts.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "services/training/authority.h"
#include "services/training/lapse.h"
#include "services/training/officer_events.h"
#include "services/training/store.h"
#include "services/training/write_seats.h"

namespace accord::training {
namespace {

// An officer as certified on a day.
struct Certified {
  v1::Officer officer;
  v1::Certification today;
  bool may_have_moved = false;
};

// Puts what has become of the officer on an open case: another requirement that it goes on about,
// or its end, when there is nothing left to decide; why. A transfer begins as a nomination.
std::string FollowOfficer(const Certified& certified, const std::vector<v1::RevocationCase>& cases,
                          const PolicyView& policy, Date today, v1::RevocationCase& revocation) {
  if (!IsOnDuty(certified.officer.state())) {
    revocation.set_state(v1::RevocationCase::AUTHORITY_ENDED);
    *revocation.mutable_close_date() = ToProto(today);
    return "the authority ended before a decision";
  }
  if (!IsCured(revocation, certified.today)) return "";
  if (const auto still = StillLapsed(certified.today, cases, policy, today)) {
    std::string reason =
        absl::StrCat(revocation.requirement(), " was made good, ", still->requirement, " was not");
    revocation.set_requirement(still->requirement);
    *revocation.mutable_lapse_date() = ToProto(still->lapse_date);
    return reason;
  }
  revocation.set_state(v1::RevocationCase::CURED);
  *revocation.mutable_close_date() = ToProto(today);
  return "what had lapsed was made good before a decision";
}

bool IsWritten(store::WriteSet& writes, const std::string& name) {
  return absl::c_any_of(writes.entries(), [&name](const store::WriteSet::Entry& entry) {
    return entry.resource == name;
  });
}

// Writes what the officers bring to their open cases: the copies, what they are about, and their
// end. A case that is written already is being decided.
absl::Status FollowCases(store::Reader& reader, const std::vector<Certified>& all,
                         const PolicyView& policy, Date today, store::WriteSet& writes) {
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, std::vector<v1::RevocationCase>> by_officer;
  for (const Certified& certified : all) names.push_back(certified.officer.name());
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::RevocationCase> cases, CasesOf(reader, names));
  for (v1::RevocationCase& revocation : cases) {
    by_officer[revocation.officer()].push_back(std::move(revocation));
  }
  for (const Certified& certified : all) {
    const std::vector<v1::RevocationCase>& known = by_officer[certified.officer.name()];
    for (const v1::RevocationCase& now : known) {
      if (!IsOpen(now) || IsWritten(writes, now.name())) continue;
      v1::RevocationCase revocation = now;
      const bool moved = CopyOfficer(certified.officer, revocation);
      const std::string why = FollowOfficer(certified, known, policy, today, revocation);
      if (moved || !why.empty()) writes.Update(revocation).reason = why;
    }
  }
  return absl::OkStatus();
}

// Writes what follows for places in classes and for cases. Of all officers at once: two may have
// places in one offering, which is written once.
absl::Status FollowOfficers(store::Transaction& transaction, const std::vector<Certified>& all,
                            const PolicyView& policy, Date today, store::WriteSet& writes) {
  std::vector<const v1::Officer*> in_classes;
  for (const Certified& certified : all) {
    const bool is_out = HasLeftProgram(certified.officer.state());
    if (is_out || certified.may_have_moved) in_classes.push_back(&certified.officer);
  }
  if (!in_classes.empty()) {
    ACCORD_RETURN_IF_ERROR(FollowInClasses(in_classes, policy, today, transaction, writes));
  }
  return FollowCases(transaction, all, policy, today, writes);
}

}  // namespace

absl::StatusOr<OfficerFacts> LoadFacts(store::Reader& reader, v1::Officer officer) {
  std::vector<v1::Officer> one;
  one.push_back(std::move(officer));
  ACCORD_ASSIGN_OR_RETURN(std::vector<OfficerFacts> facts, LoadFacts(reader, std::move(one)));
  return std::move(facts.front());
}

absl::StatusOr<std::vector<OfficerFacts>> LoadFacts(store::Reader& reader,
                                                    std::vector<v1::Officer> officers) {
  std::vector<std::string> names;
  std::vector<OfficerFacts> all(officers.size());
  absl::flat_hash_map<std::string, OfficerFacts*> by_name;
  for (size_t i = 0; i < officers.size(); ++i) {
    names.push_back(officers[i].name());
    all[i].officer = std::move(officers[i]);
    all[i].loaded = all[i].officer.SerializeAsString();
    by_name[names.back()] = &all[i];
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Completion> completions, CompletionsOf(reader, names));
  for (v1::Completion& completion : completions) {
    OfficerFacts& facts = *by_name[completion.officer()];
    facts.completions.push_back(std::move(completion));
  }
  ACCORD_ASSIGN_OR_RETURN(std::vector<v1::Waiver> waivers, WaiversOf(reader, names));
  for (v1::Waiver& waiver : waivers) {
    OfficerFacts& facts = *by_name[waiver.officer()];
    facts.waivers.push_back(std::move(waiver));
  }
  return all;
}

v1::Certification KeepToday(OfficerFacts& facts, const PolicyView& policy, Date today) {
  v1::Certification certification = CertifyWithoutWords(facts.view(), policy, today);
  Keep(certification, facts.officer);
  Keep(EndOfAuthority(facts.officer, policy, today), facts.officer);
  KeepEventDates(facts.officer);
  return certification;
}

absl::Status Rekeep(store::Transaction& transaction, std::vector<OfficerFacts> all,
                    const PolicyView& policy, Date today, store::WriteSet& writes) {
  std::vector<Certified> kept;
  for (OfficerFacts& facts : all) {
    v1::Certification certification = KeepToday(facts, policy, today);
    writes.Update(facts.officer);
    for (v1::Waiver& waiver : facts.waivers) {
      if (CopyOfficer(facts.officer, waiver)) writes.Update(waiver);
    }
    kept.push_back({std::move(facts.officer), std::move(certification), facts.may_have_moved});
  }
  return FollowOfficers(transaction, kept, policy, today, writes);
}

absl::Status Rekeep(store::Transaction& transaction, OfficerFacts facts, const PolicyView& policy,
                    Date today, store::WriteSet& writes) {
  std::vector<OfficerFacts> one;
  one.push_back(std::move(facts));
  return Rekeep(transaction, std::move(one), policy, today, writes);
}

absl::Status Rekeep(store::Transaction& transaction, v1::Officer officer, const PolicyView& policy,
                    Date today, store::WriteSet& writes) {
  ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(officer)));
  return Rekeep(transaction, std::move(facts), policy, today, writes);
}

absl::Status RekeepChanged(store::Transaction& transaction, std::vector<OfficerFacts> all,
                           const PolicyView& policy, Date today, store::WriteSet& writes) {
  std::vector<Certified> followed;
  for (OfficerFacts& facts : all) {
    v1::Certification certification = KeepToday(facts, policy, today);
    const bool changed = facts.officer.SerializeAsString() != facts.loaded;
    if (changed) writes.Update(facts.officer);
    // One requirement of several may have been made good, of which nothing is kept.
    if (!changed && certification.state() != v1::Certification::LAPSED) continue;
    followed.push_back({std::move(facts.officer), std::move(certification)});
  }
  return FollowOfficers(transaction, followed, policy, today, writes);
}

}  // namespace accord::training
