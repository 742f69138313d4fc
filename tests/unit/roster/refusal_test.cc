// Every file that is refused, and the reason that says why.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/agreements/roster/roster_file.h"
#include "services/agreements/roster/sheet.h"
#include "tests/unit/roster/workbook_builder.h"

namespace accord::agreements::roster {
namespace {

constexpr char kRealFile[] = "deploy/rosters/20250702_pendingAgencies07012025pm.xlsx";

std::string ReasonFor(const std::string& bytes) {
  const absl::Status status = ReadPublishedList(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return GetReason(status);
}

// The reason for a good workbook with one part replaced.
std::string ReasonForPart(const std::string& path, const std::string& content) {
  WorkbookParts parts = MakeWorkbook(HeaderRow() + TextRow(2, {"TEXAS", "Pike PD"}));
  EXPECT_TRUE(ReadPublishedList(ZipOf(parts)).ok());
  parts[path] = content;
  return ReasonFor(ZipOf(parts));
}

TEST(RefusalTest, OfNothing) {
  EXPECT_EQ(ReasonFor(""), "ROSTER_EMPTY");
  EXPECT_EQ(ReasonFor(ZipOf(MakeWorkbook(""))), "ROSTER_EMPTY");
  EXPECT_EQ(ReasonFor(ZipOf(MakeWorkbook(HeaderRow()))), "ROSTER_EMPTY");
}

TEST(RefusalTest, OfOtherContainers) {
  EXPECT_EQ(ReasonFor(ZipOf({{"a.txt", "a"}})), "ROSTER_NOT_A_WORKBOOK");
  EXPECT_EQ(ReasonFor("\xD0\xCF\x11\xE0\xA1\xB1"), "ROSTER_NOT_A_WORKBOOK");
  EXPECT_EQ(ReasonForPart(kWorkbookPath, "<workbook/>"), "ROSTER_NOT_A_WORKBOOK");
  EXPECT_EQ(ReasonForPart(kSheetPath, "<chartsheet/>"), "ROSTER_NOT_A_WORKBOOK");
}

TEST(RefusalTest, OfAHeaderSaysWhichColumnsAreMissing) {
  const auto list = ReadPublishedList(
      ZipOf(MakeWorkbook(TextRow(1, {"STATE", "COUNTY", "TYPE"}) + TextRow(2, {"TEXAS"}))));
  EXPECT_EQ(GetReason(list.status()), "ROSTER_HEADER_MISSING");
  EXPECT_EQ(GetErrorInfo(list.status())->metadata().at("columns"),
            "LAW ENFORCEMENT AGENCY, SUPPORT TYPE");
  EXPECT_EQ(GetErrorInfo(list.status())->domain(), "agreements.accord");
}

TEST(RefusalTest, OfATruncatedFile) {
  const std::string whole = ReadSourceFile(kRealFile);
  ASSERT_TRUE(ReadPublishedList(whole).ok());
  for (size_t size : {whole.size() - 1, whole.size() - 30, whole.size() / 2, size_t{100}}) {
    EXPECT_EQ(ReasonFor(whole.substr(0, size)), "ROSTER_DAMAGED") << size;
  }
}

TEST(RefusalTest, OfAChangedByteInAPart) {
  WorkbookParts parts = MakeWorkbook(HeaderRow() + TextRow(2, {"TEXAS", "Pike PD"}));
  std::string bytes = ZipOf(parts);
  const size_t local_header = bytes.find(kSheetPath);
  bytes[local_header + sizeof(kSheetPath) + 60] ^= 0x10;
  EXPECT_EQ(ReasonFor(bytes), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfADoctypeOrAnEntity) {
  const std::string bomb =
      "<!DOCTYPE sst [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
  for (const char* path : {kSheetPath, kStringsPath, kWorkbookPath}) {
    EXPECT_EQ(ReasonForPart(path, bomb), "ROSTER_DAMAGED") << path;
  }
  EXPECT_EQ(ReasonForPart(kStringsPath, "<!DOCTYPE sst><sst/>"), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfBrokenXml) {
  for (const char* xml : {"<worksheet><sheetData>", "", "<a></b>", "<sst>\xFF</sst>"}) {
    EXPECT_EQ(ReasonForPart(kSheetPath, xml), "ROSTER_DAMAGED") << xml;
  }
  // UTF-16, where a DOCTYPE would not be seen.
  EXPECT_EQ(ReasonForPart(kStringsPath, std::string("<\0s\0s\0t\0/\0>\0", 12)), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfCellsThatCannotBe) {
  const auto with_row = [](const std::string& row) {
    return ReasonForPart(kSheetPath, absl::StrCat("<worksheet><sheetData>", HeaderRow(), row,
                                                  "</sheetData></worksheet>"));
  };
  EXPECT_EQ(with_row("<row><c t=\"s\"><v>7</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(with_row("<row><c t=\"s\"><v>x</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(with_row("<row><c r=\"2\"><v>7</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(with_row("<row><c><v>nan</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(with_row("<row r=\"1\"><c><v>1</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(with_row("<row><c t=\"str\"><v>&#xD800;</v></c></row>"), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfAZipBomb) {
  const std::string spaces(size_t{40} << 20, ' ');
  const std::string bomb = ZipOf({{kSheetPath, spaces}});
  ASSERT_LT(bomb.size(), size_t{100} << 10);
  EXPECT_EQ(ReasonFor(bomb), "ROSTER_TOO_LARGE");
}

TEST(RefusalTest, OfAnEntryAboveItsLimit) {
  const std::string big(static_cast<size_t>(kMaxEntryBytes) + 1, ' ');
  const auto list = ReadPublishedList(ZipOf({{"a", big}}));
  EXPECT_EQ(GetErrorInfo(list.status())->metadata().at("limit"), absl::StrCat(kMaxEntryBytes));
}

TEST(RefusalTest, OfTooManyBytesEntriesOrRows) {
  EXPECT_EQ(ReasonFor(std::string(static_cast<size_t>(kMaxInputBytes) + 1, 'a')),
            "ROSTER_TOO_LARGE");
  WorkbookParts crowd;
  for (int i = 0; i <= kMaxEntries; ++i) crowd[absl::StrCat(i)] = "";
  EXPECT_EQ(ReasonFor(ZipOf(crowd)), "ROSTER_TOO_LARGE");
  std::string csv = "STATE,LAW ENFORCEMENT AGENCY,TYPE,SUPPORT TYPE\n";
  for (int i = 0; i < kMaxRows; ++i) csv += "a\n";
  EXPECT_EQ(ReasonFor(csv), "ROSTER_TOO_LARGE");
}

TEST(RefusalTest, OfOneStringUsedTooOften) {
  std::string rows = HeaderRow();
  for (int i = 0; i < 9'000; ++i) rows += "<row><c t=\"s\"><v>0</v></c></row>";
  WorkbookParts parts = MakeWorkbook(rows);
  parts[kStringsPath] = absl::StrCat("<sst><si><t>", std::string(10'000, 'a'), "</t></si></sst>");
  EXPECT_EQ(ReasonFor(ZipOf(parts)), "ROSTER_TOO_LARGE");
}

}  // namespace
}  // namespace accord::agreements::roster
