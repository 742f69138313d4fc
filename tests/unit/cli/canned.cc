#include "tests/unit/cli/canned.h"

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "accord/agreements/v1/agreements.pb.h"
#include "accord/gateway/v1/gateway.pb.h"
#include "accord/log/v1/log.pb.h"

namespace accord::cli {
namespace {

namespace av1 = accord::agreements::v1;
namespace gv1 = accord::gateway::v1;
namespace lv1 = accord::log::v1;

constexpr char kCollier[] = R"pb(
  name: "agencies/a1"
  display_name: "Collier County Sheriff's Office"
  aliases: "Collier County Sheriff"
  state: "FL"
  county: "Collier"
  kind: COUNTY
  field_office: "fieldOffices/miami"
  keys: "FL|collier county sheriff's office"
  provenance {
    field: "display_name"
    source: "rosterImports/i1/rows/12"
    basis: RECORD
    source_date { year: 2025 month: 5 day: 19 }
  }
  create_time { seconds: 1747656000 }
  update_time { seconds: 1751450400 }
  etag: "e7"
)pb";

constexpr char kMadeUp[] = R"pb(
  name: "agencies/a2"
  display_name: "Doña Vista Sheriff's Office"
  state: "NM"
  kind: COUNTY
  fictitious: true
)pb";

constexpr char kWarrant[] = R"pb(
  name: "agreements/g1"
  agency: "agencies/a1"
  model: "WSO"
  template: "2025"
  published_signed_date { year: 2019 month: 9 day: 30 }
  effective_date { year: 2019 month: 9 day: 30 }
  document_uri: "https://example.org/collier-wso.pdf"
  state: ACTIVE
  transitions {
    state: ACTIVE
    effective_date { year: 2019 month: 9 day: 30 }
    record_time { seconds: 1747656000 }
    actor: "unverified:ana"
    reason: "listed as participating"
    source: "rosterImports/i1/rows/12"
    basis: RECORD
  }
  participating {
    first_listed_date { year: 2025 month: 5 day: 16 }
    last_listed_date { year: 2025 month: 7 day: 1 }
    listed: true
  }
  agency_state: "FL"
  field_office: "fieldOffices/miami"
  etag: "e9"
)pb";

constexpr char kTaskForce[] = R"pb(
  name: "agreements/g2"
  agency: "agencies/a2"
  model: "TFM"
  state: PENDING
  pending { listed: true }
  fictitious: true
  agency_state: "NM"
)pb";

constexpr char kDiscrepancy[] = R"pb(
  name: "rosterDiscrepancies/d1"
  kind: NO_LONGER_LISTED
  state: OPEN
  agreement: "agreements/g1"
  agency: "agencies/a1"
  key: "FL|collier county sheriff's office|WSO"
  roster_import: "rosterImports/i2"
  last_import: "rosterImports/i2"
  lists_absent: 2
  evidence: "listed until 2025-06-20 (rosterImports/i1, row 12)"
  evidence: "absent from 2 lists since"
  proposal: "end agreements/g1 on a date and for a reason you give"
  agency_state: "FL"
  etag: "e1"
)pb";

constexpr char kImport[] = R"pb(
  name: "rosterImports/i2"
  kind: PARTICIPATING
  file_name: "20250702_participatingAgencies07012025pm.xlsx"
  as_of_date { year: 2025 month: 7 day: 1 }
  as_of_basis: FILE_NAME
  capture_date { year: 2025 month: 7 day: 2 }
  content_digest: "ab12"
  sequence: 12
  previous: "rosterImports/i1"
  state: APPLIED
  rows: 744
  rows_without_county: 3
  rows_with_document: 700
  agreements_listed: 743
  agencies_listed: 660
  states_listed: 40
  newly_listed: 39
  no_longer_listed: 1
  outcome_counts { outcome: UNCHANGED rows: 700 }
  outcome_counts { outcome: NEW rows: 39 }
  outcome_counts { outcome: CHANGED rows: 2 }
  outcome_counts { outcome: NEEDS_REVIEW rows: 2 }
  outcome_counts { outcome: REJECTED rows: 1 }
  agreements_by_model { key: "JEM" value: 100 }
  discrepancies_opened: 3
  warnings: "2 rows are hidden"
  policy_version: "2025.1"
  etag: "e2"
)pb";

constexpr char kSource[] = R"pb(
  sources {
    service: "agreements"
    revision: "agreements@log1:812"
    reachable: true
    age { seconds: 1 }
  }
)pb";

constexpr char kChange[] = R"pb(
  name: "changes/812"
  revision: 812
  mutation_end: 812
  resource: "agreements/g1"
  resource_type: "accord.agreements.v1.Agreement"
  subjects: "agencies/a1"
  subjects: "agreements/g1"
  kind: UPDATE
  action: "SuspendAgreement"
  actor: "unverified:ana"
  client: "accordctl/0.1.0"
  time { seconds: 1751450400 }
  reason: "audit finding"
)pb";

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  google::protobuf::TextFormat::ParseFromString(text, &message);
  return message;
}

