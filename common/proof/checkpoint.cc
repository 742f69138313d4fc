#include "common/proof/checkpoint.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/framing.h"
#include "common/base/status.h"

namespace accord::proof {
namespace {

// Keeps a signature from being taken for one over anything else.
constexpr absl::string_view kFormat = "accord checkpoint 1";

}  // namespace

std::string CheckpointBytes(const log::v1::Checkpoint& checkpoint) {
  std::string out;
  AppendFramed(out, kFormat);
  AppendFramed(out, checkpoint.service());
  AppendFramed(out, checkpoint.log());
  AppendInt(out, static_cast<uint64_t>(checkpoint.revision()));
  AppendFramed(out, checkpoint.hash());
  AppendInt(out, static_cast<uint64_t>(checkpoint.time().seconds()));
  AppendInt(out, static_cast<uint64_t>(checkpoint.time().nanos()));
  AppendFramed(out, checkpoint.key_id());
  return out;
}

absl::Status SignCheckpoint(const SigningKey& key, log::v1::Checkpoint& checkpoint) {
  checkpoint.set_key_id(key.public_key().id());
  ACCORD_ASSIGN_OR_RETURN(*checkpoint.mutable_signature(), key.Sign(CheckpointBytes(checkpoint)));
  return absl::OkStatus();
}

std::string SignatureProblem(const log::v1::Checkpoint& checkpoint,
                             const std::vector<PublicKey>& keys) {
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const PublicKey& candidate) {
    return candidate.id() == checkpoint.key_id();
  });
  if (key == keys.end()) {
    return absl::StrCat("it names the key \"", checkpoint.key_id(), "\", which was not given");
  }
  if (key->Verify(CheckpointBytes(checkpoint), checkpoint.signature())) return std::string();
  return absl::StrCat("its signature is not that of key ", checkpoint.key_id());
}

}  // namespace accord::proof
