// Verification of a log: the chain, then what stands in the resource tables.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/status.h"
#include "common/store/chain.h"
#include "common/store/change_rows.h"
#include "common/store/log_reader.h"

namespace accord::store {
namespace {

using log::v1::Change;

// Changes whose subjects are held in memory together.
constexpr int64_t kChainBatch = 1000;

// ", r.f_state, r.f_county"
std::string ColumnsOf(const ResourceType& type, absl::string_view table) {
  std::string columns;
  for (const Field& field : type.fields().all()) {
    if (field.path != "name") absl::StrAppend(&columns, ", ", table, ".", field.column);
  }
  return columns;
}

// Whether a row's columns, from `first` on, say what its message says. A filter believes
// the columns.
bool ColumnsMatch(const ResourceType& type, const sql::Row& row, size_t first,
                  const std::string& bytes) {
  const auto message = type.NewMessage();
  if (!message->ParseFromString(bytes)) return false;
  for (const Field& field : type.fields().all()) {
    if (field.path == "name") continue;
    if (row.at(first++) != ExtractField(*message, field)) return false;
  }
  return true;
}

class Verifier {
 public:
  Verifier(Reader& reader, int64_t from, int64_t to, absl::Time deadline)
      : reader_(reader),
        deadline_(deadline),
        from_(std::max<int64_t>(from, 1)),
        to_(to <= 0 ? reader.position().revision : std::min(to, reader.position().revision)) {}

  absl::StatusOr<log::v1::VerifyChangesResponse> Run() {
    response_.set_log(reader_.position().log_id);
    ACCORD_RETURN_IF_ERROR(VerifyChain());
    if (!broken() && to_ == reader_.position().revision) {
      ACCORD_RETURN_IF_ERROR(VerifyHead());
      for (const auto& type : reader_.types().all()) {
        ACCORD_RETURN_IF_ERROR(type->spec().bulk ? VerifyRows(*type) : VerifyResources(*type));
        ACCORD_RETURN_IF_ERROR(VerifyCounts(*type));
      }
    }
    response_.set_intact(!broken());
    return std::move(response_);
  }

 private:
  bool broken() const { return !response_.problem().empty(); }

  // The tables are read one after another, so a lower revision may turn up later.
  void Broken(int64_t revision, absl::string_view problem) {
    if (broken() && response_.first_broken_revision() <= revision) return;
    response_.set_first_broken_revision(revision);
    response_.set_problem(std::string(problem));
  }

  absl::Status VerifyChain() {
    ACCORD_RETURN_IF_ERROR(ReadPreviousHash());
    expected_ = from_;
    for (int64_t first = from_; first <= to_ && !broken(); first += kChainBatch) {
      const int64_t last = std::min(first + kChainBatch - 1, to_);
      ACCORD_RETURN_IF_ERROR(ReadSubjects(first, last));
      ACCORD_RETURN_IF_ERROR(reader_.connection().ForEach(
          absl::StrCat("SELECT ", ChangeColumns(true),
                       " FROM changes WHERE f_revision BETWEEN $1 AND $2 ORDER BY f_revision"),
          {first, last}, [this](sql::Row& row) { return VerifyRow(row); }));
      if (expected_ <= last) Broken(expected_, "this revision is missing");
    }
    return absl::OkStatus();
  }

  absl::Status ReadPreviousHash() {
    ACCORD_ASSIGN_OR_RETURN(previous_, HashAt(reader_, from_ - 1));
    if (previous_.empty()) Broken(from_ - 1, "this revision is missing");
    return absl::OkStatus();
  }

  // The index of subjects must say what the Changes say, or it hides some.
  absl::Status ReadSubjects(int64_t first, int64_t last) {
    subjects_.clear();
    return reader_.connection().ForEach(
        "SELECT revision, subject FROM change_subjects WHERE revision BETWEEN $1 AND $2 "
        "ORDER BY revision, subject",
        {first, last}, [this](sql::Row& row) -> absl::Status {
          ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 0));
          ACCORD_ASSIGN_OR_RETURN(std::string subject, sql::GetText(row, 1));
          subjects_[revision].push_back(std::move(subject));
          return absl::OkStatus();
        });
  }

  absl::Status VerifyRow(sql::Row& row) {
    if (broken()) return absl::OkStatus();
    ACCORD_ASSIGN_OR_RETURN(const Change change, ParseChange(row, /*with_image=*/false));
    ACCORD_ASSIGN_OR_RETURN(const std::string problem, ProblemOf(change, row));
    if (!problem.empty()) {
      Broken(expected_, problem);
      return absl::OkStatus();
    }
    previous_ = change.hash();
    ++expected_;
    response_.set_changes_verified(response_.changes_verified() + 1);
    response_.set_revision(change.revision());
    response_.set_hash(change.hash());
    return absl::OkStatus();
  }

