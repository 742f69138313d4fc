// How things are printed: tables, CSV, JSON, fields.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accord/agreements/v1/agreements.pb.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/error.h"
#include "services/cli/output/columns.h"
#include "services/cli/output/csv.h"
#include "services/cli/output/fields.h"
#include "services/cli/output/json.h"
#include "services/cli/output/table.h"

namespace accord::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace av1 = accord::agreements::v1;

Table TwoColumns(const std::string& text, const std::string& number) {
  return {{{"TEXT", "text"}, {"NUMBER", "number", true}}, {{text, number}}};
}

TEST(TableTest, AlignsByDisplayWidthNotBytes) {
  Table table = TwoColumns("Doña Ana", "7");
  table.rows.push_back({"東京", "1200"});
  table.rows.push_back({"e\xCC\x81toile", "3"});
  EXPECT_EQ(RenderTable(table, {}),
            "TEXT      NUMBER\n"
            "Doña Ana       7\n"
            "東京        1200\n"
            "e\xCC\x81toile         3\n");
}

TEST(TableTest, CutsOnlyWhenTold) {
  const Table table = TwoColumns("a long cell of text", "1");
  EXPECT_THAT(RenderTable(table, {}), HasSubstr("a long cell of text       1\n"));
  EXPECT_EQ(RenderTable(table, {.width = 10}), "TEXT     …\na long ce…\n");
}

TEST(TableTest, NeutralisesWhatCouldSteerATerminal) {
  EXPECT_EQ(Printable("a\x1b[31m\nb\xC2\x9B"), "a [31m b ");
  EXPECT_EQ(Printable("bad\xFF!"), "bad?!");
  EXPECT_EQ(Printable("ab\xE2\x80\xAE"
                      "cd"),
            "ab cd");
}

TEST(TableTest, CutsWideCharactersWhole) {
  EXPECT_EQ(CutToWidth("東京都", 4), "東…");
  EXPECT_EQ(CutToWidth("東京", 4), "東京");
}

TEST(CsvTest, QuotesAndEndsLinesAsRfc4180) {
  EXPECT_EQ(RenderCsv(TwoColumns("a \"b\", c\nd", "1")),
            "text,number\r\n\"a \"\"b\"\", c\nd\",1\r\n");
}

TEST(CsvTest, MakesFormulasTextButLeavesNumbers) {
  for (const std::string start : {"=", "+", "-", "@", "\t"}) {
    EXPECT_EQ(RenderCsvRows(TwoColumns(start + "1", "-5")), "'" + start + "1,-5\r\n");
  }
  EXPECT_EQ(RenderCsvRows(TwoColumns("\rx", "0")), "\"'\rx\",0\r\n");
}

TEST(JsonTest, KeepsZeroCountsAndCamelCase) {
  av1::RosterImport import;
  import.set_name("rosterImports/1");
  const auto json = ToJson(import, false);
  ASSERT_TRUE(json.ok());
  EXPECT_THAT(*json, HasSubstr("\"rosterImports/1\""));
  EXPECT_THAT(*json, HasSubstr("\"noLongerListed\":0"));
  EXPECT_THAT(*json, HasSubstr("\"outcomeCounts\":[]"));
  EXPECT_EQ(json->find('\n'), json->size() - 1);
}

TEST(JsonTest, KeepsAChangeWhoseImageIsUnknown) {
  log::v1::ListChangesResponse list;
  log::v1::Change& change = *list.add_changes();
  change.set_name("changes/7");
  change.mutable_image()->set_type_url("type.googleapis.com/accord.provisioning.v1.Site");
  change.mutable_image()->set_value("\x0a\x01x");
  const auto json = ToJson(list, true);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_THAT(*json, HasSubstr("changes/7"));
  EXPECT_THAT(*json, Not(HasSubstr("Site")));
}

