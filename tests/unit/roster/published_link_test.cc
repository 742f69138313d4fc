#include "services/agreements/roster/published_link.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace accord::agreements::roster {
namespace {

constexpr char kPdf[] = "https://www.ice.gov/doclib/287gMOA/LimestoneCoAL_WSO_MOA_05.22.25.pdf";
constexpr char kWrapped[] =
    "https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fdoclib"
    "%2F287gMOA%2FLimestoneCoAL_WSO_MOA_05.22.25.pdf&data=05%7C02%7Cmailbox%40example.gov"
    "%7C0&sdata=OVB%2FI%3D&reserved=0";

std::string Encode(absl::string_view text) {
  std::string out;
  for (unsigned char c : text) absl::StrAppend(&out, "%", absl::Hex(c, absl::kZeroPad2));
  return out;
}

std::string Wrap(absl::string_view target) {
  return absl::StrCat("https://nam01.safelinks.protection.outlook.com/?data=a%40b&url=",
                      Encode(target));
}

TEST(UnwrapLinkTest, TakesWrappersOff) {
  EXPECT_EQ(UnwrapLink(kWrapped), kPdf);
  EXPECT_EQ(UnwrapLink(Wrap(kWrapped)), kPdf);
}

TEST(UnwrapLinkTest, GivesUpOnEndlessWrapping) {
  std::string link = kPdf;
  for (int i = 0; i < kMaxWraps; ++i) link = Wrap(link);
  EXPECT_EQ(UnwrapLink(link), kPdf);
  EXPECT_EQ(UnwrapLink(Wrap(link)), "");
}

TEST(UnwrapLinkTest, MakesIceLinksHttps) {
  EXPECT_EQ(UnwrapLink("http://www.ice.gov/a.pdf"), "https://www.ice.gov/a.pdf");
  EXPECT_EQ(UnwrapLink("HTTP://WWW.ICE.GOV/A.pdf"), "https://www.ice.gov/A.pdf");
  EXPECT_EQ(UnwrapLink("http://notice.gov/a.pdf"), "http://notice.gov/a.pdf");
}

TEST(UnwrapLinkTest, DropsTrackersAndFragments) {
  EXPECT_EQ(UnwrapLink("https://www.ice.gov/a.pdf?utm_source=x&v=2&fbclid=9#page=3"),
            "https://www.ice.gov/a.pdf?v=2");
  EXPECT_EQ(UnwrapLink("https://www.ice.gov/a.pdf?utm_source=x"), "https://www.ice.gov/a.pdf");
}

TEST(UnwrapLinkTest, KeepsOnlyWebAddresses) {
  for (const char* uri :
       {"", "link", "mailto:a@b.gov", "file:///c:/x.pdf", "javascript:alert(1)", "#Sheet1!A1",
        "https://", "ftp://ice.gov/a", "https://x.safelinks.protection.outlook.com/?data=1",
        "https://x.safelinks.protection.outlook.com/?url=mailto%3Aa%40b.gov"}) {
    EXPECT_EQ(UnwrapLink(uri), "") << uri;
  }
}

TEST(UnwrapLinkTest, NeverReturnsAMailbox) {
  for (const char* uri :
       {"https://www.ice.gov/a.pdf?to=a@b.gov", "https://a@ice.gov/x",
        "https://www.ice.gov/a.pdf?to=a%40b.gov&v=1", "https://www.ice.gov/a.pdf?to=a%2540b.gov",
        "https://www.ice.gov/a%40b.gov", "https://www.ice.gov/a.pdf#a@b.gov",
        "https://www.ice.gov/?x=%25252525252525252525252540",
        "https://x.safelinks.protection.outlook.com:443/?data=a%40b.gov"}) {
    const std::string link = UnwrapLink(uri);
    EXPECT_FALSE(absl::StrContains(link, "@")) << link;
    EXPECT_FALSE(absl::StrContains(link, "40")) << link;
  }
}

TEST(UnwrapLinkTest, IsPrintableAscii) {
  EXPECT_EQ(UnwrapLink("https://www.ice.gov/a b\u00E9.pdf"), "https://www.ice.gov/a%20b%C3%A9.pdf");
  EXPECT_EQ(UnwrapLink("https://www.ice.gov/a%20b.pdf"), "https://www.ice.gov/a%20b.pdf");
}

TEST(UnwrapLinksInTextTest, CleansAddressesTypedAsText) {
  EXPECT_EQ(UnwrapLinksInText("link pending"), "link pending");
  EXPECT_EQ(UnwrapLinksInText(absl::StrCat("see ", kWrapped)), absl::StrCat("see ", kPdf));
}

TEST(PercentDecodeTest, LeavesWhatIsNoEscape) {
  EXPECT_EQ(PercentDecode("%41%zz%4"), "A%zz%4");
  EXPECT_EQ(PercentDecode("a%2f"), "a/");
}

}  // namespace
}  // namespace accord::agreements::roster
