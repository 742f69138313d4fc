#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/service/standard.h"
#include "common/service/write_access.h"
#include "services/training/errors.h"
#include "services/training/facts.h"
#include "services/training/handlers.h"
#include "services/training/officer_events.h"
#include "services/training/request_checks.h"
#include "services/training/store.h"
#include "services/training/verification.h"

namespace accord::training {
namespace {

using policy::v1::AnnualVerificationRule;

constexpr size_t kMaxFilter = 4096;
constexpr int kFirstYear = 1996;
constexpr int kLastYear = 2199;
// Officers that a page of gaps looks at before it is given empty.
constexpr size_t kMostLookedAt = 5000;

// The days of a year; empty, with a violation, when it is none of the program's or has not begun.
std::optional<VerificationYear> CheckYear(FieldViolations& violations, absl::string_view field,
                                          const AnnualVerificationRule* rule, int year,
                                          Date today) {
  if (year < kFirstYear || year > kLastYear) {
    violations.Add(field, absl::StrCat("must be a year from ", kFirstYear, " to ", kLastYear));
    return std::nullopt;
  }
  const VerificationYear span = YearOf(rule, year);
  if (span.first > today) {
    violations.Add(field, absl::StrCat("must have begun: it begins on ", FormatDate(span.first)));
    return std::nullopt;
  }
  return span;
}

// A verification is of an officer who had authority in that year, and from then on.
absl::Status CheckOnDuty(const v1::Officer& officer, const VerificationYear& year, Date verified) {
  const std::optional<Date> first = FirstDayOnDuty(officer, year);
  FieldViolations violations;
  if (!first) {
    const auto certified = FromProto(officer.first_certification_date());
    violations.Add("annual_verification.year",
                   absl::StrCat("must be one in which the officer was certified; first certified: ",
                                certified ? FormatDate(*certified) : "never"));
  } else if (verified < *first) {
    violations.Add(
        "annual_verification.verify_date",
        absl::StrCat("must not lie before the officer's first day on duty in that year, ",
                     FormatDate(*first)));
  }
  return violations.ToStatus(kDomain);
}

// Whom the rule may bind in a year that ends on `last`: officers of its models who were certified
// by then. Their events say whether they were on duty in it.
std::string BoundFilter(const AnnualVerificationRule& rule, Date last) {
  const std::string models =
      absl::StrJoin(rule.models(), " OR ", [](std::string* out, const std::string& model) {
        absl::StrAppend(out, "model = \"", model, "\"");
      });
  return absl::StrCat("(", models, ") AND first_certification_date <= \"", FormatDate(last), "\"");
}

}  // namespace

absl::StatusOr<v1::ListAnnualVerificationsResponse> Handlers::ListAnnualVerifications(
    rpc::Call& call, const v1::ListAnnualVerificationsRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page,
                          service::ListPage<v1::AnnualVerification>(store_, call, request));
  v1::ListAnnualVerificationsResponse response;
  response.mutable_annual_verifications()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::AnnualVerification> Handlers::RecordAnnualVerification(
    rpc::Call& call, const v1::RecordAnnualVerificationRequest& request) {
  const Date today = Today();
  const v1::AnnualVerification& wanted = request.annual_verification();
  const AnnualVerificationRule* rule = PolicyOn(today).training().annual_verification();
  FieldViolations violations;
  service::RequireName(violations, "annual_verification.officer", wanted.officer(), "officers");
  const auto year = CheckYear(violations, "annual_verification.year", rule, wanted.year(), today);
  const auto date = RequirePast(violations, "annual_verification.verify_date",
                                wanted.has_verify_date(), wanted.verify_date(), today);
  service::CheckRequestId(violations, request.request_id());
  if (date && year && *date < year->first) {
    violations.Add(
        "annual_verification.verify_date",
        absl::StrCat("must not lie before that year, which begins on ", FormatDate(year->first)));
  }
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const Date judged = JudgedOn(*date, *year);
  const std::string name = NewName("annualVerifications");
  const service::WriteAccess access(call, separation_, "RecordAnnualVerification");
  return service::Commit<v1::AnnualVerification>(
      store_, call, service::ContextOf(call, access.action(), request),
      [&](store::Transaction& transaction) -> absl::StatusOr<store::WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(v1::Officer officer,
                                access.Read<v1::Officer>(transaction, wanted.officer()));
        ACCORD_RETURN_IF_ERROR(CheckOnDuty(officer, *year, *date));
        ACCORD_ASSIGN_OR_RETURN(const auto known,
                                VerificationsOf(transaction, wanted.year(), officer.name()));
        if (!known.empty()) return error::VerificationExists(known.front().name());
        ACCORD_ASSIGN_OR_RETURN(const OfficerFacts facts,
                                LoadFacts(transaction, std::move(officer)));
        v1::AnnualVerification verification;
        verification.set_name(name);
        verification.set_officer(wanted.officer());
        verification.set_year(wanted.year());
        *verification.mutable_verify_date() = ToProto(*date);
        verification.set_found(CertifyWithoutWords(facts.view(), PolicyOn(judged), judged).state());
        verification.set_verified_by(call.caller().actor);
        CopyOfficer(facts.officer, verification);
        store::WriteSet writes;
        writes.Create(verification);
        return writes;
      });
}

absl::StatusOr<v1::ListVerificationGapsResponse> Handlers::ListVerificationGaps(
    rpc::Call& call, const v1::ListVerificationGapsRequest& request) {
  FieldViolations violations;
  const AnnualVerificationRule* rule = PolicyOn(Today()).training().annual_verification();
  const auto year = CheckYear(violations, "year", rule, request.year(), Today());
  service::CheckText(violations, "filter", request.filter(), kMaxFilter);
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
  v1::ListVerificationGapsResponse response;
  if (rule == nullptr || rule->models().empty()) return response;

  // Those verified or not on duty are taken out of each page; a page that loses all of them is
  // skipped, as long as the answer need not wait for it.
  const std::string bound_filter = BoundFilter(*rule, year->last);
  v1::ListVerificationGapsRequest bound = request;
  size_t looked_at = 0;
  do {
    ACCORD_ASSIGN_OR_RETURN(
        auto page, service::ListPage<v1::Officer>(store_, call, bound, [&](store::ListArgs& args) {
          args.view = absl::StrCat(request.year());
          args.filter = request.filter().empty()
                            ? bound_filter
                            : absl::StrCat("(", request.filter(), ") AND ", bound_filter);
        }));
    std::vector<std::string> names;
    for (const v1::Officer& officer : page.items) names.push_back(officer.name());
    ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
    ACCORD_ASSIGN_OR_RETURN(const auto verified, VerifiedIn(**snapshot, request.year(), names));
    for (v1::Officer& officer : page.items) {
      const bool is_gap = !verified.contains(officer.name()) && FirstDayOnDuty(officer, *year);
      if (is_gap) response.add_officers()->Swap(&officer);
    }
    bound.set_page_token(page.next_page_token);
    looked_at += names.size();
  } while (response.officers().empty() && !bound.page_token().empty() &&
           looked_at < kMostLookedAt && !call.Cancelled());
  response.set_next_page_token(bound.page_token());
  return response;
}

absl::StatusOr<v1::ListNoticesResponse> Handlers::ListNotices(
    rpc::Call& call, const v1::ListNoticesRequest& request) {
  ACCORD_ASSIGN_OR_RETURN(auto page, service::ListPage<v1::Notice>(store_, call, request));
  v1::ListNoticesResponse response;
  response.mutable_notices()->Assign(page.items.begin(), page.items.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace accord::training
