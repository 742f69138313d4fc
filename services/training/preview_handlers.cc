// Who would be affected if another policy held: everybody is weighed twice, a batch at a time.
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
#include "services/training/store.h"

namespace accord::training {
namespace {

using Request = v1::PreviewPolicyRequest;
using Response = v1::PreviewPolicyResponse;

constexpr int kBatch = 500;

struct Question {
  const PolicyView& now;
  const PolicyView& then;
  Request::Applicability applies_to;
  Date as_of;
};

// Where the next page begins, and what the first one counted.
struct Progress {
  std::string after{};
  int affected = 0;
  int looked_at = 0;
};

bool IsCurrentOn(const OfficerFacts& facts, const PolicyView& policy, Date day) {
  return Certify(facts.view(), policy, day).state() == v1::Certification::CURRENT;
}

bool Applies(const Question& question, const OfficerFacts& facts) {
  if (question.applies_to == Request::ALL) return true;
  const Date first_day = question.then.effective_from();
  const auto certified = FromProto(facts.officer.certification_date());
  if (!certified || *certified >= first_day) return true;
  return question.applies_to == Request::OPEN && IsCurrentOn(facts, question.now, first_day);
}

bool IsSameDay(const google::type::Date& a, const google::type::Date& b) {
  return FromProto(a) == FromProto(b);
}

// Empty when the officer is not affected.
std::optional<Response::Affected> Compare(const Question& question, const OfficerFacts& facts) {
  if (!Applies(question, facts)) return std::nullopt;
  const v1::Certification now = Certify(facts.view(), question.now, question.as_of);
  const v1::Certification then = Certify(facts.view(), question.then, question.as_of);
  const bool same = now.state() == then.state() && now.ends_by() == then.ends_by() &&
                    IsSameDay(now.current_through(), then.current_through());
  if (same) return std::nullopt;
  Response::Affected affected;
  affected.set_officer(facts.officer.name());
  affected.set_state_now(now.state());
  affected.set_state_then(then.state());
  if (now.has_current_through()) *affected.mutable_current_through_now() = now.current_through();
  if (then.has_current_through()) {
    *affected.mutable_current_through_then() = then.current_through();
  }
  affected.set_ends_by_then(then.ends_by());
  affected.set_fictitious(facts.officer.fictitious());
  return affected;
}

// A page, and on the first one everybody is counted.
class Pager {
 public:
  Pager(const Question& question, int page_size, Progress from, bool is_first)
      : question_(question), page_size_(page_size), from_(std::move(from)), is_first_(is_first) {}

  absl::Status Read(store::Reader& reader, const rpc::Call& call) {
    for (std::string after = from_.after; !Done();) {
      if (call.Cancelled()) return absl::CancelledError("the caller has gone");
      ACCORD_ASSIGN_OR_RETURN(auto officers, OfficersAfter(reader, after, kBatch));
      if (officers.empty()) return absl::OkStatus();
      after = officers.back().name();
      std::erase_if(officers,
                    [](const v1::Officer& officer) { return !IsInProgram(officer.state()); });
      ACCORD_ASSIGN_OR_RETURN(const auto all, LoadFacts(reader, std::move(officers)));
      for (const OfficerFacts& facts : all) Add(facts);
    }
    return absl::OkStatus();
  }

  // The page, and where the next one begins if there is one.
  Response Take() {
    response_.set_officers_affected(from_.affected);
    response_.set_officers_looked_at(from_.looked_at);
    return std::move(response_);
  }
  std::optional<Progress> Next() const {
    if (!has_more_) return std::nullopt;
    Progress next = from_;
    next.after = response_.affected().rbegin()->officer();
    return next;
  }

 private:
  bool Done() const { return has_more_ && !is_first_; }

  void Add(const OfficerFacts& facts) {
    if (Done()) return;
    if (is_first_) ++from_.looked_at;
    auto affected = Compare(question_, facts);
    if (!affected) return;
    if (is_first_) ++from_.affected;
    if (response_.affected_size() < page_size_) {
      *response_.add_affected() = *std::move(affected);
    } else {
      has_more_ = true;
    }
  }

  const Question& question_;
  const int page_size_;
  Progress from_;
  const bool is_first_;
  Response response_;
  bool has_more_ = false;
};

std::string BindingOf(const rpc::Call& call, const Request& request, Date as_of) {
  return absl::StrJoin(
      {call.caller().actor, Request::descriptor()->full_name(), Hex(Sha256(request.policy_text())),
       absl::StrCat(request.applies_to()), FormatDate(as_of)},
      std::string(1, '\0'));
}

absl::StatusOr<Progress> Open(const store::Store& store, const std::string& binding,
                              const std::string& token) {
  if (token.empty()) return Progress{};
  ACCORD_ASSIGN_OR_RETURN(const std::vector<sql::Value> place,
                          store::OpenPageToken(store.page_key(), binding, token, store.domain()));
  Progress progress;
  ACCORD_ASSIGN_OR_RETURN(progress.after, sql::GetText(place, 0));
  ACCORD_ASSIGN_OR_RETURN(const int64_t affected, sql::GetInt(place, 1));
  ACCORD_ASSIGN_OR_RETURN(const int64_t looked_at, sql::GetInt(place, 2));
  progress.affected = static_cast<int>(affected);
  progress.looked_at = static_cast<int>(looked_at);
  return progress;
}

}  // namespace

absl::StatusOr<Response> Handlers::PreviewPolicy(rpc::Call& call, const Request& request) {
  FieldViolations violations;
  const int page_size = store::ClampPageSize(request.page_size(), violations);
  if (request.policy_text().empty()) violations.Add("policy_text", "must be a policy file");
  if (!Request::Applicability_IsValid(request.applies_to()) ||
      request.applies_to() == Request::APPLICABILITY_UNSPECIFIED) {
    violations.Add("applies_to", "must be NEW, OPEN or ALL");
  }
  const Date as_of = service::CheckDate(violations, "as_of", request.has_as_of(), request.as_of())
                         .value_or(Today());
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  ACCORD_ASSIGN_OR_RETURN(const auto other, Policy::Parse(request.policy_text(), "policy_text"));
  const std::string binding = BindingOf(call, request, as_of);
  ACCORD_ASSIGN_OR_RETURN(Progress from, Open(store_, binding, request.page_token()));

  const Question question{PolicyOn(as_of), other->AtOrFirst(as_of), request.applies_to(), as_of};
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  Pager pager(question, page_size, std::move(from), request.page_token().empty());
  ACCORD_RETURN_IF_ERROR(pager.Read(**snapshot, call));
  const std::optional<Progress> next = pager.Next();
  Response response = pager.Take();
  if (next) {
    ACCORD_ASSIGN_OR_RETURN(
        *response.mutable_next_page_token(),
        store::SealPageToken(store_.page_key(), binding,
                             {next->after, int64_t{next->affected}, int64_t{next->looked_at}}));
  }
  return response;
}

}  // namespace accord::training
