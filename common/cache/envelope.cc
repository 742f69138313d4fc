#include "common/cache/envelope.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "common/base/crypto.h"
#include "common/base/status.h"

namespace accord::cache {
namespace {

// magic, digest of what follows, texts, times, positions, body size, body. Integers are
// little endian. Another layout gets another magic.
constexpr char kMagic[] = "ACV1";
constexpr size_t kMagicSize = 4;
constexpr size_t kDigestSize = 16;  // The first half of a SHA-256.
constexpr size_t kPrefixSize = kMagicSize + kDigestSize;

std::string DigestOf(absl::string_view data) { return Sha256(data).substr(0, kDigestSize); }

template <typename Integer>
void PutInteger(std::string& out, Integer value) {
  const auto bits = static_cast<uint64_t>(value);
  for (size_t i = 0; i < sizeof(Integer); ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
}

void PutText(std::string& out, absl::string_view text) {
  PutInteger<uint16_t>(out, static_cast<uint16_t>(text.size()));
  out.append(text.data(), text.size());
}

// Takes fields off the front. After the first that is missing or out of bounds it is
// not ok, and everything it returns is empty.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view data) : data_(data) {}

  bool ok() const { return ok_; }
  absl::string_view rest() const { return data_; }

  template <typename Integer>
  Integer TakeInteger() {
    const absl::string_view bytes = Take(sizeof(Integer));
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bits |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return static_cast<Integer>(bits);
  }

  std::string TakeText() {
    const size_t size = TakeInteger<uint16_t>();
    if (size > kMaxEnvelopeText) ok_ = false;
    return std::string(Take(size));
  }

  absl::Time TakeTime() {
    const int64_t micros = TakeInteger<int64_t>();
    if (micros == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
    if (micros == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
    return absl::FromUnixMicros(micros);
  }

 private:
  absl::string_view Take(size_t size) {
    if (!ok_ || size > data_.size()) {
      ok_ = false;
      return {};
    }
    const absl::string_view taken = data_.substr(0, size);
    data_.remove_prefix(size);
    return taken;
  }

  absl::string_view data_;
  bool ok_ = true;
};

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > kMaxEnvelopeText) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

absl::Status CheckPositions(const std::vector<LogPosition>& positions) {
  if (positions.empty() || positions.size() > kMaxServices) {
    return absl::InvalidArgumentError("an envelope names 1 to 16 services");
  }
  std::set<absl::string_view> services;
  for (const LogPosition& position : positions) {
    if (!IsId(position.service) || !IsId(position.log) || position.revision < 0) {
      return absl::InvalidArgumentError("a log position is malformed");
    }
    if (!services.insert(position.service).second) {
      return absl::InvalidArgumentError("a service is named twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBounds(const Envelope& envelope, absl::string_view body) {
  for (const std::string* text : {&envelope.key, &envelope.subject, &envelope.office}) {
    if (text->size() > kMaxEnvelopeText) {
      return absl::InvalidArgumentError("a text of the envelope is too long");
    }
  }
  if (body.size() > kMaxBody) return absl::InvalidArgumentError("the view is too large");
  return CheckPositions(envelope.version.computed_at);
}

std::string EncodeFields(const Envelope& envelope, absl::string_view body) {
  std::string out;
  PutText(out, envelope.key);
  PutText(out, envelope.subject);
  PutText(out, envelope.office);
  PutInteger<int64_t>(out, absl::ToUnixMicros(envelope.version.valid_until));
  PutInteger<int64_t>(out, absl::ToUnixMicros(envelope.compute_time));
  PutInteger<uint8_t>(out, static_cast<uint8_t>(envelope.version.computed_at.size()));
  for (const LogPosition& position : envelope.version.computed_at) {
    PutText(out, position.service);
    PutText(out, position.log);
    PutInteger<int64_t>(out, position.revision);
  }
  PutInteger<uint32_t>(out, static_cast<uint32_t>(body.size()));
  return out;
}

// Reads what EncodeFields wrote; the reader then stands at the body.
Envelope ReadFields(FieldReader& reader, size_t& body_size) {
  Envelope envelope;
  envelope.key = reader.TakeText();
  envelope.subject = reader.TakeText();
  envelope.office = reader.TakeText();
  envelope.version.valid_until = reader.TakeTime();
  envelope.compute_time = reader.TakeTime();
  const size_t positions = reader.TakeInteger<uint8_t>();
  for (size_t i = 0; i < positions && reader.ok(); ++i) {
    LogPosition& position = envelope.version.computed_at.emplace_back();
    position.service = reader.TakeText();
    position.log = reader.TakeText();
    position.revision = reader.TakeInteger<int64_t>();
  }
  body_size = reader.TakeInteger<uint32_t>();
  return envelope;
}

bool HasValidDigest(absl::string_view bytes) {
  if (bytes.size() < kPrefixSize || bytes.substr(0, kMagicSize) != kMagic) return false;
  return bytes.substr(kMagicSize, kDigestSize) == DigestOf(bytes.substr(kPrefixSize));
}

}  // namespace

StoredView::StoredView(std::string bytes, Envelope envelope, size_t body_offset)
    : bytes_(std::move(bytes)), envelope_(std::move(envelope)), body_offset_(body_offset) {}

absl::StatusOr<ViewPtr> StoredView::Encode(const Envelope& envelope, absl::string_view body) {
  ACCORD_RETURN_IF_ERROR(CheckBounds(envelope, body));
  std::string fields = EncodeFields(envelope, body);
  const size_t body_offset = kPrefixSize + fields.size();
  fields.append(body.data(), body.size());
  return ViewPtr(
      new StoredView(absl::StrCat(kMagic, DigestOf(fields), fields), envelope, body_offset));
}

ViewPtr StoredView::Decode(std::string bytes) {
  if (!HasValidDigest(bytes)) return nullptr;
  FieldReader reader(absl::string_view(bytes).substr(kPrefixSize));
  size_t body_size = 0;
  Envelope envelope = ReadFields(reader, body_size);
  if (!reader.ok() || reader.rest().size() != body_size) return nullptr;
  if (!CheckBounds(envelope, reader.rest()).ok()) return nullptr;
  const size_t body_offset = bytes.size() - body_size;
  return ViewPtr(new StoredView(std::move(bytes), std::move(envelope), body_offset));
}

}  // namespace accord::cache
