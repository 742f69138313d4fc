#include "services/training/types.h"

#include "accord/training/v1/resources.pb.h"

namespace accord::training {
namespace {

// What summaries read of officers who lapse.
constexpr char kLapsing[] =
    "current_through,fictitious,model,agency,field_office,state,next_change_date,policy_version,"
    "authority_ended";
// What is read of officers who wait for their first class.
constexpr char kUntrained[] =
    "state,nomination_date,fictitious,model,template,certification,agency,field_office";
// What rates read of completions.
constexpr char kResults[] = "fictitious,date,officer,course,offering,attempt,result,voids";
// What is kept of officers, for summaries; and who must be in class when.
constexpr char kKept[] =
    "fictitious,model,agency,template,field_office,state,certification,annual_training,"
    "authority_ended,policy_version";
constexpr char kClasses[] = "fictitious,model,field_office,state,next_class,next_class_date:month";

store::Through TheirOfficer() { return {.field = "officer", .type = v1::Officer::descriptor()}; }

}  // namespace

const store::ResourceTypes& Types() {
  static const auto& types =
      (*new store::ResourceTypes)
          .Add<v1::Officer>({
              .collection = "officers",
              .fields = {"agreement",
                         "agency",
                         "model",
                         "template",
                         "agency_state",
                         "field_office",
                         "fictitious",
                         "state",
                         "certification",
                         "annual_training",
                         "current_through",
                         "ends_by",
                         "next_class",
                         "next_class_date",
                         "next_change_date",
                         "nomination_date",
                         "first_certification_date",
                         "authorization_date",
                         "authority_ended",
                         "authority_through",
                         "authority_ends_by",
                         "policy_version",
                         "create_time",
                         "update_time"},
              // By certification, for lists: few are lapsed, and of many filters nobody.
              .indexed = {"agreement", "agency", "field_office", "certification", "current_through",
                          "next_change_date", "policy_version", kLapsing, kUntrained},
              .counted = {{kCountedByKept, kKept}, {kCountedByClass, kClasses}},
              .subjects = {"agreement", "agency"},
              .reach_agency = "agency",
              .reach_office = "field_office",
              .reach_officer = "name",
          })
          .Add<v1::Completion>({
              .collection = "completions",
              .fields = {"officer", "course", "date", "result", "attempt", "offering", "source",
                         "voids", "agency", "field_office", "fictitious"},
              .indexed = {"officer", "offering", "voids", kResults},
              .subjects = {"officer", "offering", "voids", "agency"},
              .default_order = "date",
              .bulk = true,
              .reach_through = TheirOfficer(),
          })
          .Add<v1::CompletionImport>({
              .collection = "completionImports",
              .fields = {"state", "file_name", "content_digest", "fictitious", "create_time",
                         "update_time"},
              .indexed = {"content_digest"},
              .default_order = "create_time",
          })
          .Add<v1::CompletionRow>({
              .collection = "completionImports/*/rows",
              .fields = {"row_number", "outcome", "code", "officer", "course"},
              .default_order = "row_number",
              .bulk = true,
          })
          .Add<v1::Waiver>({
              .collection = "waivers",
              .fields = {"officer", "course", "reason", "first_date", "last_date", "agency",
                         "field_office", "fictitious", "create_time", "update_time"},
              .indexed = {"officer", "course"},
              .subjects = {"officer", "agency"},
              .reach_through = TheirOfficer(),
          })
          .Add<v1::Offering>({
              .collection = "offerings",
              .fields = {"course", "place", "first_date", "last_date", "state", "seats",
                         "seats_taken", "waiting", "fictitious", "create_time", "update_time"},
              .indexed = {"course", "first_date"},
              .of_no_agency = true,
          })
          .Add<v1::Enrollment>({
              .collection = "enrollments",
              .fields = {"offering", "officer", "state", "priority", "sequence", "request_date",
                         "course", "agency", "field_office", "fictitious", "create_time",
                         "update_time"},
              // For whoever is next on a waiting list, an officer's place in an offering, and
              // the longest waits.
              .indexed = {"offering,state,priority,request_date,sequence", "officer,offering",
                          "state,request_date"},
              .subjects = {"offering", "officer", "agency", "transferred_to", "transferred_from"},
              .reach_through = TheirOfficer(),
          })
          .Add<v1::RevocationCase>({
              .collection = "revocationCases",
              .fields = {"officer", "state", "requirement", "lapse_date", "open_date",
                         "decision_due_date", "agency", "field_office", "fictitious", "create_time",
                         "update_time"},
              .indexed = {"officer", "state"},
              .subjects = {"officer", "agency"},
              .reach_through = TheirOfficer(),
          })
          .Add<v1::AnnualVerification>({
              .collection = "annualVerifications",
              .fields = {"officer", "year", "verify_date", "found", "agency", "field_office",
                         "fictitious", "create_time", "update_time"},
              .indexed = {"officer", "year"},
              .subjects = {"officer", "agency"},
              .reach_through = TheirOfficer(),
          })
          .Add<v1::Monitor>({
              .collection = "monitors",
              .fields = {"agency", "manager", "training_officer", "manager_acknowledge_time",
                         "training_officer_acknowledge_time", "field_office", "fictitious",
                         "create_time", "update_time"},
              .indexed = {"agency"},
              .subjects = {"agency"},
              .reach_agency = "agency",
              .reach_office = "field_office",
          })
          .Add<v1::PolicyPreview>({
              .collection = "policyPreviews",
              .fields = {"policy_digest", "previous_digest", "policy_version", "preview_date",
                         "create_time", "update_time"},
              .default_order = "create_time",
          })
          .Add<v1::Notice>({
              .collection = "notices",
              .fields = {"officer", "agency", "field_office", "requirement", "end_date",
                         "days_before", "notice_date", "fictitious", "create_time", "update_time"},
              .indexed = {"officer", "notice_date"},
              .subjects = {"officer", "agency"},
              .reach_through = TheirOfficer(),
          });
  return types;
}

}  // namespace accord::training
