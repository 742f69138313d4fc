// Makes workbooks that no publisher would: small, odd, or hostile.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace accord::agreements::roster {

// The parts of a workbook by path, ready to be changed by a test.
using WorkbookParts = std::map<std::string, std::string>;

inline constexpr char kSheetPath[] = "xl/worksheets/sheet1.xml";
inline constexpr char kSheetRelsPath[] = "xl/worksheets/_rels/sheet1.xml.rels";
inline constexpr char kStringsPath[] = "xl/sharedStrings.xml";
inline constexpr char kWorkbookPath[] = "xl/workbook.xml";

// A row of inline strings: TextRow(2, {"TEXAS", "X"}); "" makes no cell.
std::string TextRow(int number, const std::vector<std::string>& texts,
                    const std::string& attributes = "");

// The eight published headers as row 1.
std::string HeaderRow();

// A workbook whose sheet has these rows, and whatever follows <sheetData>.
WorkbookParts MakeWorkbook(const std::string& rows, const std::string& after_rows = "");

// The bytes of a zip with these entries.
std::string ZipOf(const WorkbookParts& parts);

// Bytes of a file under the source folder; fails the test when absent.
std::string ReadSourceFile(const std::string& path);

}  // namespace accord::agreements::roster
