// Who gets a seat of an offering, who waits, and who comes next. Pure: the offering counts
// its own seats, so that no decision reads its enrollments.
//
// An offering that gives seats has none free while somebody waits: each function below keeps
// it so, and what would break it says in SeatsToFill how many of the waiting list to promote.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "accord/training/v1/resources.pb.h"
#include "common/calendar/date.h"
#include "google/protobuf/timestamp.pb.h"

namespace accord::training {

// Bounds of one offering, so that cancelling it is one mutation.
inline constexpr int kMaxSeats = 10'000;
inline constexpr int kMaxWaiting = 10'000;

// Seats that can be given: what the room has and the instructors can take.
int Capacity(const v1::Offering& offering);

// Whether seats are given on `today`: while it is open, up to its first day.
bool GivesSeats(const v1::Offering& offering, Date today);

// ENROLLED or WAITING: it has not ended.
bool IsLive(const v1::Enrollment& enrollment);

// Whether the officer may take a place in it. A lapse bars nobody. Errors:
// OFFICER_NOT_IN_PROGRAM; INVALID_FIELDS, naming `field` of the request, when only one of the
// two is fictitious.
absl::Status CheckMayEnroll(const v1::Officer& officer, const v1::Offering& offering,
                            absl::string_view field);

// Makes the enrollment the offering's newest, with a seat when one is free, else on the
// waiting list. Errors: OFFERING_CLOSED, WAITING_LIST_FULL.
absl::Status Admit(v1::Offering& offering, v1::Enrollment& enrollment, Date today);

// Ends a live enrollment as `end` (not ENROLLED or WAITING) and takes it out of the counts.
// ATTENDED keeps its seat.
void End(v1::Offering& offering, v1::Enrollment& enrollment, v1::Enrollment::State end);

// Whether ending as `end` puts right what was recorded of who came: ATTENDED for NO_SHOW, or the
// other way round.
bool IsCorrection(const v1::Enrollment& enrollment, v1::Enrollment::State end);

// Corrects it, with the seat that goes with it. Errors: SEATS_TAKEN.
absl::Status Correct(v1::Offering& offering, v1::Enrollment& enrollment, v1::Enrollment::State end);

// How many of the waiting list have a seat to go to.
int SeatsToFill(const v1::Offering& offering, Date today);

// Gives a free seat to an enrollment that waits.
void Promote(v1::Offering& offering, v1::Enrollment& enrollment,
             const google::protobuf::Timestamp& now);

}  // namespace accord::training
