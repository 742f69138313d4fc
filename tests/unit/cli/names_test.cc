// What a person types: kinds, names, the client profile; and what is remembered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "common/base/error.h"
#include "services/cli/config.h"
#include "services/cli/kinds.h"
#include "services/cli/revisions.h"

namespace accord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(KindsTest, AreFoundByPluralSingularAndCollection) {
  for (const char* word : {"imports", "import", "rosterImports", "IMPORTS"}) {
    const auto kind = FindKind(word);
    ASSERT_TRUE(kind.ok()) << word;
    EXPECT_STREQ((*kind)->plural, "imports");
  }
  const auto unknown = FindKind("sheriffs");
  EXPECT_EQ(GetReason(unknown.status()), "USAGE");
  EXPECT_THAT(GetErrorInfo(unknown.status())->metadata().at("next"), HasSubstr("agencies"));
}

std::string Parsed(const std::vector<std::string>& words) {
  const auto names = ParseNames(words);
  if (!names.ok()) return GetReason(names.status());
  std::string text;
  for (const NamedResource& name : *names) {
    text += std::string(name.kind->plural) + "=" + name.name + " ";
  }
  return text;
}

TEST(NamesTest, AreKindAndIdOrFullName) {
  EXPECT_EQ(Parsed({"agencies/a1"}), "agencies=agencies/a1 ");
  EXPECT_EQ(Parsed({"agency", "a1", "agencies/a2"}), "agencies=agencies/a1 agencies=agencies/a2 ");
  EXPECT_EQ(Parsed({"import", "7"}), "imports=rosterImports/7 ");
  EXPECT_EQ(Parsed({"imports/7"}), "imports=rosterImports/7 ");
  EXPECT_EQ(Parsed({"discrepancy/d"}), "discrepancies=rosterDiscrepancies/d ");
  EXPECT_EQ(Parsed({"rosterImports/7/rows/12"}), "rows=rosterImports/7/rows/12 ");
  EXPECT_EQ(Parsed({"status", "a1"}), "statuses=agencies/a1 ");
  EXPECT_EQ(Parsed({"statuses", "agencies/a1"}), "statuses=agencies/a1 ");
  EXPECT_EQ(Parsed({"agencies/a1", "agreements/x"}),
            "agencies=agencies/a1 agreements=agreements/x ");
}

TEST(NamesTest, RefusesWhatIsUnclear) {
  EXPECT_EQ(Parsed({}), "USAGE");
  EXPECT_EQ(Parsed({"agencies"}), "USAGE");
  EXPECT_EQ(Parsed({"nothing/x"}), "USAGE");
  EXPECT_EQ(Parsed({"agency", "agreements/x"}), "USAGE");
}

constexpr char kProfile[] = R"(current: local
contexts:
  - name: local
    server: 127.0.0.1:7200
    plaintext: true
    actor: ana
  - name: prod
    server: accord.example.gov:443
    tls: {ca: ca.pem, cert: /etc/me.pem, key: me.key}
)";

TEST(ConfigTest, ReadsContexts) {
  const auto config = ParseConfig(kProfile, "client.yaml", "/state");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto local = ChooseContext(*config, "");
  ASSERT_TRUE(local.ok());
  EXPECT_EQ(local->server, "127.0.0.1:7200");
  EXPECT_TRUE(local->plaintext);
  EXPECT_EQ(local->actor, "ana");
  const auto prod = ChooseContext(*config, "prod");
  ASSERT_TRUE(prod.ok());
  EXPECT_FALSE(prod->plaintext);
  EXPECT_EQ(prod->ca, "/state/ca.pem");
  EXPECT_EQ(prod->cert, "/etc/me.pem");
  EXPECT_EQ(prod->key, "/state/me.key");
  EXPECT_THAT(GetErrorInfo(ChooseContext(*config, "test").status())->metadata().at("next"),
              HasSubstr("local, prod"));
}

