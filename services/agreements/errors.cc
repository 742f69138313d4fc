#include "services/agreements/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace accord::agreements::error {
namespace {

absl::Status Precondition(absl::string_view reason, absl::string_view text,
                          ErrorMetadata metadata) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kDomain, reason, text,
                   std::move(metadata));
}

absl::Status Invalid(absl::string_view reason, absl::string_view text, ErrorMetadata metadata) {
  return MakeError(absl::StatusCode::kInvalidArgument, kDomain, reason, text, std::move(metadata));
}

}  // namespace

absl::Status IllegalTransition(absl::string_view name, absl::string_view method,
                               v1::Agreement::State state, absl::string_view legal_moves) {
  const std::string& from = v1::Agreement::State_Name(state);
  const std::string next = legal_moves.empty() ? "it has ended; no move is legal"
                                               : absl::StrCat("legal now: ", legal_moves);
  return WithPrecondition(
      Precondition("ILLEGAL_TRANSITION", absl::StrCat(method, ": ", name, " is ", from, "; ", next),
                   {{"name", std::string(name)},
                    {"method", std::string(method)},
                    {"state", from},
                    {"legal_moves", std::string(legal_moves)}}),
      "STATE", name, next);
}

absl::Status NoBoardGate(absl::string_view name) {
  return Precondition("NO_BOARD_GATE",
                      absl::StrCat("the policy has no advisory board; approve ", name,
                                   " from review with ApproveAgreement"),
                      {{"name", std::string(name)}});
}

absl::Status DateOutOfOrder(absl::string_view name, Date date, Date last) {
  return Precondition("DATE_OUT_OF_ORDER",
                      absl::StrCat(FormatDate(date), " lies before the last transition of ", name,
                                   " (", FormatDate(last), "); give that day or a later one"),
                      {{"name", std::string(name)},
                       {"date", FormatDate(date)},
                       {"last_transition", FormatDate(last)}});
}

absl::Status SuccessorOfOtherAgency(absl::string_view name, absl::string_view successor) {
  return Precondition("SUCCESSOR_OF_OTHER_AGENCY",
                      absl::StrCat(successor, " belongs to another agency than ", name,
                                   "; a successor must be of the same agency"),
                      {{"name", std::string(name)}, {"successor", std::string(successor)}});
}

absl::Status AgencyExists(absl::string_view name, absl::string_view key) {
  return MakeError(
      absl::StatusCode::kAlreadyExists, kDomain, "AGENCY_EXISTS",
      absl::StrCat(name, " already answers to \"", key, "\"; use it, or merge the two agencies"),
      {{"name", std::string(name)}, {"key", std::string(key)}});
}

absl::Status AgencyExistsElsewhere(absl::string_view key) {
  return MakeError(absl::StatusCode::kAlreadyExists, kDomain, "AGENCY_EXISTS",
                   absl::StrCat("an agency that you may not see already answers to \"", key,
                                "\"; ask somebody who may see the whole program"),
                   {{"key", std::string(key)}});
}

absl::Status AlreadyMerged(absl::string_view name, absl::string_view into) {
  return Precondition("ALREADY_MERGED",
                      absl::StrCat(name, " was merged into ", into, "; unmerge it first"),
                      {{"name", std::string(name)}, {"into", std::string(into)}});
}

absl::Status NotMerged(absl::string_view name) {
  return Precondition("NOT_MERGED", absl::StrCat(name, " is not merged into another agency"),
                      {{"name", std::string(name)}});
}

absl::Status MergeConflict(absl::string_view name, absl::string_view into, absl::string_view why) {
  return Precondition(
      "MERGE_CONFLICT", absl::StrCat(name, " cannot be merged into ", into, ": ", why),
      {{"name", std::string(name)}, {"into", std::string(into)}, {"why", std::string(why)}});
}

absl::Status RosterKindUnknown(absl::string_view file_name) {
  return Invalid("ROSTER_KIND_UNKNOWN",
                 absl::StrCat("the name \"", file_name,
                              "\" does not say whether the list is of participating or pending "
                              "agencies; set `kind`"),
                 {{"file_name", std::string(file_name)}});
}

absl::Status RosterDateUnknown(absl::string_view file_name) {
  return Invalid("ROSTER_DATE_UNKNOWN",
                 absl::StrCat("neither the name \"", file_name,
                              "\" nor its rows give the date of the list; set `as_of`"),
                 {{"file_name", std::string(file_name)}});
}

absl::Status RosterShrunk(int rows, int last_rows, double floor) {
  return Precondition(
      "ROSTER_SHRUNK",
      absl::StrFormat("the list has %d rows, the last good one %d: under %.0f %%. If the list "
                      "is really whole, set `allow_shrink`",
                      rows, last_rows, floor * 100),
      {{"rows", absl::StrCat(rows)}, {"last_rows", absl::StrCat(last_rows)}});
}

absl::Status RosterOutOfOrder(Date as_of, Date newest) {
  return Precondition("ROSTER_OUT_OF_ORDER",
                      absl::StrCat("the list is of ", FormatDate(as_of),
                                   ", older than the newest imported one (", FormatDate(newest),
                                   "); set `history` to record it without changing what is newest"),
                      {{"as_of", FormatDate(as_of)}, {"newest", FormatDate(newest)}});
}

absl::Status ImportReverted(absl::string_view name) {
  return Precondition("IMPORT_REVERTED", absl::StrCat(name, " was already taken back"),
                      {{"name", std::string(name)}});
}

absl::Status ImportNotNewest(absl::string_view name, absl::string_view newest) {
  return Precondition("IMPORT_NOT_NEWEST",
                      absl::StrCat("take the later import back first: ", newest),
                      {{"name", std::string(name)}, {"newest", std::string(newest)}});
}

absl::Status ImportBuiltUpon(absl::string_view name, absl::string_view resource,
                             absl::string_view change) {
  return Precondition("IMPORT_BUILT_UPON",
                      absl::StrCat(resource, " was changed after ", name, " (", change,
                                   "); undo that change first"),
                      {{"name", std::string(name)},
                       {"resource", std::string(resource)},
                       {"change", std::string(change)}});
}

absl::Status DiscrepancyDecided(absl::string_view name, absl::string_view state) {
  return Precondition("DISCREPANCY_DECIDED", absl::StrCat(name, " is already ", state),
                      {{"name", std::string(name)}, {"state", std::string(state)}});
}

absl::Status ProposalStale(absl::string_view name, absl::string_view why) {
  return Precondition(
      "PROPOSAL_STALE",
      absl::StrCat("the proposal of ", name, " can no longer be carried out: ", why),
      {{"name", std::string(name)}, {"why", std::string(why)}});
}

absl::Status DecisionBuiltUpon(absl::string_view name, absl::string_view resource) {
  return Precondition(
      "DECISION_BUILT_UPON",
      absl::StrCat(resource, " was changed after ", name, " was decided; undo that change first"),
      {{"name", std::string(name)}, {"resource", std::string(resource)}});
}

}  // namespace accord::agreements::error
