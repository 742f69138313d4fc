// The training handlers on a real store with a clock that stands still, a small policy about
// fictitious models, duties that are kept apart, and agreements that a test makes up.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/crypto.h"
#include "common/service/standard.h"
#include "common/store/log_reader.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "services/training/agreement_source.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/types.h"
#include "tests/unit/policy/minimal_policy.h"

namespace accord::training {

// AAA has a basic course and an annual one, BBB a basic course and a term of two years.
inline constexpr char kTrainingPolicy[] = R"pb(
  training_policy {
    courses { code: "aaa-basic" title: "Basic" kind: BASIC model: "AAA" sources: "DOC" }
    courses {
      code: "aaa-annual"
      title: "Annual"
      kind: ANNUAL
      model: "AAA"
      recurrence {
        after_completion { count: 12 unit: MONTHS counting: EVERY_DAY from: PREVIOUS_OCCURRENCE }
      }
      sources: "DOC"
    }
    courses { code: "bbb-basic" title: "Basic of B" kind: BASIC model: "BBB" sources: "DOC" }
    authorization_terms {
      model: "BBB"
      term { count: 2 unit: YEARS counting: EVERY_DAY from: OFFICER_AUTHORIZED }
      sources: "DOC"
    }
    lapse_policy {
      decision_target_days: 30
      notice_days: [ 90, 30, 7, 1 ]
      long_wait_days: 90
      assumed: [ "grace_days", "decision_target_days", "notice_days", "long_wait_days" ]
      sources: "DOC"
    }
    annual_verification { year: FISCAL models: "AAA" sources: "DOC" }
  }
  approval_policy {)pb";

inline constexpr char kSeparations[] = R"pb(
  method_groups {
    name: "train"
    methods: "accord.training.v1.Training/RecordCompletion"
    methods: "accord.training.v1.Training/ImportCompletions"
  }
  method_groups { name: "waive" methods: "accord.training.v1.Training/GrantWaiver" }
  method_groups { name: "propose" methods: "accord.training.v1.Training/ProposeRevocation" }
  method_groups {
    name: "decide"
    methods: "accord.training.v1.Training/DecideRevocation"
    methods: "accord.training.v1.Training/RetainOfficer"
    methods: "accord.training.v1.Training/ReinstateOfficer"
  }
  separations {
    code: "train_waive"
    first_groups: "train"
    second_groups: "waive"
    words: "Who trains does not waive"
  }
  separations {
    code: "propose_revoke"
    first_groups: "propose"
    second_groups: "decide"
    words: "Who proposes does not decide"
  }
)pb";

inline service::Separation Separated() {
  policy::v1::AccessFile file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSeparations, &file));
  return {"accord.training.v1.Training",
          [rules = std::make_shared<const SeparationRules>(file)] { return rules; }};
}

inline std::string PolicyText() {
  return absl::StrReplaceAll(kMinimalPolicy, {{"approval_policy {", kTrainingPolicy}});
}

// Thread-safe as long as no test changes it meanwhile.
class FakeAgreements final : public AgreementSource {
 public:
  absl::StatusOr<KnownAgreement> Get(const rpc::Call&, absl::string_view name) const override {
    ++asked;
    if (before_answer) before_answer();
    if (!reachable) return error::AgreementsUnreachable();
    const auto found = agreements.find(std::string(name));
    if (found == agreements.end()) return error::AgreementNotFound(name);
    return KnownAgreement{found->second, at};
  }
  absl::StatusOr<agreements::v1::Agency> GetAgency(const rpc::Call&,
                                                   absl::string_view name) const override {
    if (!reachable) return error::AgreementsUnreachable();
    const auto found = agencies.find(std::string(name));
    if (found == agencies.end()) return error::AgencyNotFound(name);
    return found->second;
  }

  std::map<std::string, agreements::v1::Agreement> agreements;
  std::map<std::string, agreements::v1::Agency> agencies;
  store::Position at{"LOG", 5, ""};
  bool reachable = true;
  std::function<void()> before_answer;
  mutable int asked = 0;
};

