#include "common/proof/checkpoint.h"

#include <functional>

#include "common/testing/matchers.h"
#include "tests/unit/proof/made_log.h"

namespace accord::proof {
namespace {

using accord::testing::IsOk;
using log::v1::Checkpoint;
using ::testing::HasSubstr;

SigningKey Key() { return *SigningKey::FromPem(NewKey().private_pem); }

// The layout is signed for ever; these bytes must never change.
TEST(CheckpointTest, BytesAreThoseOfTheFirstFormat) {
  Checkpoint checkpoint;
  checkpoint.set_name("checkpoints/9");
  checkpoint.set_service("s");
  checkpoint.set_log("lo");
  checkpoint.set_revision(258);
  checkpoint.set_hash("h");
  checkpoint.mutable_time()->set_seconds(3);
  checkpoint.mutable_time()->set_nanos(4);
  checkpoint.set_key_id("k");
  EXPECT_EQ(Hex(CheckpointBytes(checkpoint)),
            "0000000000000013" + Hex("accord checkpoint 1") +
                "000000000000000173"                // service
                "00000000000000026c6f"              // log
                "0000000000000102"                  // revision
                "000000000000000168"                // hash
                "00000000000000030000000000000004"  // time
                "00000000000000016b");              // key
}

TEST(CheckpointTest, SignedOneIsAcceptedFromAnyOfTheGivenKeys) {
  const SigningKey old_key = Key();
  const SigningKey new_key = Key();
  const MadeLog made = MakeLog(3);
  const std::vector<PublicKey> both = {old_key.public_key(), new_key.public_key()};
  EXPECT_EQ(SignatureProblem(Signed(old_key, made, 2), both), "");
  EXPECT_EQ(SignatureProblem(Signed(new_key, made, 3), both), "");
  EXPECT_THAT(SignatureProblem(Signed(new_key, made, 3), {old_key.public_key()}),
              HasSubstr("was not given"));
  EXPECT_THAT(SignatureProblem(Signed(new_key, made, 3), {}), HasSubstr("was not given"));
}

TEST(CheckpointTest, NamingATrustedKeyIsNotEnough) {
  const SigningKey trusted = Key();
  Checkpoint forged = Signed(Key(), MakeLog(3), 2);
  forged.set_key_id(trusted.public_key().id());
  EXPECT_THAT(SignatureProblem(forged, {trusted.public_key()}), HasSubstr("is not that of key"));
}

TEST(CheckpointTest, EveryFieldIsCovered) {
  const SigningKey key = Key();
  const Checkpoint good = Signed(key, MakeLog(3), 2);
  const std::vector<std::function<void(Checkpoint&)>> changes = {
      [](Checkpoint& c) { c.set_service("training"); },
      [](Checkpoint& c) { c.set_log("log2"); },
      [](Checkpoint& c) { c.set_revision(3); },
      [](Checkpoint& c) { c.set_revision(-2); },
      [](Checkpoint& c) { c.set_hash(c.hash().substr(1)); },
      [](Checkpoint& c) { c.mutable_time()->set_seconds(c.time().seconds() + 1); },
      [](Checkpoint& c) { c.mutable_time()->set_nanos(c.time().nanos() + 1); },
      [](Checkpoint& c) { c.set_key_id("0"); },
      [](Checkpoint& c) { c.clear_signature(); },
      // Moved from one field to the next.
      [](Checkpoint& c) {
        c.set_service(c.service() + c.log().substr(0, 1));
        c.set_log(c.log().substr(1));
      },
  };
  ASSERT_EQ(SignatureProblem(good, {key.public_key()}), "");
  for (size_t i = 0; i < changes.size(); ++i) {
    Checkpoint changed = good;
    changes[i](changed);
    EXPECT_NE(SignatureProblem(changed, {key.public_key()}), "") << i;
  }
  Checkpoint renamed = good;
  renamed.set_name("checkpoints/7");
  EXPECT_EQ(SignatureProblem(renamed, {key.public_key()}), "") << "the name is no part of it";
}

TEST(CheckpointTest, EveryByteOfWhatIsSignedCounts) {
  const SigningKey key = Key();
  const Checkpoint good = Signed(key, MakeLog(3), 2);
  const std::string bytes = CheckpointBytes(good);
  ASSERT_TRUE(key.public_key().Verify(bytes, good.signature()));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(key.public_key().Verify(flipped, good.signature())) << i;
  }
  for (size_t i = 0; i < good.signature().size(); ++i) {
    Checkpoint flipped = good;
    (*flipped.mutable_signature())[i] ^= 1;
    EXPECT_NE(SignatureProblem(flipped, {key.public_key()}), "") << i;
  }
}

}  // namespace
}  // namespace accord::proof
