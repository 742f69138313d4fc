// Published lists: the input is the file. Half of the mutations change one part inside of a
// workbook and zip it anew, because what is behind a checksum is hardly reached otherwise.
#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "common/base/error.h"
#include "common/base/utf8.h"
#include "services/agreements/roster/roster_file.h"
#include "services/agreements/roster/sheet.h"
#include "services/agreements/roster/text_fold.h"
#include "services/agreements/roster/zip_archive.h"
#include "tests/fuzz/property.h"
#include "tests/unit/roster/workbook_builder.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace accord::agreements::roster {
namespace {

using fuzz::Require;

// A refusal is for a person to read, and travels in gRPC's trailers.
constexpr size_t kMaxRefusal = 1000;
constexpr size_t kMaxPart = 64 << 10;

bool IsReason(absl::string_view reason) {
  static constexpr absl::string_view kReasons[] = {"ROSTER_EMPTY",          "ROSTER_NOT_A_WORKBOOK",
                                                   "ROSTER_HEADER_MISSING", "ROSTER_TOO_LARGE",
                                                   "ROSTER_DAMAGED",        "ROSTER_NOT_TEXT"};
  return std::find(std::begin(kReasons), std::end(kReasons), reason) != std::end(kReasons);
}

void ExpectGoodRefusal(const absl::Status& status) {
  Require(status.code() == absl::StatusCode::kInvalidArgument, "a refusal is INVALID_ARGUMENT");
  Require(IsReason(GetReason(status)), "a refusal has a declared reason");
  Require(!status.message().empty() && status.message().size() <= kMaxRefusal,
          "a refusal says why, in short");
  Require(IsValidUtf8(status.message()), "a refusal is UTF-8");
}

void ExpectGoodRow(const PublishedRow& row) {
  for (const std::string* text :
       {&row.state, &row.agency, &row.type, &row.county, &row.model, &row.signed_text}) {
    Require(CleanText(*text) == *text, "text is clean");
  }
  for (const std::string* text : {&row.state, &row.agency, &row.document_text, &row.addendum_text,
                                  &row.document_uri, &row.addendum_uri}) {
    Require(IsValidUtf8(*text), "text is UTF-8");
  }
  Require(!(row.signed_date && row.suggested_date), "a date is read or suggested");
}

void ExpectGoodList(const PublishedList& list) {
  Require(!list.rows.empty(), "a list has a row");
  Require(static_cast<int64_t>(list.rows.size()) <= kMaxRows, "rows are within their bound");
  int last = 0;
  int hidden = 0;
  for (const PublishedRow& row : list.rows) {
    Require(row.row_number > last, "row numbers ascend");
    last = row.row_number;
    hidden += row.hidden;
    ExpectGoodRow(row);
  }
  Require(hidden == list.hidden_rows, "hidden rows are counted");
  Require(list.content_digest.size() == 64 && list.bytes_digest.size() == 64, "digests are made");
}

// The parts that are read. Empty when `bytes` are no archive within the limits.
WorkbookParts PartsOf(absl::string_view bytes) {
  WorkbookParts parts;
  const auto zip = ZipArchive::Open(bytes);
  if (!zip.ok()) return parts;
  for (const char* path : {"_rels/.rels", "xl/_rels/workbook.xml.rels", kWorkbookPath, kStringsPath,
                           kSheetPath, kSheetRelsPath}) {
    auto content = zip->Read(path);
    if (content.ok() && content->size() <= kMaxPart) parts[path] = *std::move(content);
  }
  return parts;
}

std::string MutateText(std::string text) {
  const size_t size = text.size();
  text.resize(std::max<size_t>(2 * size, 256));
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
  return text;
}

// Empty when `bytes` are no workbook with parts that can be changed.
std::string MutateOnePart(absl::string_view bytes, std::minstd_rand& random) {
  WorkbookParts parts = PartsOf(bytes);
  if (parts.empty()) return "";
  const auto part = std::next(parts.begin(), static_cast<int64_t>(random() % parts.size()));
  part->second = MutateText(std::move(part->second));
  return ZipOf(parts);
}

}  // namespace
}  // namespace accord::agreements::roster

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  accord::fuzz::QuietlyStrict();
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  std::minstd_rand random(seed);
  std::string changed;
  if (random() % 2 == 0) {
    changed = accord::agreements::roster::MutateOnePart(accord::fuzz::TextOf(data, size), random);
  }
  if (changed.empty() || changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace accord::agreements::roster;
  const auto list = ReadPublishedList(accord::fuzz::TextOf(data, size));
  if (!list.ok()) {
    ExpectGoodRefusal(list.status());
    return 0;
  }
  accord::fuzz::CountAccepted();
  ExpectGoodList(*list);
  return 0;
}
