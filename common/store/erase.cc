#include "common/store/erase.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/personal.h"
#include "common/base/status.h"
#include "common/store/log_reader.h"
#include "common/store/not_found.h"

namespace accord::store {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// Images that are read, and then erased, together.
constexpr int kBatch = 100;

absl::Status NothingPersonal(absl::string_view name) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kLogDomain, "NOTHING_PERSONAL",
                   absl::StrCat(name, " is of a type that has no personal fields"),
                   {{"name", std::string(name)}});
}

absl::Status Incomplete(absl::StatusCode code, absl::string_view name, absl::string_view why) {
  return MakeError(code, kLogDomain, "ERASURE_INCOMPLETE",
                   absl::StrCat("the erasure of ", name, " has begun and is not complete: ", why,
                                ". Ask again, and it goes on"),
                   {{"name", std::string(name)}});
}

absl::StatusOr<bool> IsKnownToLog(Reader& reader, absl::string_view name) {
  ACCORD_ASSIGN_OR_RETURN(
      const sql::Result result,
      reader.connection().Execute("SELECT 1 FROM changes WHERE f_resource = $1 LIMIT 1",
                                  {std::string(name)}));
  return !result.rows.empty();
}

// Sets `fields` to what it empties.
absl::StatusOr<WriteSet> EmptyCurrent(Transaction& transaction, const ResourceType& type,
                                      absl::string_view name, std::vector<std::string>& fields) {
  fields.clear();
  WriteSet writes;
  const std::unique_ptr<Message> resource = type.NewMessage();
  const absl::Status found = transaction.GetInto(name, *resource);
  if (absl::IsNotFound(found)) {
    ACCORD_ASSIGN_OR_RETURN(const bool known, IsKnownToLog(transaction, name));
    if (!known) return ResourceNotFound(kLogDomain, name);
    return writes;  // Deleted: only its past is left.
  }
  ACCORD_RETURN_IF_ERROR(found);
  fields = PersonalPathsSet(*resource);
  if (fields.empty()) return writes;
  ClearPersonal(*resource);
  writes.Update(*resource);
  return writes;
}

// Whether an image, as stored, says who a person is. One of a type that this program does not
// know might, so it does.
absl::StatusOr<bool> HoldsPersonal(const std::string& bytes) {
  log::v1::Image image;
  if (!image.ParseFromString(bytes)) return absl::DataLossError("a stored image does not parse");
  if (!image.has_resource()) return false;
  const std::string& url = image.resource().type_url();
  const Descriptor* type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(url.rfind('/') + 1));
  if (type == nullptr) return true;
  const std::unique_ptr<Message> message(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(image.resource().value())) {
    return absl::DataLossError("a stored image does not parse");
  }
  return !PersonalPathsSet(*message).empty();
}

// Some of a resource's images, in order of revision.
struct Batch {
  int64_t last = 0;  // Revision of the last one; 0 when there was none.
  std::vector<int64_t> personal;
};

absl::StatusOr<Batch> ReadBatch(Store& store, absl::string_view name, int64_t after, int64_t up_to,
                                absl::Time deadline) {
  Batch batch;
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(deadline));
  ACCORD_RETURN_IF_ERROR((*snapshot)->connection().ForEach(
      absl::StrCat("SELECT f_revision, image FROM changes WHERE f_resource = $1 AND "
                   "f_revision > $2 AND f_revision <= $3 AND image IS NOT NULL "
                   "ORDER BY f_revision LIMIT ",
                   kBatch),
      {std::string(name), after, up_to}, [&](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(batch.last, sql::GetInt(row, 0));
        ACCORD_ASSIGN_OR_RETURN(const std::string image, sql::GetBytes(row, 1));
        ACCORD_ASSIGN_OR_RETURN(const bool personal, HoldsPersonal(image));
        if (personal) batch.personal.push_back(batch.last);
        return absl::OkStatus();
      }));
  return batch;
}

// Erases the images, or counts what it would erase.
absl::Status ErasePast(Store& store, absl::string_view name, const MutationContext& context,
                       Erased& erased) {
  for (int64_t after = 0;;) {
    if (absl::Now() >= context.deadline) {
      return Incomplete(absl::StatusCode::kDeadlineExceeded, name, "the deadline has passed");
    }
    ACCORD_ASSIGN_OR_RETURN(
        const Batch batch,
        ReadBatch(store, name, after, erased.position.revision, context.deadline));
    if (batch.last == 0) return absl::OkStatus();
    after = batch.last;
    if (context.validate_only) {
      erased.images += static_cast<int64_t>(batch.personal.size());
    } else if (!batch.personal.empty()) {
      ACCORD_ASSIGN_OR_RETURN(const int64_t redacted, store.RedactImages(batch.personal));
      erased.images += redacted;
    }
  }
}

}  // namespace

absl::StatusOr<Erased> ErasePersonalFields(Store& store, absl::string_view name,
                                           MutationContext context) {
  const ResourceType* type = store.types().FindByName(name);
  if (type == nullptr) return ResourceNotFound(kLogDomain, name);
  if (!type->personal()) return NothingPersonal(name);
  Erased erased;
  ACCORD_ASSIGN_OR_RETURN(const Committed committed,
                          store.Mutate(context, [&](Transaction& transaction) {
                            return EmptyCurrent(transaction, *type, name, erased.fields);
                          }));
  erased.position = committed.position;
  ACCORD_RETURN_IF_ERROR(ErasePast(store, name, context, erased));
  if (context.validate_only) return erased;
  const absl::Status emptied = store.EmptyJournal();
  if (absl::IsUnavailable(emptied)) {
    return Incomplete(emptied.code(), name, "the old content is still in the database's journal");
  }
  ACCORD_RETURN_IF_ERROR(emptied);
  return erased;
}

}  // namespace accord::store
