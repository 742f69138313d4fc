// Checks a log against signed checkpoints, with nothing but the log as it is stored and
// the public keys. It trusts nobody who keeps the log: each hash is computed anew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "accord/log/v1/checkpoints.pb.h"
#include "common/proof/ed25519.h"

namespace accord::proof {

// What the log is held to.
struct Evidence {
  // In the order in which they were kept, oldest first.
  std::vector<log::v1::Checkpoint> checkpoints = {};
  // All that may have signed them: more than one once the key was changed.
  std::vector<PublicKey> keys = {};
  // Ids under which the log was kept before a restore that the verifier was told of.
  std::set<std::string> former_logs = {};
};

// Takes a log from its first Change on, in the order in which it was read. Holds the
// checkpoints and what is missing, not the log.
class LogVerifier {
 public:
  // `log` is what the log says of itself, its end included.
  LogVerifier(const log::v1::Log& log, Evidence evidence);

  void Add(const log::v1::StoredChange& stored);
  // Once, after the last Add.
  log::v1::LogProof Finish();

 private:
  // A hash that does not follow from the one before.
  struct Break {
    int64_t revision;
    std::string previous_hash;
    // Where the Change stands that belongs there; 0 while none was met.
    int64_t belonging_found_at = 0;
    int64_t count = 1;
  };

  void Note(log::v1::Finding::Kind kind, int64_t revision, const std::string& problem,
            int64_t count = 1);
  void CheckImage(const log::v1::StoredChange& stored);
  void CheckLink(const log::v1::Change& change);
  // Whether the Change, had it stood at the first break, would have followed there.
  bool BelongsAtBreak(const log::v1::Change& change) const;
  // Takes a revision out of the gaps; false when it was in none.
  bool FillGap(int64_t revision);
  void NoteGaps();
  void NoteBreak();
  void CheckEnd();
  void CheckCheckpoints();
  // Whether the checkpoint is of this log.
  bool IsOfThisLog(const log::v1::Checkpoint& checkpoint);
  // Whether the log passes through it.
  bool CheckPosition(const log::v1::Checkpoint& checkpoint);

  const log::v1::Log log_;
  const Evidence evidence_;
  log::v1::LogProof proof_;
  std::map<log::v1::Finding::Kind, log::v1::Finding> findings_;

  int64_t last_ = 0;
  std::string last_hash_;
  std::optional<Break> break_;
  std::map<int64_t, int64_t> gaps_;  // First missing revision to last.
  // Hashes of the log at the revisions that checkpoints name.
  std::map<int64_t, std::string> hash_at_;
  // The first revision at which the chain fails; checkpoints below it can still hold.
  int64_t first_bad_ = INT64_MAX;
};

}  // namespace accord::proof
