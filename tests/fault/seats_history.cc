#include "tests/fault/seats_history.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace accord::fault {
namespace {

using training::v1::Enrollment;
using training::v1::Offering;

// More would not tell more.
constexpr size_t kMaxViolations = 50;

bool IsLive(const Enrollment& enrollment) {
  return enrollment.state() == Enrollment::ENROLLED || enrollment.state() == Enrollment::WAITING;
}

int SeatsOf(const Offering& offering) {
  const int instructors = offering.instructor_capacity();
  return instructors == 0 ? offering.seats() : std::min(offering.seats(), instructors);
}

std::tuple<int, int64_t, std::string> PlaceOf(const Enrollment& enrollment) {
  return {enrollment.priority(), enrollment.sequence(), enrollment.name()};
}

}  // namespace

std::string FormatSeatCall(const SeatCall& call) {
  return absl::StrJoin({call.method, call.reason, call.asked, call.answered}, "\t");
}

absl::StatusOr<SeatCall> ParseSeatCall(absl::string_view line) {
  const std::vector<std::string> parts = absl::StrSplit(line, '\t');
  if (parts.size() != 4) return absl::InvalidArgumentError(absl::StrCat("not a call: ", line));
  return SeatCall{parts[0], parts[1], parts[2], parts[3]};
}

void SeatLedger::Violated(std::string what) {
  if (violations_.size() < kMaxViolations) {
    violations_.push_back(absl::StrCat("at revision ", revision_, ": ", what));
  }
}

void SeatLedger::Apply(const log::v1::Change& change) {
  revision_ = change.revision();
  Offering offering;
  Enrollment enrollment;
  if (change.image().UnpackTo(&offering)) {
    lines_[offering.name()].offering = offering;
    touched_.insert(offering.name());
  } else if (change.image().UnpackTo(&enrollment)) {
    const auto [found, is_new] = latest_.try_emplace(enrollment.name(), enrollment);
    if (is_new) {
      Begin(enrollment);
    } else {
      Move(found->second, enrollment);
      found->second = enrollment;
    }
    touched_.insert(enrollment.offering());
  }
  if (change.mutation_end() == change.revision()) EndMutation();
}

void SeatLedger::Begin(const Enrollment& enrollment) {
  made_.insert(enrollment.name());
  Line& line = lines_[enrollment.offering()];
  if (!IsLive(enrollment)) Violated(absl::StrCat("2: ", enrollment.name(), " begins ended"));
  if (enrollment.has_promote_time()) {
    Violated(absl::StrCat("3: ", enrollment.name(), " begins promoted"));
  }
  if (enrollment.sequence() <= line.last_sequence) {
    Violated(absl::StrCat("4: ", enrollment.name(), " has a sequence that was there"));
  }
  line.last_sequence = std::max(line.last_sequence, enrollment.sequence());
  if (!line.officers.insert(enrollment.officer()).second) {
    Violated(
        absl::StrCat("4: ", enrollment.officer(), " has two places in ", enrollment.offering()));
  }
  if (enrollment.state() == Enrollment::ENROLLED) {
    ++line.seated;
  } else {
    line.waiting.insert(PlaceOf(enrollment));
  }
}

void SeatLedger::Move(const Enrollment& before, const Enrollment& after) {
  Line& line = lines_[before.offering()];
  if (!IsLive(before)) {
    Violated(absl::StrCat("2: ", before.name(), " changed after its end"));
    return;
  }
  if (PlaceOf(before) != PlaceOf(after) || before.officer() != after.officer() ||
      before.offering() != after.offering()) {
    Violated(absl::StrCat("2: ", before.name(), " is another one now"));
  }
  if (IsLive(after)) {
    Promoted(before, after, line);
    return;
  }
  if (before.state() == Enrollment::ENROLLED) {
    --line.seated;
  } else {
    line.waiting.erase(PlaceOf(before));
  }
  line.officers.erase(before.officer());
  if (after.state() == Enrollment::TRANSFERRED) {
    transfers_.emplace_back(after.name(), after.transferred_to());
  }
}

