#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/roster_file.h"
#include "tests/unit/roster/workbook_builder.h"

namespace accord::agreements::roster {
namespace {

constexpr char kHeader[] = "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA\r\n";

PublishedList ReadText(const std::string& text) {
  auto list = ReadPublishedList(text);
  EXPECT_TRUE(list.ok()) << list.status();
  return list.ok() ? *std::move(list) : PublishedList();
}

std::string ReasonFor(const std::string& text) {
  return GetReason(ReadPublishedList(text).status());
}

TEST(CsvListTest, ReadsQuotedCommasQuotesAndLineEnds) {
  const PublishedList list = ReadText(absl::StrCat(
      "\xEF\xBB\xBF", kHeader,
      "TEXAS,\"Pike, \"\"City\"\"\r\nof\",County,N/A,TFM,5/8/2025,http://www.ice.gov/a.pdf\r\n",
      "\r\n", "UTAH,Hale,County,Hale,WSO,7/72025,link"));
  ASSERT_EQ(list.rows.size(), 2u);
  EXPECT_EQ(list.rows[0].agency, "Pike, \"City\" of");
  EXPECT_EQ(list.rows[0].row_number, 2);
  EXPECT_EQ(list.rows[0].signed_date, RealDate(2025, 5, 8));
  EXPECT_EQ(list.rows[0].document_uri, "https://www.ice.gov/a.pdf");
  EXPECT_TRUE(list.rows[0].county_not_available);
  EXPECT_EQ(list.rows[1].row_number, 3);
  EXPECT_FALSE(list.rows[1].signed_date);
  EXPECT_EQ(list.rows[1].suggested_date, RealDate(2025, 7, 7));
  EXPECT_FALSE(list.rows[1].hidden);
}

TEST(CsvListTest, HasTheDigestOfAWorkbookWithTheSameContent) {
  const std::string workbook =
      ZipOf(MakeWorkbook(
          HeaderRow() + "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>TEXAS </v></c><c r=\"B2\" t=\"str\">"
                        "<v>Pike Sheriff\u2019s Office</v></c><c r=\"F2\"><v>45785</v></c></row>"));
  const std::string csv = absl::StrCat(kHeader, "TEXAS,Pike Sheriff's  Office,,,,5/8/2025,\n");
  EXPECT_EQ(ReadText(workbook).content_digest, ReadText(csv).content_digest);
}

TEST(CsvListTest, KeepsShortAndLongRecords) {
  const PublishedList list = ReadText(absl::StrCat(kHeader, "TEXAS\n,,,,,,,,extra\n"));
  ASSERT_EQ(list.rows.size(), 2u);
  EXPECT_EQ(list.rows[0].agency, "");
  EXPECT_EQ(list.rows[1].state, "");
}

TEST(CsvListTest, RefusesWhatIsNotText) {
  EXPECT_EQ(ReasonFor(absl::StrCat(kHeader, "TEX\xFF")), "ROSTER_NOT_TEXT");
  EXPECT_EQ(ReasonFor(std::string("S\0T\0", 4)), "ROSTER_NOT_TEXT");
}

TEST(CsvListTest, RefusesQuotesOutOfPlace) {
  EXPECT_EQ(ReasonFor(absl::StrCat(kHeader, "TEXAS,\"Pike")), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(absl::StrCat(kHeader, "TEXAS,Pi\"ke,\n")), "ROSTER_DAMAGED");
}

TEST(CsvListTest, RefusesEmptyListsAndOtherHeaders) {
  EXPECT_EQ(ReasonFor(kHeader), "ROSTER_EMPTY");
  EXPECT_EQ(ReasonFor("\xEF\xBB\xBF \r\n,,\r\n"), "ROSTER_EMPTY");
  EXPECT_EQ(ReasonFor("<html>\n<p>,\n"), "ROSTER_HEADER_MISSING");
}

}  // namespace
}  // namespace accord::agreements::roster
