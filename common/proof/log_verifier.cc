#include "common/proof/log_verifier.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/proof/checkpoint.h"
#include "common/store/chain.h"

namespace accord::proof {
namespace {

using google::protobuf::util::TimeUtil;
using log::v1::Change;
using log::v1::Checkpoint;
using log::v1::Finding;

std::string Describe(const Checkpoint& checkpoint) {
  return absl::StrCat("the checkpoint of revision ", checkpoint.revision(), ", ",
                      TimeUtil::ToString(checkpoint.time()));
}

// What is wrong with the order of two checkpoints of one log; empty when nothing is.
std::string OrderProblem(const Checkpoint& before, const Checkpoint& checkpoint) {
  if (checkpoint.revision() < before.revision()) return "states an earlier revision";
  if (checkpoint.time() < before.time()) return "states an earlier time";
  const bool same = checkpoint.revision() == before.revision();
  return same && checkpoint.hash() != before.hash() ? "states another hash" : std::string();
}

}  // namespace

LogVerifier::LogVerifier(const log::v1::Log& log, Evidence evidence)
    : log_(log), evidence_(std::move(evidence)), last_hash_(store::GenesisHash()) {
  for (const Checkpoint& checkpoint : evidence_.checkpoints) hash_at_[checkpoint.revision()];
  if (const auto start = hash_at_.find(0); start != hash_at_.end()) start->second = last_hash_;
}

void LogVerifier::Note(Finding::Kind kind, int64_t revision, const std::string& problem,
                       int64_t count) {
  Finding& finding = findings_[kind];
  finding.set_count(finding.count() + count);
  if (!finding.problem().empty() && finding.revision() <= revision) return;
  finding.set_kind(kind);
  finding.set_revision(revision);
  finding.set_problem(problem);
}

void LogVerifier::Add(const log::v1::StoredChange& stored) {
  const Change& change = stored.change();
  CheckImage(stored);
  if (break_ && break_->belonging_found_at == 0 && BelongsAtBreak(change)) {
    break_->belonging_found_at = change.revision();
  }
  if (change.revision() <= last_) {
    const bool late = FillGap(change.revision());
    Note(Finding::REORDERED, change.revision(),
         absl::StrCat(late ? "it stands" : "it stands a second time", ", after revision ", last_));
    first_bad_ = std::min(first_bad_, change.revision());
    return;
  }
  if (change.revision() == last_ + 1) {
    CheckLink(change);
  } else {
    gaps_[last_ + 1] = change.revision() - 1;
    first_bad_ = std::min(first_bad_, last_ + 1);
  }
  last_ = change.revision();
  last_hash_ = change.hash();
  if (const auto asked = hash_at_.find(last_); asked != hash_at_.end()) asked->second = last_hash_;
}

void LogVerifier::CheckImage(const log::v1::StoredChange& stored) {
  if (stored.image().empty()) {
    proof_.set_images_redacted(proof_.images_redacted() + 1);
  } else if (Sha256(stored.image()) == stored.change().image_digest()) {
    proof_.set_images_verified(proof_.images_verified() + 1);
  } else {
    Note(Finding::ALTERED, stored.change().revision(),
         "its image is not the one that was digested");
    first_bad_ = std::min(first_bad_, stored.change().revision());
  }
}

void LogVerifier::CheckLink(const Change& change) {
  if (store::ChainHash(last_hash_, change) == change.hash()) {
    proof_.set_changes_verified(proof_.changes_verified() + 1);
    return;
  }
  first_bad_ = std::min(first_bad_, change.revision());
  if (break_) {
    ++break_->count;
  } else {
    break_ = Break{change.revision(), last_hash_};
  }
}

bool LogVerifier::BelongsAtBreak(const Change& change) const {
  Change there = change;
  there.set_revision(break_->revision);
  return store::ChainHash(break_->previous_hash, there) == change.hash();
}

bool LogVerifier::FillGap(int64_t revision) {
  auto gap = gaps_.upper_bound(revision);
  if (gap == gaps_.begin()) return false;
  gap = std::prev(gap);
  const auto [first, last] = *gap;
  if (revision > last) return false;
  gaps_.erase(gap);
  if (first < revision) gaps_[first] = revision - 1;
  if (revision < last) gaps_[revision + 1] = last;
  return true;
}

void LogVerifier::NoteGaps() {
  for (const auto& [first, last] : gaps_) {
    const int64_t missing = last - first + 1;
    Note(Finding::REMOVED, first,
         missing == 1 ? "this revision is missing"
                      : absl::StrCat("revisions ", first, " to ", last, " are missing"),
         missing);
  }
}

void LogVerifier::NoteBreak() {
  if (!break_) return;
  if (break_->belonging_found_at > 0) {
    Note(Finding::REORDERED, break_->revision,
         absl::StrCat("the Change that belongs here stands at revision ",
                      break_->belonging_found_at));
    return;
  }
  Note(Finding::ALTERED, break_->revision,
       "its hash does not follow from the Change and the one before it", break_->count);
}

void LogVerifier::CheckEnd() {
  if (last_ < log_.revision()) {
    Note(Finding::TRUNCATED, last_ + 1,
         absl::StrCat("the log ends at revision ", last_, "; it says of itself that it ends at ",
                      log_.revision()));
  } else if (last_ > log_.revision()) {
    Note(Finding::ALTERED, log_.revision() + 1,
         absl::StrCat("it stands behind the log's end, which is at revision ", log_.revision()));
    first_bad_ = std::min(first_bad_, log_.revision() + 1);
  } else if (last_hash_ != log_.hash()) {
    Note(Finding::ALTERED, last_, "the log states another hash for its end");
    first_bad_ = std::min(first_bad_, last_);
  }
}

bool LogVerifier::IsOfThisLog(const Checkpoint& checkpoint) {
  if (checkpoint.service() != log_.service()) {
    Note(Finding::FORKED, checkpoint.revision(),
         absl::StrCat(Describe(checkpoint), ", is of the service \"", checkpoint.service(),
                      "\"; this is the log of \"", log_.service(), "\""));
    return false;
  }
  if (checkpoint.log() == log_.id() || evidence_.former_logs.contains(checkpoint.log()))
    return true;
  Note(Finding::FORKED, checkpoint.revision(),
       absl::StrCat(Describe(checkpoint), ", is of the log \"", checkpoint.log(),
                    "\"; this one has the id \"", log_.id(), "\""));
  return false;
}

bool LogVerifier::CheckPosition(const Checkpoint& checkpoint) {
  if (checkpoint.revision() > last_) {
    Note(Finding::TRUNCATED, last_ + 1,
         absl::StrCat("the log ends at revision ", last_, ", before ", Describe(checkpoint)));
    return false;
  }
  // What follows a break is named by it.
  if (checkpoint.revision() >= first_bad_) return false;
  if (hash_at_[checkpoint.revision()] == checkpoint.hash()) return true;
  Note(Finding::FORKED, checkpoint.revision(),
       absl::StrCat("the log has another hash here than ", Describe(checkpoint),
                    ": it was written anew from somewhere after revision ",
                    proof_.proven().revision()));
  return false;
}

void LogVerifier::CheckCheckpoints() {
  const Checkpoint* before = nullptr;
  for (const Checkpoint& checkpoint : evidence_.checkpoints) {
    const std::string problem = SignatureProblem(checkpoint, evidence_.keys);
    if (!problem.empty()) {
      Note(Finding::SIGNATURE, checkpoint.revision(),
           absl::StrCat(Describe(checkpoint), ": ", problem));
      continue;
    }
    if (!IsOfThisLog(checkpoint)) continue;
    if (before != nullptr && before->log() == checkpoint.log()) {
      const std::string order = OrderProblem(*before, checkpoint);
      if (!order.empty()) {
        Note(Finding::BACKWARDS, checkpoint.revision(),
             absl::StrCat(Describe(checkpoint), ", ", order, " than the one before it, ",
                          Describe(*before)));
      }
    }
    before = &checkpoint;
    if (!CheckPosition(checkpoint)) continue;
    proof_.set_checkpoints_verified(proof_.checkpoints_verified() + 1);
    if (!proof_.has_proven() || proof_.proven().revision() <= checkpoint.revision()) {
      *proof_.mutable_proven() = checkpoint;
    }
  }
}

log::v1::LogProof LogVerifier::Finish() {
  NoteBreak();
  NoteGaps();
  CheckEnd();
  CheckCheckpoints();
  *proof_.mutable_log() = log_;
  for (auto& [kind, finding] : findings_) *proof_.add_findings() = std::move(finding);
  proof_.set_holds(findings_.empty() && proof_.has_proven());
  return std::move(proof_);
}

}  // namespace accord::proof
