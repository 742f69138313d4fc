// Every file that is refused, and the reason that says why.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/base/utf8.h"
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

WorkbookParts GoodParts() { return MakeWorkbook(HeaderRow() + TextRow(2, {"TEXAS", "Pike PD"})); }

// A good workbook with one part replaced.
std::string WithPart(const std::string& path, const std::string& content) {
  WorkbookParts parts = GoodParts();
  EXPECT_TRUE(ReadPublishedList(ZipOf(parts)).ok());
  parts[path] = content;
  return ZipOf(parts);
}

std::string ReasonForPart(const std::string& path, const std::string& content) {
  return ReasonFor(WithPart(path, content));
}

std::string ReasonForRows(const std::string& rows) {
  return ReasonForPart(kSheetPath, absl::StrCat("<worksheet><sheetData>", HeaderRow(), rows,
                                                "</sheetData></worksheet>"));
}

// What "is above the limit" of a file that is too large.
std::string LimitThatRefuses(const std::string& bytes) {
  const absl::Status status = ReadPublishedList(bytes).status();
  EXPECT_EQ(GetReason(status), "ROSTER_TOO_LARGE") << status;
  return GetReason(status) == "ROSTER_TOO_LARGE" ? GetErrorInfo(status)->metadata().at("limit")
                                                 : "";
}

// Places in an entry of a zip's directory, from its start (APPNOTE.TXT, 4.3.12).
enum DirectoryField {
  kFlags = 8,
  kMethod = 10,
  kChecksum = 16,
  kPackedSize = 20,
  kUnpackedSize = 24,
  kName = 46
};

// The zip with four bytes of the directory's entry `path` replaced, little end first.
std::string WithDirectoryField(std::string zip, const std::string& path, DirectoryField field,
                               uint32_t value) {
  const size_t name_at = zip.rfind(path);
  EXPECT_EQ(zip.substr(name_at - kName, 4), "PK\x01\x02");
  for (size_t i = 0; i < 4; ++i) {
    zip[name_at - kName + field + i] = static_cast<char>(value >> (8 * i));
  }
  return zip;
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

TEST(RefusalTest, OfEveryTruncation) {
  const std::string whole = ZipOf(GoodParts());
  for (size_t size = 1; size < whole.size(); ++size) {
    const std::string reason = ReasonFor(whole.substr(0, size));
    // Before the signature is whole it is taken for CSV.
    if (size == 1 || size == 2) {
      EXPECT_EQ(reason, "ROSTER_HEADER_MISSING") << size;
    } else if (size >= 4) {
      EXPECT_EQ(reason, "ROSTER_DAMAGED") << size;
    }
  }
}

TEST(RefusalTest, OfAChangedByteInAPart) {
  std::string bytes = ZipOf(GoodParts());
  const size_t local_header = bytes.find(kSheetPath);
  bytes[local_header + sizeof(kSheetPath) + 60] ^= 0x10;
  EXPECT_EQ(ReasonFor(bytes), "ROSTER_DAMAGED");
}

// Some bytes mean nothing to us, such as when an entry was changed.
TEST(RefusalTest, NoChangedByteGivesAnotherList) {
  const std::string whole = ZipOf(GoodParts());
  const std::string digest = ReadPublishedList(whole)->content_digest;
  int refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 0x10;
    const auto list = ReadPublishedList(changed);
    refused += !list.ok();
    if (list.ok()) {
      EXPECT_EQ(list->content_digest, digest) << at;
    } else {
      EXPECT_NE(GetReason(list.status()), "") << at;
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size() / 2));
}

