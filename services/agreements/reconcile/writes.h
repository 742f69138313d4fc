// What a decision writes.
#pragma once

#include <string>
#include <vector>

#include "accord/agreements/v1/resources.pb.h"
#include "services/agreements/reconcile/draft.h"

namespace accord::agreements {

// By name. `row` of the entries means nothing here.
struct Writes {
  std::vector<Planned<v1::Agency>> agencies;
  std::vector<Planned<v1::Agreement>> agreements;
  std::vector<Planned<v1::RosterDiscrepancy>> discrepancies;
  // Names of resources that a decision had created and that cease to exist.
  std::vector<std::string> deletions;
};

// Everything that the draft has changed.
Writes WritesOf(const Draft& draft);

}  // namespace accord::agreements
