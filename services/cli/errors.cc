#include "services/cli/errors.h"

#include <google/protobuf/any.pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/cli/life_cycle_verbs.h"
#include "services/cli/output/json.h"
#include "services/cli/output/table.h"
#include "services/cli/training_verbs.h"

namespace accord::cli {
namespace {

constexpr char kDomain[] = "cli.accord";

// By reason, or by domain:reason where two domains differ; {key} is replaced by the error's
// metadata of that key.
const std::map<std::string, const char*>& NextByReason() {
  static const auto& next = *new std::map<std::string, const char*>{
      {"INVALID_FIELDS", "correct the fields named above; --help shows what each option takes"},
      {"RESOURCE_NOT_FOUND", "look the name up: accordctl list agencies|agreements|imports|…"},
      {"AGENCY_NOT_FOUND", "look the agency up: accordctl status \"part of its name\""},
      {"CHANGE_NOT_FOUND", "see which there are: accordctl changes"},
      {"OVERLOADED", "the server is busy: run the same command again in a moment"},
      {"STORE_UNAVAILABLE", "the server cannot reach its store: run the same command again"},
      {"PROJECTION_NOT_READY", "the gateway is still reading the record: run it again in a moment"},
      {"ETAG_MISMATCH", "somebody changed it: read it again (accordctl describe), decide again"},
      {"REQUEST_ID_REUSED", "use another --request-id, or leave it out: one is made for you"},
      {"AGENCY_EXISTS",
       "use {name}, add the spelling to it (accordctl agency update {name} --alias …), or merge"},
      {"ALREADY_MERGED", "take the merge back first: accordctl agency unmerge {name} --reason …"},
      {"NOT_MERGED", "nothing to take back; accordctl describe {name} shows the agency"},
      {"MERGE_CONFLICT", "settle what the message names, then merge again"},
      {"DATE_OUT_OF_ORDER", "give --date {last_transition} or a later day"},
      {"training.accord:DATE_OUT_OF_ORDER", "give --date {last_step} or a later day"},
      {"NO_BOARD_GATE", "approve it from review: accordctl agreement approve {name} …"},
      {"SUCCESSOR_OF_OTHER_AGENCY", "name an agreement of the same agency as --successor"},
      {"ROSTER_EMPTY", "check the file: it has no rows below its header"},
      {"ROSTER_DAMAGED", "fetch the file again: it cannot be read as XLSX or CSV"},
      {"ROSTER_HEADER_MISSING", "check the file: no row has the headings of a published list"},
      {"ROSTER_KIND_UNKNOWN", "say which list it is: --kind participating or --kind pending"},
      {"ROSTER_DATE_UNKNOWN", "say the date of the list: --as-of YYYY-MM-DD"},
      {"ROSTER_SHRUNK",
       "make sure the file is whole; if the list really is that short, add --allow-shrink"},
      {"ROSTER_OUT_OF_ORDER", "import lists from old to new, or add --history to record it so"},
      {"IMPORT_NOT_NEWEST",
       "take the later one back first: accordctl import revert {newest} --reason …"},
      {"IMPORT_BUILT_UPON", "undo what came after ({change}) first: accordctl changes {resource}"},
      {"DISCREPANCY_DECIDED",
       "to decide again, take it back: accordctl resolve undo {name} --reason …"},
      {"PROPOSAL_STALE",
       "the record has moved on: accordctl describe {name}, then reject it or import anew"},
      {"DECISION_BUILT_UPON", "undo what came after first: accordctl changes {resource}"},
      {"LOG_FORKED",
       "the log was restored or replaced: drop what you derived from it and start from revision 0"},
      {"CHECKPOINTS_OFF", "have the service started with --checkpoint-key, then sign again"},
      {"CHECKPOINT_KEY_UNUSABLE", "have {file} on the server replaced by an Ed25519 key"},
      {"LOG_BROKEN", "hold the log to a checkpoint you kept: accordctl changes verify --help"},
      {"REVISION_AHEAD", "that revision does not exist yet: use a lower --after"},
      {"UNREACHABLE",
       "is {server} the right address, and running? Set --server, ACCORD_SERVER or --config. TLS "
       "is "
       "spoken with it unless you say --plaintext; --tls-ca FILE names your own authority"},
      {"NO_PROOF", "log in: accordctl login --token-file FILE"},
      {"TOKEN_KEY_UNKNOWN",
       "run it again in a moment, for keys may just have changed; if it stays so, get a new token"},
      {"TOKEN_KEYS_MISSING",
       "run it again in a moment; if it stays so, tell the server's operator: it cannot reach the "
       "identity provider"},
      {"TOKEN_ISSUER",
       "is it the right server (accordctl context show)? It trusts another identity provider"},
      {"TOKEN_AUDIENCE", "ask your identity provider for a token made for this service"},
      {"TOKEN_NOT_YET_VALID", "wait a moment; if it stays so, compare the clocks"},
      {"METHOD_NOT_GRANTED",
       "see who may: accordctl auth can-i {method}; and your roles: accordctl auth whoami"},
      {"REACH_TOO_SMALL",
       "name one resource of your own office or agency, or ask somebody whose role reaches the "
       "whole program: accordctl auth can-i {method}; yours: accordctl auth whoami"},
      {"SEPARATION_OF_DUTIES",
       "another person must do this; who did what with it: accordctl changes {name}"},
      {"CALLER_QUOTA",
       "your roles allow no more calls for now: wait as long as it says, then run it again"},
      {"GATE_OFF", "nothing to do: this server asks nobody who they are, so no login is needed"},
      {"BASIC_COURSE_MISSING",
       "see what is missing: accordctl why {officer}; record it: accordctl completion record"},
      {"CERTIFICATION_NOT_CURRENT", "see what is missing: accordctl why {officer}"},
      {"COURSE_NOT_OFFERED", "see which are: accordctl training courses"},
      {"COMPLETION_EXISTS", "if it is wrong, void it first: accordctl completion void {name} …"},
      {"ALREADY_VOIDED", "nothing to do: it counts no longer"},
      {"EXPORT_EMPTY", "check the file: it has no rows below its header"},
      {"EXPORT_HEADER_MISSING",
       "the first row must name the columns officer, course, date and result"},
      {"EXPORT_DAMAGED", "export it again: it cannot be read as CSV"},
      {"IMPORT_UNFINISHED", "import the file that was cut short again, to its end"},
      {"IMPORT_BUSY", "another export is being imported: run the same command again in a moment"},
      {"CALENDAR_CLOSED", "choose another first day; see accordctl training capacity"},
      {"OFFERING_CLOSED", "choose one that is open: accordctl list offerings"},
      {"ALREADY_ENROLLED", "see it: accordctl get {name}"},
      {"ENROLLMENT_ENDED", "enroll the officer anew: accordctl enrollment enroll OFFICER …"},
      {"CASE_OPEN", "decide that one: accordctl describe {name}"},
      {"NOT_NAMED", "who is named: accordctl list monitors; who you are: accordctl auth whoami"},
      {"PREVIEW_OUTDATED", "preview it again: accordctl training preview FILE --record"},
      {"OFFICER_NOT_FOUND", "look the name up: accordctl list officers"},
      {"AGREEMENTS_UNREACHABLE", "run the same command again in a moment"},
      {"AGREEMENTS_FORKED", "tell the operator: docs/operations.md, Training"},
      {"NOTHING_PERSONAL", "nothing to do: resources of that type hold no personal fields"},
  };
  return next;
}

std::string NextByCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return "correct the command line; --help shows what it takes";
    case absl::StatusCode::kNotFound:
      return "look the name up with accordctl list";
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return "read the current state (accordctl describe NAME) and choose a step it allows";
    case absl::StatusCode::kAborted:
      return "somebody changed it: read it again, then decide again";
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return "run the same command again in a moment";
    case absl::StatusCode::kDeadlineExceeded:
      return "it may still have happened: run the same command with the same --request-id, or "
             "allow more time with --timeout";
    case absl::StatusCode::kPermissionDenied:
      return "see your roles with accordctl auth whoami, and ask an administrator for the one that "
             "may do this";
    case absl::StatusCode::kUnauthenticated:
      return "get a new token of your identity provider, then accordctl login --token-file FILE; "
             "check the certificate, if you use one";
    case absl::StatusCode::kUnimplemented:
      return "the server is of another version: compare accordctl --version with the server's";
    default:
      return "see the server's log; report it if it happens again";
  }
}

