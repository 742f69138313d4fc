// Checkpoints: what is signed of them, and by whom.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "common/proof/ed25519.h"

namespace accord::proof {

// The bytes that a signature covers: every field from `service` to `key_id`, framed, after
// the format's name and number, so that no two checkpoints have the same. Signed for ever:
// a new layout needs a new number.
std::string CheckpointBytes(const log::v1::Checkpoint& checkpoint);

// Sets `key_id` and `signature`.
absl::Status SignCheckpoint(const SigningKey& key, log::v1::Checkpoint& checkpoint);

// What is wrong with the signature, given the keys that are trusted; empty when one of them
// made it.
std::string SignatureProblem(const log::v1::Checkpoint& checkpoint,
                             const std::vector<PublicKey>& keys);

}  // namespace accord::proof
