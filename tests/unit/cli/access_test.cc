// login, auth, context and erase: what they ask, keep, print and exit with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "accord/access/v1/access.pb.h"
#include "accord/log/v1/erasure.pb.h"
#include "common/base/error.h"
#include "services/cli/config.h"
#include "services/cli/json_lines.h"
#include "tests/unit/cli/command_test.h"

namespace accord::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Code = absl::StatusCode;
namespace access = accord::access::v1;
namespace lv1 = accord::log::v1;

const std::string kWhoAmI = "accord.access.v1.Access.WhoAmI";
const std::string kCheck = "accord.access.v1.Access.CheckAccess";
const std::string kErase = "accord.log.v1.Erasure.ErasePersonalFields";

constexpr char kWho[] = R"pb(
  actor: "https://id.example#u-17"
  client: "accordctl/test"
  roles { role: "unit_chief" }
  roles {
    role: "field_pm"
    field_offices: "fieldOffices/miami"
    field_offices: "fieldOffices/dallas"
  }
  expire_time { seconds: 1767225600 }
)pb";

std::string Authorization(const FakeGateway::Request& request) {
  const auto found = request.metadata.find("authorization");
  return found == request.metadata.end() ? "" : found->second;
}

class AccessTest : public CommandTest {
 protected:
  AccessTest() {
    gateway_.Answer(kWhoAmI, Parse<access::WhoAmIResponse>(kWho));
    std::ofstream(token_) << "abc.def.ghi\n";
  }
  Config Profile() const {
    const auto config = LoadConfig(profile_);
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? *config : Config();
  }
  void WriteProfile(const std::string& yaml) const { std::ofstream(profile_) << yaml; }

  const std::string token_ = folder_ + "/token";
};

// --- login ---

TEST_F(AccessTest, LoginAsksTheServerThenKeepsWhereTheTokenIs) {
  const Outcome outcome = RunCommand({"login", "--token-file", token_, "--context", "fake"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("https://id.example#u-17"), HasSubstr("unit_chief")));
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("abc.def")));
  ASSERT_THAT(gateway_.Requests(kWhoAmI), SizeIs(1));
  EXPECT_EQ(Authorization(gateway_.Requests(kWhoAmI)[0]), "Bearer abc.def.ghi");
  const Config config = Profile();
  EXPECT_EQ(config.current, "fake");
  ASSERT_THAT(config.contexts, SizeIs(1));
  EXPECT_EQ(config.contexts[0].token_file, token_);
  EXPECT_EQ(config.contexts[0].server, gateway_.address());
  EXPECT_TRUE(config.contexts[0].plaintext);
  // From now on it is sent.
  RunCommand({"auth", "whoami"});
  EXPECT_EQ(Authorization(gateway_.Requests(kWhoAmI)[1]), "Bearer abc.def.ghi");
}