  // What is wrong with the Change at expected_; empty when nothing is.
  absl::StatusOr<std::string> ProblemOf(const Change& change, const sql::Row& row) {
    if (change.revision() != expected_) return "this revision is missing";
    if (ChainHash(previous_, change) != change.hash()) {
      return "the hash does not follow from the Change and the one before it";
    }
    const auto& subjects = change.subjects();
    if (subjects_[change.revision()] !=
        std::vector<std::string>(subjects.begin(), subjects.end())) {
      return "the index of subjects differs from the Change";
    }
    if (sql::IsNull(row, 16)) {
      response_.set_images_redacted(response_.images_redacted() + 1);
      return "";
    }
    ACCORD_ASSIGN_OR_RETURN(const std::string image, sql::GetBytes(row, 16));
    return Sha256(image) == change.image_digest() ? ""
                                                  : "the image is not the one that was recorded";
  }

  absl::Status VerifyHead() {
    if (reader_.position().hash != previous_) {
      Broken(to_, "the log's head does not carry this revision's hash");
    }
    ACCORD_RETURN_IF_ERROR(
        VerifyNothingBeyond("SELECT min(f_revision) FROM changes "
                            "WHERE f_revision > $1"));
    return VerifyNothingBeyond("SELECT min(revision) FROM change_subjects WHERE revision > $1");
  }

