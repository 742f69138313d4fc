#include "services/agreements/types.h"

#include "accord/agreements/v1/resources.pb.h"

namespace accord::agreements {

const store::ResourceTypes& Types() {
  static const auto& types =
      (*new store::ResourceTypes)
          .Add<v1::Agency>({
              .collection = "agencies",
              .fields = {"display_name", "aliases", "state", "county", "kind", "ori",
                         "field_office", "fictitious", "merged_into", "keys", "create_time",
                         "update_time"},
              .indexed = {"state", "field_office"},
              .subjects = {"merged_into"},
              .hidden_unless = "merged_into",
              .reach_agency = "name",
              .reach_office = "field_office",
          })
          .Add<v1::Agreement>({
              .collection = "agreements",
              .fields = {"agency",
                         "model",
                         "template",
                         "state",
                         "agency_state",
                         "field_office",
                         "effective_date",
                         "published_signed_date",
                         "agency_signed_date",
                         "federal_signed_date",
                         "document_uri",
                         "addendum_uri",
                         "predecessor",
                         "successor",
                         "merged_into",
                         "fictitious",
                         "participating.listed",
                         "participating.lists_absent",
                         "pending.listed",
                         "next_change_date",
                         "create_time",
                         "update_time"},
              .indexed = {"agency", "state", "agency_state", "field_office", "next_change_date"},
              .subjects = {"agency", "predecessor", "successor", "merged_into"},
              .hidden_unless = "merged_into",
              .reach_agency = "agency",
              .reach_office = "field_office",
          })
          .Add<v1::RosterImport>({
              .collection = "rosterImports",
              .fields = {"kind", "state", "file_name", "as_of_date", "sequence", "content_digest",
                         "create_time"},
              .indexed = {"kind"},
              .subjects = {"previous"},
              .hidden_unless = "",
              .default_order = "create_time",
          })
          .Add<v1::RosterRow>({
              .collection = "rosterImports/*/rows",
              .fields = {"row_number", "outcome", "code", "state", "model", "agency", "agreement"},
              .indexed = {"agreement"},
              .subjects = {"agency", "agreement", "discrepancy"},
              .hidden_unless = "",
              .default_order = "row_number",
              .bulk = true,
          })
          .Add<v1::RosterDiscrepancy>({
              .collection = "rosterDiscrepancies",
              .fields = {"kind", "state", "agreement", "agency", "other_agreement", "other_agency",
                         "key", "other_key", "roster_import", "last_import", "lists_absent",
                         "agency_state", "field_office", "create_time", "decide_time"},
              .indexed = {"state", "agency", "agreement", "field_office"},
              .subjects = {"agreement", "agency", "other_agreement", "other_agency"},
              .hidden_unless = "",
              .reach_agency = "agency",
              .reach_office = "field_office",
          });
  return types;
}

}  // namespace accord::agreements
