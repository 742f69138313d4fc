// Filters: the input is the text of one. SQLite, asked with its SQL, and Matches must choose
// the same messages.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/utf8.h"
#include "common/store/filter.h"
#include "tests/fuzz/property.h"
#include "tests/unit/store/random_messages.h"

namespace accord::store {
namespace {

using fuzz::Require;
using sql::Value;

constexpr int kRows = 40;
// Names every field and every value of an enum, quotes the caller a little.
constexpr size_t kMaxRefusal = 2000;

// One type of resource: what is declared, some messages of it, and their table.
struct Subject {
  Subject(const google::protobuf::Message& prototype, const Fields& declared)
      : fields(declared), messages(RandomRows(prototype, declared)), table(declared, messages) {}

  static Messages RandomRows(const google::protobuf::Message& prototype, const Fields& fields) {
    Random random(287);
    return RandomMessages(random, prototype, fields, kRows);
  }

  const Fields& fields;
  const Messages messages;
  MessageTable table;
};

void ExpectGoodRefusal(absl::string_view text, const absl::Status& status) {
  Require(status.code() == absl::StatusCode::kInvalidArgument, "a refusal is INVALID_ARGUMENT");
  Require(GetReason(status) == "INVALID_FIELDS", "a refusal has its reason");
  Require(absl::StartsWith(status.message(), "filter: "), "a refusal names the field");
  Require(status.message().size() <= kMaxRefusal, "a refusal is short");
  Require(!IsValidUtf8(text) || IsValidUtf8(status.message()), "a refusal is UTF-8");
}

// A word that ToSql may write, whatever the caller wrote.
bool IsOurWord(absl::string_view word, const Fields& fields) {
  static constexpr absl::string_view kWords[] = {
      "AND", "OR", "NOT", "TRUE", "lower", "replace", "LIKE", "ESCAPE", "'!'",
      "''",  "0",  "=",   "<>",   "<",     "<=",      ">",    ">="};
  for (const absl::string_view ours : kWords) {
    if (word == ours) return true;
  }
  for (const Field& field : fields.all()) {
    if (word == field.column) return true;
  }
  return false;
}

// Placeholders count up from the one after `bound`, each is there once, and there is
// nothing in between that a caller could have written.
void ExpectOwnWordsAndPlaceholders(const std::string& where, size_t bound, size_t params,
                                   const Fields& fields) {
  size_t last = bound;
  for (const absl::string_view word :
       absl::StrSplit(where, absl::ByAnyChar(" (),"), absl::SkipEmpty())) {
    if (word[0] == '$') {
      Require(word == absl::StrCat("$", ++last), "placeholders count up");
    } else {
      Require(IsOurWord(word, fields), "the SQL holds no text of the caller");
    }
  }
  Require(last == params, "there is a value for each placeholder");
}

std::vector<std::string> NamesInMemory(const Filter& filter, const Messages& messages) {
  std::vector<std::string> names;
  for (const auto& message : messages) {
    if (filter.Matches(*message)) names.push_back(NameOf(*message));
  }
  return names;
}

void CheckParsed(const Filter& filter, bool valid_text, Subject& subject) {
  std::vector<Value> more(2);
  const std::string later = filter.ToSql(&more);
  ExpectOwnWordsAndPlaceholders(later, 2, more.size(), subject.fields);
  std::vector<Value> params;
  const std::string where = filter.ToSql(&params);
  ExpectOwnWordsAndPlaceholders(where, 0, params.size(), subject.fields);
  const std::vector<std::string> names = NamesInMemory(filter, subject.messages);
  // What is not UTF-8 is not let in by gRPC, and databases differ in what they make of it.
  if (!valid_text) return;
  const auto found = subject.table.Names(absl::StrCat("WHERE ", where, " ORDER BY rowid"), params);
  Require(found == names, "SQL and memory choose the same rows");
}

void CheckText(absl::string_view text, Subject& subject) {
  const auto filter = Filter::Parse(text, subject.fields, "test.accord");
  if (!filter.ok()) return ExpectGoodRefusal(text, filter.status());
  Require(text.size() <= Filter::kMaxBytes, "a parsed filter is within its bound");
  if (!filter->empty()) fuzz::CountAccepted();
  CheckParsed(*filter, IsValidUtf8(text), subject);
}

Subject& Agreements() {
  static Subject subject(agreements::v1::Agreement(), AgreementFields());
  return subject;
}

Subject& Agencies() {
  static Subject subject(agreements::v1::Agency(), AgencyFields());
  return subject;
}

}  // namespace
}  // namespace accord::store

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  accord::fuzz::QuietlyStrict();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace accord::store;
  const absl::string_view text = accord::fuzz::TextOf(data, size);
  CheckText(text, Agreements());
  CheckText(text, Agencies());
  return 0;
}
