#include "common/store/filter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "random_messages.h"

namespace accord::store {
namespace {

using accord::agreements::v1::Agency;
using accord::agreements::v1::Agreement;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kDomain[] = "test.accord";

template <typename T>
T FromText(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::string SqlOf(const std::string& text, const Fields& fields = AgreementFields()) {
  const auto filter = Filter::Parse(text, fields, kDomain);
  if (!filter.ok()) return std::string(filter.status().message());
  std::vector<sql::Value> params;
  return filter->ToSql(&params);
}

bool Matches(const std::string& text, const google::protobuf::Message& message) {
  const bool agency = message.GetDescriptor() == Agency::descriptor();
  const auto filter = Filter::Parse(text, agency ? AgencyFields() : AgreementFields(), kDomain);
  EXPECT_TRUE(filter.ok()) << filter.status();
  return filter.ok() && filter->Matches(message);
}

TEST(FilterTest, EmptyMatchesEverything) {
  for (const char* text : {"", " ", "\t\n "}) {
    const auto filter = Filter::Parse(text, AgreementFields(), kDomain);
    ASSERT_TRUE(filter.ok()) << filter.status();
    EXPECT_TRUE(filter->empty());
    EXPECT_TRUE(filter->Matches(Agreement()));
    EXPECT_FALSE(filter->Mentions("model"));
    EXPECT_EQ(SqlOf(text), "TRUE");
  }
}

struct SqlCase {
  const char* text;
  const char* sql;
};
class FilterGrammarTest : public testing::TestWithParam<SqlCase> {};

TEST_P(FilterGrammarTest, GivesThisCondition) { EXPECT_EQ(SqlOf(GetParam().text), GetParam().sql); }

INSTANTIATE_TEST_SUITE_P(
    Operators, FilterGrammarTest,
    testing::Values(
        SqlCase{"model = TFM", "f_model = $1"}, SqlCase{"model=TFM", "f_model = $1"},
        SqlCase{"  model  !=  TFM  ", "f_model <> $1"}, SqlCase{"model < TFM", "f_model < $1"},
        SqlCase{"model <= TFM", "f_model <= $1"}, SqlCase{"model > TFM", "f_model > $1"},
        SqlCase{"model >= TFM", "f_model >= $1"},
        SqlCase{"model:tf", "lower(f_model) LIKE $1 ESCAPE '!'"},
        SqlCase{"model:*", "f_model <> ''"}, SqlCase{"state:*", "f_state <> 0"},
        SqlCase{"model:\"*\"", "lower(f_model) LIKE $1 ESCAPE '!'"},
        SqlCase{"state = ACTIVE", "f_state = $1"}, SqlCase{"state:ACTIVE", "f_state = $1"},
        SqlCase{"name = agreements/x-1", "name = $1"},
        SqlCase{"participating.listed = true", "f_participating_listed = $1"},
        SqlCase{"participating.lists_absent > -5", "f_participating_lists_absent > $1"},
        SqlCase{"agency_signed_date = 2025-07-02", "f_agency_signed_date = $1"},
        SqlCase{"agency_signed_date != '2025-07-02'", "f_agency_signed_date <> $1"},
        SqlCase{"agency_signed_date < 2025-07-02",
                "(f_agency_signed_date > '' AND f_agency_signed_date < $1)"},
        SqlCase{"create_time >= 2025-07-02T10:00:00Z",
                "(f_create_time <> 0 AND f_create_time >= $1)"},
        SqlCase{"create_time >= \"2025-07-02T10:00:00.123456-05:00\"",
                "(f_create_time <> 0 AND f_create_time >= $1)"}));

INSTANTIATE_TEST_SUITE_P(
    Precedence, FilterGrammarTest,
    testing::Values(SqlCase{"model = a AND model = b AND model = c",
                            "(f_model = $1 AND f_model = $2 AND f_model = $3)"},
                    SqlCase{"model = a model = b", "(f_model = $1 AND f_model = $2)"},
                    SqlCase{"model = a OR model = b", "(f_model = $1 OR f_model = $2)"},
                    SqlCase{"model = a AND model = b OR model = c",
                            "(f_model = $1 AND (f_model = $2 OR f_model = $3))"},
                    SqlCase{"model = a OR model = b AND model = c",
                            "((f_model = $1 OR f_model = $2) AND f_model = $3)"},
                    SqlCase{"model = a model = b OR model = c AND model = d",
                            "((f_model = $1 AND (f_model = $2 OR f_model = $3)) AND f_model = $4)"},
                    SqlCase{"(model = a AND model = b) OR model = c",
                            "((f_model = $1 AND f_model = $2) OR f_model = $3)"},
                    SqlCase{"NOT model = a OR model = b", "(NOT (f_model = $1) OR f_model = $2)"},
                    SqlCase{"NOT (model = a OR model = b)", "NOT ((f_model = $1 OR f_model = $2))"},
                    SqlCase{"NOT(model=a)AND(model=b)", "(NOT (f_model = $1) AND f_model = $2)"},
                    SqlCase{"-model = a -(model:b)",
                            "(NOT (f_model = $1) AND NOT (lower(f_model) LIKE $2 ESCAPE '!'))"},
                    SqlCase{"NOT (NOT (((model = a))))", "NOT (NOT (f_model = $1))"}));

struct RefusalCase {
  const char* text;
  const char* message;  // How it starts.
};
class FilterRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(FilterRefusalTest, SaysWhereAndWhy) {
  const auto filter = Filter::Parse(GetParam().text, AgreementFields(), kDomain);
  ASSERT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument) << GetParam().text;
  EXPECT_THAT(std::string(filter.status().message()),
              StartsWith(absl::StrCat("filter: ", GetParam().message)));
  EXPECT_EQ(GetReason(filter.status()), "INVALID_FIELDS");
  EXPECT_EQ(GetErrorInfo(filter.status())->domain(), kDomain);
}

INSTANTIATE_TEST_SUITE_P(
    Structure, FilterRefusalTest,
    testing::Values(
        RefusalCase{"sheriff", "at character 1: 'sheriff' names no field; write field = sheriff"},
        RefusalCase{"state = ACTIVE sheriff", "at character 16: 'sheriff' names no field"},
        RefusalCase{"\"sheriff\"", "at character 1: expected a field and its value, found '\"'"},
        RefusalCase{"modell = x",
                    "at character 1: unknown field 'modell'; the fields are name, "
                    "model, agency_state, field_office, state, "},
        RefusalCase{"model = x AND Model = y", "at character 15: unknown field 'Model'"},
        RefusalCase{"participating = x", "at character 1: unknown field 'participating'"},
        RefusalCase{"model", "at character 6: expected an operator after model: one of ="},
        RefusalCase{"model = ", "at character 9: expected a value, found the end"},
        RefusalCase{"model == x", "at character 8: expected a value, found '='"},
        RefusalCase{"model = x = y", "at character 11: expected a field and its value, found '='"},
        RefusalCase{"model ~ x", "at character 7: expected an operator after model"},
        RefusalCase{"model = (a OR b)", "at character 9: expected one value; write model = a OR"},
        RefusalCase{"model = AND", "at character 9: expected a value, found AND"},
        RefusalCase{"AND model = x", "at character 1: expected a field and its value, found 'AND'"},
        RefusalCase{"model = x OR",
                    "at character 13: expected a field and its value, found the en"},
        RefusalCase{"model = x OR AND", "at character 14: expected a field and its value"},
        RefusalCase{"NOT", "at character 4: expected a field"},
        RefusalCase{"NOT NOT model = x", "at character 5: expected a field"},
        RefusalCase{"--model = x", "at character 2: expected a field"},
        RefusalCase{"model = x and model = y", "at character 11: operators are upper case: AND"},
        RefusalCase{"(model = x", "at character 11: expected AND, OR, another comparison or ')'"},
        RefusalCase{"model = x)", "at character 10: expected AND, OR or another comparison, found"},
        RefusalCase{"()", "at character 2: expected a field"},
        RefusalCase{"model = \"x", "at character 9: this quote is not closed"},
        RefusalCase{"model = \"x\\", "at character 11: expected one of \\\" \\' \\\\ \\n \\t"},
        RefusalCase{"model = \"\\x41\"", "at character 10: expected one of"},
        RefusalCase{"model = x, state = ACTIVE", "at character 10: expected a field"},
        RefusalCase{"lower(model) = x", "at character 1: 'lower' names no field"},
        // Characters, not bytes.
        RefusalCase{"model = \"Élan日本\" AND x = 1", "at character 22: unknown field 'x'"},
        RefusalCase{"é = 1", "at character 1: expected a field and its value, found 'é'"}));

INSTANTIATE_TEST_SUITE_P(
    Values, FilterRefusalTest,
    testing::Values(
        RefusalCase{"model = a*", "at character 9: there are no wildcards; write model:part"},
        RefusalCase{"model = *", "at character 9: there are no wildcards"},
        RefusalCase{"state = active", "at character 9: expected one of STATE_UNSPECIFIED, APPLIED"},
        RefusalCase{"state = 6", "at character 9: expected one of STATE_UNSPECIFIED"},
        RefusalCase{"state > ACTIVE", "at character 1: state has no order; use = or !="},
        RefusalCase{"fictitious = 1", "at character 14: expected true or false for fictitious"},
        RefusalCase{"fictitious = TRUE", "at character 14: expected true or false"},
        RefusalCase{"fictitious < true", "at character 1: fictitious has no order"},
        RefusalCase{"participating.lists_absent = 1.5",
                    "at character 30: expected a whole number for participating.lists_absent, "
                    "found '1.5'"},
        RefusalCase{"participating.lists_absent = 9223372036854775808",
                    "at character 30: expected a whole number"},
        RefusalCase{"participating.lists_absent = \"1\"",
                    "at character 30: expected a whole number"},
        RefusalCase{"agency_signed_date = 2025-02-30",
                    "at character 22: expected a date like 2025-07-02 for agency_signed_date, "
                    "found '2025-02-30'"},
        RefusalCase{"agency_signed_date = 07/02/2025", "at character 22: expected a date like"},
        RefusalCase{"agency_signed_date = \"\"",
                    "at character 22: expected a date like 2025-07-02 for agency_signed_date, "
                    "found ''; NOT agency_signed_date:* asks for what is not set"},
        RefusalCase{"create_time > 2025-07-02",
                    "at character 15: expected a time like 2025-07-02T"},
        RefusalCase{"create_time > 2025-07-02T10:00:00", "at character 15: expected a time like"},
        RefusalCase{"create_time > '2025-07-02 10:00:00Z'", "at character 15: expected a time"},
        RefusalCase{"create_time > 2025-07-02T10:00:00.0000001Z",
                    "at character 15: expected a tim"},
        RefusalCase{"create_time > infinite-future", "at character 15: expected a time like"}));

TEST(FilterTest, ListRefusesOtherOperators) {
  EXPECT_EQ(SqlOf("keys = a", AgencyFields()),
            "filter: at character 1: keys is a list; write keys:value, or NOT keys:value");
  EXPECT_THAT(SqlOf("keys != a", AgencyFields()), HasSubstr("at character 1: keys is a list"));
  EXPECT_THAT(SqlOf("keys:\"\"", AgencyFields()), HasSubstr("at character 6: expected one elem"));
  EXPECT_THAT(SqlOf("keys:'a\\nb'", AgencyFields()), HasSubstr("at character 6: expected one el"));
}

TEST(FilterTest, LongTextIsShownShortened) {
  // 39 bytes and a two-byte letter across the limit: it is left out, not cut.
  const std::string text =
      absl::StrCat("state = ", std::string(39, 'x'), "é", std::string(50, 'y'));
  EXPECT_THAT(SqlOf(text), HasSubstr(absl::StrCat("found '", std::string(39, 'x'), "…'")));
}

TEST(FilterTest, LengthIsBounded) {
  const std::string start = "model = ";
  EXPECT_EQ(SqlOf(start + std::string(Filter::kMaxBytes - start.size(), 'x')), "f_model = $1");
  EXPECT_EQ(SqlOf(start + std::string(Filter::kMaxBytes - start.size() + 1, 'x')),
            "filter: must be at most 4096 bytes long");
}

TEST(FilterTest, DepthIsBounded) {
  const auto nested = [](int depth) {
    return std::string(depth, '(') + "model = x" + std::string(depth, ')');
  };
  EXPECT_EQ(SqlOf(nested(32)), "f_model = $1");
  EXPECT_EQ(SqlOf(nested(33)), "filter: at character 33: more than 32 open parentheses");
  // Closed ones do not count.
  EXPECT_THAT(SqlOf(nested(32) + nested(32)), "(f_model = $1 AND f_model = $2)");
  EXPECT_THAT(SqlOf(std::string(4000, '(')), HasSubstr("more than 32"));
}

TEST(FilterTest, TermsAreBounded) {
  std::string text;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, "model=x ");
  EXPECT_THAT(SqlOf(text), HasSubstr("f_model = $100)"));
  EXPECT_EQ(SqlOf(text + "model=x"), "filter: at character 801: more than 100 comparisons");
}

TEST(FilterTest, NulIsRefused) {
  EXPECT_EQ(SqlOf(std::string("model = a\0b", 11)), "filter: must not contain a NUL character");
}

TEST(FilterTest, ViolationIsAddedToTheOthers) {
  FieldViolations violations;
  violations.Add("page_size", "must not be negative");
  EXPECT_FALSE(Filter::Parse("x", AgreementFields(), violations).has_value());
  EXPECT_TRUE(Filter::Parse("model = x", AgreementFields(), violations).has_value());
  EXPECT_THAT(std::string(violations.ToStatus(kDomain).message()),
              testing::AllOf(HasSubstr("page_size: "), HasSubstr("filter: at character 1")));
}

TEST(FilterTest, ParametersFollowThoseAlreadyThere) {
  const auto filter =
      Filter::Parse("model:\"50%_!\" AND state = ACTIVE", AgreementFields(), kDomain);
  std::vector<sql::Value> params = {int64_t{1}, int64_t{2}};
  EXPECT_EQ(filter->ToSql(&params), "(lower(f_model) LIKE $3 ESCAPE '!' AND f_state = $4)");
  ASSERT_EQ(params.size(), 4u);
  EXPECT_EQ(params[2], sql::Value("%50!%!_!!%"));
  EXPECT_EQ(params[3], sql::Value(int64_t{6}));
}

TEST(FilterTest, NoTextOfACallerIsInTheSql) {
  for (const std::string& text : SomeTexts()) {
    const std::string quoted =
        absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
    EXPECT_EQ(SqlOf(absl::StrCat("model = ", quoted)), "f_model = $1") << text;
    EXPECT_EQ(SqlOf(absl::StrCat("model:", quoted)), "lower(f_model) LIKE $1 ESCAPE '!'") << text;
    if (text.empty()) continue;
    EXPECT_EQ(SqlOf(absl::StrCat("keys:", quoted), AgencyFields()),
              "replace(f_keys, $1, '') <> f_keys");
  }
}

TEST(FilterTest, InjectionChangesNothing) {
  Random random(1);
  const Messages agreements = RandomMessages(random, Agreement(), AgreementFields(), 5);
  MessageTable table(AgreementFields(), agreements);
  for (const char* text : {"model = \"'; DROP TABLE t; --\"", "model:\"' OR '1'='1\"",
                           "name = \"x\\\" OR name <> \\\"\"", "model = \"$1\" AND name = \"?\""}) {
    const auto filter = Filter::Parse(text, AgreementFields(), kDomain);
    ASSERT_TRUE(filter.ok()) << filter.status();
    std::vector<sql::Value> params;
    const std::string where = filter->ToSql(&params);
    EXPECT_THAT(table.Names("WHERE " + where, params), ElementsAre()) << text;
  }
  EXPECT_EQ(table.Names("", {}).size(), 5u);
}

TEST(FilterTest, MentionsItsFieldsOnly) {
  const auto filter =
      Filter::Parse("state = ACTIVE OR NOT (model:* create_time:*)", AgreementFields(), kDomain);
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_TRUE(filter->Mentions("state"));
  EXPECT_TRUE(filter->Mentions("model"));
  EXPECT_TRUE(filter->Mentions("create_time"));
  EXPECT_FALSE(filter->Mentions("name"));
  EXPECT_FALSE(filter->Mentions("mode"));
}

TEST(FilterMatchesTest, Text) {
  const auto agreement = FromText<Agreement>("model: 'Task \"Force\" 50%' ");
  EXPECT_TRUE(Matches("model = 'Task \"Force\" 50%'", agreement));
  EXPECT_TRUE(Matches("model = \"Task \\\"Force\\\" 50%\"", agreement));
  EXPECT_FALSE(Matches("model = 'task \"force\" 50%'", agreement));
  EXPECT_TRUE(Matches("model:'TASK'", agreement));
  EXPECT_TRUE(Matches("model:0%", agreement));
  EXPECT_FALSE(Matches("model:5%0", agreement));
  EXPECT_TRUE(Matches("model > Task", agreement));
  EXPECT_TRUE(Matches("model:*", agreement));
  EXPECT_FALSE(Matches("model:'*'", agreement));
  EXPECT_FALSE(Matches("model:*", Agreement()));
  EXPECT_TRUE(Matches("model = ''", Agreement()));
  EXPECT_TRUE(Matches("model < a", Agreement()));  // Empty text has its place in the order.
}

TEST(FilterMatchesTest, TextFoldsAsciiOnly) {
  const auto agreement = FromText<Agreement>("model: 'ÉLAN'");
  EXPECT_TRUE(Matches("model:lan", agreement));
  EXPECT_FALSE(Matches("model:él", agreement));
}

TEST(FilterMatchesTest, EscapesStandForTheirCharacters) {
  Agreement agreement;
  agreement.set_model("a\tb\nc'\"\\");
  EXPECT_TRUE(Matches("model = \"a\\tb\\nc\\'\\\"\\\\\"", agreement));
}

TEST(FilterMatchesTest, List) {
  const auto agency = FromText<Agency>("keys: 'one' keys: 'Two words' keys: '*'");
  EXPECT_TRUE(Matches("keys:one", agency));
  EXPECT_TRUE(Matches("keys:'Two words'", agency));
  EXPECT_FALSE(Matches("keys:One", agency));
  EXPECT_FALSE(Matches("keys:on", agency));
  EXPECT_FALSE(Matches("keys:words", agency));
  EXPECT_TRUE(Matches("keys:'*'", agency));
  EXPECT_TRUE(Matches("keys:*", agency));
  EXPECT_FALSE(Matches("keys:*", Agency()));
  EXPECT_TRUE(Matches("NOT keys:one", Agency()));
}

TEST(FilterMatchesTest, NumbersEnumsAndTruth) {
  const auto agreement =
      FromText<Agreement>("state: ACTIVE fictitious: true participating { lists_absent: -3 }");
  EXPECT_TRUE(Matches("state = ACTIVE", agreement));
  EXPECT_TRUE(Matches("state != PENDING", agreement));
  EXPECT_TRUE(Matches("state = STATE_UNSPECIFIED", Agreement()));
  EXPECT_TRUE(Matches("fictitious = true", agreement));
  EXPECT_TRUE(Matches("fictitious:false", Agreement()));
  EXPECT_TRUE(Matches("participating.lists_absent = -3", agreement));
  EXPECT_TRUE(Matches("participating.lists_absent < -2", agreement));
  EXPECT_TRUE(Matches("participating.lists_absent >= -3", agreement));
  EXPECT_FALSE(Matches("participating.lists_absent > -3", agreement));
  EXPECT_TRUE(Matches("participating.lists_absent <= 0", Agreement()));  // 0 is a number.
}

TEST(FilterMatchesTest, UnsetDateAndTimeAreNeverBeforeOrAfter) {
  const Agreement unset;
  for (const char* op : {"<", "<=", ">", ">="}) {
    EXPECT_FALSE(Matches(absl::StrCat("agency_signed_date ", op, " 2025-07-02"), unset)) << op;
    EXPECT_FALSE(Matches(absl::StrCat("create_time ", op, " 2025-07-02T00:00:00Z"), unset)) << op;
    EXPECT_FALSE(Matches(absl::StrCat("create_time ", op, " 1969-07-02T00:00:00Z"), unset)) << op;
  }
  EXPECT_FALSE(Matches("agency_signed_date = 2025-07-02", unset));
  EXPECT_TRUE(Matches("agency_signed_date != 2025-07-02", unset));
  EXPECT_TRUE(Matches("NOT agency_signed_date:*", unset));
}

TEST(FilterMatchesTest, DateAndTime) {
  const auto agreement = FromText<Agreement>(
      "agency_signed_date { year: 2025 month: 7 day: 2 }"
      "create_time { seconds: 1751450400 nanos: 500000000 }");  // 2025-07-02T10:00:00.5Z
  EXPECT_TRUE(Matches("agency_signed_date = 2025-07-02", agreement));
  EXPECT_TRUE(Matches("agency_signed_date >= 2025-07-02", agreement));
  EXPECT_FALSE(Matches("agency_signed_date > 2025-07-02", agreement));
  EXPECT_TRUE(Matches("agency_signed_date < 2025-10-01", agreement));
  EXPECT_TRUE(Matches("create_time = 2025-07-02T10:00:00.5Z", agreement));
  EXPECT_TRUE(Matches("create_time = 2025-07-02T05:00:00.500-05:00", agreement));
  EXPECT_TRUE(Matches("create_time > 2025-07-02T10:00:00Z", agreement));
  EXPECT_TRUE(Matches("create_time < 2025-07-02T10:00:00.500001Z", agreement));
}

}  // namespace
}  // namespace accord::store
