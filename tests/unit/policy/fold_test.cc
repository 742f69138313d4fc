#include "common/policy/fold.h"

#include <gtest/gtest.h>

namespace accord {
namespace {

TEST(FoldTest, TextIsComparedByWhatItSays) {
  EXPECT_EQ(FoldText("  Task   Force Model "), "task force model");
  EXPECT_EQ(FoldText("Sheriff\xE2\x80\x99s\xC2\xA0 Office"), "sheriff's office");
  EXPECT_EQ(FoldText("\xE2\x80\x98x'"), "'x'");
  EXPECT_EQ(FoldText("a\t\nb"), "a b");
  EXPECT_EQ(FoldText("\xC2\xA0"), "");
  EXPECT_EQ(FoldText("Do\xC3\xB1"
                     "a Ana"),
            "do\xC3\xB1"
            "a ana");
}

TEST(FoldTest, FoldingTwiceChangesNothing) {
  for (const std::string text : {" A  B ", "O\xE2\x80\x99Neil", "a\t\n b", ""}) {
    EXPECT_EQ(FoldText(FoldText(text)), FoldText(text));
  }
}

TEST(FoldTest, CountyLosesSuffixCaseAndSpaces) {
  EXPECT_EQ(FoldCounty("Rusk County  "), "rusk");
  EXPECT_EQ(FoldCounty("rusk county"), "rusk");
  EXPECT_EQ(FoldCounty("Lafourche Parish"), "lafourche");
  EXPECT_EQ(FoldCounty("De Witt"), FoldCounty("DeWitt County"));
  EXPECT_EQ(FoldCounty("St. Lawrence"), FoldCounty("Saint Lawrence County"));
  EXPECT_EQ(FoldCounty("St Lawrence"), "saintlawrence");
  EXPECT_EQ(FoldCounty("Sterling"), "sterling");
  EXPECT_NE(FoldCounty("Hall"), FoldCounty("Hale"));
  EXPECT_EQ(FoldCounty("#N/A"), "na");
}

}  // namespace
}  // namespace accord
