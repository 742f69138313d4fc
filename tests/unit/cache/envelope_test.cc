#include "common/cache/envelope.h"

#include <random>

#include "tests/unit/cache/views.h"

namespace accord::cache {
namespace {

TEST(EnvelopeTest, ReturnsWhatWasEncoded) {
  for (const absl::Time until : {kNoon, absl::InfiniteFuture()}) {
    const Envelope envelope = EnvelopeAt(At(7, int64_t{1} << 60, until));
    const std::string body("a\0b\n", 4);
    const auto encoded = StoredView::Encode(envelope, body);
    ASSERT_TRUE(encoded.ok());
    const ViewPtr decoded = StoredView::Decode((*encoded)->bytes());
    ASSERT_NE(decoded, nullptr);
    EXPECT_EQ(decoded->envelope(), envelope);
    EXPECT_EQ(decoded->body(), body);
    EXPECT_EQ((*encoded)->body(), body);
  }
}

TEST(EnvelopeTest, AnEmptyBodyIsAView) {
  const ViewPtr decoded = StoredView::Decode(MakeView(At(1, 1), "")->bytes());
  ASSERT_NE(decoded, nullptr);
  EXPECT_EQ(decoded->body(), "");
}

TEST(EnvelopeTest, RefusesEveryTruncation) {
  const std::string bytes = MakeView(At(1, 2))->bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(StoredView::Decode(bytes.substr(0, size)), nullptr) << size;
  }
  EXPECT_EQ(StoredView::Decode(bytes + '\0'), nullptr);
}

TEST(EnvelopeTest, RefusesEveryFlippedBit) {
  const std::string bytes = MakeView(At(1, 2))->bytes();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(StoredView::Decode(flipped), nullptr) << bit;
  }
}

TEST(EnvelopeTest, RefusesRandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 == 0 ? "ACV1" : "";
    const size_t size = random() % 200;
    while (bytes.size() < size) bytes.push_back(static_cast<char>(random()));
    EXPECT_EQ(StoredView::Decode(bytes), nullptr);
  }
}

TEST(EnvelopeTest, DoesNotEncodeWhatIsOutOfBounds) {
  const auto encodes = [](const Envelope& envelope) {
    return StoredView::Encode(envelope, "body").ok();
  };
  const Envelope good = EnvelopeAt(At(1, 1));
  EXPECT_TRUE(encodes(good));
  Envelope bad = good;
  bad.subject.assign(kMaxEnvelopeText + 1, 'a');
  EXPECT_FALSE(encodes(bad));
  bad = good;
  bad.version.computed_at.clear();
  EXPECT_FALSE(encodes(bad));
  bad = good;
  bad.version.computed_at[1].service = "agreements";
  EXPECT_FALSE(encodes(bad));
  bad = good;
  bad.version.computed_at[0].revision = -1;
  EXPECT_FALSE(encodes(bad));
  bad = good;
  bad.version.computed_at[0].log = "a b";
  EXPECT_FALSE(encodes(bad));
  EXPECT_FALSE(StoredView::Encode(good, std::string(kMaxBody + 1, 'x')).ok());
}

}  // namespace
}  // namespace accord::cache