TEST(RefusalTest, OfADirectoryThatLies) {
  const std::string good = ZipOf(GoodParts());
  const auto with = [&](DirectoryField field, uint32_t value) {
    return WithDirectoryField(good, kSheetPath, field, value);
  };
  EXPECT_EQ(ReasonFor(with(kChecksum, 0x12345678)), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(with(kFlags, 1)), "ROSTER_DAMAGED");    // Encrypted.
  EXPECT_EQ(ReasonFor(with(kMethod, 99)), "ROSTER_DAMAGED");  // No such compression.
  EXPECT_EQ(ReasonFor(with(kPackedSize, 10)), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(with(kPackedSize, 0x7FFFFFFF)), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(with(kUnpackedSize, 10)), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(with(kUnpackedSize, 100'000)), "ROSTER_DAMAGED");
  EXPECT_EQ(LimitThatRefuses(with(kUnpackedSize, 0xFFFFFFF0)), absl::StrCat(kMaxEntryBytes));
}

TEST(RefusalTest, OfPartsThatAreTooLargeTogether) {
  std::string zip = ZipOf(GoodParts());
  const auto part = static_cast<uint32_t>(kMaxEntryBytes);
  for (const auto& [path, content] : GoodParts()) {
    zip = WithDirectoryField(zip, path, kPackedSize, part);
    zip = WithDirectoryField(zip, path, kUnpackedSize, part);
  }
  EXPECT_EQ(LimitThatRefuses(zip), absl::StrCat(kMaxUnpackedBytes));
}

TEST(RefusalTest, OfTwoEntriesOfOneName) {
  WorkbookParts parts = GoodParts();
  parts["xl/worksheets/sheet2.xml"] = "<worksheet/>";
  std::string zip = ZipOf(parts);
  ASSERT_TRUE(ReadPublishedList(zip).ok());
  zip = absl::StrReplaceAll(zip, {{"xl/worksheets/sheet2.xml", kSheetPath}});
  EXPECT_EQ(ReasonFor(zip), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfAZipInsideOfAZip) {
  const std::string inner = ZipOf(GoodParts());
  EXPECT_EQ(ReasonForPart(kSheetPath, inner), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonFor(ZipOf({{"list.xlsx", inner}})), "ROSTER_NOT_A_WORKBOOK");
}

TEST(RefusalTest, OfADoctypeOrAnEntity) {
  const std::string bomb =
      "<!DOCTYPE sst [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
  for (const auto& [path, content] : GoodParts()) {
    EXPECT_EQ(ReasonForPart(path, bomb), "ROSTER_DAMAGED") << path;
  }
  for (const char* xml : {"<!DOCTYPE sst><sst/>", "<sst/><!DOCTYPE sst>", "<!doctype sst><sst/>",
                          "<!DOCTYPE sst SYSTEM \"file:///etc/hostname\"><sst/>",
                          "<!DOCTYPE sst [<!ENTITY a SYSTEM "
                          "\"file:///etc/hostname\">]><sst><si><t>&a;</t></si></sst>",
                          "<!DOCTYPE sst [<!ENTITY % p SYSTEM \"http://127.0.0.1/\"> %p;]><sst/>",
                          "<!ENTITY a \"b\"><sst/>"}) {
    EXPECT_EQ(ReasonForPart(kStringsPath, xml), "ROSTER_DAMAGED") << xml;
  }
}

// Without a declaration an entity stands for nothing, and is not asked for anywhere.
TEST(RefusalTest, AnUndeclaredEntityStaysText) {
  const auto list =
      ReadPublishedList(ZipOf(MakeWorkbook(HeaderRow() + TextRow(2, {"TEXAS", "&lol; &amp; PD"}))));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->rows.at(0).agency, "&lol; & PD");
}

TEST(RefusalTest, OfBrokenXml) {
  for (const char* xml : {"<worksheet><sheetData>", "", "<a></b>", "<sst>\xFF</sst>"}) {
    EXPECT_EQ(ReasonForPart(kSheetPath, xml), "ROSTER_DAMAGED") << xml;
  }
  // UTF-16, where a DOCTYPE would not be seen.
  EXPECT_EQ(ReasonForPart(kStringsPath, std::string("<\0s\0s\0t\0/\0>\0", 12)), "ROSTER_DAMAGED");
}

// A caller gets the reason and can read why, whatever the file put into the text.
TEST(RefusalTest, QuotesLittleAndOnlyUtf8) {
  for (const std::string& target : {std::string("&#xD800;.xml"), std::string(100'000, 'a')}) {
    std::string rels = GoodParts().at("xl/_rels/workbook.xml.rels");
    rels = absl::StrReplaceAll(rels, {{"worksheets/sheet1.xml", target}});
    const absl::Status status =
        ReadPublishedList(WithPart("xl/_rels/workbook.xml.rels", rels)).status();
    EXPECT_EQ(GetReason(status), "ROSTER_DAMAGED") << status;
    EXPECT_TRUE(IsValidUtf8(status.message()));
    EXPECT_LT(status.message().size(), 300u);
  }
}

TEST(RefusalTest, OfCellsThatCannotBe) {
  EXPECT_EQ(ReasonForRows("<row><c t=\"s\"><v>7</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c t=\"s\"><v>x</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c t=\"s\"><v>-1</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c t=\"s\"><v>99999999999999999999</v></c></row>"),
            "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c r=\"2\"><v>7</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c><v>nan</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row r=\"1\"><c><v>1</v></c></row>"), "ROSTER_DAMAGED");
  EXPECT_EQ(ReasonForRows("<row><c t=\"str\"><v>&#xD800;</v></c></row>"), "ROSTER_DAMAGED");
}

TEST(RefusalTest, OfPlacesOutsideOfASheet) {
  for (const char* number : {"0", "-1", "1048577", "99999999999999999999", "x", ""}) {
    EXPECT_EQ(ReasonForRows(absl::StrCat("<row r=\"", number, "\"><c><v>1</v></c></row>")),
              "ROSTER_DAMAGED")
        << number;
  }
  for (const char* place : {"XFE2", "AAAA2", "ZZZZZZZZZZZZZZ2", "A0", "A1048577", "A-1", "a2",
                            "A99999999999999999999", "A", "$A$2", " "}) {
    EXPECT_EQ(ReasonForRows(absl::StrCat("<row r=\"2\"><c r=\"", place, "\"><v>1</v></c></row>")),
              "ROSTER_DAMAGED")
        << place;
  }
}

TEST(RefusalTest, OfLinksFromOutsideOfASheet) {
  for (const char* place : {"", "G", "G0", "XFE2", "G2:", ":G2", "G2:G3:G4", "G2:XFE9"}) {
    WorkbookParts parts = MakeWorkbook(
        HeaderRow() + TextRow(2, {"TEXAS"}),
        absl::StrCat("<hyperlinks><hyperlink ref=\"", place, "\" r:id=\"h\"/></hyperlinks>"));
    parts[kSheetRelsPath] =
        "<Relationships><Relationship Id=\"h\" Type=\"x/hyperlink\" Target=\"http://a.gov\"/>"
        "</Relationships>";
    EXPECT_EQ(ReasonFor(ZipOf(parts)), "ROSTER_DAMAGED") << place;
  }
}

TEST(RefusalTest, OfAZipBomb) {
  const std::string spaces(size_t{40} << 20, ' ');
  const std::string bomb = ZipOf({{kSheetPath, spaces}});
  ASSERT_LT(bomb.size(), size_t{100} << 10);
  EXPECT_EQ(LimitThatRefuses(bomb), absl::StrCat(kMaxCompressionRatio));
  // Nor by claiming to be compressed less.
  const auto claimed = static_cast<uint32_t>(spaces.size() / 2);
  EXPECT_EQ(ReasonFor(WithDirectoryField(bomb, kSheetPath, kPackedSize, claimed)),
            "ROSTER_DAMAGED");
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

TEST(RefusalTest, OfTooManyLinks) {
  std::string links = "<hyperlinks>";
  for (int i = 0; i <= kMaxHyperlinks; ++i) links += absl::StrCat("<hyperlink ref=\"A", i, "\"/>");
  EXPECT_EQ(LimitThatRefuses(ZipOf(MakeWorkbook(HeaderRow(), links + "</hyperlinks>"))),
            absl::StrCat(kMaxHyperlinks));
}

// One link on a range as large as the sheet is written out once per row and column.
TEST(RefusalTest, OfOneLinkUsedTooOften) {
  std::string rows = HeaderRow();
  for (int i = 2; i < 20'000; ++i) rows += TextRow(i, {"T"});
  WorkbookParts parts =
      MakeWorkbook(rows, "<hyperlinks><hyperlink ref=\"A1:XFD1048576\" r:id=\"h\"/></hyperlinks>");
  parts[kSheetRelsPath] =
      "<Relationships><Relationship Id=\"h\" Type=\"x/hyperlink\" Target=\"http://a.gov\"/>"
      "</Relationships>";
  EXPECT_EQ(LimitThatRefuses(ZipOf(parts)), absl::StrCat(kMaxTextBytes));
}

// Each makes a row of 64 cells in memory.
TEST(RefusalTest, OfTooManyEmptyCells) {
  constexpr int64_t kWideRows = kMaxCells / kMaxColumns + 1;
  std::string rows = HeaderRow();
  std::string csv = "STATE,LAW ENFORCEMENT AGENCY,TYPE,SUPPORT TYPE\n";
  for (int64_t i = 0; i < kWideRows; ++i) {
    absl::StrAppend(&rows, "<row><c r=\"BL1\"><v>", i, "</v></c></row>");
    absl::StrAppend(&csv, std::string(kMaxColumns - 1, ','), i, "\n");
  }
  EXPECT_EQ(LimitThatRefuses(ZipOf(MakeWorkbook(rows))), absl::StrCat(kMaxCells));
  EXPECT_EQ(LimitThatRefuses(csv), absl::StrCat(kMaxCells));
}

// 18 MB that pugixml would make 550 MB of. The numbers keep it from being a zip bomb.
TEST(RefusalTest, OfTagsThatNeedTooMuchMemory) {
  std::string tags;
  for (int i = 0; i < 4'400'000; ++i)
    tags += i % 40 == 0 ? absl::StrCat(i * 7919LL, "<a/>") : "<a/>x";
  ASSERT_LT(static_cast<int64_t>(tags.size()), kMaxEntryBytes);
  EXPECT_EQ(LimitThatRefuses(WithPart(kStringsPath, absl::StrCat("<sst>", tags, "</sst>"))),
            absl::StrCat(kMaxTreeBytes));
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
