// The kinds of resource a person can name. A new one is a row in kinds.cc, and
// its columns in output/columns.cc.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace accord::cli {

struct Kind {
  const char* plural;
  const char* singular;
  // First part of a full name: `rosterImports` of `rosterImports/7`.
  const char* collection;
  // Full method names. Where `get` is empty, a single one is found by its name in the list,
  // or, below a parent, not at all.
  const char* get;
  const char* list;
  // Field of the get request that takes the name.
  const char* name_field = "name";
  // Field of the resource that holds its name.
  const char* id_field = "name";
  // Plural of the kind whose resources hold these: then a name is `parent/ID/rows/N`.
  const char* parent = "";
};

// In the order help shows them.
const std::vector<Kind>& Kinds();

// By plural, singular or collection, in any case. Usage error naming all kinds.
absl::StatusOr<const Kind*> FindKind(absl::string_view word);

struct NamedResource {
  const Kind* kind;
  // Full name, for example `agencies/a1`.
  std::string name;
};

// "agencies/a1" alone, or a kind and an id or full name ("agency a1", "agency
// agencies/a1"). `words` holds one or more of them: the first may be a kind, then
// all others are of that kind. Usage error when the kind is unclear or differs.
absl::StatusOr<std::vector<NamedResource>> ParseNames(const std::vector<std::string>& words);

// Whose log holds what happened to resources of the kind; "" where no one service's does.
std::string LogServiceOf(const Kind& kind);

// An id or full name of a known kind → the full name.
absl::StatusOr<std::string> FullName(const Kind& kind, absl::string_view word);

}  // namespace accord::cli