TEST(ConfigTest, IsSavedAsItIsReadAndForItsOwnerOnly) {
  const std::string folder = ::testing::TempDir() + "profile-" + std::to_string(getpid());
  const std::string file = folder + "/below/client.yaml";
  auto config = ParseConfig(kProfile, file, folder + "/below");
  ASSERT_TRUE(config.ok()) << config.status();
  config->current = "a: \"b\" #c";
  config->contexts[0].name = config->current;
  ASSERT_TRUE(SaveConfig(file, *config).ok());
  const auto read = LoadConfig(file);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current, config->current);
  ASSERT_EQ(read->contexts.size(), 2);
  EXPECT_TRUE(ChooseContext(*read, "")->plaintext);
  EXPECT_EQ(ChooseContext(*read, "")->actor, "ana");
  const auto prod = ChooseContext(*read, "prod");
  EXPECT_EQ(prod->ca, folder + "/below/ca.pem");
  EXPECT_EQ(prod->cert, "/etc/me.pem");
  // The folder can be moved: what is in it is named as it sees it.
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_THAT(text.str(), AllOf(HasSubstr("ca: ca.pem"), Not(HasSubstr(folder))));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(std::filesystem::status(folder + "/below").permissions(), perms::owner_all);
  // Nothing else is left there.
  const std::filesystem::directory_iterator files(folder + "/below");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  std::filesystem::remove_all(folder);
}

TEST(ConfigTest, ThatCannotBeSavedSaysSo) {
  EXPECT_EQ(GetReason(SaveConfig("/proc/none/client.yaml", {})), "FILE_UNWRITABLE");
  EXPECT_EQ(GetReason(SaveConfig("", {})), "FILE_UNWRITABLE");
}

struct BadProfile {
  const char* title;
  const char* yaml;
  const char* message;
};

class BadProfileTest : public ::testing::TestWithParam<BadProfile> {};

TEST_P(BadProfileTest, IsNamedWithFileAndLine) {
  const auto config = ParseConfig(GetParam().yaml, "f.yaml", "");
  EXPECT_EQ(GetReason(config.status()), "CONFIG_INVALID");
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Profiles, BadProfileTest,
    ::testing::Values(
        BadProfile{"Syntax", "current: [", "f.yaml:1: "}, BadProfile{"Empty", "", "f.yaml:"},
        BadProfile{"NoContexts", "current: a\n", "there is no list of contexts"},
        BadProfile{"UnknownKey", "contexts:\n- name: a\n  sever: b\n",
                   "f.yaml:3: unknown key \"sever\""},
        BadProfile{"NoServer", "contexts:\n- name: a\n",
                   "f.yaml:2: a context needs a name and a server"},
        BadProfile{"Both", "contexts:\n- {name: a, server: b, plaintext: true, tls: {ca: c}}\n",
                   "tls and plaintext exclude each other"},
        BadProfile{"Plaintext", "contexts:\n- {name: a, server: b, plaintext: sure}\n",
                   "plaintext must be true or false"},
        BadProfile{"ListForName", "contexts:\n- {name: [a], server: b}\n",
                   "name must be one value"}),
    [](const auto& info) { return info.param.title; });

TEST(ConfigTest, KnowsThisMachine) {
  EXPECT_TRUE(IsLoopback("127.0.0.1:7200"));
  EXPECT_TRUE(IsLoopback("localhost:1"));
  EXPECT_TRUE(IsLoopback("[::1]:1"));
  EXPECT_FALSE(IsLoopback("127.example.gov:1"));
  EXPECT_FALSE(IsLoopback("accord.example.gov:443"));
}

class RevisionsTest : public ::testing::Test {
 protected:
  ~RevisionsTest() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = ::testing::TempDir() + "revisions-" + std::to_string(getpid());
};

TEST_F(RevisionsTest, KeepsTheNewestPerServiceAndServer) {
  const RevisionFile file(folder_, "127.0.0.1:7200");
  EXPECT_THAT(file.Load(), IsEmpty());
  file.Remember({"agreements@log1:5", "training@t:1"});
  file.Remember({"agreements@log1:3"});
  EXPECT_THAT(file.Load(), ElementsAre("agreements@log1:5", "training@t:1"));
  EXPECT_THAT(RevisionFile(folder_, "other:1").Load(), IsEmpty());
}

TEST_F(RevisionsTest, ForgetsALogThatIsGone) {
  const RevisionFile file(folder_, "s");
  file.Remember({"agreements@log1:500"});
  file.Remember({"agreements@log2:3"});
  EXPECT_THAT(file.Load(), ElementsAre("agreements@log2:3"));
}

TEST_F(RevisionsTest, IgnoresWhatItCannotReadOrWrite) {
  const RevisionFile file("/proc/none", "s");
  file.Remember({"agreements@log1:5", "nonsense", "agreements@log1:x"});
  EXPECT_THAT(file.Load(), IsEmpty());
  EXPECT_EQ(RevisionFile::DefaultFolder("", ""), "");
  EXPECT_EQ(RevisionFile::DefaultFolder("/x", "/h"), "/x/accord");
  EXPECT_EQ(RevisionFile::DefaultFolder("", "/h"), "/h/.local/state/accord");
}

}  // namespace
}  // namespace accord::cli
