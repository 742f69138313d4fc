// Workbooks that the published files do not happen to contain.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/roster_file.h"
#include "tests/unit/roster/workbook_builder.h"

namespace accord::agreements::roster {
namespace {

PublishedList ReadParts(const WorkbookParts& parts) {
  auto list = ReadPublishedList(ZipOf(parts));
  EXPECT_TRUE(list.ok()) << list.status();
  return list.ok() ? *std::move(list) : PublishedList();
}

PublishedList ReadRows(const std::string& rows) { return ReadParts(MakeWorkbook(rows)); }

const std::vector<std::string> kPike = {"TEXAS", "Pike PD", "Municipality", "Pike", "Task Force"};
const std::vector<std::string> kHale = {"TEXAS", "Hale PD", "Municipality", "Hale", "Task Force"};

TEST(WorkbookTest, FindsColumnsByNameInAnyOrderAndCase) {
  const PublishedList list =
      ReadRows(TextRow(1, {"support  type", "Type", "notes", "LawEnforcement Agency ", "State"}) +
               TextRow(2, {"TFM", "County", "x", "Pike SO", "TEXAS"}));
  ASSERT_EQ(list.rows.size(), 1u);
  EXPECT_EQ(list.rows[0].model, "TFM");
  EXPECT_EQ(list.rows[0].agency, "Pike SO");
  EXPECT_EQ(list.rows[0].state, "TEXAS");
  EXPECT_TRUE(list.rows[0].county_not_available);
  EXPECT_FALSE(list.has_county_column || list.has_signed_column || list.has_addendum_column);
}

TEST(WorkbookTest, KeepsIncompleteRowsAndSkipsEmptyOnes) {
  const PublishedList list =
      ReadRows(HeaderRow() + TextRow(2, kPike) + TextRow(3, {"", "", "", " "}) +
               TextRow(4, {"", "Lost PD"}) + "<row r=\"5\"><c r=\"A5\" s=\"4\"/></row>" +
               TextRow(6, {"TEXAS"}) + TextRow(9, kHale, "hidden=\"1\""));
  ASSERT_EQ(list.rows.size(), 4u);
  EXPECT_EQ(list.rows[1].row_number, 4);
  EXPECT_EQ(list.rows[1].state, "");
  EXPECT_EQ(list.rows[2].row_number, 6);
  EXPECT_EQ(list.rows[3].row_number, 9);
  EXPECT_TRUE(list.rows[3].hidden);
  EXPECT_EQ(list.hidden_rows, 1);
}

TEST(WorkbookTest, KnowsEveryWayToSayNoCounty) {
  const std::vector<std::string> absent = {"#N/A", "#NA", "n/a ", "NA", "#REF!", " "};
  std::string rows = HeaderRow();
  for (size_t i = 0; i < absent.size(); ++i) {
    rows += TextRow(static_cast<int>(i) + 2, {"TEXAS", "Pike PD", "County", absent[i], "TFM"});
  }
  rows +=
      "<row r=\"20\"><c r=\"B20\" t=\"str\"><v>x</v></c><c r=\"D20\" t=\"e\"><v>#N/A</v></c>"
      "</row>" +
      TextRow(21, kPike);
  const PublishedList list = ReadRows(rows);
  ASSERT_EQ(list.rows.size(), absent.size() + 2);
  for (size_t i = 0; i <= absent.size(); ++i) {
    EXPECT_TRUE(list.rows[i].county_not_available) << list.rows[i].county;
  }
  EXPECT_FALSE(list.rows.back().county_not_available);
}

std::string SignedCell(const std::string& serial) {
  return absl::StrCat("<row r=\"2\"><c r=\"A2\" t=\"str\"><v>TEXAS</v></c><c r=\"F2\"><v>", serial,
                      "</v></c></row>");
}

TEST(WorkbookTest, ReadsSerialsWithoutJudgingThem) {
  const PublishedRow far = ReadRows(HeaderRow() + SignedCell("1141572")).rows.at(0);
  EXPECT_EQ(far.signed_date, RealDate(5025, 7, 7));
  EXPECT_EQ(far.signed_text, "7/7/5025");
  const PublishedRow none = ReadRows(HeaderRow() + SignedCell("-3")).rows.at(0);
  EXPECT_FALSE(none.signed_date);
  EXPECT_EQ(none.signed_text, "-3");
}

TEST(WorkbookTest, HonoursThe1904DateSystem) {
  WorkbookParts parts = MakeWorkbook(HeaderRow() + SignedCell("44323"));
  parts[kWorkbookPath] =
      "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"a\" "
      "r:id=\"s\"/></sheets></workbook>";
  EXPECT_EQ(ReadParts(parts).rows.at(0).signed_date, RealDate(2025, 5, 8));
}

TEST(WorkbookTest, JoinsRichTextAndLeavesPhoneticsOut) {
  WorkbookParts parts =
      MakeWorkbook(HeaderRow() + "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>");
  parts[kStringsPath] =
      "<x:sst xmlns:x=\"m\"><x:si><x:t>TEXAS</x:t></x:si><x:si><x:r><x:t>Pike</x:t></x:r><x:r>"
      "<x:t> </x:t></x:r><x:r><x:t>P&amp;D</x:t></x:r><x:rPh><x:t>no</x:t></x:rPh></x:si></x:sst>";
  const PublishedRow row = ReadParts(parts).rows.at(0);
  EXPECT_EQ(row.row_number, 2);
  EXPECT_EQ(row.agency, "Pike P&D");
}

TEST(WorkbookTest, AttachesLinksOfRangesAndIgnoresInnerOnes) {
  WorkbookParts parts = MakeWorkbook(
      HeaderRow() + TextRow(2, kPike) + TextRow(3, kHale) + TextRow(4, kHale),
      "<hyperlinks><hyperlink ref=\"G2:G3\" r:id=\"h\" location=\"p\"/>"
      "<hyperlink ref=\"H2\" location=\"Sheet1!A1\"/><hyperlink ref=\"H3\" r:id=\"m\"/>"
      "<hyperlink ref=\"G900\" r:id=\"h\"/></hyperlinks>");
  parts[kSheetRelsPath] =
      "<Relationships><Relationship Id=\"h\" Type=\"x/hyperlink\" "
      "Target=\"http://www.ice.gov/a.pdf\"/><Relationship Id=\"m\" Type=\"x/hyperlink\" "
      "Target=\"mailto:a@b.gov\"/></Relationships>";
  const PublishedList list = ReadParts(parts);
  ASSERT_EQ(list.rows.size(), 3u);
  EXPECT_EQ(list.rows[0].document_uri, "https://www.ice.gov/a.pdf");
  EXPECT_EQ(list.rows[1].document_uri, "https://www.ice.gov/a.pdf");
  EXPECT_EQ(list.rows[2].document_uri, "");
  EXPECT_EQ(list.rows[0].addendum_uri, "");
  EXPECT_EQ(list.rows[1].addendum_uri, "");
}

TEST(WorkbookTest, SkipsAHiddenSheet) {
  WorkbookParts parts = MakeWorkbook(HeaderRow() + TextRow(2, kPike));
  parts[kWorkbookPath] =
      "<workbook><sheets><sheet name=\"old\" state=\"veryHidden\" r:id=\"o\"/>"
      "<sheet name=\"a\" r:id=\"s\"/></sheets></workbook>";
  parts["xl/_rels/workbook.xml.rels"] =
      "<Relationships><Relationship Id=\"o\" Type=\"x/worksheet\" Target=\"old.xml\"/>"
      "<Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
      "</Relationships>";
  parts["xl/old.xml"] = "<worksheet><sheetData/></worksheet>";
  EXPECT_EQ(ReadParts(parts).rows.size(), 1u);
}

TEST(ContentDigestTest, IgnoresOrderVisibilityAndRowNumbersOnly) {
  const std::string digest =
      ReadRows(HeaderRow() + TextRow(2, kPike) + TextRow(3, kHale)).content_digest;
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(
      digest,
      ReadRows(HeaderRow() + TextRow(2, kHale) + TextRow(8, kPike, "hidden=\"1\"")).content_digest);
  EXPECT_NE(digest, ReadRows(HeaderRow() + TextRow(2, kPike)).content_digest);
  EXPECT_NE(digest,
            ReadRows(HeaderRow() + TextRow(2, kPike) + TextRow(3, kHale) + TextRow(4, kHale))
                .content_digest);
}

TEST(ContentDigestTest, TellsFieldBordersAndLinksApart) {
  const auto digest = [](const std::vector<std::string>& cells) {
    return ReadRows(HeaderRow() + TextRow(2, cells)).content_digest;
  };
  EXPECT_NE(digest({"AB", "C"}), digest({"A", "BC"}));
  EXPECT_NE(digest({"A", "B", "", "", "", "", "https://www.ice.gov/a"}),
            digest({"A", "B", "", "", "", "", "https://www.ice.gov/b"}));
}

}  // namespace
}  // namespace accord::agreements::roster
