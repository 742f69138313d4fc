#include "common/policy/validate.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/calendar/date.h"
#include "common/policy/fold.h"
#include "common/policy/validate_rules.h"
#include "common/policy/validate_training.h"

namespace accord {
namespace {

using policy::v1::PolicyFile;
using policy::v1::PolicyVersion;

// Checks one version. The order matters: what is referred to is claimed first.
class VersionValidator {
 public:
  VersionValidator(const PolicyVersion& version, std::string path, FieldViolations& violations)
      : version_(version), path_(std::move(path)), violations_(violations) {}

  void Run() {
    CheckSourceList();
    CheckModels();
    CheckTemplates();
    CheckDuties();
    CheckStates();
    CheckOffices();
    CheckHolidays();
    CheckLimits();
    CheckTraining(version_, path_, violations_);
  }

 private:
  std::string Path(absl::string_view field, int index) const {
    return FieldPath(path_, field, index);
  }

  void CheckSourceList() {
    for (int i = 0; i < version_.sources_size(); ++i) {
      const std::string path = Path("sources", i);
      CheckNotEmpty(version_.sources(i).key(), FieldPath(path, "key"), violations_);
      CheckNotEmpty(version_.sources(i).document(), FieldPath(path, "document"), violations_);
      sources_.Claim(version_.sources(i).key(), FieldPath(path, "key"), violations_);
    }
  }

  // Every entry rests on a document that the version lists.
  template <typename Entry>
  void CheckSources(const Entry& entry, absl::string_view path) {
    if (entry.sources().empty()) violations_.Add(FieldPath(path, "sources"), "must name a source");
    for (int i = 0; i < entry.sources_size(); ++i) {
      CheckKnown(sources_, entry.sources(i), "source", FieldPath(path, "sources", i));
    }
  }

  void CheckKnown(const Claims& known, absl::string_view key, absl::string_view what,
                  absl::string_view path) {
    if (known.Holder(key) != nullptr) return;
    violations_.Add(path, absl::StrCat("no such ", what, ": \"", key, "\""));
  }

  // A name may be listed twice for one entry, never for two.
  void ClaimName(Claims& names, absl::string_view name, const std::string& owner,
                 absl::string_view path) {
    const std::string* holder = names.Holder(FoldText(name));
    if (holder != nullptr && *holder == owner) return;
    if (holder == nullptr) return names.Claim(FoldText(name), owner, violations_);
    violations_.Add(path, absl::StrCat("\"", name, "\" is already taken by ", *holder));
  }

  template <typename Entry>
  void ClaimPublishedNames(Claims& names, const Entry& entry, const std::string& owner) {
    for (int i = 0; i < entry.published_names_size(); ++i) {
      const std::string path = FieldPath(owner, "published_names", i);
      CheckNotEmpty(FoldText(entry.published_names(i)), path, violations_);
      ClaimName(names, entry.published_names(i), owner, path);
    }
  }

  void CheckModels() {
    if (version_.models().empty()) violations_.Add(FieldPath(path_, "models"), "must not be empty");
    Claims names;
    for (int i = 0; i < version_.models_size(); ++i) {
      const auto& model = version_.models(i);
      const std::string path = Path("models", i);
      CheckCode(model.code(), kUpperCode, FieldPath(path, "code"), violations_);
      models_.Claim(model.code(), FieldPath(path, "code"), violations_);
      CheckNotEmpty(model.display_name(), FieldPath(path, "display_name"), violations_);
      ClaimName(names, model.code(), path, FieldPath(path, "code"));
      ClaimName(names, model.display_name(), path, FieldPath(path, "display_name"));
      ClaimPublishedNames(names, model, path);
      CheckSources(model, path);
    }
  }

