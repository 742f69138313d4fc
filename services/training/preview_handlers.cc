// Whom another policy would affect, a page at a time; and that somebody looked, on record.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/crypto.h"
#include "common/service/standard.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/preview.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"

namespace accord::training {
namespace {

using policy::v1::TrainingPolicy;
using Request = v1::PreviewPolicyRequest;
using Response = v1::PreviewPolicyResponse;

constexpr int kPreviewBatch = 500;
// Officers that one page looks at, so that it is answered in seconds however many there are.
constexpr int kOfficersOfPage = 5'000;
// What a preview token is bound to; it is nobody's, so that one can preview and another record.
constexpr char kPreviewToken[] = "accord.training.v1.PolicyPreview";

// Where the next page begins, and what the pages before it counted.
struct Progress {
  Date today;
  std::string after{};
  int64_t looked_at = 0;
  int64_t affected = 0;
  int64_t fictitious = 0;
};

// One page. It ends when it is full, or has looked at enough.
class Page {
 public:
  Page(const PolicyChange& change, int size, Progress& progress)
      : change_(change), size_(size), progress_(progress) {}

  absl::Status Read(store::Reader& reader, const rpc::Call& call) {
    while (!is_full() && looked_at_ < kOfficersOfPage) {
      if (call.Cancelled()) return absl::CancelledError("the caller has gone");
      ACCORD_ASSIGN_OR_RETURN(auto officers, OfficersAfter(reader, progress_.after, kPreviewBatch));
      if (officers.empty()) {
        is_last_ = true;
        return absl::OkStatus();
      }
      ACCORD_RETURN_IF_ERROR(AddAll(reader, std::move(officers)));
    }
    return absl::OkStatus();
  }

  bool is_last() const { return is_last_; }
  Response Take() {
    response_.set_officers_looked_at(static_cast<int>(progress_.looked_at));
    response_.set_officers_affected(static_cast<int>(progress_.affected));
    response_.set_fictitious_affected(static_cast<int>(progress_.fictitious));
    return std::move(response_);
  }

 private:
  bool is_full() const { return response_.affected_size() >= size_; }

  // As far as the page goes.
  absl::Status AddAll(store::Reader& reader, std::vector<v1::Officer> officers) {
    looked_at_ += static_cast<int>(officers.size());
    const std::string last = officers.back().name();
    std::erase_if(officers,
                  [](const v1::Officer& officer) { return !IsInProgram(officer.state()); });
    ACCORD_ASSIGN_OR_RETURN(const auto all, LoadFacts(reader, std::move(officers)));
    for (const OfficerFacts& facts : all) {
      if (is_full()) return absl::OkStatus();
      Add(facts);
    }
    progress_.after = last;
    return absl::OkStatus();
  }

  void Add(const OfficerFacts& facts) {
    progress_.after = facts.officer.name();
    ++progress_.looked_at;
    auto affected = Compare(facts.view(), change_);
    if (!affected) return;
    ++progress_.affected;
    if (affected->fictitious()) ++progress_.fictitious;
    *response_.add_affected() = *std::move(affected);
  }

  const PolicyChange& change_;
  const int size_;
  Progress& progress_;
  Response response_;
  int looked_at_ = 0;
  bool is_last_ = false;
};

std::string BindingOf(const rpc::Call& call, const Request& request) {
  return absl::StrJoin(
      {call.caller().actor, Request::descriptor()->full_name(), Hex(Sha256(request.policy_text())),
       absl::StrCat(request.applies_to()), request.as_of().ShortDebugString()},
      std::string(1, '\0'));
}

std::vector<sql::Value> PageOf(const Progress& progress) {
  return {FormatDate(progress.today), progress.after, progress.looked_at, progress.affected,
          progress.fictitious};
}

absl::StatusOr<Progress> Open(const store::Store& store, const std::string& binding,
                              const std::string& token, Date today) {
  Progress progress{.today = today};
  if (token.empty()) return progress;
  ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Value> place,
                          store::OpenPageToken(store.page_key(), binding, token, store.domain()));
  ACCORD_ASSIGN_OR_RETURN(const std::string day, sql::GetText(place, 0));
  progress.today = ParseDate(day).value_or(today);
  ACCORD_ASSIGN_OR_RETURN(progress.after, sql::GetText(place, 1));
  ACCORD_ASSIGN_OR_RETURN(progress.looked_at, sql::GetInt(place, 2));
  ACCORD_ASSIGN_OR_RETURN(progress.affected, sql::GetInt(place, 3));
  ACCORD_ASSIGN_OR_RETURN(progress.fictitious, sql::GetInt(place, 4));
  return progress;
}

absl::StatusOr<std::string> SealPreview(const store::Store& store, const PolicyChange& change,
                                        const Progress& progress) {
  return store::SealPageToken(
      store.page_key(), kPreviewToken,
      {change.then.digest(), change.now.digest(), change.then.versions().back()->id(),
       FormatDate(progress.today), progress.looked_at, progress.affected, progress.fictitious});
}

absl::StatusOr<v1::PolicyPreview> OpenPreview(const store::Store& store, const std::string& token) {
  ACCORD_ASSIGN_OR_RETURN(
      const std::vector<sql::Value> seen,
      store::OpenPageToken(store.page_key(), kPreviewToken, token, store.domain()));
  v1::PolicyPreview preview;
  ACCORD_ASSIGN_OR_RETURN(*preview.mutable_policy_digest(), sql::GetText(seen, 0));
  ACCORD_ASSIGN_OR_RETURN(*preview.mutable_previous_digest(), sql::GetText(seen, 1));
  ACCORD_ASSIGN_OR_RETURN(*preview.mutable_policy_version(), sql::GetText(seen, 2));
  ACCORD_ASSIGN_OR_RETURN(const std::string day, sql::GetText(seen, 3));
  *preview.mutable_preview_date() = ToProto(ParseDate(day).value_or(Date::min()));
  ACCORD_ASSIGN_OR_RETURN(const int64_t looked_at, sql::GetInt(seen, 4));
  ACCORD_ASSIGN_OR_RETURN(const int64_t affected, sql::GetInt(seen, 5));
  ACCORD_ASSIGN_OR_RETURN(const int64_t fictitious, sql::GetInt(seen, 6));
  preview.set_officers_looked_at(static_cast<int>(looked_at));
  preview.set_officers_affected(static_cast<int>(affected));
  preview.set_fictitious_affected(static_cast<int>(fictitious));
  return preview;
}

}  // namespace

