#include "common/store/order.h"

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/resources.pb.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "random_messages.h"

namespace accord::store {
namespace {

using accord::agreements::v1::Agreement;
using accord::agreements::v1::Transition;
using ::testing::HasSubstr;

constexpr char kDomain[] = "test.accord";

std::string SqlOf(absl::string_view text, absl::string_view default_text = "",
                  const Fields& fields = AgreementFields()) {
  const auto order = Order::Parse(text, fields, default_text, kDomain);
  return order.ok() ? order->ToSql() : std::string(order.status().message());
}

TEST(OrderTest, ParsesFieldsAndDirections) {
  EXPECT_EQ(SqlOf("model"), "f_model, name");
  EXPECT_EQ(SqlOf("model desc"), "f_model DESC, name");
  EXPECT_EQ(SqlOf("  model   desc ,state asc,participating.listed  "),
            "f_model DESC, f_state, f_participating_listed, name");
}

TEST(OrderTest, NameIsAppendedOnce) {
  EXPECT_EQ(SqlOf("name"), "name");
  EXPECT_EQ(SqlOf("name desc, model"), "name DESC, f_model");
}

TEST(OrderTest, NameIsAppendedWithoutBeingDeclared) {
  const Fields fields(Agreement::descriptor(), {"model"});
  EXPECT_EQ(SqlOf("model", "", fields), "f_model, name");
  EXPECT_THAT(SqlOf("name", "", fields), HasSubstr("unknown field 'name'"));
}

TEST(OrderTest, MessageWithoutNameHasNoTieBreaker) {
  const Fields fields(Transition::descriptor(), {"effective_date", "actor"});
  EXPECT_EQ(SqlOf("effective_date", "", fields), "f_effective_date");
}

TEST(OrderTest, EmptyMeansTheDefault) {
  EXPECT_EQ(SqlOf(""), "name");
  EXPECT_EQ(SqlOf(" ", "create_time desc"), "f_create_time DESC, name");
  EXPECT_EQ(SqlOf("model", "create_time desc"), "f_model, name");
}

TEST(OrderTest, RefusalNamesTheField) {
  const auto order = Order::Parse("modell", AgreementFields(), "", kDomain);
  EXPECT_EQ(order.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetReason(order.status()), "INVALID_FIELDS");
  EXPECT_THAT(
      std::string(order.status().message()),
      testing::StartsWith("order_by: unknown field 'modell'; the fields are name, model, "));
}

TEST(OrderTest, RefusesWhatHasNoMeaning) {
  EXPECT_EQ(SqlOf("model,"), "order_by: expected a field before or after a comma");
  EXPECT_EQ(SqlOf(",model"), "order_by: expected a field before or after a comma");
  EXPECT_EQ(SqlOf("model DESC"), "order_by: after model only asc, desc or a comma may follow");
  EXPECT_EQ(SqlOf("model desc x"), "order_by: after model only asc, desc or a comma may follow");
  EXPECT_EQ(SqlOf("model, state, model desc"), "order_by: names model twice");
  EXPECT_THAT(SqlOf("model; DROP TABLE t"), HasSubstr("unknown field 'model;'"));
  EXPECT_THAT(SqlOf(std::string(100, 'x')), HasSubstr("unknown field a long text"));
  EXPECT_EQ(SqlOf("keys", "", AgencyFields()), "order_by: keys is a list and has no order");
  EXPECT_THAT(SqlOf("x", "", AgencyFields()), testing::Not(HasSubstr("keys")));
}

TEST(OrderTest, IsBounded) {
  EXPECT_EQ(SqlOf(std::string(1025, ' ')), "order_by: must be at most 1024 bytes long");
  EXPECT_EQ(SqlOf("a,b,c,d,e,f,g,h,i"), "order_by: must name at most 8 fields");
  EXPECT_EQ(SqlOf("model,agency_state,field_office,state,fictitious,create_time,name,"
                  "agency_signed_date"),
            "f_model, f_agency_state, f_field_office, f_state, f_fictitious, f_create_time, name, "
            "f_agency_signed_date");
}

TEST(OrderTest, ViolationIsAddedToTheOthers) {
  FieldViolations violations;
  violations.Add("filter", "is wrong");
  EXPECT_FALSE(Order::Parse("x", AgreementFields(), "", violations).has_value());
  EXPECT_THAT(std::string(violations.ToStatus(kDomain).message()),
              testing::StartsWith("filter: is wrong; order_by: unknown field 'x'"));
}

TEST(OrderTest, AfterContinuesTheParameters) {
  const auto order = Order::Parse("model desc, state", AgreementFields(), "", kDomain);
  std::vector<sql::Value> params = {int64_t{1}};
  const std::vector<sql::Value> key = {std::string("TFM"), int64_t{6}, std::string("rows/1")};
  EXPECT_EQ(order->AfterSql(key, &params),
            "(f_model <= $2 AND (f_model < $2 OR (f_model = $2 AND "
            "(f_state > $3 OR (f_state = $3 AND name > $4)))))");
  ASSERT_EQ(params.size(), 4u);
  EXPECT_EQ(params[1], key[0]);
  EXPECT_EQ(params[3], key[2]);
}

TEST(OrderTest, KeyOfIsTheStoredValues) {
  Agreement agreement;
  agreement.set_name("agreements/1");
  agreement.set_state(Agreement::ACTIVE);
  const auto order = Order::Parse("state desc, create_time", AgreementFields(), "", kDomain);
  const std::vector<sql::Value> key = {int64_t{6}, int64_t{0}, std::string("agreements/1")};
  EXPECT_EQ(order->KeyOf(agreement), key);
  EXPECT_TRUE(order->Fits(key));
}

TEST(OrderTest, FitsOnlyKeysOfItsShape) {
  const auto order = Order::Parse("state", AgreementFields(), "", kDomain);
  EXPECT_TRUE(order->Fits({int64_t{6}, std::string("x")}));
  EXPECT_FALSE(order->Fits({}));
  EXPECT_FALSE(order->Fits({int64_t{6}}));
  EXPECT_FALSE(order->Fits({std::string("x"), int64_t{6}}));
  EXPECT_FALSE(order->Fits({std::monostate(), std::string("x")}));
  EXPECT_FALSE(order->Fits({int64_t{6}, std::string("x"), std::string("y")}));
}

TEST(OrderDeathTest, AfterAKeyOfAnotherShapeEndsTheProcess) {
  const auto order = Order::Parse("state", AgreementFields(), "", kDomain);
  std::vector<sql::Value> params;
  EXPECT_DEATH(order->AfterSql({int64_t{6}}, &params), "");
}

}  // namespace
}  // namespace accord::store