TEST(FieldsTest, ReadsPathsAsPeopleReadThem) {
  av1::Agreement agreement;
  agreement.set_state(av1::Agreement::ACTIVE);
  agreement.mutable_effective_date()->set_year(2025);
  agreement.mutable_effective_date()->set_month(7);
  agreement.mutable_effective_date()->set_day(2);
  agreement.mutable_update_time()->set_seconds(1751414400);
  agreement.mutable_participating()->set_listed(true);
  EXPECT_EQ(FieldText(agreement, "state"), "ACTIVE");
  EXPECT_EQ(FieldText(agreement, "effective_date"), "2025-07-02");
  EXPECT_EQ(FieldText(agreement, "update_time"), "2025-07-02T00:00:00Z");
  EXPECT_EQ(FieldText(agreement, "participating.listed"), "yes");
  EXPECT_EQ(FieldText(agreement, "pending.listed"), "");
  EXPECT_EQ(FieldText(agreement, "federal_signed_date"), "");
}

TEST(FieldsTest, JoinsListsAndMaps) {
  av1::Agency agency;
  agency.add_aliases("A");
  agency.add_aliases("B");
  EXPECT_EQ(FieldText(agency, "aliases"), "A; B");
  av1::RosterImport import;
  (*import.mutable_agreements_by_model())["JEM"] = 3;
  EXPECT_EQ(FieldText(import, "agreements_by_model"), "JEM=3");
}

TEST(FieldsTest, SetsWhatFitsAndNamesWhatWould) {
  av1::ImportRosterRequest request;
  EXPECT_TRUE(SetField(&request, "kind", "pending", "--kind").ok());
  EXPECT_EQ(request.kind(), av1::RosterImport::PENDING);
  EXPECT_TRUE(SetField(&request, "as_of", "2025-07-02", "--as-of").ok());
  EXPECT_EQ(request.as_of().day(), 2);

  const absl::Status kind = SetField(&request, "kind", "other", "--kind");
  EXPECT_EQ(GetReason(kind), "USAGE");
  EXPECT_THAT(GetErrorInfo(kind)->metadata().at("next"), HasSubstr("participating, pending"));
  EXPECT_EQ(GetReason(SetField(&request, "kind", "kind_unspecified", "--kind")), "USAGE");
  EXPECT_EQ(GetReason(SetField(&request, "as_of", "2025-02-30", "--as-of")), "USAGE");
  EXPECT_EQ(GetReason(SetField(&request, "filter", "x", "--filter")), "USAGE");
  av1::ListAgenciesRequest list;
  EXPECT_EQ(GetReason(SetField(&list, "page_size", "4294967296", "--page-size")), "USAGE");
}

TEST(ColumnsTest, LabelsWhatIsMadeUp) {
  av1::Agency real;
  av1::Agency made_up;
  made_up.set_fictitious(true);
  const auto& type = *av1::Agency::descriptor();
  EXPECT_EQ(MakeTable(type, {&real}, Detail::kTable).columns.back().header, "OFFICE");
  const Table both = MakeTable(type, {&real, &made_up}, Detail::kTable);
  EXPECT_EQ(both.columns.back().header, "LABEL");
  EXPECT_EQ(both.rows[0].back(), "");
  EXPECT_EQ(both.rows[1].back(), "SYNTHETIC");
  EXPECT_EQ(MakeTable(type, {&real}, Detail::kCsv).columns.back().key, "label");
}

TEST(ColumnsTest, EveryColumnIsAFieldOfItsType) {
  // A misspelt path would print nothing, for ever.
  for (const char* name :
       {"accord.agreements.v1.Agency", "accord.agreements.v1.Agreement",
        "accord.agreements.v1.RosterRow", "accord.agreements.v1.RosterDiscrepancy",
        "accord.agreements.v1.RosterImport", "accord.log.v1.Change",
        "accord.agreements.v1.ResolveRosterDiscrepanciesResponse.Result"}) {
    const auto* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    ASSERT_NE(type, nullptr) << name;
    for (const Column& column : EmptyTable(*type, Detail::kCsv).columns) {
      const bool computed = column.key.rfind("outcome_counts.", 0) == 0 || column.key == "label";
      EXPECT_TRUE(computed || HasField(*type, column.key)) << name << " " << column.key;
    }
  }
}

}  // namespace
}  // namespace accord::cli