TEST_F(AccessTest, LoginMakesTheProfileAndItsContext) {
  std::filesystem::remove(profile_);
  const Outcome outcome =
      RunCommand({"login", "--token-file", token_, "--server", gateway_.address(), "--plaintext"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(Profile().current, gateway_.address());
}

TEST_F(AccessTest, LoginLeavesOtherContextsAlone) {
  const Outcome outcome = RunCommand({"login", "--token-file", token_, "--context", "second",
                                      "--server", gateway_.address(), "--plaintext"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Config config = Profile();
  EXPECT_EQ(config.current, "second");
  ASSERT_THAT(config.contexts, SizeIs(2));
  EXPECT_EQ(config.contexts[0].name, "fake");
  EXPECT_EQ(config.contexts[0].token_file, "");
}

TEST_F(AccessTest, LoginCopiesATokenOnlyWhenAskedOrFromTheInput) {
  const std::string copy = folder_ + "/tokens/fake";
  EXPECT_EQ(RunCommand({"login", "--token-file", token_, "--copy"}).code, 0);
  EXPECT_EQ(*ReadTextFile(copy), "abc.def.ghi\n");
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(copy).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(Profile().contexts[0].token_file, copy);

  input_ = "from.the.input\n";
  EXPECT_EQ(RunCommand({"login", "--token-file", "-"}).code, 0);
  EXPECT_EQ(*ReadTextFile(copy), "from.the.input\n");
  EXPECT_EQ(Authorization(gateway_.Requests(kWhoAmI)[1]), "Bearer from.the.input");
}

TEST_F(AccessTest, LoginThatIsRefusedChangesNothing) {
  FakeGateway strict;
  Use(strict);
  strict.Fail(kWhoAmI, MakeError(Code::kUnauthenticated, "auth.accord", "TOKEN_EXPIRED", "old"));
  const std::string before = *ReadTextFile(profile_);
  const Outcome refused = RunCommand({"login", "--token-file", token_, "--copy"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("TOKEN_EXPIRED"));
  const Outcome nobody =
      RunCommand({"login", "--token-file", token_, "--copy", "--server", "127.0.0.1:1"});
  EXPECT_EQ(nobody.code, 5);
  EXPECT_EQ(RunCommand({"login", "--token-file", folder_ + "/none"}).code, 2);
  EXPECT_EQ(RunCommand({"login", "--token-file", token_, "--context", "../up"}).code, 2);
  EXPECT_EQ(*ReadTextFile(profile_), before);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/tokens"));
}

// --- auth ---

TEST_F(AccessTest, WhoAmISaysRolesHowFarAndUntilWhen) {
  const Outcome outcome = RunCommand({"auth", "whoami"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "You are  https://id.example#u-17\n"
            "Through  accordctl/test\n"
            "Role     unit_chief\n"
            "Role     field_pm of fieldOffices/miami, fieldOffices/dallas\n"
            "Until    2026-01-01T00:00:00Z\n");
  EXPECT_THAT(
      RunCommand({"auth", "whoami", "-o", "json"}).out,
      AllOf(HasSubstr("\"expireTime\": \"2026-01-01T00:00:00Z\""), HasSubstr("\"fieldOffices\"")));
  EXPECT_EQ(RunCommand({"auth", "whoami", "-o", "name"}).out, "https://id.example#u-17\n");
}

TEST_F(AccessTest, CanIExitsWith0OnlyForYes) {
  gateway_.Answer(kCheck, Parse<access::CheckAccessResponse>(R"pb(
                    method: "accord.agreements.v1.Agreements/SignAgreement"
                    allowed: true
                    granting { role: "ice_director" scopes: WHOLE_PROGRAM scopes: AGENCY }
                    roles_allowed: "ice_director"
                    separations: "apply_approve"
                  )pb"));
  gateway_.Answer(kCheck,
                  Parse<access::CheckAccessResponse>("method: 'a.B/C' roles_allowed: 'admin'"));
  const Outcome yes =
      RunCommand({"auth", "can-i", "SignAgreement", "--as", "ice_director", "--as", "opr"});
  EXPECT_EQ(yes.code, 0) << yes.err;
  EXPECT_EQ(yes.out,
            "yes: accord.agreements.v1.Agreements/SignAgreement\n"
            "Granted by   ice_director (whole program, agency)\n"
            "Separations  apply_approve (not for one who did the other part with the same "
            "resource)\n"
            "Who may      ice_director\n");
  const auto asked = gateway_.Last<access::CheckAccessRequest>(kCheck);
  EXPECT_EQ(asked.method(), "SignAgreement");
  EXPECT_THAT(asked.roles(), ::testing::ElementsAre("ice_director", "opr"));

  const Outcome no = RunCommand({"auth", "can-i", "C"});
  EXPECT_EQ(no.code, 4);
  EXPECT_EQ(no.out, "no: a.B/C\nWho may  admin\n");
  const Outcome json = RunCommand({"auth", "can-i", "C", "-o", "json"});
  EXPECT_EQ(json.code, 4);
  EXPECT_THAT(json.out, HasSubstr("\"allowed\": false"));
}

TEST_F(AccessTest, CanISaysWhatIsOpenToAllAndWhatReachesNothing) {
  gateway_.Answer(kCheck, Parse<access::CheckAccessResponse>("method: 'a.B/C' allowed: true"));
  gateway_.Answer(kCheck, Parse<access::CheckAccessResponse>(R"pb(
                    method: "a.B/C"
                    granting { role: "field_pm" scopes: FIELD_OFFICE }
                    roles_allowed: "field_pm"
                  )pb"));
  EXPECT_EQ(RunCommand({"auth", "can-i", "C"}).out,
            "yes: a.B/C\nWho may  everybody who is known\n");
  EXPECT_EQ(RunCommand({"auth", "can-i", "C"}).out,
            "no: a.B/C\n"
            "Granted by  field_pm (field office)\n"
            "But         your roles are bound to no office or agency\n"
            "Who may     field_pm\n");
}

// --- context ---

class ContextTest : public AccessTest {
 protected:
  ContextTest() {
    WriteProfile(
        "current: one\n"
        "contexts:\n"
        "- {name: one, server: 'a:1', tls: {ca: ca.pem}, token_file: tokens/one}\n"
        "- {name: two, server: '127.0.0.1:2', plaintext: true, actor: bo}\n");
  }
};

TEST_F(ContextTest, ListMarksTheCurrentOne) {
  const Outcome outcome = RunCommand({"context", "list"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("*        one   a:1"), HasSubstr("plain text")));
  EXPECT_EQ(RunCommand({"context", "list", "-o", "name"}).out, "one\ntwo\n");
  EXPECT_THAT(RunCommand({"context", "list", "-o", "csv"}).out,
              StartsWith("current,name,server,over,actor,token_file\r\n*,one,a:1,TLS,"));
  EXPECT_THAT(RunCommand({"context", "list", "-o", "json"}).out,
              AllOf(HasSubstr("\"contexts\""), HasSubstr("\"tokenFile\"")));
}

TEST_F(ContextTest, ShowsOneWithItsFilesInFull) {
  EXPECT_THAT(RunCommand({"context", "show"}).out,
              AllOf(HasSubstr("a:1"), HasSubstr(folder_ + "/ca.pem"), HasSubstr("TLS")));
  EXPECT_THAT(RunCommand({"context", "show", "two"}).out, HasSubstr("plain text"));
  EXPECT_THAT(RunCommand({"context", "show", "--context", "two", "-o", "json"}).out,
              AllOf(HasSubstr("\"actor\": \"bo\""), HasSubstr("\"current\": false")));
  EXPECT_EQ(RunCommand({"context", "show", "three"}).code, 2);
}

TEST_F(ContextTest, UseChangesOnlyWhichIsCurrent) {
  EXPECT_EQ(RunCommand({"context", "use", "two"}).code, 0);
  const Config config = Profile();
  EXPECT_EQ(config.current, "two");
  ASSERT_THAT(config.contexts, SizeIs(2));
  EXPECT_EQ(config.contexts[0].ca, folder_ + "/ca.pem");
  EXPECT_EQ(config.contexts[0].token_file, folder_ + "/tokens/one");
  const Outcome unknown = RunCommand({"context", "use", "three"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("one, two"));
  EXPECT_EQ(Profile().current, "two");
}

TEST_F(ContextTest, RemoveLeavesNoCurrentOneButAGoodProfile) {
  EXPECT_THAT(RunCommand({"context", "remove", "one"}).err, HasSubstr("which was current"));
  EXPECT_EQ(Profile().current, "");
  EXPECT_EQ(RunCommand({"context", "remove", "two"}).code, 0);
  EXPECT_THAT(Profile().contexts, IsEmpty());
  EXPECT_EQ(RunCommand({"context", "list"}).code, 0);
  const Outcome none = RunCommand({"context", "show"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("accordctl login"));
}

TEST_F(ContextTest, NoCurrentOneOfSeveralIsSaidSo) {
  WriteProfile("contexts:\n- {name: one, server: 'a:1'}\n- {name: two, server: 'b:1'}\n");
  EXPECT_THAT(RunCommand({"metrics"}).err,
              AllOf(HasSubstr("has no current context"), HasSubstr("one, two")));
}

// --- erase ---

class EraseTest : public AccessTest {
 protected:
  EraseTest() {
    gateway_.Answer(kErase, Parse<lv1::ErasePersonalFieldsResponse>(
                                "fields_erased: 'given_name' images_erased: 3"));
  }
  // What was asked that writes.
  int Erased() const {
    int erased = 0;
    for (const auto& request : gateway_.Requests(kErase)) {
      lv1::ErasePersonalFieldsRequest sent;
      EXPECT_TRUE(sent.ParseFromString(request.body));
      EXPECT_EQ(sent.name(), "officers/o1");
      EXPECT_EQ(sent.reason(), "asked for");
      erased += sent.validate_only() ? 0 : 1;
    }
    return erased;
  }
  Outcome Erase(std::vector<std::string> more) {
    more.insert(more.begin(), {"erase", "officers/o1", "--reason", "asked for"});
    return RunCommand(more);
  }
};

TEST_F(EraseTest, DryRunSaysWhatItWouldDo) {
  const Outcome outcome = Erase({"--dry-run", "--service", "training"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "would erase from officers/o1: fields: given_name; images of earlier changes: 3\n");
  EXPECT_EQ(Erased(), 0);
  EXPECT_EQ(gateway_.Requests(kErase)[0].metadata.find("accord-service")->second, "training");
}

TEST_F(EraseTest, AsksThenErases) {
  in_is_tty_ = true;
  input_ = "yes\n";
  const Outcome outcome = Erase({});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("would erase from officers/o1: fields: given_name"),
                                 HasSubstr("Type yes: ")));
  EXPECT_THAT(outcome.out, StartsWith("erased from officers/o1: "));
  EXPECT_EQ(Erased(), 1);
}

TEST_F(EraseTest, AnythingButYesErasesNothing) {
  in_is_tty_ = true;
  for (const char* answer : {"", "y\n", "no\n", "yes please\n"}) {
    input_ = answer;
    const Outcome outcome = Erase({});
    EXPECT_EQ(outcome.code, 1) << answer;
    EXPECT_THAT(outcome.err, HasSubstr("nothing was erased"));
  }
  EXPECT_EQ(Erased(), 0);
}

TEST_F(EraseTest, WithNobodyToAskItNeedsYes) {
  input_ = "yes\n";
  const Outcome refused = Erase({});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--yes"));
  EXPECT_THAT(gateway_.Requests(kErase), IsEmpty());
  const Outcome outcome = Erase({"--yes", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"imagesErased\": \"3\""));
  EXPECT_EQ(Erased(), 1);
}

TEST_F(EraseTest, NothingLeftIsNotAskedAbout) {
  FakeGateway clean;
  Use(clean);
  clean.Answer(kErase, lv1::ErasePersonalFieldsResponse());
  in_is_tty_ = true;
  const Outcome outcome = Erase({});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("nothing personal is left in officers/o1"));
  EXPECT_THAT(clean.Requests(kErase), SizeIs(1));
}

}  // namespace
}  // namespace accord::cli
