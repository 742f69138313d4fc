#include "services/agreements/roster/xlsx.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/utf8.h"
#include "services/agreements/roster/roster_errors.h"
#include "services/agreements/roster/zip_archive.h"

namespace accord::agreements::roster {
namespace {

constexpr int kLastSheetRow = 1'048'576;  // Of the file format.

// ---- XML, by local name: writers differ in the prefixes they use. ----

absl::string_view LocalName(const char* name) {
  const absl::string_view full(name);
  return full.substr(full.rfind(':') + 1);  // npos + 1 is 0.
}

pugi::xml_node Child(const pugi::xml_node& parent, absl::string_view name) {
  return parent.find_child([&](const pugi::xml_node& n) { return LocalName(n.name()) == name; });
}

absl::string_view Attribute(const pugi::xml_node& node, const char* name) {
  return node.attribute(name).as_string();
}

// The relationship attribute is "r:id"; a plain "id" is something else.
absl::string_view RelationshipId(const pugi::xml_node& node) {
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (absl::EndsWith(attribute.name(), ":id")) return attribute.as_string();
  }
  return "";
}

bool IsTrue(absl::string_view value) { return value == "1" || value == "true"; }

std::string TextOf(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& part : node.children()) text += part.value();
  return text;
}

// The text of an <si> or <is>: plain or rich runs, without phonetic readings.
std::string StringItem(const pugi::xml_node& item) {
  std::string text;
  for (const pugi::xml_node& part : item.children()) {
    const absl::string_view name = LocalName(part.name());
    if (name == "t") text += TextOf(part);
    if (name == "r") text += TextOf(Child(part, "t"));
  }
  return absl::StrReplaceAll(text, {{"_x000D_", " "}, {"_x000A_", " "}, {"_x0009_", " "}});
}

// At most what pugixml's tree of `xml` takes: a node for each opening tag and each text, and
// something for each attribute. Short ones take many times their length.
int64_t TreeBytes(absl::string_view xml) {
  constexpr int64_t kNodeBytes = 64;
  constexpr int64_t kAttributeBytes = 40;
  int64_t bytes = 0;
  for (size_t i = 0; i + 1 < xml.size(); ++i) {
    if (xml[i] == '<' && xml[i + 1] != '/') bytes += kNodeBytes;
    if (xml[i] != '>' && xml[i + 1] == '<') bytes += kNodeBytes;  // Text ends here.
    if (xml[i] == '=') bytes += kAttributeBytes;
  }
  return bytes;
}

