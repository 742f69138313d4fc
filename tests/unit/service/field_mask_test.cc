#include "common/service/field_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accord/agreements/v1/resources.pb.h"

namespace accord::service {
namespace {

using agreements::v1::Agency;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kAllowed = {"display_name", "aliases", "county"};

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

TEST(FieldMaskTest, NamesWhatIsAllowedAndRefusesTheRest) {
  FieldViolations violations;
  EXPECT_THAT(
      MaskedPaths(Mask({"county", "merged_into", "keys"}), kAllowed, "; it is derived", violations),
      ElementsAre("county"));
  const std::string text(violations.ToStatus("test.accord").message());
  EXPECT_THAT(text, HasSubstr("cannot change merged_into; it is derived"));
  EXPECT_THAT(text, HasSubstr("cannot change keys"));
}

TEST(FieldMaskTest, AStarNamesAllThatIsAllowed) {
  FieldViolations violations;
  EXPECT_EQ(MaskedPaths(Mask({"*"}), kAllowed, "", violations), kAllowed);
  EXPECT_TRUE(violations.empty());
}

TEST(FieldMaskTest, AnEmptyMaskIsAViolation) {
  FieldViolations violations;
  EXPECT_THAT(MaskedPaths(Mask({}), kAllowed, "", violations), IsEmpty());
  EXPECT_FALSE(violations.empty());
}

TEST(FieldMaskTest, CopiesSetsClearsAndReplaces) {
  Agency from;
  from.set_display_name("new");
  from.add_aliases("c");
  from.set_ori("not masked");
  Agency to;
  to.set_display_name("old");
  to.set_county("Lee");
  to.add_aliases("a");
  to.add_aliases("b");
  CopyMasked(kAllowed, from, to);
  EXPECT_EQ(to.display_name(), "new");
  EXPECT_EQ(to.county(), "");
  EXPECT_THAT(to.aliases(), ElementsAre("c"));
  EXPECT_EQ(to.ori(), "");
}

}  // namespace
}  // namespace accord::service
