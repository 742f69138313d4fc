#include "common/proof/log_verifier.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/testing/matchers.h"
#include "tests/unit/proof/made_log.h"

namespace accord::proof {
namespace {

using log::v1::Checkpoint;
using log::v1::Finding;
using log::v1::LogProof;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int64_t kRevisions = 10;

const SigningKey& Key() {
  static const auto& key = *new SigningKey(*SigningKey::FromPem(NewKey().private_pem));
  return key;
}

LogProof Prove(const MadeLog& made, Evidence evidence) {
  LogVerifier verifier(made.log, std::move(evidence));
  for (const auto& change : made.changes) verifier.Add(change);
  return verifier.Finish();
}

std::vector<std::pair<Finding::Kind, int64_t>> FindingsOf(const LogProof& proof) {
  std::vector<std::pair<Finding::Kind, int64_t>> found;
  for (const Finding& finding : proof.findings()) {
    EXPECT_NE(finding.problem(), "");
    EXPECT_GT(finding.count(), 0);
    found.emplace_back(finding.kind(), finding.revision());
  }
  return found;
}

class LogVerifierTest : public ::testing::Test {
 protected:
  // Checkpoints of the log as it was before anybody touched it.
  Evidence Kept(const std::vector<int64_t>& revisions) const {
    Evidence evidence{.keys = {Key().public_key()}};
    for (const int64_t revision : revisions) {
      evidence.checkpoints.push_back(Signed(Key(), original_, revision));
    }
    return evidence;
  }

