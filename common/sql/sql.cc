#include "common/sql/sql.h"

#include <cmath>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/sql/postgres.h"
#include "common/sql/sqlite.h"

namespace accord::sql {
namespace {

constexpr absl::string_view kConnectionLossUrl = "accord.sql/connection-loss";

template <typename T>
absl::StatusOr<T> Get(const Row& row, size_t column, absl::string_view type) {
  if (column < row.size()) {
    if (const T* value = std::get_if<T>(&row[column])) return *value;
  }
  return absl::InternalError(
      absl::StrCat("column ", column, " of a row of ", row.size(), " is not ", type));
}

}  // namespace

bool IsNull(const Row& row, size_t column) {
  return column < row.size() && std::holds_alternative<std::monostate>(row[column]);
}

absl::StatusOr<int64_t> GetInt(const Row& row, size_t column) {
  return Get<int64_t>(row, column, "an integer");
}

absl::StatusOr<double> GetDouble(const Row& row, size_t column) {
  return Get<double>(row, column, "a real");
}

absl::StatusOr<std::string> GetText(const Row& row, size_t column) {
  return Get<std::string>(row, column, "text");
}

absl::StatusOr<std::string> GetBytes(const Row& row, size_t column) {
  absl::StatusOr<Bytes> bytes = Get<Bytes>(row, column, "bytes");
  if (!bytes.ok()) return bytes.status();
  return std::move(bytes->data);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(absl::string_view url,
                                                         const Options& options) {
  absl::string_view path = url;
  if (absl::ConsumePrefix(&path, "sqlite:")) return OpenSqlite(path, options);
  if (absl::StartsWith(url, "postgresql://") || absl::StartsWith(url, "postgres://")) {
    return OpenPostgres(url, options);
  }
  // The text does not quote the URL, which may hold a password.
  return absl::InvalidArgumentError(
      "a database URL starts with sqlite:, postgresql:// or postgres://");
}

bool IsConnectionLoss(const absl::Status& status) {
  return status.GetPayload(kConnectionLossUrl).has_value();
}

absl::Status ConnectionLoss(absl::StatusCode code, absl::string_view text) {
  absl::Status status(code, text);
  status.SetPayload(kConnectionLossUrl, absl::Cord("1"));
  return status;
}

std::string Bind(Value value, std::vector<Value>& params) {
  params.push_back(std::move(value));
  return absl::StrCat("$", params.size());
}

absl::Status CheckParams(const std::vector<Value>& params) {
  for (size_t i = 0; i < params.size(); ++i) {
    const auto* text = std::get_if<std::string>(&params[i]);
    if (text != nullptr && text->find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("text parameter $", i + 1, " holds a NUL"));
    }
    const auto* real = std::get_if<double>(&params[i]);
    if (real != nullptr && std::isnan(*real)) {
      return absl::InvalidArgumentError(absl::StrCat("parameter $", i + 1, " is not a number"));
    }
  }
  return absl::OkStatus();
}

}  // namespace accord::sql
