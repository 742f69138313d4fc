// The published files themselves, against counts that were made independently.
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/agreements/roster/document_link.h"
#include "services/agreements/roster/loose_date.h"
#include "services/agreements/roster/roster_file.h"
#include "services/agreements/roster/roster_name.h"
#include "services/agreements/roster/text_fold.h"
#include "tests/unit/roster/workbook_builder.h"

namespace accord::agreements::roster {
namespace {

struct FileCounts {
  const char* name;
  int rows, keys, agencies, states, jem, wso, tfm, county_not_available, links, hidden;
};

constexpr FileCounts kFiles[] = {
    {"20250519_participatingAgencies05162025am", 571, 571, 462, 40, 91, 205, 275, 166, 416, 0},
    {"20250519_participatingAgencies05192025am", 581, 581, 472, 40, 91, 205, 285, 170, 425, 0},
    {"20250520_participatingAgencies05192025pm", 588, 588, 478, 40, 91, 212, 285, 170, 425, 0},
    {"20250522_participatingAgencies05202025pm", 603, 603, 492, 40, 92, 212, 299, 183, 425, 0},
    {"20250523_participatingAgencies05232025am", 627, 627, 512, 40, 99, 223, 305, 191, 425, 0},
    {"20250527_participatingAgencies05232025pm", 628, 628, 513, 40, 99, 223, 306, 192, 425, 0},
    {"20250528_participatingAgencies05282025am", 628, 628, 513, 40, 99, 223, 306, 192, 425, 0},
    {"20250601_participatingAgencies05292025am", 635, 635, 518, 40, 100, 228, 307, 192, 425, 0},
    {"20250605_participatingAgencies06042025am", 641, 641, 523, 40, 102, 232, 307, 193, 425, 0},
    {"20250608_participatingAgencies06062025am", 649, 649, 531, 40, 102, 232, 315, 201, 425, 0},
    {"20250618_participatingAgencies06172025pm", 706, 706, 580, 40, 110, 257, 339, 213, 462, 0},
    {"20250621_participatingAgencies06202025am", 719, 719, 591, 40, 111, 260, 348, 219, 462, 371},
    {"20250623_participatingAgencies06232025am", 719, 719, 591, 40, 111, 260, 348, 219, 462, 0},
    {"20250626_participatingAgencies06262025am", 728, 728, 598, 40, 111, 266, 351, 221, 462, 0},
    {"20250627_participatingAgencies06272025am", 737, 737, 605, 40, 111, 266, 360, 224, 541, 0},
    {"20250702_participatingAgencies07012025pm", 744, 744, 611, 40, 112, 269, 363, 211, 580, 0},
    {"20250519_pendingAgencies05152025am", 92, 92, 87, 22, 12, 29, 51, 45, 0, 0},
    {"20250519_pendingAgencies05192025am", 82, 82, 78, 18, 12, 28, 42, 41, 0, 0},
    {"20250520_pendingAgencies05192025pm", 83, 83, 77, 18, 16, 25, 42, 41, 0, 0},
    {"20250521_pendingAgencies05202025pm", 68, 68, 63, 18, 15, 25, 28, 28, 0, 0},
    {"20250522_pendingAgencies05212025pm", 87, 87, 79, 22, 15, 29, 43, 36, 0, 0},
    {"20250523_pendingAgencies05232025am", 66, 66, 64, 20, 7, 18, 41, 32, 0, 0},
    {"20250527_pendingAgencies05232025pm", 65, 65, 63, 20, 7, 18, 40, 31, 0, 0},
    {"20250528_pendingAgencies05282025am", 72, 72, 68, 22, 8, 23, 41, 31, 0, 0},
    {"20250529_pendingAgencies05292025am", 68, 68, 66, 22, 7, 18, 43, 33, 0, 0},
    {"20250601_pendingAgencies05302025pm", 82, 82, 75, 24, 9, 23, 50, 36, 0, 0},
    {"20250603_pendingAgencies06032025am", 88, 88, 81, 25, 9, 28, 51, 38, 0, 0},
    {"20250604_pendingAgencies06032025pm", 82, 82, 76, 24, 7, 24, 51, 38, 0, 0},
    {"20250608_pendingAgencies06062025am", 79, 79, 73, 23, 12, 24, 43, 30, 0, 0},
    {"20250610_pendingAgencies06102025am", 93, 93, 84, 23, 14, 30, 49, 30, 0, 0},
    {"20250618_pendingAgencies06172025pm", 69, 69, 61, 16, 9, 21, 39, 23, 0, 0},
    {"20250621_pendingAgencies06202025am", 56, 56, 50, 15, 8, 18, 30, 17, 0, 0},
    {"20250623_pendingAgencies06232025am", 58, 58, 52, 15, 8, 18, 32, 19, 0, 0},
    {"20250624_pendingAgencies06242025am", 62, 62, 56, 18, 8, 18, 36, 21, 0, 0},
    {"20250625_pendingAgencies06252025am", 75, 75, 68, 18, 8, 28, 39, 23, 0, 0},
    {"20250626_pendingAgencies06262025am", 68, 68, 61, 18, 8, 24, 36, 21, 0, 0},
    {"20250627_pendingAgencies06272025am", 61, 61, 55, 16, 8, 23, 30, 19, 0, 0},
    {"20250630_pendingAgencies06302025am", 68, 68, 61, 16, 9, 26, 33, 20, 0, 0},
    {"20250702_pendingAgencies07012025pm", 63, 63, 57, 16, 8, 24, 31, 19, 0, 0},
};

PublishedList ReadFile(const std::string& name) {
  auto list = ReadPublishedList(ReadSourceFile(absl::StrCat("deploy/rosters/", name, ".xlsx")));
  EXPECT_TRUE(list.ok()) << list.status();
  return list.ok() ? *std::move(list) : PublishedList();
}

class PublishedFileTest : public testing::TestWithParam<FileCounts> {
 protected:
  const FileCounts& expected_ = GetParam();
  const PublishedList list_ = ReadFile(expected_.name);
};

TEST_P(PublishedFileTest, HasTheRowsAndKeysThatWereCounted) {
  std::set<std::tuple<std::string, std::string, std::string>> keys;
  std::set<std::pair<std::string, std::string>> agencies;
  std::set<std::string> states;
  std::map<std::string, int> models;
  for (const PublishedRow& row : list_.rows) {
    keys.emplace(FoldKey(row.state), FoldKey(row.agency), FoldKey(row.model));
    agencies.emplace(FoldKey(row.state), FoldKey(row.agency));
    states.insert(FoldKey(row.state));
    ++models[FoldKey(row.model)];
  }
  EXPECT_EQ(list_.rows.size(), expected_.rows);
  EXPECT_EQ(keys.size(), expected_.keys);
  EXPECT_EQ(agencies.size(), expected_.agencies);
  EXPECT_EQ(states.size(), expected_.states);
  EXPECT_EQ(models["jail enforcement model"], expected_.jem);
  EXPECT_EQ(models["warrant service officer"], expected_.wso);
  EXPECT_EQ(models["task force model"], expected_.tfm);
  EXPECT_EQ(models.size(), 3u);
}

TEST_P(PublishedFileTest, HasTheMarksThatWereCounted) {
  int not_available = 0, hidden = 0, links = 0;
  for (const PublishedRow& row : list_.rows) {
    not_available += row.county_not_available;
    hidden += row.hidden;
    links += !row.document_uri.empty();
  }
  EXPECT_EQ(not_available, expected_.county_not_available);
  EXPECT_EQ(hidden, expected_.hidden);
  EXPECT_EQ(list_.hidden_rows, expected_.hidden);
  EXPECT_EQ(links, expected_.links);
}

TEST_P(PublishedFileTest, HasTheColumnsOfItsKind) {
  const RosterName name = ParseRosterName(expected_.name);
  ASSERT_TRUE(name.kind && name.date && name.capture_date);
  EXPECT_EQ(list_.has_signed_column, *name.kind == ListKind::kParticipating);
  EXPECT_EQ(list_.has_addendum_column,
            *name.kind == ListKind::kParticipating && *name.date >= *RealDate(2025, 7, 1));
  EXPECT_TRUE(list_.has_county_column);
}

TEST_P(PublishedFileTest, HasCleanLinksAndDates) {
  for (const PublishedRow& row : list_.rows) {
    SCOPED_TRACE(row.row_number);
    for (const std::string& uri : {row.document_uri, row.addendum_uri}) {
      EXPECT_TRUE(uri.empty() || absl::StartsWith(uri, "https://www.ice.gov/doclib/287g")) << uri;
      EXPECT_FALSE(absl::StrContains(uri, "?")) << uri;
      EXPECT_TRUE(uri.empty() || !ParseDocumentLink(uri).agency_words.empty()) << uri;
    }
    if (!list_.has_signed_column) continue;
    const bool mistyped = row.signed_text == "05/082025";
    EXPECT_EQ(row.signed_date.has_value(), !mistyped) << row.signed_text;
    EXPECT_EQ(row.suggested_date, mistyped ? RealDate(2025, 5, 8) : std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PublishedFileTest, testing::ValuesIn(kFiles),
                         [](const auto& info) { return absl::StrCat("f", info.param.name); });

TEST(PublishedDigestTest, IsTheSameForTheSameRowsInAnotherOrder) {
  const PublishedList filtered = ReadFile("20250621_participatingAgencies06202025am");
  const PublishedList reordered = ReadFile("20250623_participatingAgencies06232025am");
  EXPECT_EQ(filtered.content_digest, reordered.content_digest);
  EXPECT_NE(filtered.bytes_digest, reordered.bytes_digest);
}

TEST(PublishedDigestTest, DiffersForEveryOtherFile) {
  std::set<std::string> digests;
  for (const FileCounts& file : kFiles) digests.insert(ReadFile(file.name).content_digest);
  EXPECT_EQ(digests.size(), std::size(kFiles) - 1);
}

TEST(PublishedRowTest, ReadsTheSecondRowAsTheSheetShowsIt) {
  const PublishedList list = ReadFile("20250702_participatingAgencies07012025pm");
  const PublishedRow& row = list.rows.front();
  EXPECT_EQ(row.row_number, 2);
  EXPECT_EQ(row.state, "ALABAMA");
  EXPECT_EQ(row.agency, "Cherokee County Sheriff's Office");
  EXPECT_EQ(row.type, "County");
  EXPECT_EQ(row.county, "Cherokee County");
  EXPECT_EQ(row.model, "Warrant Service Officer");
  EXPECT_EQ(row.signed_text, "6/25/2025");
  EXPECT_EQ(row.signed_date, RealDate(2025, 6, 25));
  EXPECT_EQ(row.document_text, "link pending");
  EXPECT_EQ(row.document_uri, "");
}

TEST(PublishedRowTest, HasTheAddendaThatWereCounted) {
  int addenda = 0;
  for (const PublishedRow& row : ReadFile("20250702_participatingAgencies07012025pm").rows) {
    addenda += !row.addendum_uri.empty();
  }
  EXPECT_EQ(addenda, 16);
}

}  // namespace
}  // namespace accord::agreements::roster
