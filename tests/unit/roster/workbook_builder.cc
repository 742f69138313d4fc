#include "tests/unit/roster/workbook_builder.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"

namespace accord::agreements::roster {
namespace {

constexpr char kRelationshipTypes[] =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

std::string Relationship(const std::string& id, const std::string& type,
                         const std::string& target) {
  return absl::StrCat("<Relationship Id=\"", id, "\" Type=\"", kRelationshipTypes, type,
                      "\" Target=\"", target, "\"/>");
}

std::string Bytes(zip_source_t* archive_source) {
  zip_stat_t stat;
  zip_source_stat(archive_source, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(archive_source);
  zip_source_read(archive_source, bytes.data(), bytes.size());
  zip_source_close(archive_source);
  return bytes;
}

}  // namespace

std::string TextRow(int number, const std::vector<std::string>& texts,
                    const std::string& attributes) {
  std::string row = absl::StrCat("<row r=\"", number, "\" ", attributes, ">");
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    const std::string reference = absl::StrCat(std::string(1, static_cast<char>('A' + i)), number);
    absl::StrAppend(&row, "<c r=\"", reference, "\" t=\"inlineStr\"><is><t>", texts[i],
                    "</t></is></c>");
  }
  return row + "</row>";
}

std::string HeaderRow() {
  return TextRow(1, {"STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED",
                     "MOA", "ADDENDUM"});
}

WorkbookParts MakeWorkbook(const std::string& rows, const std::string& after_rows) {
  return {
      {"_rels/.rels",
       absl::StrCat("<Relationships>", Relationship("a", "officeDocument", "xl/workbook.xml"),
                    "</Relationships>")},
      {kWorkbookPath,
       "<workbook><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       absl::StrCat("<Relationships>", Relationship("s", "worksheet", "worksheets/sheet1.xml"),
                    Relationship("t", "sharedStrings", "sharedStrings.xml"), "</Relationships>")},
      {kStringsPath, "<sst/>"},
      {kSheetPath,
       absl::StrCat("<worksheet><sheetData>", rows, "</sheetData>", after_rows, "</worksheet>")},
  };
}

std::string ZipOf(const WorkbookParts& parts) {
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  zip_source_keep(target);
  for (const auto& [path, content] : parts) {
    zip_source_t* entry = zip_source_buffer(archive, content.data(), content.size(), 0);
    zip_file_add(archive, path.c_str(), entry, ZIP_FL_OVERWRITE);
  }
  EXPECT_EQ(zip_close(archive), 0);
  std::string bytes = Bytes(target);
  zip_source_free(target);
  return bytes;
}

std::string ReadSourceFile(const std::string& path) {
  std::ifstream file(absl::StrCat(ACCORD_SOURCE_DIR, "/", path), std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace accord::agreements::roster