std::string Status() {
  return absl::StrCat("agency {", kCollier, R"pb(}
                                                 verdict: IN_FORCE
      reasons {
        code: "AGREEMENT_IN_FORCE"
        text: "one agreement is in force"
        fact: "agreements/g1"
      }
      agreements { agreement {)pb",
                      kWarrant, R"pb(}
                                     verdict: IN_FORCE
        state: ACTIVE
        reasons {
          code: "SIGNED"
          text: "in force since the published signature"
          fact: "agreements/g1"
          clause: "MOA IV"
          date { year: 2019 month: 9 day: 30 }
        }
      }
      open_discrepancies {)pb",
                      kDiscrepancy, R"pb(}
                                         as_of { year: 2025 month: 7 day: 2 }
      valid_until { year: 2025 month: 8 day: 1 }
      basis: RECORD
      freshness_met: true
      policy_version: "2025.1"
      training {
        agency: "agencies/a1"
        by_agreement { key: "agreements/g1" officers: 3 current: 2 lapsing: 1 unknown: 1 }
        all { officers: 3 current: 2 lapsing: 1 unknown: 1 }
        next_lapse_date { year: 2025 month: 8 day: 15 }
      }
      )pb",
                      kSource);
}

void PrepareAgreements(FakeGateway& gateway) {
  const std::string s = kAgreementsService;
  gateway.Answer(s + "GetAgency", Parse<av1::Agency>(kCollier));
  gateway.Answer(s + "ListAgencies", Parse<av1::ListAgenciesResponse>(absl::StrCat(
                                         "agencies {", kCollier, "} agencies {", kMadeUp, "}")));
  gateway.Answer(s + "GetAgencyRecord", Parse<av1::AgencyRecord>(absl::StrCat(
                                            "agency {", kCollier, "} agreements {", kWarrant,
                                            "} open_discrepancies {", kDiscrepancy, "}")));
  gateway.Answer(s + "GetAgreement", Parse<av1::Agreement>(kWarrant), "agreements@log1:812");
  gateway.Answer(s + "ListAgreements",
                 Parse<av1::ListAgreementsResponse>(
                     absl::StrCat("agreements {", kWarrant, "} agreements {", kTaskForce, "}")));
  gateway.Answer(s + "GetRosterImport", Parse<av1::RosterImport>(kImport));
  gateway.Answer(s + "ImportRoster", Parse<av1::RosterImport>(kImport));
  gateway.Answer(s + "GetRosterDiscrepancy", Parse<av1::RosterDiscrepancy>(kDiscrepancy));
  gateway.Answer(s + "AcceptRosterDiscrepancy", Parse<av1::RosterDiscrepancy>(kDiscrepancy));
  gateway.Answer(s + "SuspendAgreement", Parse<av1::Agreement>(kWarrant));
}

void PrepareGateway(FakeGateway& gateway) {
  const std::string g = kGatewayService;
  gateway.Answer(g + "BatchGetAgencyStatuses", Parse<gv1::BatchGetAgencyStatusesResponse>(
                                                   absl::StrCat("statuses {", Status(), "}")));
  gateway.Answer(g + "ListAgencyStatuses",
                 Parse<gv1::ListAgencyStatusesResponse>(absl::StrCat(
                     R"pb(statuses {
                            agency: "agencies/a1"
                            display_name: "Collier County Sheriff's Office"
                            state: "FL"
                            field_office: "fieldOffices/miami"
                            verdict: IN_FORCE
                            models_in_force: "JEM"
                            models_in_force: "WSO"
                            agreements: 3
                            open_discrepancies: 1
                          }
                          total_size: 1
                          as_of { year: 2025 month: 7 day: 2 }
                     )pb",
                     kSource)));
  gateway.Answer(
      g + "GetProgramMetrics",
      Parse<gv1::ProgramMetrics>(absl::StrCat(
          R"pb(
            as_of { year: 2025 month: 7 day: 2 }
            in_force { agreements: 743 agencies: 660 }
            by_state_of_life { key: "ACTIVE" agreements: 743 agencies: 660 }
            by_state_of_life { key: "PENDING" agreements: 86 agencies: 80 }
            by_jurisdiction { key: "FL" label: "Florida" agreements: 290 agencies: 265 }
            by_jurisdiction { key: "TX" label: "Texas" agreements: 96 agencies: 88 }
            by_model { key: "TFM" label: "Task Force Model" agreements: 390 agencies: 390 }
            by_model { key: "WSO" label: "Warrant Service Officer" agreements: 250 agencies: 250 }
            by_model { key: "JEM" label: "Jail Enforcement Model" agreements: 103 agencies: 103 }
            by_field_office { key: "miami" label: "Miami" agreements: 290 agencies: 265 }
            by_field_office { agreements: 4 agencies: 4 }
            pipeline {
              state: PENDING
              agreements: 86
              median_age_days: 20
              p90_age_days: 48
              max_age_days: 61
            }
            open_discrepancies { key: "NO_LONGER_LISTED" agreements: 5 agencies: 5 }
            without_document: 37
            in_force_not_listed: 5
            newest_participating_list { year: 2025 month: 7 day: 1 }
            basis: DERIVED
            freshness_met: true
            policy_version: "2025.1"
          )pb",
          "training {", CannedSummary(), "}", kSource)));
}

void PrepareFeed(FakeGateway& gateway) {
  const std::string f = kFeedService;
  gateway.Answer(f + "ListChanges",
                 Parse<lv1::ListChangesResponse>(absl::StrCat("changes {", kChange, "}")));
  gateway.Answer(f + "GetLog",
                 Parse<lv1::Log>("service: 'agreements' id: 'log1' revision: 811 hash: 'h811'"));
  gateway.Answer(f + "VerifyChanges",
                 Parse<lv1::VerifyChangesResponse>(
                     "log: 'log1' intact: true changes_verified: 812 resources_verified: 700 "
                     "revision: 812 hash: '\\001\\002'"));
}

}  // namespace

void PrepareWorld(FakeGateway& gateway) {
  PrepareAgreements(gateway);
  PrepareGateway(gateway);
  PrepareFeed(gateway);
  PrepareTraining(gateway);
}

}  // namespace accord::cli