  void CheckTemplates() {
    Claims stamps;
    for (int i = 0; i < version_.templates_size(); ++i) {
      const auto& entry = version_.templates(i);
      const std::string path = Path("templates", i);
      CheckCode(entry.code(), kUpperCode, FieldPath(path, "code"), violations_);
      templates_.Claim(entry.code(), FieldPath(path, "code"), violations_);
      CheckKnown(models_, entry.model(), "model", FieldPath(path, "model"));
      CheckNotEmpty(entry.title(), FieldPath(path, "title"), violations_);
      CheckDate(entry.first_known_signing(), FieldPath(path, "first_known_signing"));
      if (entry.has_stamp()) {
        ClaimStamp(stamps, entry.model(), entry.stamp(), FieldPath(path, "stamp"));
      }
      for (int j = 0; j < entry.alternate_stamps_size(); ++j) {
        ClaimStamp(stamps, entry.model(), entry.alternate_stamps(j).stamp(),
                   FieldPath(FieldPath(path, "alternate_stamps", j), "stamp"));
      }
      CheckSources(entry, path);
    }
  }

  bool CheckDate(const google::type::Date& date, absl::string_view path) {
    if (FromProto(date).has_value()) return true;
    violations_.Add(path, "must be a real day");
    return false;
  }

  void ClaimStamp(Claims& stamps, absl::string_view model, const google::type::Date& stamp,
                  absl::string_view path) {
    if (!CheckDate(stamp, path)) return;
    stamps.Claim(absl::StrCat(model, " ", FormatDate(*FromProto(stamp))), path, violations_);
  }

  void CheckDuties() {
    Claims bound;
    for (int i = 0; i < version_.duties_size(); ++i) {
      const auto& duty = version_.duties(i);
      const std::string path = Path("duties", i);
      CheckCode(duty.code(), kSnake, FieldPath(path, "code"), violations_);
      CheckNotEmpty(duty.title(), FieldPath(path, "title"), violations_);
      CheckNotEmpty(duty.words(), FieldPath(path, "words"), violations_);
      CheckParty(duty.owed_by(), FieldPath(path, "owed_by"));
      CheckParty(duty.owed_to(), FieldPath(path, "owed_to"));
      CheckDutyValue(duty, path, violations_);
      CheckDutyTemplates(duty, path, bound);
      CheckSources(duty, path);
    }
  }

  void CheckParty(policy::v1::Duty::Party party, absl::string_view path) {
    const bool known = policy::v1::Duty::Party_IsValid(party);
    if (!known || party == policy::v1::Duty::PARTY_UNSPECIFIED) {
      violations_.Add(path, "must be set");
    }
  }

  void CheckDutyTemplates(const policy::v1::Duty& duty, absl::string_view path, Claims& bound) {
    if (duty.templates().empty()) {
      violations_.Add(FieldPath(path, "templates"), "must name a template");
    }
    for (int i = 0; i < duty.templates_size(); ++i) {
      const std::string field = FieldPath(path, "templates", i);
      CheckKnown(templates_, duty.templates(i), "template", field);
      bound.Claim(absl::StrCat(duty.code(), " of ", duty.templates(i)), field, violations_);
    }
  }

  void CheckStates() {
    Claims names;
    for (int i = 0; i < version_.states_size(); ++i) {
      const auto& state = version_.states(i);
      const std::string path = Path("states", i);
      CheckCode(state.code(), kUpperCode, FieldPath(path, "code"), violations_);
      if (state.code().size() != 2) violations_.Add(FieldPath(path, "code"), "must be 2 letters");
      states_.Claim(state.code(), FieldPath(path, "code"), violations_);
      CheckNotEmpty(state.name(), FieldPath(path, "name"), violations_);
      ClaimName(names, state.code(), path, FieldPath(path, "code"));
      ClaimName(names, state.name(), path, FieldPath(path, "name"));
      ClaimPublishedNames(names, state, path);
      CheckSources(state, path);
    }
  }

  void CheckOffices() {
    Claims codes;
    for (int i = 0; i < version_.field_offices_size(); ++i) {
      const auto& office = version_.field_offices(i);
      const std::string path = Path("field_offices", i);
      CheckCode(office.code(), kSlug, FieldPath(path, "code"), violations_);
      codes.Claim(office.code(), FieldPath(path, "code"), violations_);
      CheckNotEmpty(office.display_name(), FieldPath(path, "display_name"), violations_);
      for (int j = 0; j < office.areas_size(); ++j) {
        CheckArea(office.areas(j), FieldPath(path, "areas", j));
      }
      CheckSources(office, path);
    }
  }

