// The steps that methods of one request shape differ in, and which of them are legal. Pure.
//
// Sources: the paper trail of the agreements' texts (MOA-J25, MOA-W25, MOA-T25: nomination,
// screening, certification, the field office director's letter, Form 70-006, credentials);
// revocation is the director's alone, by letter.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "accord/training/v1/resources.pb.h"

namespace accord::training {

// Of an officer's way.
enum class Step { kClear, kScreenOut, kStartTraining, kCertify, kAuthorize, kWithdraw };
// Of a revocation case.
enum class CaseStep { kGiveNotice, kRevoke, kRetain, kReinstate };
// How an enrollment ends.
enum class EnrollmentEnd { kCancel, kNoShow, kAttend };

// The name of the step's method: "ClearOfficer", "DecideRevocation", "CancelEnrollment".
absl::string_view MethodOf(Step step);
absl::string_view MethodOf(CaseStep step);
absl::string_view MethodOf(EnrollmentEnd end);

// The state that the step leads to.
v1::Officer::State TargetOf(Step step);
v1::RevocationCase::State TargetOf(CaseStep step);
v1::Enrollment::State TargetOf(EnrollmentEnd end);

// The steps that are legal from a state, in the order of the enum.
std::vector<Step> LegalSteps(v1::Officer::State state);
std::vector<CaseStep> LegalSteps(v1::RevocationCase::State state);
std::vector<EnrollmentEnd> LegalSteps(v1::Enrollment::State state);

}  // namespace accord::training
