#include "common/store/chain.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/framing.h"

namespace accord::store {
namespace {

constexpr char kFormat = 1;
constexpr size_t kSaltBytes = 16;

std::string FramedHeader(const log::v1::Change& change) {
  std::string out;
  AppendInt(out, static_cast<uint64_t>(change.revision()));
  AppendInt(out, static_cast<uint64_t>(change.mutation_end()));
  AppendFramed(out, change.resource());
  AppendFramed(out, change.resource_type());
  AppendInt(out, static_cast<uint64_t>(change.subjects_size()));
  for (const std::string& subject : change.subjects()) AppendFramed(out, subject);
  AppendInt(out, static_cast<uint64_t>(change.kind()));
  AppendFramed(out, change.action());
  AppendFramed(out, change.actor());
  AppendFramed(out, change.role());
  AppendFramed(out, change.client());
  AppendFramed(out, change.request_id());
  AppendFramed(out, change.cause());
  AppendInt(out, static_cast<uint64_t>(
                     google::protobuf::util::TimeUtil::TimestampToMicroseconds(change.time())));
  AppendFramed(out, change.reason());
  return out;
}

}  // namespace

std::string GenesisHash() { return std::string(32, '\0'); }

std::string ChainHash(absl::string_view previous_hash, const log::v1::Change& change) {
  std::string out(1, kFormat);
  AppendFramed(out, previous_hash);
  AppendFramed(out, FramedHeader(change));
  AppendFramed(out, change.image_digest());
  return Sha256(out);
}

std::string EncodeImage(absl::string_view type, absl::string_view resource) {
  log::v1::Image image;
  image.set_salt(RandomBytes(kSaltBytes));
  if (!type.empty()) {
    image.mutable_resource()->set_type_url(absl::StrCat("type.googleapis.com/", type));
    image.mutable_resource()->set_value(std::string(resource));
  }
  return image.SerializeAsString();
}

}  // namespace accord::store
