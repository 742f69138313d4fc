#include <algorithm>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/service/standard.h"
#include "services/training/capacity.h"
#include "services/training/errors.h"
#include "services/training/handlers.h"
#include "services/training/rates.h"
#include "services/training/store_figures.h"

namespace accord::training {
namespace {

constexpr int kMaxLongWaits = 1000;
// Results are counted of so many days unless the caller says from when on.
constexpr days kDaysOfResults{30};

bool HasModel(const PolicyView& policy, const std::string& code) {
  const auto& models = policy.version().models();
  return std::any_of(models.begin(), models.end(),
                     [&code](const policy::v1::Model& model) { return model.code() == code; });
}

// Of every version: a course keeps its code and its model.
std::string ModelOf(const Policy& policy, const std::string& course) {
  for (const auto& version : policy.versions()) {
    const policy::v1::Course* found = version->training().FindCourse(course);
    if (found != nullptr) return found->model();
  }
  return "";
}

FailureLimits LimitsOf(const PolicyView& policy) {
  FailureLimits limits;
  for (const policy::v1::Course* course : policy.CoursesInForce()) {
    const int limit = course->exam().failures_that_disqualify();
    if (limit > 0) limits[course->code()] = limit;
  }
  return limits;
}

std::vector<std::string> CoursesOf(const Policy& policy, const std::string& model) {
  std::vector<std::string> codes;
  for (const auto& version : policy.versions()) {
    for (const policy::v1::Course& course : version->version().training_policy().courses()) {
      if (course.model() == model) codes.push_back(course.code());
    }
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

// 0 when nobody says what is long.
int LongWaitDays(const v1::GetTrainingCapacityRequest& request, const PolicyView& policy) {
  if (request.long_wait_days() > 0) return request.long_wait_days();
  const policy::v1::LapsePolicy* lapse = policy.training().lapse_policy();
  return lapse == nullptr ? 0 : lapse->long_wait_days();
}

void AddLongWaits(const LongWaits& waits, const Policy& policy, Date today,
                  v1::TrainingCapacity& capacity) {
  capacity.set_long_wait_count(static_cast<int>(waits.count));
  for (const v1::TrainingCapacity::LongWait& each : waits.first) {
    v1::TrainingCapacity::LongWait& wait = *capacity.add_long_waits();
    wait = each;
    wait.set_model(ModelOf(policy, wait.course()));
    const auto since = FromProto(wait.since_date());
    if (since) wait.set_days(static_cast<int>((today - *since).count()));
  }
}

}  // namespace

absl::StatusOr<v1::TrainingCapacity> Handlers::GetTrainingCapacity(
    rpc::Call& call, const v1::GetTrainingCapacityRequest& request) {
  const Date today = Today();
  FieldViolations violations;
  const Date from =
      service::CheckDate(violations, "from", request.has_from(), request.from()).value_or(today);
  const PolicyView& policy = PolicyOn(from);
  if (!request.model().empty() && !HasModel(policy, request.model())) {
    violations.Add("model", "must be the code of a model of the policy");
  }
  if (request.long_wait_days() < 0) violations.Add("long_wait_days", "must not be negative");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  const FigureScope scope = {.reach = call.reach(),
                             .fictitious = request.fictitious(),
                             .model = request.model(),
                             .deadline = call.deadline()};
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  ACCORD_ASSIGN_OR_RETURN(const CapacityFacts facts, CountCapacity(**snapshot, scope, from));
  v1::TrainingCapacity capacity = CapacityOf(facts, policy, from, request.model());
  const int days = LongWaitDays(request, policy);
  const std::vector<std::string> courses =
      request.model().empty() ? std::vector<std::string>() : CoursesOf(*policy_, request.model());
  // A model without courses has nobody who waits for one.
  if (days > 0 && (request.model().empty() || !courses.empty())) {
    ACCORD_ASSIGN_OR_RETURN(
        const LongWaits waits,
        LongWaitsBefore(**snapshot, scope,
                        {.before = today - accord::days(days),
                         .courses = courses,
                         .basics = BasicClasses(PolicyOn(today), today, request.model()),
                         .limit = kMaxLongWaits}));
    AddLongWaits(waits, *policy_, today, capacity);
  }
  *capacity.mutable_as_of() = ToProto(today);
  capacity.set_basis(BasisOf(request.fictitious()));
  capacity.set_fictitious(request.fictitious());
  capacity.set_policy_version(policy.id());
  return capacity;
}

absl::StatusOr<v1::ResultRates> Handlers::GetResultRates(rpc::Call& call,
                                                         const v1::GetResultRatesRequest& request) {
  FieldViolations violations;
  const Date to =
      service::CheckDate(violations, "to", request.has_to(), request.to()).value_or(Today());
  const Date from = service::CheckDate(violations, "from", request.has_from(), request.from())
                        .value_or(to - kDaysOfResults);
  if (to < from) violations.Add("to", "must not lie before from");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));

  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_.Read(call.deadline()));
  service::SetRevision(call, store_, (*snapshot)->position());
  const auto counts = CountResults(
      **snapshot,
      {.reach = call.reach(), .fictitious = request.fictitious(), .deadline = call.deadline()},
      LimitsOf(PolicyOn(to)), from, to);
  if (absl::IsDeadlineExceeded(counts.status())) return error::FigureNotInTime("fewer days");
  ACCORD_RETURN_IF_ERROR(counts.status());
  v1::ResultRates rates =
      RatesOf(*counts, [this](const std::string& course) { return ModelOf(*policy_, course); });
  *rates.mutable_from() = ToProto(from);
  *rates.mutable_to() = ToProto(to);
  rates.set_basis(BasisOf(request.fictitious()));
  rates.set_fictitious(request.fictitious());
  return rates;
}

}  // namespace accord::training
