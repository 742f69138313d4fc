#include "common/service/standard.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/crypto.h"
#include "common/base/deterministic.h"

namespace accord::service {
namespace {

constexpr size_t kMaxRequestId = 64;

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\t';
  });
}

bool IsIdChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

absl::Status BeyondReach(absl::string_view domain) {
  return ReachTooSmall(domain,
                       "this would write beyond what your roles reach; it is for roles that may "
                       "see the whole program");
}

// What an entry changes must be within the reach, and stay there.
absl::Status CheckEntry(const Reach& reach, store::Reader& reader,
                        const store::WriteSet::Entry& entry) {
  if (entry.by_rule) return absl::OkStatus();
  if (entry.kind != log::v1::Change::CREATE) {
    ACCORD_ASSIGN_OR_RETURN(const bool covered, store::IsCovered(reach, reader, entry.resource));
    if (!covered) return BeyondReach(reader.domain());
  }
  for (const auto& row : entry.rows) {
    ACCORD_RETURN_IF_ERROR(CheckWithin(reach, reader, *row));
  }
  const bool is_state =
      entry.kind == log::v1::Change::CREATE || entry.kind == log::v1::Change::UPDATE;
  return is_state ? CheckWithin(reach, reader, *entry.message) : absl::OkStatus();
}

}  // namespace

void SetRevision(rpc::Call& call, const store::Store& store, const store::Position& position) {
  call.SetRevision(store.RevisionToken(position));
}

absl::Status VisibleError(const rpc::Call& call, store::Reader& reader, absl::string_view name,
                          absl::Status error) {
  // Of a resource that once was, and that cannot be looked at any more.
  if (call.reach().whole || GetReason(error) != "IMAGE_REDACTED") return error;
  ACCORD_ASSIGN_OR_RETURN(const bool covered, store::IsCovered(call.reach(), reader, name));
  return covered ? error : store::ResourceNotFound(reader.domain(), name);
}

absl::Status CheckWithin(const Reach& reach, store::Reader& reader,
                         const google::protobuf::Message& written) {
  ACCORD_ASSIGN_OR_RETURN(const bool covered, store::Covers(reach, reader, written));
  return covered ? absl::OkStatus() : BeyondReach(reader.domain());
}

store::Mutation KeepWithin(const Reach& reach, store::Mutation mutation) {
  if (reach.whole) return mutation;
  return [reach, mutation = std::move(mutation)](
             store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(store::WriteSet writes, mutation(transaction));
    for (const store::WriteSet::Entry& entry : writes.entries()) {
      ACCORD_RETURN_IF_ERROR(CheckEntry(reach, transaction, entry));
    }
    return writes;
  };
}

std::string DigestOf(const google::protobuf::Message& request) {
  return Hex(Sha256(DeterministicBytes(request)));
}

store::MutationContext OwnContext(const store::Store& store, absl::string_view action,
                                  absl::string_view reason) {
  store::MutationContext context;
  context.action = std::string(action);
  context.actor = absl::StrCat("services/", store.service());
  context.role = "service";
  context.reason = std::string(reason);
  return context;
}

absl::Status RecordPolicy(store::Store& store, const std::string& id, const std::string& digest,
                          const MayReplacePolicy& may) {
  constexpr char kSource[] = "policy";
  const std::string what = absl::StrCat("policy ", id, ", digest ", digest);
  return store
      .Mutate(OwnContext(store, "StartWithPolicy", what),
              [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
                ACCORD_ASSIGN_OR_RETURN(store::Position known, transaction.Cursor(kSource));
                store::WriteSet writes;
                if (known.log_id == digest) return writes;
                std::string why;
                if (may != nullptr && !known.log_id.empty()) {
                  ACCORD_ASSIGN_OR_RETURN(why, may(transaction, known.log_id));
                }
                known.log_id = digest;
                store::WriteSet::Entry& entry =
                    writes.Event(absl::StrCat("policies/", id), nullptr);
                if (!why.empty()) entry.reason = absl::StrCat(what, "; ", why);
                writes.AdvanceCursor(kSource, known);
                return writes;
              })
      .status();
}

absl::Status CheckEtag(absl::string_view domain, absl::string_view name, absl::string_view expected,
                       absl::string_view current) {
  if (expected.empty() || expected == current) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kAborted, domain, "ETAG_MISMATCH",
      absl::StrCat(name, " was changed in the meantime; read it again and decide again"),
      {{"name", std::string(name)},
       {"etag", std::string(expected)},
       {"current_etag", std::string(current)}});
}

void RequireName(FieldViolations& violations, absl::string_view field, absl::string_view name,
                 absl::string_view collection) {
  absl::string_view id = name;
  const bool prefixed = absl::ConsumePrefix(&id, absl::StrCat(collection, "/"));
  if (!prefixed || id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), IsIdChar)) {
    violations.Add(field, absl::StrCat("must be a name like ", collection, "/abc123"));
  }
}

void RequireText(FieldViolations& violations, absl::string_view field, absl::string_view text,
                 size_t max) {
  if (absl::StripAsciiWhitespace(text).empty()) {
    violations.Add(field, "must not be empty");
    return;
  }
  CheckText(violations, field, text, max);
}

void CheckText(FieldViolations& violations, absl::string_view field, absl::string_view text,
               size_t max) {
  if (text.size() > max) violations.Add(field, absl::StrCat("must have at most ", max, " bytes"));
  if (HasControl(text)) violations.Add(field, "must not have control characters");
}

void CheckRequestId(FieldViolations& violations, absl::string_view request_id) {
  if (request_id.size() > kMaxRequestId ||
      !std::all_of(request_id.begin(), request_id.end(), IsIdChar)) {
    violations.Add("request_id", "must be a UUID of your making");
  }
}

std::optional<Date> RequireDate(FieldViolations& violations, absl::string_view field, bool is_set,
                                const google::type::Date& date) {
  if (!is_set) {
    violations.Add(field, "must be set");
    return std::nullopt;
  }
  return CheckDate(violations, field, is_set, date);
}

std::optional<Date> CheckDate(FieldViolations& violations, absl::string_view field, bool is_set,
                              const google::type::Date& date) {
  if (!is_set) return std::nullopt;
  const std::optional<Date> parsed = FromProto(date);
  if (!parsed) {
    violations.Add(field, "must be a whole date that exists");
    return std::nullopt;
  }
  if (*parsed < MakeDate(1996, 1, 1) || *parsed > MakeDate(2199, 12, 31)) {
    violations.Add(field, "must lie between 1996-01-01 and 2199-12-31");
    return std::nullopt;
  }
  return parsed;
}

}  // namespace accord::service
