#include "common/store/fields.h"

#include "accord/agreements/v1/agreements.pb.h"
#include "accord/agreements/v1/resources.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "random_messages.h"

namespace accord::store {
namespace {

using accord::agreements::v1::Agency;
using accord::agreements::v1::Agreement;
using accord::agreements::v1::ListAgreementsRequest;
using accord::agreements::v1::RosterImport;

sql::Value Extract(const google::protobuf::Message& message, const std::string& path) {
  return ExtractField(message, Fields(message.GetDescriptor(), {path}).all().front());
}
sql::Value Text(const char* text) { return std::string(text); }
sql::Value Int(int64_t number) { return number; }

TEST(FieldsTest, ColumnIsNamedAfterThePath) {
  EXPECT_EQ(AgreementFields().Find("name")->column, "name");
  EXPECT_EQ(AgreementFields().Find("model")->column, "f_model");
  EXPECT_EQ(AgreementFields().Find("participating.listed")->column, "f_participating_listed");
  EXPECT_EQ(AgreementFields().Find("participating"), nullptr);
  EXPECT_EQ(AgreementFields().Find(""), nullptr);
}

TEST(FieldsTest, KindFollowsTheDescriptor) {
  const auto kind = [](const char* path) { return AgreementFields().Find(path)->kind; };
  EXPECT_EQ(kind("model"), FieldKind::kText);
  EXPECT_EQ(kind("participating.lists_absent"), FieldKind::kInt);
  EXPECT_EQ(kind("participating.listed"), FieldKind::kBool);
  EXPECT_EQ(kind("state"), FieldKind::kEnum);
  EXPECT_EQ(kind("agency_signed_date"), FieldKind::kDate);
  EXPECT_EQ(kind("create_time"), FieldKind::kTime);
  EXPECT_EQ(AgencyFields().Find("keys")->kind, FieldKind::kTextList);
}

TEST(FieldsTest, UnsetIsEmptyOrZero) {
  const Agreement agreement;
  EXPECT_EQ(Extract(agreement, "model"), Text(""));
  EXPECT_EQ(Extract(agreement, "state"), Int(0));
  EXPECT_EQ(Extract(agreement, "agency_signed_date"), Text(""));
  EXPECT_EQ(Extract(agreement, "participating.last_listed_date"), Text(""));
  EXPECT_EQ(Extract(agreement, "participating.listed"), Int(0));
  EXPECT_EQ(Extract(agreement, "create_time"), Int(0));
  EXPECT_EQ(Extract(Agency(), "keys"), Text(""));
}

TEST(FieldsTest, ValuesAreStoredAsDeclared) {
  Agreement agreement;
  agreement.set_model("TFM");
  agreement.set_state(Agreement::ACTIVE);
  agreement.set_fictitious(true);
  agreement.mutable_participating()->set_lists_absent(-3);
  auto* date = agreement.mutable_participating()->mutable_last_listed_date();
  date->set_year(2025);
  date->set_month(7);
  date->set_day(2);
  agreement.mutable_create_time()->set_seconds(-1);
  agreement.mutable_create_time()->set_nanos(999'999'999);
  EXPECT_EQ(Extract(agreement, "model"), Text("TFM"));
  EXPECT_EQ(Extract(agreement, "state"), Int(6));
  EXPECT_EQ(Extract(agreement, "fictitious"), Int(1));
  EXPECT_EQ(Extract(agreement, "participating.lists_absent"), Int(-3));
  EXPECT_EQ(Extract(agreement, "participating.last_listed_date"), Text("2025-07-02"));
  EXPECT_EQ(Extract(agreement, "create_time"), Int(-1));  // Rounded down.

  ListAgreementsRequest request;
  request.set_as_known_at(int64_t{1} << 40);
  EXPECT_EQ(Extract(request, "as_known_at"), Int(int64_t{1} << 40));
}

TEST(FieldsTest, PartialDateIsUnset) {
  Agreement agreement;
  agreement.mutable_agency_signed_date()->set_year(2025);
  EXPECT_EQ(Extract(agreement, "agency_signed_date"), Text(""));
}

TEST(FieldsTest, AbsurdTimeDoesNotOverflow) {
  Agreement agreement;
  agreement.mutable_create_time()->set_seconds(INT64_MAX);
  EXPECT_EQ(Extract(agreement, "create_time"), Int(INT64_MAX));
}

TEST(FieldsTest, ListKeepsElementsApart) {
  Agency agency;
  agency.add_keys("first");
  agency.add_keys("one\ntwo");
  EXPECT_EQ(Extract(agency, "keys"), Text("\nfirst\none two\n"));
}

TEST(FieldsTest, ColumnTypesAreNeverNull) {
  EXPECT_EQ(Fields::ColumnType(FieldKind::kDate), "TEXT NOT NULL DEFAULT ''");
  EXPECT_EQ(Fields::ColumnType(FieldKind::kTextList), "TEXT NOT NULL DEFAULT ''");
  EXPECT_EQ(Fields::ColumnType(FieldKind::kTime), "BIGINT NOT NULL DEFAULT 0");
  EXPECT_EQ(Fields::ColumnType(FieldKind::kBool), "BIGINT NOT NULL DEFAULT 0");
}

TEST(FieldsDeathTest, WrongDeclarationEndsTheProcess) {
  const auto* type = Agreement::descriptor();
  EXPECT_DEATH(Fields(type, {"modell"}),
               "\"modell\" of accord.agreements.v1.Agreement: there is no");
  EXPECT_DEATH(Fields(type, {""}), "there is no such field");
  EXPECT_DEATH(Fields(type, {"model.x"}), "a step has no fields");
  EXPECT_DEATH(Fields(type, {"transitions.state"}), "a step has no fields");
  EXPECT_DEATH(Fields(type, {"participating"}), "of a kind that has no column");
  EXPECT_DEATH(Fields(type, {"transitions"}), "of a kind that has no column");
  EXPECT_DEATH(Fields(RosterImport::descriptor(), {"agreements_by_model"}), "has no column");
  EXPECT_DEATH(Fields(type, {"model", "model"}), "its column is taken");
}

}  // namespace
}  // namespace accord::store
