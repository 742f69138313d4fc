#include "services/agreements/roster/text_fold.h"

#include <gtest/gtest.h>

#include "common/base/utf8.h"
#include "services/agreements/roster/agency_name.h"

namespace accord::agreements::roster {
namespace {

TEST(CleanTextTest, StraightensApostrophesAndSpacesButKeepsCase) {
  EXPECT_EQ(CleanText("  Sheriff\u2019s\u00A0 Office \t\r\n"), "Sheriff's Office");
  EXPECT_EQ(CleanText("link\u00A0|\u00A0addendum"), "link | addendum");
  EXPECT_EQ(CleanText("\uFEFFDo\u00F1a\u200B Ana"), "Do\u00F1a Ana");
  EXPECT_EQ(CleanText(" \u00A0 "), "");
}

TEST(CleanTextTest, IsValidUtf8WhateverComesIn) {
  EXPECT_EQ(CleanText("a\xFF"
                      "b"),
            "a\uFFFD"
            "b");
}

TEST(FoldKeyTest, MakesPublishedVariantsOneKey) {
  EXPECT_EQ(FoldKey("Calhoun County Sheriff\u2019s Office "),
            FoldKey("CALHOUN County  Sheriff's office"));
  EXPECT_EQ(FoldKey("DO\u00D1A ANA"), "do\u00F1a ana");
  EXPECT_NE(FoldKey("Walker County"), FoldKey("Waller County"));
}

TEST(IsValidUtf8Test, RefusesMalformedBytes) {
  EXPECT_TRUE(IsValidUtf8("a\u00E9\u2019\U0001F600"));
  EXPECT_FALSE(IsValidUtf8("\x80"));
  EXPECT_FALSE(IsValidUtf8("\xC0\xAF"));          // Overlong.
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80"));      // Surrogate.
  EXPECT_FALSE(IsValidUtf8("\xE2\x80"));          // Cut off.
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80"));  // Above U+10FFFF.
}

struct NamePair {
  const char* published;
  const char* canonical;
};

TEST(CanonicalAgencyNameTest, WritesCommonSpellingsOneWay) {
  const NamePair cases[] = {
      {"City of Melbourne PD", "melbourne police department"},
      {"Melbourne Police Dept.", "melbourne police department"},
      {"Town of Palm Beach Police Department", "palm beach police department"},
      {"Village of Hobart PD", "hobart police department"},
      {"Ft. Myers Police Department", "fort myers police department"},
      {"St. Cloud Police Department", "saint cloud police department"},
      {"Calhoun County Sheriff\u2019s Office", "calhoun county sheriff office"},
      {"Calhoun County Sheriffs Office", "calhoun county sheriff office"},
      {"Miami-Dade County", "miami dade county"},
      {"Miami\u2013Dade Co.", "miami dade county"},
      {"Arnaudville Police Department, LA", "arnaudville police department"},
      {"Lafourche Parish Sheriff's Office", "lafourche parish sheriff office"},
      {"Dept of Public Safety, Division of Patrol",
       "department of public safety division of patrol"},
  };
  for (const NamePair& c : cases) EXPECT_EQ(CanonicalAgencyName(c.published), c.canonical);
}

TEST(CanonicalAgencyNameTest, KeepsCountyAndParishApart) {
  EXPECT_NE(CanonicalAgencyName("Lafourche County"), CanonicalAgencyName("Lafourche Parish"));
}

TEST(EditDistanceTest, CountsUpToTheBound) {
  EXPECT_EQ(EditDistance("walker", "waller", 2), 1);
  EXPECT_EQ(EditDistance("marion", "martin", 2), 2);
  EXPECT_EQ(EditDistance("indialantic", "indiatlantic", 2), 1);
  EXPECT_EQ(EditDistance("pike", "hale", 3), 3);
  EXPECT_EQ(EditDistance("pike", "hale", 2), 3);
  EXPECT_EQ(EditDistance("chester", "dorchester", 2), 3);
  EXPECT_EQ(EditDistance("", "", 0), 0);
  EXPECT_EQ(EditDistance("a", "b", -4), 1);
  EXPECT_EQ(EditDistance("do\u00F1a", "dona", 1), 1);
}

}  // namespace
}  // namespace accord::agreements::roster
