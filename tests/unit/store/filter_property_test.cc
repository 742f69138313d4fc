// Random filters over random messages: SQL and memory must choose the same rows.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/store/filter.h"
#include "gtest/gtest.h"
#include "random_messages.h"

namespace accord::store {
namespace {

constexpr int kFilters = 3000;
constexpr int kRows = 120;

std::string QuotedText(Random& random) {
  std::string text = SomeTexts()[Pick(random, SomeTexts().size())];
  if (Pick(random, 3) == 0) text = text.substr(0, 1);  // May cut a letter: replaced below.
  if (!text.empty() && (text.back() & 0x80) != 0 && text.size() == 1) text = "s";
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string AnyOperator(Random& random, FieldKind kind) {
  static constexpr const char* kOperators[] = {" = ", " != ", ":", " < ", " <= ", " > ", " >= "};
  if (kind == FieldKind::kTextList) return ":";
  const bool ordered = kind != FieldKind::kBool && kind != FieldKind::kEnum;
  return kOperators[Pick(random, ordered ? 7 : 3)];
}

std::string RandomValue(Random& random, const Field& field) {
  switch (field.kind) {
    case FieldKind::kText:
      return QuotedText(random);
    case FieldKind::kTextList: {
      const std::string text = QuotedText(random);
      return text == "\"\"" ? "x" : text;
    }
    case FieldKind::kInt:
      return absl::StrCat(Pick(random, 7) - 3);
    case FieldKind::kBool:
      return Pick(random, 2) == 0 ? "true" : "false";
    case FieldKind::kEnum: {
      const auto* type = field.steps.back()->enum_type();
      return type->value(Pick(random, type->value_count()))->name();
    }
    case FieldKind::kDate:
      return SomeDates()[Pick(random, SomeDates().size())];
    case FieldKind::kTime:
      return SomeTimes()[Pick(random, SomeTimes().size())];
  }
  std::abort();
}

std::string RandomTerm(Random& random, const Fields& fields) {
  const Field& field = fields.all()[Pick(random, fields.all().size())];
  if (Pick(random, 6) == 0) return absl::StrCat(field.path, ":*");
  return absl::StrCat(field.path, AnyOperator(random, field.kind), RandomValue(random, field));
}

std::string RandomFilter(Random& random, const Fields& fields, int depth) {
  const int shape = depth == 0 ? 0 : Pick(random, 6);
  if (shape <= 1) return RandomTerm(random, fields);
  const std::string a = RandomFilter(random, fields, depth - 1);
  if (shape == 2) return absl::StrCat(Pick(random, 2) == 0 ? "NOT (" : "-(", a, ")");
  static constexpr const char* kBetween[] = {" AND ", " OR ", " "};
  const std::string b = RandomFilter(random, fields, depth - 1);
  const std::string joined = absl::StrCat(a, kBetween[shape - 3], b);
  return Pick(random, 2) == 0 ? joined : absl::StrCat("(", joined, ")");
}

std::vector<std::string> NamesInMemory(const Filter& filter, const Messages& messages) {
  std::vector<std::string> names;
  for (const auto& message : messages) {
    if (filter.Matches(*message)) names.push_back(NameOf(*message));
  }
  return names;
}

void ExpectSqlAgreesWithMemory(const google::protobuf::Message& prototype, const Fields& fields,
                               unsigned seed) {
  Random random(seed);
  const Messages messages = RandomMessages(random, prototype, fields, kRows);
  MessageTable table(fields, messages);
  int telling = 0;  // Filters that take some rows and leave some.
  for (int i = 0; i < kFilters; ++i) {
    const std::string text = RandomFilter(random, fields, 4);
    const auto filter = Filter::Parse(text, fields, "test.accord");
    ASSERT_TRUE(filter.ok()) << text << "\n" << filter.status();
    std::vector<sql::Value> params;
    const std::string where = filter->ToSql(&params);
    const std::vector<std::string> names = NamesInMemory(*filter, messages);
    ASSERT_EQ(table.Names(absl::StrCat("WHERE ", where, " ORDER BY rowid"), params), names)
        << "seed " << seed << ": " << text << "\n"
        << where;
    telling += !names.empty() && names.size() < messages.size();
  }
  EXPECT_GT(telling, kFilters / 2);
}

TEST(FilterPropertyTest, SqlAgreesWithMemoryOnAgreements) {
  ExpectSqlAgreesWithMemory(accord::agreements::v1::Agreement(), AgreementFields(), 287);
}

TEST(FilterPropertyTest, SqlAgreesWithMemoryOnAgencies) {
  ExpectSqlAgreesWithMemory(accord::agreements::v1::Agency(), AgencyFields(), 1996);
}

// Whatever is sent: an answer, never a crash, and what parses also runs.
TEST(FilterPropertyTest, AnyTextIsParsedOrRefused) {
  Random random(7);
  const Messages messages =
      RandomMessages(random, accord::agreements::v1::Agency(), AgencyFields(), 3);
  MessageTable table(AgencyFields(), messages);
  static constexpr const char* kPieces[] = {
      "keys", "kind",   "state", "create_time", "name", " ",    " ", ":",  "=",  "<=",
      "!=",   "(",      ")",     "AND",         "OR",   "NOT",  "-", "*",  "\"", "'",
      "\\",   "COUNTY", "a",     "1",           "é",    "true", ",", "\n", ">",  "2025-07-02"};
  int parsed = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = Pick(random, 2) == 0 ? "" : "state = a ";
    for (int n = Pick(random, 9); n > 0; --n) text += kPieces[Pick(random, std::size(kPieces))];
    const auto filter = Filter::Parse(text, AgencyFields(), "test.accord");
    if (!filter.ok()) continue;
    if (++parsed > 2000) continue;
    std::vector<sql::Value> params;
    const std::string where = filter->ToSql(&params);
    ASSERT_EQ(table.Names(absl::StrCat("WHERE ", where, " ORDER BY rowid"), params),
              NamesInMemory(*filter, messages))
        << text;
  }
  EXPECT_GT(parsed, 2000);
}

}  // namespace
}  // namespace accord::store