  absl::Status VerifyNothingBeyond(absl::string_view sql) {
    ACCORD_ASSIGN_OR_RETURN(const sql::Result beyond, reader_.connection().Execute(sql, {to_}));
    if (sql::IsNull(beyond.rows.at(0), 0)) return absl::OkStatus();
    ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(beyond.rows[0], 0));
    Broken(revision, "this revision lies beyond the log's head");
    return absl::OkStatus();
  }

  // Every row is its newest image, every resource that was not deleted has a row, and none
  // that was deleted has one.
  absl::Status VerifyResources(const ResourceType& type) {
    ACCORD_RETURN_IF_ERROR(reader_.connection().ForEach(
        absl::StrCat("SELECT r.name, r.revision, r.message, c.image, c.f_resource",
                     ColumnsOf(type, "r"), " FROM ", type.table(),
                     " r LEFT JOIN changes c ON c.f_revision = r.revision ORDER BY r.revision"),
        {}, [&](sql::Row& row) { return VerifyResource(type, row); }));
    return reader_.connection().ForEach(
        absl::StrCat("SELECT newest.resource, newest.revision FROM ("
                     "  SELECT f_resource AS resource, max(f_revision) AS revision FROM changes"
                     "  WHERE f_resource_type = $1 AND f_kind <> 4 GROUP BY f_resource) newest"
                     " JOIN changes c ON c.f_revision = newest.revision"
                     " LEFT JOIN ",
                     type.table(),
                     " r ON r.name = newest.resource"
                     " WHERE (c.f_kind <> 3 AND (r.name IS NULL OR r.revision <> newest.revision))"
                     " OR (c.f_kind = 3 AND r.name IS NOT NULL)"
                     " ORDER BY newest.revision LIMIT 1"),
        {type.type_name()}, [this](sql::Row& row) -> absl::Status {
          ACCORD_ASSIGN_OR_RETURN(const std::string name, sql::GetText(row, 0));
          ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 1));
          Broken(revision, absl::StrCat(name, " is not as this Change left it"));
          return absl::OkStatus();
        });
  }

  absl::Status VerifyResource(const ResourceType& type, const sql::Row& row) {
    ACCORD_ASSIGN_OR_RETURN(const std::string name, sql::GetText(row, 0));
    ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 1));
    ACCORD_ASSIGN_OR_RETURN(const std::string message, sql::GetBytes(row, 2));
    if (sql::IsNull(row, 4)) {
      Broken(revision, absl::StrCat(name, " rests on a Change that is missing"));
      return absl::OkStatus();
    }
    response_.set_resources_verified(response_.resources_verified() + 1);
    if (!ColumnsMatch(type, row, 5, message)) {
      Broken(revision, absl::StrCat(name, " has columns that differ from its message"));
    }
    if (sql::IsNull(row, 3)) return absl::OkStatus();  // Redacted: nothing to compare with.
    ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 3));
    ACCORD_ASSIGN_OR_RETURN(const std::string resource, sql::GetText(row, 4));
    log::v1::Image image;
    if (resource != name || !image.ParseFromString(bytes) || image.resource().value() != message) {
      Broken(revision, absl::StrCat(name, " was changed without a Change"));
    }
    return absl::OkStatus();
  }

  // The rows of every BULK Change still have the digest that was recorded.
  absl::Status VerifyRows(const ResourceType& type) {
    std::map<int64_t, log::v1::BulkRows> recorded;
    std::set<int64_t> redacted;
    ACCORD_RETURN_IF_ERROR(reader_.connection().ForEach(
        "SELECT f_revision, image FROM changes WHERE f_kind = 5", {},
        [&](sql::Row& row) -> absl::Status {
          ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 0));
          if (sql::IsNull(row, 1)) {
            redacted.insert(revision);
            return absl::OkStatus();
          }
          ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 1));
          log::v1::Image image;
          log::v1::BulkRows rows;
          if (!image.ParseFromString(bytes) || !image.resource().UnpackTo(&rows)) {
            return absl::DataLossError("a stored image does not parse");
          }
          if (rows.resource_type() == type.type_name()) recorded[revision] = rows;
          return absl::OkStatus();
        }));
    ACCORD_ASSIGN_OR_RETURN(auto found, DigestRows(type));
    // Their digest was erased with the image: nothing to compare with.
    for (const int64_t revision : redacted) found.erase(revision);
    CompareRows(recorded, found);
    return absl::OkStatus();
  }

  struct RowDigest {
    std::string digest;
    int64_t rows = 0;
  };
  using RowDigests = std::map<int64_t, RowDigest>;

  // By revision; holds the rows of one Change at a time.
  absl::StatusOr<RowDigests> DigestRows(const ResourceType& type) {
    RowDigests found;
    std::string framed;
    ACCORD_RETURN_IF_ERROR(reader_.connection().ForEach(
        absl::StrCat("SELECT r.revision, r.message", ColumnsOf(type, "r"), " FROM ", type.table(),
                     " r ORDER BY r.revision, r.name"),
        {}, [&](sql::Row& row) -> absl::Status {
          ACCORD_ASSIGN_OR_RETURN(const int64_t revision, sql::GetInt(row, 0));
          ACCORD_ASSIGN_OR_RETURN(const std::string bytes, sql::GetBytes(row, 1));
          if (!found.contains(revision)) {
            if (!found.empty()) found.rbegin()->second.digest = Sha256(framed);
            framed.clear();
          }
          if (!ColumnsMatch(type, row, 2, bytes)) {
            Broken(revision, "a row's columns differ from its message");
          }
          absl::StrAppend(&framed, bytes.size(), ":", bytes);
          ++found[revision].rows;
          return absl::OkStatus();
        }));
    if (!found.empty()) found.rbegin()->second.digest = Sha256(framed);
    return found;
  }

  void CompareRows(const std::map<int64_t, log::v1::BulkRows>& recorded, RowDigests& found) {
    for (const auto& [revision, rows] : recorded) {
      const RowDigest& digest = found[revision];
      if (digest.rows != rows.rows() || digest.digest != rows.rows_digest()) {
        Broken(revision, "the rows that this Change added are not as they were");
      }
      response_.set_resources_verified(response_.resources_verified() + digest.rows);
      found.erase(revision);
    }
    if (!found.empty()) Broken(found.begin()->first, "rows without a Change that added them");
  }

  // No Change says which one went wrong, so it is the log's end that does not match.
  absl::Status VerifyCounts(const ResourceType& type) {
    for (const Counts& counts : type.counts()) {
      ACCORD_ASSIGN_OR_RETURN(const bool match, counts.Match(reader_.connection(), deadline_));
      if (!match) Broken(to_, absl::StrCat(counts.table(), " counts other than the rows"));
    }
    return absl::OkStatus();
  }

  Reader& reader_;
  const absl::Time deadline_;
  const int64_t from_;
  const int64_t to_;
  log::v1::VerifyChangesResponse response_;
  std::string previous_;
  int64_t expected_ = 1;
  std::map<int64_t, std::vector<std::string>> subjects_;  // By revision; of one batch.
};

}  // namespace

absl::StatusOr<log::v1::VerifyChangesResponse> VerifyChanges(Store& store, int64_t from, int64_t to,
                                                             absl::Time deadline) {
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  FieldViolations violations;
  if (from < 0) violations.Add("from_revision", "must not be negative");
  if (to < 0) violations.Add("to_revision", "must not be negative");
  if (to > 0 && from > to) violations.Add("from_revision", "lies after to_revision");
  if (from > std::max<int64_t>((*snapshot)->position().revision, 1)) {
    violations.Add("from_revision", "lies beyond the log's end");
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kLogDomain));
  return Verifier(**snapshot, from, to, deadline).Run();
}

}  // namespace accord::store