absl::StatusOr<Response> Handlers::PreviewPolicy(rpc::Call& call, const Request& request) {
  FieldViolations violations;
  const int page_size = store::ClampPageSize(request.page_size(), violations);
  if (request.policy_text().empty()) violations.Add("policy_text", "must be a policy file");
  if (!Request::Applicability_IsValid(request.applies_to())) {
    violations.Add("applies_to", "must be NEW, OPEN, ALL or unset");
  }
  const auto as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_ASSIGN_OR_RETURN(const auto other, Policy::Parse(request.policy_text(), "policy_text"));
  const std::string binding = BindingOf(call, request);
  ACCORD_ASSIGN_OR_RETURN(Progress progress, Open(store_, binding, request.page_token(), Today()));

  PolicyChange change{
      .now = *policy_,
      .then = *other,
      .days = as_of ? std::vector<Date>{*as_of} : DaysOfChange(*policy_, *other, progress.today),
      .what_if = static_cast<TrainingPolicy::Applicability>(request.applies_to())};
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  Page page(change, page_size, progress);
  ACCORD_RETURN_IF_ERROR(page.Read(**snapshot, call));
  Response response = page.Take();
  if (!page.is_last()) {
    ACCORD_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                            store::SealPageToken(store_.page_key(), binding, PageOf(progress)));
    return response;
  }
  const bool is_as_it_is = !as_of && request.applies_to() == Request::APPLICABILITY_UNSPECIFIED;
  if (is_as_it_is) {
    ACCORD_ASSIGN_OR_RETURN(*response.mutable_preview_token(),
                            SealPreview(store_, change, progress));
  }
  return response;
}

absl::StatusOr<v1::PolicyPreview> Handlers::RecordPolicyPreview(
    rpc::Call& call, const v1::RecordPolicyPreviewRequest& request) {
  FieldViolations violations;
  const auto seen = OpenPreview(store_, request.preview_token());
  if (!seen.ok()) {
    violations.Add("preview_token", "must be the one of the last page of PreviewPolicy");
  }
  service::RequireText(violations, "reason", request.reason(), service::kMaxReason);
  service::CheckRequestId(violations, request.request_id());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  v1::PolicyPreview preview = *seen;
  preview.set_name(NewName("policyPreviews"));
  preview.set_recorder(call.caller().actor);
  preview.set_reason(request.reason());
  return service::Commit<v1::PolicyPreview>(
      store_, call, service::ContextOf(call, "RecordPolicyPreview", request),
      [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
        if (preview.previous_digest() != policy_->digest()) return error::PreviewOutdated();
        store::WriteSet writes;
        writes.Create(preview);
        return writes;
      });
}

absl::StatusOr<v1::PolicyPreview> Handlers::GetPolicyPreview(
    rpc::Call& call, const v1::GetPolicyPreviewRequest& request) {
  FieldViolations violations;
  service::RequireName(violations, "name", request.name(), "policyPreviews");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  return service::Get<v1::PolicyPreview>(store_, call, request.name(), request.as_known_at());
}

absl::StatusOr<v1::ListPolicyPreviewsResponse> Handlers::ListPolicyPreviews(
    rpc::Call& call, const v1::ListPolicyPreviewsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::PolicyPreview>(store_, call, request));
  v1::ListPolicyPreviewsResponse response;
  response.mutable_policy_previews()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

// Called in the mutation that would put the policy on record in place of another.
absl::StatusOr<std::string> Handlers::WhyPolicyMayChange(store::Transaction& transaction,
                                                         const std::string& previous,
                                                         const std::string& without_preview) {
  ACCORD_ASSIGN_OR_RETURN(const auto anybody, OfficersAfter(transaction, "", 1));
  if (anybody.empty()) return "no officer is on record";
  ACCORD_ASSIGN_OR_RETURN(const auto previews,
                          PreviewsOf(transaction, policy_->digest(), previous));
  if (!previews.empty()) return absl::StrCat("previewed as ", previews.front().name());
  if (!without_preview.empty()) return absl::StrCat("without preview: ", without_preview);
  return error::PolicyNotPreviewed(policy_->digest());
}

}  // namespace accord::training
