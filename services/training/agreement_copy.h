// What an officer carries of the agreement they serve under. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "accord/training/v1/resources.pb.h"
#include "common/store/reader.h"

namespace accord::training {

inline constexpr char kAgreementsService[] = "agreements";

// Names a Change of the agreements log: `agreements@LOG:REVISION`.
std::string CauseOf(absl::string_view log, int64_t revision);

// From when on the agreement is in force or not by its recorded transitions, future ones too:
// only ACTIVE is in force. Days on which nothing changes are left out.
std::vector<v1::AgreementStanding> StandingOf(const agreements::v1::Agreement& agreement,
                                              absl::string_view cause);

// Sets what the officer carries to what the agreement says.
void CopyAgreement(const agreements::v1::Agreement& agreement, absl::string_view cause,
                   v1::Officer& officer);

// True when what the officer carries was read in that log at `revision` or later.
bool CarriesSince(const v1::Officer& officer, absl::string_view log, int64_t revision);

// The agreement that a person last put the officer under, by nomination or transfer. It differs
// from the present one after a merge.
std::string ChosenAgreement(const v1::Officer& officer);

}  // namespace accord::training
