#include "common/sql/postgres_values.h"

#include <endian.h>

#include <bit>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace accord::sql {
namespace {

// Of pg_type.dat; fixed for ever.
enum TypeOid : Oid {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kFloat8 = 701,
  kBpchar = 1042,
  kVarchar = 1043,
  kVoid = 2278,
};

template <typename Unsigned>
Unsigned Load(const char* data) {
  Unsigned bits;
  std::memcpy(&bits, data, sizeof(bits));
  return bits;
}

absl::StatusOr<Value> DecodeValue(Oid type, const char* data, int size) {
  switch (type) {
    case kBool:
      return int64_t{*data != 0};
    case kInt2:
      return int64_t{static_cast<int16_t>(be16toh(Load<uint16_t>(data)))};
    case kInt4:
      return int64_t{static_cast<int32_t>(be32toh(Load<uint32_t>(data)))};
    case kInt8:
      return static_cast<int64_t>(be64toh(Load<uint64_t>(data)));
    case kFloat8:
      return std::bit_cast<double>(be64toh(Load<uint64_t>(data)));
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
      return std::string(data, size);
    case kBytea:
      return Bytes{std::string(data, size)};
    case kVoid:
      return std::monostate();
    default:
      return absl::InternalError(absl::StrCat("column type ", type, " needs a CAST in the SQL"));
  }
}

}  // namespace

Oid TypeOf(const Value& value) {
  if (std::holds_alternative<int64_t>(value)) return kInt8;
  if (std::holds_alternative<double>(value)) return kFloat8;
  if (std::holds_alternative<std::string>(value)) return kText;
  if (std::holds_alternative<Bytes>(value)) return kBytea;
  return 0;
}

WireParams::WireParams(const std::vector<Value>& params) {
  numbers_.reserve(params.size());  // The values point into it.
  for (const Value& param : params) {
    if (const auto* number = std::get_if<int64_t>(&param)) {
      AddBigEndian(static_cast<uint64_t>(*number));
    } else if (const auto* real = std::get_if<double>(&param)) {
      AddBigEndian(std::bit_cast<uint64_t>(*real));
    } else if (const auto* text = std::get_if<std::string>(&param)) {
      Add(text->data(), text->size());
    } else if (const auto* bytes = std::get_if<Bytes>(&param)) {
      Add(bytes->data.data(), bytes->data.size());
    } else {
      Add(nullptr, 0);
    }
  }
}

void WireParams::Add(const char* data, size_t size) {
  values_.push_back(data);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(1);
}

void WireParams::AddBigEndian(uint64_t bits) {
  numbers_.push_back(htobe64(bits));
  Add(reinterpret_cast<const char*>(&numbers_.back()), sizeof(bits));
}

absl::StatusOr<Row> DecodeRow(const PGresult* result, int row) {
  const int columns = PQnfields(result);
  Row values;
  values.reserve(columns);
  for (int i = 0; i < columns; ++i) {
    if (PQgetisnull(result, row, i)) {
      values.emplace_back();
      continue;
    }
    ACCORD_ASSIGN_OR_RETURN(Value value, DecodeValue(PQftype(result, i), PQgetvalue(result, row, i),
                                                     PQgetlength(result, row, i)));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace accord::sql