  void CheckArea(const policy::v1::Area& area, const std::string& path) {
    CheckKnown(states_, area.state(), "state", FieldPath(path, "state"));
    if (area.counties().empty()) return ClaimWholeState(area, FieldPath(path, "state"));
    if (const std::string* whole = whole_states_.Holder(area.state()); whole != nullptr) {
      violations_.Add(path, absl::StrCat("the whole state is already taken by ", *whole));
    }
    if (split_states_.Holder(area.state()) == nullptr) {
      split_states_.Claim(area.state(), path, violations_);
    }
    for (int i = 0; i < area.counties_size(); ++i) {
      const std::string field = FieldPath(path, "counties", i);
      const std::string county = FoldCounty(area.counties(i));
      CheckNotEmpty(county, field, violations_);
      counties_.Claim(absl::StrCat(area.state(), "/", county), field, violations_);
    }
  }

  void ClaimWholeState(const policy::v1::Area& area, const std::string& path) {
    whole_states_.Claim(area.state(), path, violations_);
    const std::string* split = split_states_.Holder(area.state());
    if (split == nullptr) return;
    violations_.Add(path, absl::StrCat("counties of it are already taken by ", *split));
  }

  void CheckHolidays() {
    for (int i = 0; i < version_.holidays_size(); ++i) {
      CheckHoliday(version_.holidays(i), Path("holidays", i), violations_);
      CheckSources(version_.holidays(i), Path("holidays", i));
    }
  }

  void CheckLimits() {
    const std::string import = FieldPath(path_, "import_policy");
    CheckImportPolicy(version_.import_policy(), import, violations_);
    CheckSources(version_.import_policy(), import);
    CheckSources(version_.approval_policy(), FieldPath(path_, "approval_policy"));
    const std::string freshness = FieldPath(path_, "freshness_policy");
    CheckFreshness(version_.freshness_policy(), freshness, violations_);
    CheckSources(version_.freshness_policy(), freshness);
  }

  const PolicyVersion& version_;
  const std::string path_;
  FieldViolations& violations_;
  Claims sources_;
  Claims models_;
  Claims templates_;
  Claims states_;
  Claims whole_states_;
  Claims split_states_;
  Claims counties_;  // "TX/harris".
};

void CheckHeader(const PolicyFile& file, FieldViolations& violations) {
  CheckNotEmpty(file.program_name(), "program_name", violations);
  absl::TimeZone zone;
  // The empty name would load UTC.
  if (file.time_zone().empty() || !absl::LoadTimeZone(file.time_zone(), &zone)) {
    violations.Add("time_zone", absl::StrCat("no such zone: \"", file.time_zone(), "\""));
  }
  if (file.versions().empty()) violations.Add("versions", "must not be empty");
}

// Ids are unique and dates rise.
void CheckOrder(const PolicyFile& file, FieldViolations& violations) {
  Claims ids;
  std::optional<Date> previous;
  for (int i = 0; i < file.versions_size(); ++i) {
    const std::string path = FieldPath("", "versions", i);
    CheckNotEmpty(file.versions(i).id(), FieldPath(path, "id"), violations);
    ids.Claim(file.versions(i).id(), FieldPath(path, "id"), violations);
    const std::string field = FieldPath(path, "effective_from");
    const auto from = FromProto(file.versions(i).effective_from());
    if (!from) {
      violations.Add(field, "must be a real day");
      continue;
    }
    if (previous && *from <= *previous) {
      violations.Add(field, "must be later than that of the version before");
    }
    previous = from;
  }
}

}  // namespace

absl::Status ValidatePolicy(const PolicyFile& file) {
  FieldViolations violations;
  CheckHeader(file, violations);
  CheckOrder(file, violations);
  CheckApplicability(file, violations);
  for (int i = 0; i < file.versions_size(); ++i) {
    VersionValidator(file.versions(i), FieldPath("", "versions", i), violations).Run();
  }
  return violations.ToStatus(kPolicyErrorDomain);
}

}  // namespace accord
