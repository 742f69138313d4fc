// A log made by hand, its chain as a store computes it, and checkpoints of it.
#pragma once

#include <google/protobuf/util/time_util.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "common/base/crypto.h"
#include "common/proof/checkpoint.h"
#include "common/store/chain.h"
#include "gtest/gtest.h"
#include "tests/unit/proof/keys.h"

namespace accord::proof {

inline constexpr int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z

struct MadeLog {
  log::v1::Log log;
  std::vector<log::v1::StoredChange> changes;

  log::v1::StoredChange& At(int64_t revision) { return changes.at(revision - 1); }
};

// Computes the hashes from `revision` to the end, and the log's own end, anew.
inline void Rechain(MadeLog& made, int64_t revision = 1) {
  std::string hash = revision == 1 ? store::GenesisHash() : made.At(revision - 1).change().hash();
  for (size_t i = revision - 1; i < made.changes.size(); ++i) {
    log::v1::Change& change = *made.changes[i].mutable_change();
    hash = store::ChainHash(hash, change);
    change.set_hash(hash);
  }
  made.log.set_revision(static_cast<int64_t>(made.changes.size()));
  made.log.set_hash(hash);
}

// Mutations of one Change each, a minute apart.
inline MadeLog MakeLog(int64_t revisions) {
  MadeLog made;
  made.log.set_service("agreements");
  made.log.set_id("log1");
  for (int64_t revision = 1; revision <= revisions; ++revision) {
    log::v1::StoredChange& stored = made.changes.emplace_back();
    log::v1::Change& change = *stored.mutable_change();
    change.set_revision(revision);
    change.set_mutation_end(revision);
    change.set_resource(absl::StrCat("agencies/a", revision));
    change.add_subjects(change.resource());
    change.set_kind(log::v1::Change::CREATE);
    change.set_action("CreateAgency");
    change.set_actor("unverified:ann");
    change.mutable_time()->set_seconds(kStart + 60 * revision);
    stored.set_image(store::EncodeImage("", ""));
    change.set_image_digest(Sha256(stored.image()));
  }
  Rechain(made);
  return made;
}

inline log::v1::Checkpoint Signed(const SigningKey& key, const MadeLog& made, int64_t revision) {
  log::v1::Checkpoint checkpoint;
  checkpoint.set_service(made.log.service());
  checkpoint.set_log(made.log.id());
  checkpoint.set_revision(revision);
  checkpoint.set_hash(revision == 0 ? store::GenesisHash()
                                    : made.changes.at(revision - 1).change().hash());
  checkpoint.mutable_time()->set_seconds(kStart + 60 * revision + 1);
  checkpoint.mutable_time()->set_nanos(5000);
  EXPECT_TRUE(SignCheckpoint(key, checkpoint).ok());
  return checkpoint;
}

}  // namespace accord::proof
