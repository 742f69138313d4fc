// What the projection keeps of each resource: enough for lists and figures, and for a
// last known answer when the owner cannot be asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/gateway/timeline.h"

namespace accord::gateway {

struct AgencyRow {
  std::string name{};
  std::string display_name{};
  std::string state{};         // USPS code.
  std::string field_office{};  // `fieldOffices/{id}` or empty.
  std::string merged_into{};
  bool fictitious = false;
};

struct AgreementRow {
  std::string name{};
  std::string agency{};
  uint32_t agency_id = 0;  // The agency's number in this process: cheap to count by.
  std::string model{};
  std::string agency_state{};
  std::string field_office{};
  Timeline timeline{};
  std::optional<Date> effective_date{};
  bool fictitious = false;
  bool listed = false;  // On the newest participating list.
  bool has_document = false;
};

// An open one.
struct DiscrepancyRow {
  std::string name{};
  std::string agency{};
  std::string agreement{};
  av1::RosterDiscrepancy::Kind kind = av1::RosterDiscrepancy::KIND_UNSPECIFIED;
};

// A published list that was applied.
struct ListRow {
  av1::RosterImport::Kind kind = av1::RosterImport::KIND_UNSPECIFIED;
  Date as_of{};
  bool fictitious = false;
};

}  // namespace accord::gateway