void SeatLedger::Promoted(const Enrollment& before, const Enrollment& after, Line& line) {
  if (before.state() != Enrollment::WAITING || after.state() != Enrollment::ENROLLED) {
    Violated(absl::StrCat("3: ", before.name(), " moved in no way that there is"));
    return;
  }
  ++promotions_;
  if (before.has_promote_time() || !after.has_promote_time()) {
    Violated(absl::StrCat("3: ", before.name(), " was promoted not exactly once"));
  }
  if (line.waiting.empty() || *line.waiting.begin() != PlaceOf(before)) {
    Violated(absl::StrCat("3: ", before.name(), " was promoted before its turn"));
  }
  line.waiting.erase(PlaceOf(before));
  ++line.seated;
}

void SeatLedger::EndMutation() {
  for (const std::string& name : touched_) CheckOffering(name, lines_[name]);
  for (const auto& [from, to] : transfers_) {
    if (!made_.contains(to)) Violated(absl::StrCat("2: ", from, " was moved to nowhere"));
  }
  touched_.clear();
  made_.clear();
  transfers_.clear();
}

void SeatLedger::CheckOffering(const std::string& name, const Line& line) {
  const int waiting = static_cast<int>(line.waiting.size());
  if (line.offering.seats_taken() != line.seated || line.offering.waiting() != waiting) {
    Violated(absl::StrCat("1: ", name, " counts ", line.offering.seats_taken(), " and ",
                          line.offering.waiting(), ", and has ", line.seated, " and ", waiting));
  }
  const int seats = SeatsOf(line.offering);
  if (line.seated > seats) Violated(absl::StrCat("1: ", name, " is oversold"));
  if (line.seated < seats && waiting > 0 && line.offering.state() == Offering::OPEN) {
    Violated(absl::StrCat("1: ", name, " has a seat free while somebody waits"));
  }
}

void SeatLedger::CheckCalls(const std::vector<SeatCall>& calls) {
  std::set<std::string> made;
  std::set<std::string> cancelled;
  std::set<std::string> moved;
  for (const SeatCall& call : calls) {
    if (!call.reason.empty()) continue;
    if (call.method == "Cancel" && !cancelled.insert(call.asked).second) {
      Violated(absl::StrCat("5: ", call.asked, " was cancelled twice"));
    }
    if (call.method == "Transfer" && !moved.insert(call.asked).second) {
      Violated(absl::StrCat("5: ", call.asked, " was moved twice"));
    }
    if ((call.method == "Transfer" || call.method == "Enroll") &&
        !made.insert(call.answered).second) {
      Violated(absl::StrCat("5: ", call.answered, " was answered twice"));
    }
  }
  std::set<std::string> made_in_log;
  std::set<std::string> cancelled_in_log;
  std::set<std::string> moved_in_log;
  for (const auto& [name, enrollment] : latest_) {
    made_in_log.insert(name);
    if (enrollment.state() == Enrollment::CANCELLED) cancelled_in_log.insert(name);
    if (enrollment.state() == Enrollment::TRANSFERRED) moved_in_log.insert(name);
  }
  if (made != made_in_log) Violated("5: other enrollments than callers were told of");
  if (cancelled != cancelled_in_log) Violated("5: other cancellations than callers were told of");
  if (moved != moved_in_log) Violated("5: other transfers than callers were told of");
}

void SeatLedger::CheckStored(const std::vector<Enrollment>& stored) {
  if (stored.size() != latest_.size()) {
    Violated(absl::StrCat("6: ", stored.size(), " enrollments are stored, ", latest_.size(),
                          " are in the log"));
  }
  for (const Enrollment& enrollment : stored) {
    const auto found = latest_.find(enrollment.name());
    if (found == latest_.end() ||
        !google::protobuf::util::MessageDifferencer::Equals(found->second, enrollment)) {
      Violated(absl::StrCat("6: ", enrollment.name(), " is not as the log has it"));
    }
  }
}

}  // namespace accord::fault
