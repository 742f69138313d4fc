#include "random_messages.h"

#include <stdlib.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/calendar/date.h"
#include "gtest/gtest.h"

namespace accord::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <typename T>
const T& OneOf(Random& random, const std::vector<T>& values) {
  return values[Pick(random, static_cast<int>(values.size()))];
}

void SetTime(const std::string& text, Message* message) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) std::abort();
  auto* stamp = static_cast<google::protobuf::Timestamp*>(message);
  const int64_t micros = absl::ToUnixMicros(time);
  stamp->set_seconds(micros / 1'000'000);
  // Below a microsecond nothing is stored.
  stamp->set_nanos(static_cast<int>(micros % 1'000'000 * 1000 + 999));
}

void SetRandom(Random& random, const Field& field, Message* message) {
  for (size_t i = 0; i + 1 < field.steps.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, field.steps[i]);
  }
  const FieldDescriptor* last = field.steps.back();
  const auto* reflection = message->GetReflection();
  switch (field.kind) {
    case FieldKind::kText:
      return reflection->SetString(message, last, OneOf(random, SomeTexts()));
    case FieldKind::kInt:
      return reflection->SetInt32(message, last, Pick(random, 5) - 2);
    case FieldKind::kBool:
      return reflection->SetBool(message, last, Pick(random, 2) == 1);
    case FieldKind::kEnum: {
      const int index = Pick(random, last->enum_type()->value_count());
      return reflection->SetEnumValue(message, last, last->enum_type()->value(index)->number());
    }
    case FieldKind::kDate: {
      if (Pick(random, 3) == 0) return;
      auto* date = reflection->MutableMessage(message, last);
      *static_cast<google::type::Date*>(date) = ToProto(*ParseDate(OneOf(random, SomeDates())));
      return;
    }
    case FieldKind::kTime:
      if (Pick(random, 3) == 0) return;
      return SetTime(OneOf(random, SomeTimes()), reflection->MutableMessage(message, last));
    case FieldKind::kTextList:
      for (int i = Pick(random, 4); i > 0; --i) {
        reflection->AddString(message, last, OneOf(random, SomeTexts()));
      }
      return;
  }
}

}  // namespace

const Fields& AgreementFields() {
  static const Fields* fields =
      new Fields(accord::agreements::v1::Agreement::descriptor(),
                 {"name", "model", "agency_state", "field_office", "state", "agency_signed_date",
                  "participating.last_listed_date", "participating.listed",
                  "participating.lists_absent", "fictitious", "create_time"});
  return *fields;
}

const Fields& AgencyFields() {
  static const Fields* fields =
      new Fields(accord::agreements::v1::Agency::descriptor(),
                 {"name", "display_name", "aliases", "state", "kind", "field_office_pinned",
                  "merged_into", "keys", "create_time", "update_time"});
  return *fields;
}

int Pick(Random& random, int below) { return static_cast<int>(random() % below); }

const std::vector<std::string>& SomeTexts() {
  static const auto* texts = new std::vector<std::string>{
      "",           "a",      "A",       "Ab",     "ab",   "aB%",   "a_b",          "a!b", "!",
      "%",          "_",      "\\",      "a\\b",   "it's", "\"q\"", "x' OR '1'='1", "AND", "*",
      "a*",         "Straße", "STRASSE", "straße", "Élan", "élan",  "日本",         "-5",  "true",
      "2025-07-02", "--",     "; DROP",  "$1",     "?",    "(a)",   "tab\there",    "a b"};
  return *texts;
}

const std::vector<std::string>& SomeDates() {
  static const auto* dates = new std::vector<std::string>{"0001-01-01", "1999-12-31", "2025-07-01",
                                                          "2025-07-02", "9999-12-31"};
  return *dates;
}

const std::vector<std::string>& SomeTimes() {
  static const auto* times = new std::vector<std::string>{
      "1970-01-01T00:00:00.000001Z", "2025-07-02T10:00:00Z", "2025-07-02T10:00:00.5Z",
      "2025-07-02T12:00:00+02:00", "2025-07-02T10:00:00.500001Z"};
  return *times;
}

Messages RandomMessages(Random& random, const Message& prototype, const Fields& fields, int count) {
  Messages messages;
  for (int i = 0; i < count; ++i) {
    std::unique_ptr<Message> message(prototype.New());
    for (const Field& field : fields.all()) SetRandom(random, field, message.get());
    const FieldDescriptor* name = message->GetDescriptor()->FindFieldByName("name");
    message->GetReflection()->SetString(message.get(), name, absl::StrCat("rows/", i));
    messages.push_back(std::move(message));
  }
  return messages;
}

MessageTable::MessageTable(const Fields& fields, const Messages& messages) {
  folder_ = testing::TempDir() + "/accord_store_XXXXXX";
  if (mkdtemp(folder_.data()) == nullptr) std::abort();
  database_ = sql::Database::Open(absl::StrCat("sqlite:", folder_, "/t.db")).value();
  connection_ = database_->Connect(sql::Access::kWrite).value();
  std::vector<std::string> columns, marks;
  for (const Field& field : fields.all()) {
    columns.push_back(absl::StrCat(field.column, " ", Fields::ColumnType(field.kind)));
    marks.push_back(absl::StrCat("$", marks.size() + 1));
  }
  const auto created = connection_->ExecuteScript(
      absl::StrCat("CREATE TABLE t (", absl::StrJoin(columns, ", "), ")"));
  EXPECT_TRUE(created.ok()) << created;
  std::vector<std::vector<sql::Value>> rows;
  for (const auto& message : messages) {
    auto& row = rows.emplace_back();
    for (const Field& field : fields.all()) row.push_back(ExtractField(*message, field));
  }
  const auto inserted = connection_->ExecuteMany(
      absl::StrCat("INSERT INTO t VALUES (", absl::StrJoin(marks, ", "), ")"), rows);
  EXPECT_TRUE(inserted.ok()) << inserted;
}

MessageTable::~MessageTable() {
  connection_.reset();
  database_.reset();
  std::filesystem::remove_all(folder_);
}

std::vector<std::string> MessageTable::Names(const std::string& tail,
                                             std::vector<sql::Value> params) {
  std::vector<std::string> names;
  const auto result = connection_->Execute("SELECT name FROM t " + tail, std::move(params));
  EXPECT_TRUE(result.ok()) << result.status() << "\n" << tail;
  if (!result.ok()) return names;
  for (const sql::Row& row : result->rows) names.push_back(sql::GetText(row, 0).value());
  return names;
}

std::string NameOf(const Message& message) {
  const FieldDescriptor* name = message.GetDescriptor()->FindFieldByName("name");
  return message.GetReflection()->GetString(message, name);
}

}  // namespace accord::store