absl::Status ParseXml(absl::string_view path, const std::string& bytes, pugi::xml_document& xml) {
  if (absl::StrContains(bytes, "<!DOCTYPE") || absl::StrContains(bytes, "<!ENTITY")) {
    return error::Damaged(absl::StrCat(path, " declares a DOCTYPE or an entity"));
  }
  if (!IsValidUtf8(bytes)) return error::Damaged(absl::StrCat(path, " is not UTF-8"));
  if (TreeBytes(bytes) > kMaxTreeBytes) {
    return error::TooLarge("a part of the workbook, in memory,", kMaxTreeBytes, "bytes");
  }
  const pugi::xml_parse_result result = xml.load_buffer(
      bytes.data(), bytes.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
  if (result) return absl::OkStatus();
  return error::Damaged(absl::StrCat(path, " is not well-formed XML at byte ",
                                     static_cast<int64_t>(result.offset), " (",
                                     result.description(), ")"));
}

absl::Status LoadPart(const ZipArchive& zip, const std::string& path, pugi::xml_document& xml) {
  ACCORD_ASSIGN_OR_RETURN(const std::string bytes, zip.Read(path));
  return ParseXml(path, bytes, xml);
}

// ---- Relationships between the parts. ----

struct Relationship {
  std::string type;  // Last part of the type's URI: "worksheet", "hyperlink".
  std::string target;
};
using Relationships = std::map<std::string, Relationship>;

// A part without relationships has no such file.
absl::StatusOr<Relationships> LoadRelationships(const ZipArchive& zip, const std::string& part) {
  const size_t name_at = part.rfind('/') + 1;
  const std::string path =
      absl::StrCat(part.substr(0, name_at), "_rels/", part.substr(name_at), ".rels");
  Relationships found;
  if (!zip.Contains(path)) return found;
  pugi::xml_document xml;
  ACCORD_RETURN_IF_ERROR(LoadPart(zip, path, xml));
  for (const pugi::xml_node& node : Child(xml, "Relationships").children()) {
    const absl::string_view type = Attribute(node, "Type");
    found[std::string(Attribute(node, "Id"))] = {std::string(type.substr(type.rfind('/') + 1)),
                                                 std::string(Attribute(node, "Target"))};
  }
  return found;
}

// Targets are relative to the folder of the part, or absolute with a '/'.
std::string ResolveTarget(absl::string_view part, absl::string_view target) {
  if (absl::StartsWith(target, "/")) return std::string(target.substr(1));
  return absl::StrCat(part.substr(0, part.rfind('/') + 1), target);
}

// "" when there is no relationship of that type.
std::string TargetOfType(const Relationships& all, absl::string_view part, absl::string_view type) {
  for (const auto& [id, relationship] : all) {
    if (relationship.type == type) return ResolveTarget(part, relationship.target);
  }
  return "";
}

// ---- References such as "H25" and "G2:G9". ----

struct CellPosition {
  int column = 0;  // 1-based; 0 when the text is no reference.
  int row = 0;
};

CellPosition ParsePosition(absl::string_view reference) {
  constexpr int kLastColumn = 16'384;
  int column = 0;
  size_t i = 0;
  for (; i < reference.size() && absl::ascii_isupper(reference[i]); ++i) {
    column = column * 26 + (reference[i] - 'A' + 1);
    if (column > kLastColumn) return {};
  }
  int row = 0;
  const bool ok = column > 0 && absl::SimpleAtoi(reference.substr(i), &row);
  if (!ok || row < 1 || row > kLastSheetRow) return {};
  return {column, row};
}

// ---- The reader. ----

class WorkbookReader {
 public:
  explicit WorkbookReader(const ZipArchive& zip) : zip_(zip) {}

  absl::StatusOr<Sheet> Read() {
    ACCORD_RETURN_IF_ERROR(FindSheet());
    ACCORD_RETURN_IF_ERROR(LoadSharedStrings());
    pugi::xml_document xml;
    ACCORD_RETURN_IF_ERROR(LoadPart(zip_, sheet_path_, xml));
    const pugi::xml_node worksheet = Child(xml, "worksheet");
    if (!worksheet) return error::NotAWorkbook("its sheet is no worksheet");
    ACCORD_RETURN_IF_ERROR(ReadRows(Child(worksheet, "sheetData")));
    ACCORD_RETURN_IF_ERROR(ReadHyperlinks(Child(worksheet, "hyperlinks")));
    return std::move(sheet_);
  }

 private:
  absl::Status FindSheet() {
    ACCORD_ASSIGN_OR_RETURN(const Relationships package, LoadRelationships(zip_, ""));
    const std::string workbook_path = TargetOfType(package, "", "officeDocument");
    if (workbook_path.empty() || !zip_.Contains(workbook_path)) {
      return error::NotAWorkbook("it names no workbook part");
    }
    pugi::xml_document xml;
    ACCORD_RETURN_IF_ERROR(LoadPart(zip_, workbook_path, xml));
    const pugi::xml_node workbook = Child(xml, "workbook");
    sheet_.epoch_1904 = IsTrue(Attribute(Child(workbook, "workbookPr"), "date1904"));
    ACCORD_ASSIGN_OR_RETURN(const Relationships parts, LoadRelationships(zip_, workbook_path));
    strings_path_ = TargetOfType(parts, workbook_path, "sharedStrings");
    for (const pugi::xml_node& sheet : Child(workbook, "sheets").children()) {
      if (absl::StrContains(absl::AsciiStrToLower(Attribute(sheet, "state")), "hidden")) continue;
      const auto part = parts.find(std::string(RelationshipId(sheet)));
      if (part == parts.end() || part->second.type != "worksheet") continue;
      sheet_path_ = ResolveTarget(workbook_path, part->second.target);
      return absl::OkStatus();
    }
    return error::NotAWorkbook("it has no visible worksheet");
  }

  absl::Status LoadSharedStrings() {
    if (strings_path_.empty()) return absl::OkStatus();
    pugi::xml_document xml;
    ACCORD_RETURN_IF_ERROR(LoadPart(zip_, strings_path_, xml));
    for (const pugi::xml_node& item : Child(xml, "sst").children()) {
      if (LocalName(item.name()) == "si") strings_.push_back(StringItem(item));
    }
    return absl::OkStatus();
  }

  absl::Status ReadRows(const pugi::xml_node& data) {
    int number = 0;
    for (const pugi::xml_node& node : data.children()) {
      if (LocalName(node.name()) != "row") continue;
      // A row without a number follows the one before it.
      const int stated = node.attribute("r").as_int(number + 1);
      if (stated <= number || stated > kLastSheetRow) {
        return error::Damaged(absl::StrCat("row numbers do not ascend after ", number));
      }
      number = stated;
      SheetRow row{number, IsTrue(Attribute(node, "hidden")), {}};
      ACCORD_RETURN_IF_ERROR(ReadCells(node, row));
      if (row.cells.empty()) continue;
      if (static_cast<int64_t>(sheet_.rows.size()) >= kMaxRows) {
        return error::TooLarge("the sheet", kMaxRows, "rows");
      }
      sheet_.rows.push_back(std::move(row));
    }
    return absl::OkStatus();
  }

  // Styled cells without content are everywhere below the real rows: they add
  // no cell, so that such a row stays empty.
  absl::Status ReadCells(const pugi::xml_node& row_node, SheetRow& row) {
    int column = 0;
    for (const pugi::xml_node& node : row_node.children()) {
      if (LocalName(node.name()) != "c") continue;
      const absl::string_view reference = Attribute(node, "r");
      column = reference.empty() ? column + 1 : ParsePosition(reference).column;
      if (column < 1)
        return error::Damaged(
            absl::StrCat("a cell of row ", row.number, " has no valid reference"));
      if (column > kMaxColumns) continue;
      ACCORD_ASSIGN_OR_RETURN(SheetCell cell, ReadCell(node));
      if (cell.text.empty()) continue;
      ACCORD_RETURN_IF_ERROR(Spend(cell.text.size()));
      ACCORD_ASSIGN_OR_RETURN(SheetCell* const place, CellAt(row, column));
      *place = std::move(cell);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<SheetCell> ReadCell(const pugi::xml_node& node) {
    const absl::string_view type = Attribute(node, "t");
    SheetCell cell;
    cell.text = type == "inlineStr" ? StringItem(Child(node, "is")) : TextOf(Child(node, "v"));
    if (cell.text.empty()) return cell;
    if (type == "s") {
      ACCORD_ASSIGN_OR_RETURN(cell.text, SharedString(cell.text));
    } else if (type.empty() || type == "n") {
      double number = 0;
      if (!absl::SimpleAtod(cell.text, &number) || !std::isfinite(number)) {
        return error::Damaged("a number cell holds no number");
      }
      cell.number = number;
    }
    // A character reference can name what UTF-8 cannot carry.
    if (!IsValidUtf8(cell.text)) return error::Damaged("a cell holds no valid text");
    return cell;
  }

  absl::StatusOr<std::string> SharedString(absl::string_view index_text) const {
    size_t index = 0;
    if (!absl::SimpleAtoi(index_text, &index) || index >= strings_.size()) {
      return error::Damaged("a cell points to a shared string that is not there");
    }
    return strings_[index];
  }

  absl::Status ReadHyperlinks(const pugi::xml_node& hyperlinks) {
    if (!hyperlinks) return absl::OkStatus();
    ACCORD_ASSIGN_OR_RETURN(const Relationships targets, LoadRelationships(zip_, sheet_path_));
    int64_t count = 0;
    for (const pugi::xml_node& node : hyperlinks.children()) {
      if (++count > kMaxHyperlinks) return error::TooLarge("the sheet", kMaxHyperlinks, "links");
      const auto target = targets.find(std::string(RelationshipId(node)));
      // Without a target it leads to a place in the sheet itself.
      if (target == targets.end() || target->second.type != "hyperlink") continue;
      const absl::string_view location = Attribute(node, "location");
      ACCORD_RETURN_IF_ERROR(
          SetLink(Attribute(node, "ref"),
                  absl::StrCat(target->second.target, location.empty() ? "" : "#", location)));
    }
    return absl::OkStatus();
  }

  absl::Status SetLink(absl::string_view reference, const std::string& link) {
    const std::vector<absl::string_view> corners = absl::StrSplit(reference, ':');
    const CellPosition first = ParsePosition(corners.front());
    const CellPosition last = ParsePosition(corners.back());
    if (first.column < 1 || last.column < 1 || corners.size() > 2) {
      return error::Damaged("a hyperlink has no valid reference");
    }
    if (!IsValidUtf8(link)) return error::Damaged("a hyperlink holds no valid text");
    const auto from = RowFrom(first.row);
    for (auto row = from; row != sheet_.rows.end() && row->number <= last.row; ++row) {
      for (int column = first.column; column <= std::min<int64_t>(last.column, kMaxColumns);
           ++column) {
        ACCORD_RETURN_IF_ERROR(Spend(link.size() + sizeof(SheetCell)));
        ACCORD_ASSIGN_OR_RETURN(SheetCell* const place, CellAt(*row, column));
        place->link = link;
      }
    }
    return absl::OkStatus();
  }

  // First row numbered `number` or more; ReadRows made sure that they ascend.
  std::vector<SheetRow>::iterator RowFrom(int number) {
    return std::lower_bound(sheet_.rows.begin(), sheet_.rows.end(), number,
                            [](const SheetRow& row, int wanted) { return row.number < wanted; });
  }

  absl::StatusOr<SheetCell*> CellAt(SheetRow& row, int column) {
    const auto wanted = static_cast<size_t>(column);
    if (row.cells.size() < wanted) {
      cells_ += static_cast<int64_t>(wanted - row.cells.size());
      if (cells_ > kMaxCells) return error::TooLarge("the sheet", kMaxCells, "cells");
      row.cells.resize(wanted);
    }
    return &row.cells[wanted - 1];
  }

  // One long shared string can be used by every cell of a small file.
  absl::Status Spend(size_t bytes) {
    text_bytes_ += static_cast<int64_t>(bytes);
    if (text_bytes_ <= kMaxTextBytes) return absl::OkStatus();
    return error::TooLarge("the text of the sheet", kMaxTextBytes, "bytes");
  }

  const ZipArchive& zip_;
  std::string sheet_path_;
  std::string strings_path_;
  std::vector<std::string> strings_;
  Sheet sheet_;
  int64_t text_bytes_ = 0;
  int64_t cells_ = 0;
};

}  // namespace

absl::StatusOr<Sheet> ReadWorkbook(absl::string_view bytes) {
  ACCORD_ASSIGN_OR_RETURN(const ZipArchive zip, ZipArchive::Open(bytes));
  return WorkbookReader(zip).Read();
}

}  // namespace accord::agreements::roster
