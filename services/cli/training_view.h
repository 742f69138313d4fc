// What training says, for people and as figures: shared by the commands that show it alone and
// those that show it beside agreements.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "accord/training/v1/training.pb.h"
#include "services/cli/figures.h"
#include "services/cli/session.h"

namespace accord::cli {

// Where a service should have said it and could not be asked.
inline constexpr char kTrainingNotAsked[] = "not known: the training service could not be asked";

// Officers by model and office, and agencies compliant with annual training.
void PrintTrainingSummary(Session& session, const training::v1::TrainingSummary& summary);
// Those by agency, which may be many.
void PrintTrainingByAgency(Session& session, const training::v1::TrainingSummary& summary);
// All of it but those by agency.
void AddTrainingFigures(const training::v1::TrainingSummary& summary, FigureRows* rows);

// The counts of one group.
void AddTrainingGroup(absl::string_view metric, const training::v1::TrainingSummary::Group& group,
                      FigureRows* rows);

// The officers of one agency, by agreement.
void PrintAgencyTraining(Session& session, const training::v1::AgencyTraining& training);

// Headings of the counts of a group, and the counts.
std::vector<Column> GroupColumns();
std::vector<std::string> GroupCells(const training::v1::TrainingSummary::Group& group);

}  // namespace accord::cli
