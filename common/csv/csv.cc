#include "common/csv/csv.h"

#include <csv.h>

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/utf8.h"

namespace accord {
namespace {

struct Collector {
  size_t max_fields;
  const CsvFunction& fn;
  CsvRecord record{};
  int64_t records = 0;
  absl::Status status{};
};

void TakeField(void* data, size_t size, void* collector) {
  auto& c = *static_cast<Collector*>(collector);
  if (!c.status.ok() || c.record.size() >= c.max_fields) return;
  std::string& field = c.record.emplace_back();
  if (size > 0) field.assign(static_cast<const char*>(data), size);
}

void EndRecord(int /*terminator*/, void* collector) {
  auto& c = *static_cast<Collector*>(collector);
  if (!c.status.ok()) return;
  ++c.records;
  c.status = c.fn(c.record);
  c.record.clear();
}

class Parser {
 public:
  Parser() { csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI); }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  absl::Status Parse(absl::string_view bytes, Collector& into) {
    const size_t parsed =
        csv_parse(&parser_, bytes.data(), bytes.size(), TakeField, EndRecord, &into);
    const bool ended =
        parsed == bytes.size() && csv_fini(&parser_, TakeField, EndRecord, &into) == 0;
    if (ended || !into.status.ok()) return into.status;
    return absl::DataLossError(
        absl::StrCat("a quote is out of place or never closed after record ", into.records));
  }

 private:
  csv_parser parser_;
};

}  // namespace

absl::Status ForEachCsvRecord(absl::string_view bytes, size_t max_fields, const CsvFunction& fn) {
  absl::ConsumePrefix(&bytes, "\xEF\xBB\xBF");
  if (absl::StrContains(bytes, '\0')) return absl::InvalidArgumentError("it contains a NUL byte");
  if (!IsValidUtf8(bytes)) return absl::InvalidArgumentError("it is not valid UTF-8");
  Collector collector{max_fields, fn};
  return Parser().Parse(bytes, collector);
}

}  // namespace accord
