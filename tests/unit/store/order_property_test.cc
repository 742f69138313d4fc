// Random orders over random messages: every page follows the one before, in SQL as in memory.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/store/order.h"
#include "common/store/page_token.h"
#include "gtest/gtest.h"
#include "random_messages.h"

namespace accord::store {
namespace {

constexpr int kOrders = 300;
constexpr int kRows = 150;
const std::string kKey(kPageTokenKeyBytes, 'k');

std::string RandomOrder(Random& random, const Fields& fields) {
  std::string text;
  std::vector<std::string> used;
  for (int i = 1 + Pick(random, 4); i > 0; --i) {
    const Field& field = fields.all()[Pick(random, fields.all().size())];
    const bool again = std::find(used.begin(), used.end(), field.path) != used.end();
    if (again || field.kind == FieldKind::kTextList) continue;
    used.push_back(field.path);
    absl::StrAppend(&text, text.empty() ? "" : ", ", field.path,
                    Pick(random, 2) == 0 ? "" : " desc");
  }
  return text;
}

const google::protobuf::Message& Named(const Messages& messages, const std::string& name) {
  return **std::find_if(messages.begin(), messages.end(),
                        [&](const auto& message) { return NameOf(*message) == name; });
}

// Reads all pages as a store does: the last row of each becomes a token.
std::vector<std::string> AllPages(MessageTable& table, const Messages& messages, const Order& order,
                                  int page_size) {
  std::vector<std::string> names;
  std::string token;
  while (names.size() <= messages.size()) {
    std::vector<sql::Value> params;
    std::string where;
    if (!token.empty()) {
      const auto key = OpenPageToken(kKey, order.ToSql(), token, "test.accord").value();
      where = absl::StrCat("WHERE ", order.AfterSql(key, &params));
    }
    const std::vector<std::string> page =
        table.Names(absl::StrCat(where, " ORDER BY ", order.ToSql(), " LIMIT ", page_size), params);
    names.insert(names.end(), page.begin(), page.end());
    if (static_cast<int>(page.size()) < page_size) break;
    token = SealPageToken(kKey, order.ToSql(), order.KeyOf(Named(messages, page.back()))).value();
  }
  return names;
}

std::vector<std::string> SortedInMemory(const Messages& messages, const Order& order) {
  std::vector<const google::protobuf::Message*> sorted;
  for (const auto& message : messages) sorted.push_back(message.get());
  std::sort(sorted.begin(), sorted.end(),
            [&](const auto* a, const auto* b) { return order.Less(*a, *b); });
  std::vector<std::string> names;
  for (const auto* message : sorted) names.push_back(NameOf(*message));
  return names;
}

void ExpectPagesAreComplete(const google::protobuf::Message& prototype, const Fields& fields,
                            unsigned seed) {
  Random random(seed);
  const Messages messages = RandomMessages(random, prototype, fields, kRows);
  MessageTable table(fields, messages);
  for (int i = 0; i < kOrders; ++i) {
    const std::string text = RandomOrder(random, fields);
    const auto order = Order::Parse(text, fields, "", "test.accord");
    ASSERT_TRUE(order.ok()) << text << "\n" << order.status();
    const std::vector<std::string> expected = SortedInMemory(messages, *order);
    ASSERT_EQ(AllPages(table, messages, *order, 1 + Pick(random, 40)), expected)
        << "seed " << seed << ": " << text;
    std::vector<std::string> distinct = expected;
    std::sort(distinct.begin(), distinct.end());
    ASSERT_EQ(std::unique(distinct.begin(), distinct.end()) - distinct.begin(), kRows);
  }
}

TEST(OrderPropertyTest, PagesOfAgreementsAreCompleteAndInOrder) {
  ExpectPagesAreComplete(accord::agreements::v1::Agreement(), AgreementFields(), 287);
}

TEST(OrderPropertyTest, PagesOfAgenciesAreCompleteAndInOrder) {
  ExpectPagesAreComplete(accord::agreements::v1::Agency(), AgencyFields(), 1996);
}

}  // namespace
}  // namespace accord::store
