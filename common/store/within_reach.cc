#include "common/store/within_reach.h"

#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status.h"

namespace accord::store {
namespace {

using google::protobuf::Message;
using Names = std::set<std::string, std::less<>>;

// "" for a type without the field.
std::string TextOf(const Message& message, const ResourceType& type, const std::string& path) {
  if (path.empty()) return std::string();
  return std::get<std::string>(ExtractField(message, *type.fields().Find(path)));
}

// "f_agency IN ($3, $4)"; empty when nothing can be in it.
std::string InSql(const ResourceType& type, const std::string& path, const Names& names,
                  std::vector<sql::Value>* params) {
  if (path.empty()) return std::string();
  std::vector<std::string> places;
  for (const std::string& name : names) {
    if (name.empty()) continue;  // What belongs to nobody is not theirs.
    params->push_back(name);
    places.push_back(absl::StrCat("$", params->size()));
  }
  if (places.empty()) return std::string();
  return absl::StrCat(type.fields().Find(path)->column, " IN (", absl::StrJoin(places, ", "), ")");
}

// By what the message itself says.
bool CoversOwn(const Reach& reach, const ResourceType& type, const Message& message) {
  if (reach.whole || type.spec().of_no_agency) return true;
  return reach.Covers(TextOf(message, type, type.spec().reach_agency),
                      TextOf(message, type, type.spec().reach_office),
                      TextOf(message, type, type.spec().reach_officer));
}

absl::StatusOr<absl::flat_hash_set<std::string>> NamesCovered(const Reach& reach, Reader& reader,
                                                              const ResourceType& type) {
  std::vector<sql::Value> params;
  const std::string covered = CoversSql(reach, reader.types(), type, &params);
  absl::flat_hash_set<std::string> names;
  ACCORD_RETURN_IF_ERROR(reader.connection().ForEach(
      absl::StrCat("SELECT name FROM ", type.table(), " WHERE ", covered), std::move(params),
      [&names](sql::Row& row) -> absl::Status {
        ACCORD_ASSIGN_OR_RETURN(std::string name, sql::GetText(row, 0));
        names.insert(std::move(name));
        return absl::OkStatus();
      }));
  return names;
}

}  // namespace

absl::StatusOr<bool> Covers(const Reach& reach, Reader& reader, const Message& message) {
  const ResourceType& type = reader.types().Of(message.GetDescriptor());
  const std::string& through = type.spec().reach_through.field;
  if (reach.whole || through.empty()) return CoversOwn(reach, type, message);
  return IsCovered(reach, reader, TextOf(message, type, through));
}

absl::StatusOr<CoversFunction> CoversEach(const Reach& reach, Reader& reader,
                                          const ResourceType& type) {
  const Through& through = type.spec().reach_through;
  if (reach.whole || through.field.empty()) {
    return [&reach, &type](const Message& message) { return CoversOwn(reach, type, message); };
  }
  ACCORD_ASSIGN_OR_RETURN(auto names, NamesCovered(reach, reader, reader.types().Of(through.type)));
  return [&type, &field = through.field, names = std::move(names)](const Message& message) {
    return names.contains(TextOf(message, type, field));
  };
}

std::string CoversSql(const Reach& reach, const ResourceTypes& types, const ResourceType& type,
                      std::vector<sql::Value>* params) {
  const ResourceTypeSpec& spec = type.spec();
  if (spec.of_no_agency) return "1 = 1";
  if (const Through& through = spec.reach_through; !through.field.empty()) {
    const ResourceType& other = types.Of(through.type);
    return absl::StrCat(type.fields().Find(through.field)->column, " IN (SELECT name FROM ",
                        other.table(), " WHERE ", CoversSql(reach, types, other, params), ")");
  }
  std::vector<std::string> any;
  for (const std::string& in : {InSql(type, spec.reach_agency, reach.agencies, params),
                                InSql(type, spec.reach_office, reach.field_offices, params),
                                InSql(type, spec.reach_officer, reach.officers, params)}) {
    if (!in.empty()) any.push_back(in);
  }
  if (any.empty()) return "0 = 1";
  return any.size() == 1 ? any.front() : absl::StrCat("(", absl::StrJoin(any, " OR "), ")");
}

bool IsCountedBy(const Reach& reach, const ResourceType& type, const Counts& counts) {
  const ResourceTypeSpec& spec = type.spec();
  if (reach.whole || spec.of_no_agency) return true;
  if (!spec.reach_through.field.empty()) return false;
  const auto is_counted = [&](const std::string& path, const Names& names) {
    return path.empty() || names.empty() || counts.HasColumn(type.fields().Find(path)->column);
  };
  return is_counted(spec.reach_agency, reach.agencies) &&
         is_counted(spec.reach_office, reach.field_offices) &&
         is_counted(spec.reach_officer, reach.officers);
}

absl::StatusOr<bool> IsCovered(const Reach& reach, Reader& reader, absl::string_view name) {
  const ResourceType* type = reader.types().FindByName(name);
  if (type == nullptr) return false;
  const auto message = type->NewMessage();
  const absl::Status status = reader.GetInto(name, *message);
  if (absl::IsNotFound(status)) return false;
  ACCORD_RETURN_IF_ERROR(status);
  return Covers(reach, reader, *message);
}

std::string ReachText(const Reach& reach) {
  if (reach.whole) return "whole";
  const auto framed = [](std::string* out, const std::string& name) {
    absl::StrAppend(out, name.size(), ":", name);
  };
  return absl::StrCat("offices ", absl::StrJoin(reach.field_offices, ",", framed), " agencies ",
                      absl::StrJoin(reach.agencies, ",", framed), " self ", reach.self,
                      " officers ", absl::StrJoin(reach.officers, ",", framed));
}

}  // namespace accord::store
