// A small valid policy about fictitious documents, for tests to change.
#pragma once

namespace accord {

inline constexpr char kMinimalPolicy[] = R"pb(
  program_name: "Test program"
  time_zone: "America/New_York"
  versions {
    id: "v1"
    effective_from { year: 2020 month: 1 day: 1 }
    sources { key: "DOC" document: "A document" }
    models { code: "AAA" display_name: "Model A" published_names: "Modell A" sources: "DOC" }
    models { code: "BBB" display_name: "Model B" sources: "DOC" }
    templates {
      code: "AAA-1"
      model: "AAA"
      title: "First text"
      stamp { year: 2020 month: 2 day: 1 }
      alternate_stamps { stamp { year: 2020 month: 2 day: 2 } }
      first_known_signing { year: 2020 month: 3 day: 1 }
      sources: "DOC"
    }
    templates {
      code: "BBB-1"
      model: "BBB"
      title: "Second text"
      stamp { year: 2020 month: 2 day: 1 }
      first_known_signing { year: 2020 month: 3 day: 1 }
      sources: "DOC"
    }
    duties {
      code: "notice"
      title: "Notice"
      templates: "AAA-1"
      time_limit { count: 48 unit: HOURS counting: EXCLUDING_WEEKENDS from: INCIDENT }
      owed_by: LEA
      owed_to: ICE
      words: "Within 48 hours."
      sources: "DOC"
    }
    duties {
      code: "meeting"
      title: "Meeting"
      templates: [ "AAA-1", "BBB-1" ]
      recurrence {
        every { count: 12 unit: MONTHS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
        first { count: 12 unit: MONTHS counting: EVERY_DAY from: OPERATIONAL }
        first_not_before { count: 9 unit: MONTHS counting: EVERY_DAY from: OPERATIONAL }
      }
      owed_by: BOTH
      owed_to: BOTH
      words: "Every year."
      sources: "DOC"
    }
    states { code: "TX" name: "Texas" sources: "DOC" }
    states { code: "UT" name: "Utah" published_names: "UTAHJ" sources: "DOC" }
    field_offices {
      code: "houston"
      display_name: "Houston"
      areas {
        state: "TX"
        counties: [ "Harris", "DeWitt" ]
      }
      sources: "DOC"
    }
    field_offices {
      code: "west"
      display_name: "West"
      areas { state: "UT" }
      areas { state: "TX" counties: "El Paso" }
      sources: "DOC"
    }
    holidays {
      name: "New Year"
      fixed { month: 1 day: 1 }
      observed: NEAREST_WEEKDAY
      sources: "DOC"
    }
    holidays {
      name: "Second Monday"
      nth_weekday { month: 10 weekday: MONDAY nth: 2 }
      first_year: 2000
      last_year: 2030
      observed: ON_THE_DAY
      sources: "DOC"
    }
    holidays {
      name: "Last Sunday"
      last_weekday { month: 5 weekday: SUNDAY }
      observed: ON_THE_DAY
      sources: "DOC"
    }
    import_policy {
      minimum_share_of_previous: 0.7
      absences_before_proposal: 3
      first_plausible_signing_year: 1996
      chunk_rows: 5000
      sources: "DOC"
    }
    approval_policy { sources: "DOC" }
    freshness_policy {
      authority_feed_silence { seconds: 2 }
      sources: "DOC"
    }
  }
)pb";

}  // namespace accord
