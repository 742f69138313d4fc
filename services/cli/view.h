// Pieces that the views for people are made of.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <utility>
#include <vector>

#include "accord/agreements/v1/resources.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "services/cli/output/columns.h"
#include "services/cli/session.h"

namespace accord::cli {

// Label and value; those without a value are left out.
using Facts = std::vector<std::pair<std::string, std::string>>;
void PrintFacts(Session& session, const Facts& facts);

// An empty line, the title, and the lines or table below it; nothing when empty.
void PrintSection(Session& session, absl::string_view title, const Table& table);
void PrintSection(Session& session, absl::string_view title, const std::vector<std::string>& lines);

// "SYNTHETIC" or "".
std::string SyntheticLabel(bool fictitious);
// The title of an answer, with a mark behind it when it is about `what`.
std::string MarkedTitle(absl::string_view title, bool fictitious,
                        absl::string_view what = "made up");

// A table of messages of one type; empty when there are none.
template <typename Messages>
Table TableOf(const Messages& messages) {
  std::vector<const google::protobuf::Message*> rows;
  for (const auto& message : messages) rows.push_back(&message);
  if (rows.empty()) return {};
  return MakeTable(*rows[0]->GetDescriptor(), rows, Detail::kTable);
}

Table ProvenanceTable(
    const google::protobuf::RepeatedPtrField<agreements::v1::Provenance>& provenance);
// State, first day, who, when, why, on which evidence.
Table TransitionTable(const agreements::v1::Agreement& agreement);
// Which service said it, how new, and whether it answered.
Table SourceTable(const google::protobuf::RepeatedPtrField<gateway::v1::Source>& sources);

// Whether an answer has, or should have, asked a service.
bool Rests(const google::protobuf::RepeatedPtrField<gateway::v1::Source>& sources,
           absl::string_view service);

// "12 s", "3 min", "5 h", "2 d": the largest unit, rounded down.
std::string Age(const google::protobuf::Duration& age);

}  // namespace accord::cli