std::string FillIn(absl::string_view text, const google::rpc::ErrorInfo& info,
                   absl::string_view server) {
  std::string filled = absl::StrReplaceAll(text, {{"{server}", server}});
  for (const auto& [key, value] : info.metadata()) {
    filled = absl::StrReplaceAll(filled, {{absl::StrCat("{", key, "}"), value}});
  }
  // What the server did not say stays a placeholder for the user.
  return absl::StrReplaceAll(filled, {{"{", ""}, {"}", ""}});
}

// "StartReview, DeclineAgreement" → the commands that make these moves.
std::string LegalMoves(const google::rpc::ErrorInfo& info) {
  const auto moves = info.metadata().find("legal_moves");
  if (moves == info.metadata().end() || moves->second.empty()) {
    return "no move is legal any more; accordctl describe shows how it ended";
  }
  const auto name = info.metadata().find("name");
  std::vector<std::string> commands;
  for (absl::string_view move :
       absl::StrSplit(moves->second, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    commands.push_back(VerbOfMethod(move));
  }
  return absl::StrCat("legal now: accordctl agreement ", absl::StrJoin(commands, "|"), " ",
                      name == info.metadata().end() ? "NAME" : name->second, " …");
}

// "ClearOfficer, ScreenOutOfficer" → the commands that take these steps.
std::string LegalSteps(const google::rpc::ErrorInfo& info) {
  const auto steps = info.metadata().find("legal_steps");
  if (steps == info.metadata().end() || steps->second.empty()) {
    return "no step is legal from there; accordctl describe shows how it came to it";
  }
  std::vector<std::string> commands;
  for (absl::string_view step :
       absl::StrSplit(steps->second, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    commands.push_back(absl::StrCat("accordctl ", TrainingVerbOf(step)));
  }
  return absl::StrCat("legal now: ", absl::StrJoin(commands, ", "));
}

template <typename Detail>
std::optional<Detail> GetDetail(const absl::Status& status) {
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

void AppendViolations(const absl::Status& status, std::vector<std::string>* lines) {
  if (const auto request = GetDetail<google::rpc::BadRequest>(status)) {
    for (const auto& violation : request->field_violations()) {
      lines->push_back(absl::StrCat("  ", violation.field(), ": ", violation.description()));
    }
  }
  if (const auto failure = GetDetail<google::rpc::PreconditionFailure>(status)) {
    for (const auto& violation : failure->violations()) {
      lines->push_back(absl::StrCat("  ", violation.subject(), ": ", violation.description()));
    }
  }
  if (const auto retry = GetDetail<google::rpc::RetryInfo>(status)) {
    lines->push_back(absl::StrCat("  retry after ", retry->retry_delay().seconds(), ".",
                                  retry->retry_delay().nanos() / 100'000'000, " s"));
  }
}

}  // namespace

absl::Status LocalError(absl::StatusCode code, absl::string_view reason, absl::string_view what,
                        absl::string_view next) {
  return MakeError(code, kDomain, reason, what, {{"next", std::string(next)}});
}

absl::Status UsageError(absl::string_view what, absl::string_view next) {
  return LocalError(absl::StatusCode::kInvalidArgument, "USAGE", what, next);
}

std::string NextStep(const absl::Status& status, absl::string_view server) {
  const std::optional<google::rpc::ErrorInfo> info = GetErrorInfo(status);
  if (!info.has_value()) return NextByCode(status.code());
  if (info->domain() == kDomain) return info->metadata().at("next");
  if (info->reason() == "ILLEGAL_TRANSITION") return LegalMoves(*info);
  if (info->reason() == "ILLEGAL_STEP") return LegalSteps(*info);
  auto next = NextByReason().find(absl::StrCat(info->domain(), ":", info->reason()));
  if (next == NextByReason().end()) next = NextByReason().find(info->reason());
  if (next == NextByReason().end()) return NextByCode(status.code());
  return FillIn(next->second, *info, server);
}

std::string DescribeError(const absl::Status& status, absl::string_view server) {
  const std::string reason = GetReason(status);
  std::vector<std::string> lines;
  lines.push_back(absl::StrCat("error: ", status.message(), " [",
                               absl::StatusCodeToString(status.code()), reason.empty() ? "" : " ",
                               reason, "]"));
  AppendViolations(status, &lines);
  lines.push_back(absl::StrCat("next: ", NextStep(status, server)));
  for (std::string& line : lines) line = Printable(line);
  return absl::StrJoin(lines, "\n") + "\n";
}

std::string ErrorJson(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  status.ForEachPayload([&proto](absl::string_view type, const absl::Cord& value) {
    google::protobuf::Any& detail = *proto.add_details();
    detail.set_type_url(std::string(type));
    detail.set_value(std::string(value));
  });
  const absl::StatusOr<std::string> json = ToJson(proto, false);
  return json.ok() ? *json : "{}\n";
}

}  // namespace accord::cli
