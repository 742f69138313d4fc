// The hash chain of a log: what is hashed, and how it is framed.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "accord/log/v1/log.pb.h"

namespace accord::store {

// Hash of the log before its first Change.
std::string GenesisHash();

// SHA-256(format, previous hash, framed header, SHA-256(image)) of `change`, 32
// bytes. The header is every field that says what happened, by whom and when; each
// is framed with its length, so that no two headers have the same bytes. The image
// counts by its digest, so it can be erased and every proof still holds.
// Written in the log for ever: a new layout needs a new format number.
std::string ChainHash(absl::string_view previous_hash, const log::v1::Change& change);

// The bytes of an image as stored and digested: a random salt and the serialized
// resource of that message type ("" for none).
std::string EncodeImage(absl::string_view type, absl::string_view resource);

}  // namespace accord::store
