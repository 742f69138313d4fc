// Names, counties and links: what counts as evidence and what does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/agreements/reconcile/keys.h"
#include "services/agreements/reconcile/link_check.h"
#include "services/agreements/reconcile/name_match.h"

namespace accord::agreements {
namespace {

TEST(Keys, FoldWhatPublishersVary) {
  EXPECT_EQ(AgencyKey("TX", "Calhoun  County Sheriff\u2019s Office "),
            AgencyKey("TX", "CALHOUN County Sheriff's Office"));
  const std::string key = AgreementKey(AgencyKey("TX", "A|B PD"), "JEM");
  EXPECT_EQ(StateOf(key), "TX");
  EXPECT_EQ(AgencyKeyOf(key), "TX|a/b pd");
  EXPECT_EQ(AgencyNameOf(key), "a/b pd");
  EXPECT_EQ(ModelOf(key), "JEM");
}

TEST(Keys, PairOfAgenciesIsOneSubjectEitherWayRound) {
  v1::RosterDiscrepancy a;
  a.set_kind(v1::RosterDiscrepancy::POSSIBLE_RENAME);
  a.set_key("FL|a|TFM");
  a.set_other_key("FL|b|TFM");
  v1::RosterDiscrepancy b;
  b.set_kind(v1::RosterDiscrepancy::POSSIBLE_DUPLICATE);
  b.set_key("FL|b|WSO");
  b.set_other_key("FL|a|WSO");
  EXPECT_EQ(SubjectOf(a), SubjectOf(b));
  b.set_key("FL|c|WSO");
  EXPECT_NE(SubjectOf(a), SubjectOf(b));
}

struct NameCase {
  std::string title, a, b;
  Likeness expected;
};
class NameLikeness : public testing::TestWithParam<NameCase> {};

TEST_P(NameLikeness, IsAsExpected) {
  EXPECT_EQ(CompareNames(GetParam().a, GetParam().b), GetParam().expected);
  EXPECT_EQ(CompareNames(GetParam().b, GetParam().a), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Names, NameLikeness,
    testing::Values(NameCase{"CityOf", "City of Melbourne Police Department", "Melbourne PD",
                             Likeness::kSameName},
                    NameCase{"Parish", "Lafourche County Sheriff's Office",
                             "Lafourche Parish Sheriff's Office", Likeness::kSameName},
                    NameCase{"Constable", "Lower Burrell Constable",
                             "Lower Burrell Constable's Office", Likeness::kSameName},
                    NameCase{"Typo", "Indialantic Police Department",
                             "Indiatlantic Police Department", Likeness::kNearSpelling},
                    NameCase{"Suffix", "Department of Safety and Homeland Security / THP",
                             "Department of Safety and Homeland Security", Likeness::kSharedPlace},
                    NameCase{"Relabelled", "University of West Florida Board of Trustees",
                             "University of West Florida Police Department",
                             Likeness::kSharedPlace},
                    NameCase{"OtherPlace", "Ocala Police Department",
                             "Cocoa Beach Police Department", Likeness::kNone}),
    [](const auto& info) { return info.param.title; });

TEST(Counties, ContradictByCellOrByName) {
  EXPECT_TRUE(CountiesContradict({"Walker County Sheriff's Office", ""},
                                 {"Waller County Sheriff's Office", "#N/A"}));
  EXPECT_TRUE(CountiesContradict({"A PD", "Pike County"}, {"B PD", "Hale County"}));
  EXPECT_FALSE(CountiesContradict({"A PD", "Lafourche County"}, {"B PD", "Lafourche Parish"}));
  EXPECT_FALSE(CountiesContradict({"A PD", "Pike County"}, {"B PD", "#N/A"}));
}

struct LinkCase {
  std::string title, agency, state, model, file;
  bool wrong;
};
class LinkRule : public testing::TestWithParam<LinkCase> {};

TEST_P(LinkRule, FlagsOnlyWhatIsPlain) {
  const LinkCase& c = GetParam();
  const LinkVerdict verdict =
      CheckLink({c.agency, "key", c.state, c.model, "https://www.ice.gov/doclib/" + c.file}, {});
  EXPECT_EQ(verdict.wrong, c.wrong) << verdict.reason;
}

INSTANTIATE_TEST_SUITE_P(
    Published, LinkRule,
    testing::Values(LinkCase{"Sebastian", "Sebastian Police Department", "FL", "TFM",
                             "SatelliteBeachPoliceDeptFL_TFM_MOA_06052025.pdf", true},
                    LinkCase{"Edgewood", "Edgewood Police Department", "FL", "TFM",
                             "EdgewaterPoliceDeptFL_TFM_MOA_02282025.pdf", true},
                    LinkCase{"MercerModel", "Mercer County Sheriff's Office", "ND", "TFM",
                             "MercerCoSheriffsOfficeND_JEM_MOA_03.21.2025.pdf", true},
                    LinkCase{"MercerCounty", "Mercer County Sheriff's Office", "ND", "TFM",
                             "WinklerCoSheriffsOfficeND_TFM_MOA_03.21.2025.pdf", true},
                    LinkCase{"MercerState", "Mercer County Sheriff's Office", "ND", "JEM",
                             "MercerCoSheriffsOfficeTX_JEM_MOA_03.21.2025.pdf", true},
                    LinkCase{"Misspelt", "Belleair Police Department", "FL", "TFM",
                             "BellairePoliceDept_TFM_MOA_02.28.25.pdf", false},
                    LinkCase{"MisspeltCounty", "Manitowoc County Sheriff's Office", "WI", "WSO",
                             "287gWSO_MantiowocCoWI_06-05-2020.pdf", false},
                    LinkCase{"Acronym", "Pasco County Board of County Commissioners", "FL", "WSO",
                             "PascoCountyBOCC_WSO_MOA_022625.pdf", false},
                    LinkCase{"StateBody", "Virginia Department of Corrections", "VA", "JEM",
                             "VADOC_JEM_MOA_022825.pdf", false},
                    LinkCase{"None", "Ocala Police Department", "FL", "TFM", "", false}),
    [](const auto& info) { return info.param.title; });

TEST(SharedLink, IsWrongForTheAgencyThatFitsLess) {
  const std::string uri =
      "https://www.ice.gov/FloridaDeptEnvironProtectDivLawEnf_TFM_MOA_04252025.pdf";
  const LinkedAgreement protection{"Florida Department of Environmental Protection", "FL|dep", "FL",
                                   "TFM", uri};
  const LinkedAgreement wildlife{"Florida Fish and Wildlife Conservation Commission", "FL|fwc",
                                 "FL", "TFM", uri};
  EXPECT_FALSE(CheckLink(protection, {protection, wildlife}).wrong);
  const LinkVerdict verdict = CheckLink(wildlife, {protection, wildlife});
  EXPECT_TRUE(verdict.wrong);
  EXPECT_EQ(verdict.other_agency_key, "FL|dep");
}

}  // namespace
}  // namespace accord::agreements
