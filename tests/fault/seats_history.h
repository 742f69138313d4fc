// What became of every seat: the log of offerings and enrollments, walked mutation by mutation,
// and what callers were told.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "accord/log/v1/log.pb.h"
#include "accord/training/v1/resources.pb.h"

namespace accord::fault {

// One call of a client, and its answer.
struct SeatCall {
  // "Enroll", "Cancel", "Transfer" or "Seats".
  std::string method;
  // The reason of its error; empty when it was done.
  std::string reason;
  // The enrollment that was cancelled or moved; else empty.
  std::string asked;
  // The enrollment that was answered with; else empty.
  std::string answered;
};

// A call as one line of text, and back.
std::string FormatSeatCall(const SeatCall& call);
absl::StatusOr<SeatCall> ParseSeatCall(absl::string_view line);

// Follows the log. Every way in which it breaks the rules goes to `violations`, in words.
//
// 1. After each mutation an offering's counts are those of its enrollments, never more than
//    its seats, and nobody waits while a seat is free.
// 2. Enrollments begin ENROLLED or WAITING and end once, for good; a transfer names the
//    enrollment that was made in the same mutation.
// 3. Who is promoted was first by priority, then sequence, and is promoted once.
// 4. Sequences rise within an offering; an officer has one place in it at a time.
class SeatLedger {
 public:
  // In order of revision, without gaps between those that are given.
  void Apply(const log::v1::Change& change);

  // 5. What callers were told happened, did; and nothing else did.
  void CheckCalls(const std::vector<SeatCall>& calls);
  // 6. The store holds these enrollments as the log last had them, and no others.
  void CheckStored(const std::vector<training::v1::Enrollment>& stored);

  const std::vector<std::string>& violations() const { return violations_; }
  int64_t promotions() const { return promotions_; }
  size_t enrollments() const { return latest_.size(); }

 private:
  struct Line {
    training::v1::Offering offering;
    int seated = 0;
    // Priority, sequence, name.
    std::set<std::tuple<int, int64_t, std::string>> waiting;
    int64_t last_sequence = 0;
    // Officers with a place.
    std::set<std::string> officers;
  };

  void Begin(const training::v1::Enrollment& enrollment);
  void Move(const training::v1::Enrollment& before, const training::v1::Enrollment& after);
  void Promoted(const training::v1::Enrollment& before, const training::v1::Enrollment& after,
                Line& line);
  void EndMutation();
  void CheckOffering(const std::string& name, const Line& line);
  void Violated(std::string what);

  int64_t revision_ = 0;
  int64_t promotions_ = 0;
  std::map<std::string, training::v1::Enrollment> latest_;
  std::map<std::string, Line> lines_;
  // Of the mutation that is under way.
  std::set<std::string> touched_;
  std::set<std::string> made_;
  std::vector<std::pair<std::string, std::string>> transfers_;
  std::vector<std::string> violations_;
};

}  // namespace accord::fault
