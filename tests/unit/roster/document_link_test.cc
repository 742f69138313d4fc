#include "services/agreements/roster/document_link.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/agreements/roster/loose_date.h"

namespace accord::agreements::roster {
namespace {

struct LinkCase {
  const char* file_name;
  const char* model;
  std::optional<Date> date;
  const char* state_code;
  const char* agency_words;
};

std::optional<Date> Day(int year, int month, int day) { return RealDate(year, month, day); }

TEST(ParseDocumentLinkTest, ReadsTheStylesOfPublishedFileNames) {
  const LinkCase cases[] = {
      {"HamiltonCoSheriffsOfficeTX_TFM_MOA_04.10.2025.pdf", "TFM", Day(2025, 4, 10), "TX",
       "hamilton county sheriff office"},
      {"287gWSO_SweetwaterCoWY_03-13-2020.pdf", "WSO", Day(2020, 3, 13), "WY", "sweetwater county"},
      {"287gJEM_HallCoGa2020-06-09.pdf", "JEM", Day(2020, 6, 9), "GA", "hall county"},
      {"287g_JEM_LubbockCoTX_06-08-2020.pdf", "JEM", Day(2020, 6, 8), "TX", "lubbock county"},
      {"DecaturCountySheriffGA_WSO_MOA_031825.pdf", "WSO", Day(2025, 3, 18), "GA",
       "decatur county sheriff"},
      {"LongwoodPoliceDeptFL_TFM_MOA_04142025.pdf", "TFM", Day(2025, 4, 14), "FL",
       "longwood police department"},
      {"ArcadiaPDFL_TFM_MOA_030425.pdf", "TFM", Day(2025, 3, 4), "FL", "arcadia police department"},
      {"JunoBeachPDFL_TF_MOA_030525.pdf", "TFM", Day(2025, 3, 5), "FL",
       "juno beach police department"},
      {"gladesCo_WSO_MOA_02.18.2025.pdf", "WSO", Day(2025, 2, 18), "", "glades county"},
      {"BellairePoliceDept_TFM_MOA_02.28.25%20508.pdf", "TFM", Day(2025, 2, 28), "",
       "bellaire police department"},
      {"floridaHighwayPatrol_02.07.2025.pdf", "", Day(2025, 2, 7), "", "florida highway patrol"},
      {"287gWSO_PowerCountyID11-20-2020.pdf", "WSO", Day(2020, 11, 20), "ID", "power county"},
      {"FreebornCountyMN_WSO_MOA031325.pdf", "WSO", Day(2025, 3, 13), "MN", "freeborn county"},
      {"MiamiDadeCoFL_WSO_MOA_13.45.2025.pdf", "WSO", std::nullopt, "FL", "miami dade county"},
  };
  for (const LinkCase& c : cases) {
    const LinkFacts facts =
        ParseDocumentLink(absl::StrCat("https://www.ice.gov/doclib/287gMOA/", c.file_name));
    EXPECT_EQ(facts.model, c.model) << c.file_name;
    EXPECT_EQ(facts.date, c.date) << c.file_name;
    EXPECT_EQ(facts.state_code, c.state_code) << c.file_name;
    EXPECT_EQ(facts.agency_words, c.agency_words) << c.file_name;
  }
}

TEST(ParseDocumentLinkTest, HasNoFactsWithoutAFileName) {
  for (const char* uri : {"", "https://www.ice.gov", "https://www.ice.gov/", "https://x/?a=TFM"}) {
    const LinkFacts facts = ParseDocumentLink(uri);
    EXPECT_EQ(facts.file_name, "") << uri;
    EXPECT_EQ(facts.model, "") << uri;
    EXPECT_FALSE(facts.date) << uri;
    EXPECT_EQ(facts.agency_words, "") << uri;
  }
}

}  // namespace
}  // namespace accord::agreements::roster