  const MadeLog original_ = MakeLog(kRevisions);
  MadeLog made_ = original_;
};

TEST_F(LogVerifierTest, WholeLogIsProven) {
  made_.At(4).clear_image();
  const LogProof proof = Prove(made_, Kept({0, 3, 3, 8}));
  EXPECT_THAT(FindingsOf(proof), IsEmpty());
  EXPECT_TRUE(proof.holds());
  EXPECT_EQ(proof.changes_verified(), kRevisions);
  EXPECT_EQ(proof.images_verified(), kRevisions - 1);
  EXPECT_EQ(proof.images_redacted(), 1);
  EXPECT_EQ(proof.checkpoints_verified(), 4);
  EXPECT_EQ(proof.proven().revision(), 8);
  EXPECT_EQ(proof.log().revision(), kRevisions);
}

TEST_F(LogVerifierTest, EmptyLogIsProvenByItsBeginning) {
  made_ = MakeLog(0);
  const LogProof proof = Prove(made_, Kept({0}));
  EXPECT_TRUE(proof.holds());
  EXPECT_EQ(proof.proven().revision(), 0);
}

TEST_F(LogVerifierTest, NothingIsProvenWithoutACheckpoint) {
  const LogProof proof = Prove(made_, Kept({}));
  EXPECT_THAT(FindingsOf(proof), IsEmpty());
  EXPECT_FALSE(proof.holds());
}

struct Tampering {
  const char* name;
  std::function<void(MadeLog&)> tamper;
  std::vector<int64_t> checkpoints;
  std::vector<std::pair<Finding::Kind, int64_t>> findings;
  // Revision of the newest checkpoint that still holds; -1 for none.
  int64_t proven;
};

// Cuts the log after `revision`, and makes the log say that it ends there.
void CutAfter(MadeLog& made, int64_t revision) {
  made.changes.resize(revision);
  Rechain(made, revision);
}

void MoveUp(MadeLog& made, int64_t from) {
  for (size_t i = from - 1; i < made.changes.size(); ++i) {
    made.changes[i].mutable_change()->set_revision(static_cast<int64_t>(i) + 1);
  }
}

class TamperedLogTest : public LogVerifierTest, public ::testing::WithParamInterface<Tampering> {};

TEST_P(TamperedLogTest, IsNamedWithItsFirstRevision) {
  GetParam().tamper(made_);
  const LogProof proof = Prove(made_, Kept(GetParam().checkpoints));
  EXPECT_EQ(FindingsOf(proof), GetParam().findings) << proof.DebugString();
  EXPECT_FALSE(proof.holds());
  EXPECT_EQ(proof.has_proven() ? proof.proven().revision() : -1, GetParam().proven);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, TamperedLogTest,
    ::testing::Values(
        Tampering{"AField",
                  [](MadeLog& made) { made.At(4).mutable_change()->set_actor("mallory"); },
                  {2, 10},
                  {{Finding::ALTERED, 4}},
                  2},
        Tampering{"TheFirstChange",
                  [](MadeLog& made) { made.At(1).mutable_change()->set_reason("r"); },
                  {2, 10},
                  {{Finding::ALTERED, 1}},
                  -1},
        Tampering{"ASubjectCutInTwo",
                  [](MadeLog& made) {
                    made.At(4).mutable_change()->set_subjects(0, "agencies/");
                    made.At(4).mutable_change()->add_subjects("a4");
                  },
                  {10},
                  {{Finding::ALTERED, 4}},
                  -1},
        Tampering{"AHash",
                  [](MadeLog& made) { made.At(4).mutable_change()->set_hash("x"); },
                  {3, 4, 10},
                  {{Finding::ALTERED, 4}},
                  3},
        Tampering{"AnImage",
                  [](MadeLog& made) { made.At(4).set_image(made.At(5).image()); },
                  {3, 10},
                  {{Finding::ALTERED, 4}},
                  3},
        Tampering{"AnImageWithItsDigest",
                  [](MadeLog& made) {
                    made.At(4).set_image(made.At(5).image());
                    made.At(4).mutable_change()->set_image_digest(Sha256(made.At(5).image()));
                  },
                  {3, 10},
                  {{Finding::ALTERED, 4}},
                  3},
        // The next Change still rests on the hash that was there.
        Tampering{"AFieldAndItsHash",
                  [](MadeLog& made) {
                    log::v1::Change& change = *made.At(4).mutable_change();
                    change.set_actor("mallory");
                    change.set_hash(store::ChainHash(made.At(3).change().hash(), change));
                  },
                  {3, 10},
                  {{Finding::ALTERED, 5}},
                  3},
        // A perfect forgery of the chain: only the checkpoints tell.
        Tampering{"AFieldAndEveryHashAfterIt",
                  [](MadeLog& made) {
                    made.At(4).mutable_change()->set_actor("mallory");
                    Rechain(made, 4);
                  },
                  {3, 6, 10},
                  {{Finding::FORKED, 6}},
                  3},
        Tampering{"OneRemoved",
                  [](MadeLog& made) { made.changes.erase(made.changes.begin() + 3); },
                  {3, 10},
                  {{Finding::REMOVED, 4}},
                  3},
        Tampering{"TheFirstRemoved",
                  [](MadeLog& made) { made.changes.erase(made.changes.begin()); },
                  {3, 10},
                  {{Finding::REMOVED, 1}},
                  -1},
        Tampering{"SeveralRemoved",
                  [](MadeLog& made) {
                    made.changes.erase(made.changes.begin() + 6);
                    made.changes.erase(made.changes.begin() + 2, made.changes.begin() + 4);
                  },
                  {10},
                  {{Finding::REMOVED, 3}},
                  -1},
        Tampering{"OneRemovedAndTheOthersMovedUp",
                  [](MadeLog& made) {
                    made.changes.erase(made.changes.begin() + 3);
                    MoveUp(made, 4);
                  },
                  {3, 10},
                  {{Finding::ALTERED, 4}, {Finding::TRUNCATED, 10}},
                  3},
        Tampering{"TwoSwapped",
                  [](MadeLog& made) {
                    std::swap(made.At(4), made.At(5));
                    MoveUp(made, 4);
                  },
                  {3, 10},
                  {{Finding::REORDERED, 4}},
                  3},
        Tampering{"OneMovedFarDown",
                  [](MadeLog& made) {
                    std::rotate(made.changes.begin() + 1, made.changes.begin() + 2,
                                made.changes.begin() + 8);
                    MoveUp(made, 2);
                  },
                  {10},
                  {{Finding::REORDERED, 2}},
                  -1},
        // The lines of an exported file.
        Tampering{"LinesSwapped",
                  [](MadeLog& made) { std::swap(made.At(4), made.At(5)); },
                  {3, 10},
                  {{Finding::REORDERED, 4}},
                  3},
        Tampering{
            "LineTwice",
            [](MadeLog& made) { made.changes.insert(made.changes.begin() + 4, made.changes[3]); },
            {3, 10},
            {{Finding::REORDERED, 4}},
            3},
        Tampering{"TailCut",
                  [](MadeLog& made) { CutAfter(made, 8); },
                  {3, 10},
                  {{Finding::TRUNCATED, 9}},
                  3},
        Tampering{"TailCutButTheHeadLeft",
                  [](MadeLog& made) { made.changes.resize(8); },
                  {3},
                  {{Finding::TRUNCATED, 9}},
                  3},
        Tampering{"AllCut",
                  [](MadeLog& made) { made = MakeLog(0); },
                  {3, 10},
                  {{Finding::TRUNCATED, 1}},
                  -1},
        Tampering{"HeadMovedBack",
                  [](MadeLog& made) {
                    made.log.set_revision(8);
                    made.log.set_hash(made.At(8).change().hash());
                  },
                  {3},
                  {{Finding::ALTERED, 9}},
                  3},
        Tampering{"HashOfTheHead",
                  [](MadeLog& made) { made.log.set_hash("x"); },
                  {3},
                  {{Finding::ALTERED, 10}},
                  3},
        Tampering{"TailWrittenAnew",
                  [](MadeLog& made) {
                    CutAfter(made, 7);
                    for (int64_t i = 8; i <= 12; ++i) {
                      made.changes.push_back(made.At(7));
                      made.At(i).mutable_change()->set_revision(i);
                    }
                    Rechain(made, 8);
                  },
                  {3, 9, 10},
                  {{Finding::FORKED, 9}},
                  3},
        Tampering{"TailWrittenAnewAndShorter",
                  [](MadeLog& made) {
                    CutAfter(made, 8);
                    made.At(8).mutable_change()->set_actor("mallory");
                    Rechain(made, 8);
                  },
                  {3, 8, 10},
                  {{Finding::TRUNCATED, 9}, {Finding::FORKED, 8}},
                  3},
        Tampering{"AnotherLog",
                  [](MadeLog& made) { made.log.set_id("log2"); },
                  {3, 10},
                  {{Finding::FORKED, 3}},
                  -1},
        Tampering{"AnotherService",
                  [](MadeLog& made) { made.log.set_service("training"); },
                  {3, 10},
                  {{Finding::FORKED, 3}},
                  -1}),
    [](const auto& info) { return info.param.name; });

TEST_F(LogVerifierTest, EachFindingIsCounted) {
  for (const int64_t revision : {9, 4, 6}) made_.At(revision).set_image("x");
  const LogProof proof = Prove(made_, Kept({3}));
  ASSERT_THAT(FindingsOf(proof), ElementsAre(Pair(Finding::ALTERED, 4)));
  EXPECT_EQ(proof.findings(0).count(), 3);
}

TEST_F(LogVerifierTest, RestoredLogIsHeldToItsFormerCheckpoints) {
  Evidence evidence = Kept({3, 8});
  made_.log.set_id("log2");
  evidence.former_logs = {"log1"};
  EXPECT_TRUE(Prove(made_, evidence).holds());
  // What was written after the backup is lost, and that shows.
  CutAfter(made_, 6);
  EXPECT_THAT(FindingsOf(Prove(made_, evidence)), ElementsAre(Pair(Finding::TRUNCATED, 7)));
}

// --- The checkpoints themselves ---

TEST_F(LogVerifierTest, KeyMayHaveBeenChanged) {
  const SigningKey next = *SigningKey::FromPem(NewKey().private_pem);
  Evidence evidence = Kept({3, 5});
  evidence.checkpoints.push_back(Signed(next, original_, 5));
  evidence.checkpoints.push_back(Signed(next, original_, 9));
  LogProof proof = Prove(made_, evidence);
  ASSERT_THAT(FindingsOf(proof), ElementsAre(Pair(Finding::SIGNATURE, 5)));
  EXPECT_EQ(proof.findings(0).count(), 2);
  EXPECT_EQ(proof.proven().revision(), 5);
  evidence.keys.push_back(next.public_key());
  proof = Prove(made_, evidence);
  EXPECT_TRUE(proof.holds());
  EXPECT_EQ(proof.proven().revision(), 9);
}

TEST_F(LogVerifierTest, UnsignedCheckpointSaysNothingOfTheLog) {
  Evidence evidence = Kept({3, 5});
  // Signed by somebody else, of a future that never was.
  evidence.checkpoints.push_back(
      Signed(*SigningKey::FromPem(NewKey().private_pem), MakeLog(40), 40));
  const LogProof proof = Prove(made_, evidence);
  EXPECT_THAT(FindingsOf(proof), ElementsAre(Pair(Finding::SIGNATURE, 40)));
  EXPECT_EQ(proof.proven().revision(), 5);
}

TEST_F(LogVerifierTest, FileThatGoesBackwardsIsNamed) {
  EXPECT_THAT(FindingsOf(Prove(made_, Kept({3, 8, 5}))), ElementsAre(Pair(Finding::BACKWARDS, 5)));
  Evidence evidence = Kept({3, 8});
  evidence.checkpoints[1].mutable_time()->set_seconds(kStart);
  ASSERT_TRUE(SignCheckpoint(Key(), evidence.checkpoints[1]).ok());
  EXPECT_THAT(FindingsOf(Prove(made_, evidence)), ElementsAre(Pair(Finding::BACKWARDS, 8)));
}

TEST_F(LogVerifierTest, TwoHashesOfOneRevisionAreNamed) {
  Evidence evidence = Kept({8, 8});
  evidence.checkpoints[1].set_hash(original_.changes[2].change().hash());
  ASSERT_TRUE(SignCheckpoint(Key(), evidence.checkpoints[1]).ok());
  const LogProof proof = Prove(made_, evidence);
  ASSERT_THAT(FindingsOf(proof),
              ElementsAre(Pair(Finding::FORKED, 8), Pair(Finding::BACKWARDS, 8)));
  EXPECT_THAT(proof.findings(1).problem(), HasSubstr("another hash"));
}

}  // namespace
}  // namespace accord::proof