class TrainingTest : public ::testing::Test {
 protected:
  static constexpr char kUnderA[] = "agreements/a";
  static constexpr char kUnderB[] = "agreements/b";
  static constexpr char kOtherA[] = "agreements/a2";

  void SetUp() override {
    policy_ = ParsePolicy(PolicyText());
    GoTo(MakeDate(2026, 3, 2));
    auto store = store::Store::Open("training", kDomain, Types(), clock_, {.url = StoreUrl()});
    ASSERT_THAT(store, testing::IsOk());
    store_ = *std::move(store);
    handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_, Separated());
    Announce(kUnderA, "agencies/one", "AAA", "AAA-1");
    Announce(kOtherA, "agencies/two", "AAA", "AAA-1");
    Announce(kUnderB, "agencies/one", "BBB", "BBB-1");
  }

  virtual std::string StoreUrl() { return absl::StrCat("sqlite:", dir_.path(), "/t.db"); }

  static std::shared_ptr<const Policy> ParsePolicy(const std::string& text) {
    return Policy::Parse(text, "test").value();
  }

  void GoTo(Date today) {
    today_ = today;
    clock_.Set(StartOfDay(today, policy_->time_zone()) + absl::Hours(12));
  }

  // An agreement that is in force since 2020.
  agreements::v1::Agreement& Announce(const std::string& name, const std::string& agency,
                                      const std::string& model, const std::string& text,
                                      const std::string& office = "fieldOffices/houston") {
    agreements::v1::Agreement& agreement = agreements_.agreements[name];
    agreement.set_name(name);
    agreement.set_agency(agency);
    agreement.set_model(model);
    agreement.set_template_(text);
    agreement.set_agency_state("TX");
    agreement.set_field_office(office);
    agreement.set_fictitious(true);
    auto& active = *agreement.add_transitions();
    active.set_state(agreements::v1::Agreement::ACTIVE);
    *active.mutable_effective_date() = ToProto(MakeDate(2020, 1, 1));
    agreements_.agencies[agency].set_name(agency);
    agreements_.agencies[agency].set_field_office(office);
    agreements_.agencies[agency].set_fictitious(true);
    return agreement;
  }

  absl::StatusOr<v1::Officer> Nominate(const std::string& agreement = kUnderA,
                                       const std::string& request_id = "") {
    v1::NominateOfficerRequest request;
    request.mutable_officer()->set_given_name("Demo");
    request.mutable_officer()->set_family_name("Person");
    request.mutable_officer()->set_agreement(agreement);
    *request.mutable_nomination_date() = ToProto(MakeDate(2025, 1, 6));
    request.set_request_id(request_id);
    return handlers_->NominateOfficer(call_, request);
  }

  absl::StatusOr<v1::Officer> DoStep(Step step, const std::string& name, Date date) {
    v1::StepOfficerRequest request;
    request.set_name(name);
    *request.mutable_date() = ToProto(date);
    request.set_reason("as decided");
    return handlers_->TakeStep(call_, step, request);
  }

  // Puts a passed completion on record, as whoever records completions does.
  std::string Complete(const std::string& officer, const std::string& course, Date date,
                       const std::string& actor = "unverified:trainer") {
    const std::string name = absl::StrCat("completions/", NewId());
    store::MutationContext context;
    context.action = "RecordCompletion";
    context.actor = actor;
    const auto written = store_->Mutate(
        context, [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
          ACCORD_ASSIGN_OR_RETURN(v1::Officer of, transaction.Get<v1::Officer>(officer));
          ACCORD_ASSIGN_OR_RETURN(OfficerFacts facts, LoadFacts(transaction, std::move(of)));
          auto completion = std::make_unique<v1::Completion>();
          completion->set_name(name);
          completion->set_officer(officer);
          completion->set_course(course);
          *completion->mutable_date() = ToProto(date);
          completion->set_result(v1::Completion::PASSED);
          completion->set_attempt(1);
          CopyOfficer(facts.officer, *completion);
          facts.completions.push_back(*completion);
          std::vector<std::unique_ptr<google::protobuf::Message>> rows;
          rows.push_back(std::move(completion));
          store::WriteSet writes;
          writes.AppendRows(officer, std::move(rows));
          ACCORD_RETURN_IF_ERROR(
              Rekeep(transaction, std::move(facts), policy_->AtOrFirst(today_), today_, writes));
          return writes;
        });
    EXPECT_THAT(written, testing::IsOk());
    return name;
  }

  // Nominated on 6 January 2025, trained, and certified on 3 March 2025.
  v1::Officer Certified(const std::string& agreement = kUnderA) {
    const auto nominated = Nominate(agreement);
    EXPECT_THAT(nominated, testing::IsOk());
    const std::string name = nominated->name();
    EXPECT_THAT(DoStep(Step::kClear, name, MakeDate(2025, 1, 20)), testing::IsOk());
    EXPECT_THAT(DoStep(Step::kStartTraining, name, MakeDate(2025, 2, 3)), testing::IsOk());
    const std::string code = nominated->model() == "AAA" ? "aaa" : "bbb";
    Complete(name, absl::StrCat(code, "-basic"), MakeDate(2025, 2, 28));
    const auto certified = DoStep(Step::kCertify, name, MakeDate(2025, 3, 3));
    EXPECT_THAT(certified, testing::IsOk());
    return certified.value_or(v1::Officer());
  }

  // Certified, with the annual course on `annual`, and authorized on 10 March 2025.
  v1::Officer Authorized(Date annual = MakeDate(2025, 3, 4),
                         const std::string& agreement = kUnderA) {
    const v1::Officer certified = Certified(agreement);
    if (certified.model() == "AAA") Complete(certified.name(), "aaa-annual", annual);
    const auto authorized = DoStep(Step::kAuthorize, certified.name(), MakeDate(2025, 3, 10));
    EXPECT_THAT(authorized, testing::IsOk());
    return authorized.value_or(v1::Officer());
  }

  v1::Officer GetOfficer(const std::string& name) {
    v1::GetOfficerRequest request;
    request.set_name(name);
    const auto officer = handlers_->GetOfficer(call_, request);
    EXPECT_THAT(officer, testing::IsOk());
    return officer.value_or(v1::Officer());
  }

  // Replaces an officer on record.
  void Put(const v1::Officer& officer) {
    ASSERT_THAT(store_->Mutate({.action = "Put", .actor = "test"},
                               [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                                 store::WriteSet writes;
                                 writes.Update(officer);
                                 return writes;
                               }),
                testing::IsOk());
  }

  std::vector<log::v1::Change> ChangesOf(const std::string& resource) {
    log::v1::ListChangesRequest request;
    request.set_filter(absl::StrCat("resource = \"", resource, "\""));
    request.set_order_by("revision");
    request.set_page_size(1000);
    const auto page = store::ListChanges(*store_, request, "test", absl::Now() + absl::Minutes(1));
    EXPECT_THAT(page, testing::IsOk());
    if (!page.ok()) return {};
    return {page->changes().begin(), page->changes().end()};
  }

  template <typename T>
  std::vector<T> All() {
    const auto snapshot = store_->Read(absl::Now() + absl::Minutes(1));
    EXPECT_THAT(snapshot, testing::IsOk());
    auto all = (**snapshot)->template Select<T>({});
    EXPECT_THAT(all, testing::IsOk());
    return all.value_or(std::vector<T>());
  }

  int64_t Revision() { return store_->heads().Current().revision; }

  testing::TempDir dir_;
  FakeClock clock_{absl::UnixEpoch()};
  Date today_;
  std::shared_ptr<const Policy> policy_;
  FakeAgreements agreements_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Handlers> handlers_;
  rpc::Call call_ = rpc::Call::ForTest("unverified:clerk");
  rpc::Call director_ = rpc::Call::ForTest("unverified:director");
};

}  // namespace accord::training
