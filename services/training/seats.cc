#include "services/training/seats.h"

#include <algorithm>

#include "common/base/error.h"
#include "services/training/errors.h"
#include "services/training/officer_events.h"

namespace accord::training {
namespace {

using v1::Enrollment;
using v1::Offering;
using v1::Officer;

int FreeSeats(const Offering& offering) {
  return std::max(0, Capacity(offering) - offering.seats_taken());
}

absl::Status WhyClosed(const Offering& offering) {
  const bool begun = offering.state() == Offering::OPEN;
  return error::OfferingClosed(offering.name(),
                               begun ? "under way" : Offering::State_Name(offering.state()));
}

}  // namespace

int Capacity(const Offering& offering) {
  if (offering.instructor_capacity() == 0) return offering.seats();
  return std::min(offering.seats(), offering.instructor_capacity());
}

bool GivesSeats(const Offering& offering, Date today) {
  const auto first = FromProto(offering.first_date());
  return offering.state() == Offering::OPEN && first && today <= *first;
}

bool IsLive(const Enrollment& enrollment) {
  return enrollment.state() == Enrollment::ENROLLED || enrollment.state() == Enrollment::WAITING;
}

absl::Status CheckMayEnroll(const Officer& officer, const Offering& offering,
                            absl::string_view field) {
  if (officer.fictitious() != offering.fictitious()) {
    FieldViolations violations;
    violations.Add(field,
                   "a fictitious officer goes to fictitious offerings only, and a real "
                   "one to real ones only");
    return violations.ToStatus(kDomain);
  }
  if (!HasLeftProgram(officer.state())) return absl::OkStatus();
  return error::OfficerNotInProgram(officer.name(), Officer::State_Name(officer.state()));
}

absl::Status Admit(Offering& offering, Enrollment& enrollment, Date today) {
  if (!GivesSeats(offering, today)) return WhyClosed(offering);
  const bool seat = FreeSeats(offering) > 0 && offering.waiting() == 0;
  if (!seat && offering.waiting() >= kMaxWaiting) {
    return error::WaitingListFull(offering.name(), offering.waiting());
  }
  enrollment.set_state(seat ? Enrollment::ENROLLED : Enrollment::WAITING);
  enrollment.set_sequence(offering.next_sequence());
  offering.set_next_sequence(offering.next_sequence() + 1);
  if (seat) {
    offering.set_seats_taken(offering.seats_taken() + 1);
  } else {
    offering.set_waiting(offering.waiting() + 1);
  }
  return absl::OkStatus();
}

void End(Offering& offering, Enrollment& enrollment, Enrollment::State end) {
  if (enrollment.state() == Enrollment::WAITING) {
    offering.set_waiting(offering.waiting() - 1);
  } else if (end != Enrollment::ATTENDED) {
    offering.set_seats_taken(offering.seats_taken() - 1);
  }
  enrollment.set_state(end);
}

bool IsCorrection(const Enrollment& enrollment, Enrollment::State end) {
  return (enrollment.state() == Enrollment::NO_SHOW && end == Enrollment::ATTENDED) ||
         (enrollment.state() == Enrollment::ATTENDED && end == Enrollment::NO_SHOW);
}

absl::Status Correct(Offering& offering, Enrollment& enrollment, Enrollment::State end) {
  const bool came = end == Enrollment::ATTENDED;
  if (came && FreeSeats(offering) == 0) {
    return error::SeatsTaken(offering.name(), offering.seats_taken());
  }
  offering.set_seats_taken(offering.seats_taken() + (came ? 1 : -1));
  enrollment.set_state(end);
  return absl::OkStatus();
}

int SeatsToFill(const Offering& offering, Date today) {
  if (!GivesSeats(offering, today)) return 0;
  return std::min(FreeSeats(offering), offering.waiting());
}

void Promote(Offering& offering, Enrollment& enrollment, const google::protobuf::Timestamp& now) {
  enrollment.set_state(Enrollment::ENROLLED);
  *enrollment.mutable_promote_time() = now;
  offering.set_waiting(offering.waiting() - 1);
  offering.set_seats_taken(offering.seats_taken() + 1);
}

}  // namespace accord::training
