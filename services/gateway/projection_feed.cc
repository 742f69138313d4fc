#include "services/gateway/projection_feed.h"

#include <grpcpp/channel.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/pending_call.h"
#include "services/gateway/feed_gauges.h"

namespace accord::gateway {
namespace {

// A List leaves merged resources out unless its filter names the field.
constexpr char kMergedToo[] = "merged_into:* OR -merged_into:*";
constexpr char kOpenOnly[] = "state = OPEN";

prometheus::Gauge& MakeGauge(prometheus::Registry& registry, const std::string& name,
                             const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Labels ServiceLabel() { return {{"service", kAgreementsService}}; }

}  // namespace

struct ProjectionFeed::Gauges {
  explicit Gauges(prometheus::Registry& registry)
      : revision(MakeGauge(registry, "accord_gateway_projection_revision",
                           "Revision of the log that the projection stands at.", ServiceLabel())),
        feed(registry, kAgreementsService),
        ready(MakeGauge(registry, "accord_gateway_projection_ready",
                        "1 when the projection is whole.", ServiceLabel())),
        agencies(MakeGauge(registry, kRows, kRowsHelp, {{"resource", "agencies"}})),
        agreements(MakeGauge(registry, kRows, kRowsHelp, {{"resource", "agreements"}})),
        discrepancies(MakeGauge(registry, kRows, kRowsHelp, {{"resource", "discrepancies"}})) {}

  static constexpr char kRows[] = "accord_gateway_projection_rows";
  static constexpr char kRowsHelp[] = "Rows that the projection holds.";
  prometheus::Gauge& revision;
  FeedGauges feed;
  prometheus::Gauge& ready;
  prometheus::Gauge& agencies;
  prometheus::Gauge& agreements;
  prometheus::Gauge& discrepancies;
};

struct ProjectionFeed::Listing {
  ProgramRows rows;
  store::Position start;
  // Of the newest page.
  int64_t newest = 0;
};

ProjectionFeed::ProjectionFeed(std::shared_ptr<grpc::Channel> agreements, Projection& projection,
                               prometheus::Registry& registry, ProjectionFeedOptions options)
    : channel_(std::move(agreements)),
      agreements_(av1::Agreements::NewStub(channel_)),
      log_(log::v1::ChangeFeed::NewStub(channel_)),
      projection_(projection),
      options_(std::move(options)),
      gauges_(std::make_unique<Gauges>(registry)),
      thread_([this] { Run(); }) {}

ProjectionFeed::~ProjectionFeed() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (cancel_) cancel_();
  }
  wake_.notify_all();
  thread_.join();
}

bool ProjectionFeed::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

bool ProjectionFeed::Pause(absl::Duration period, bool until_relist) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, absl::ToChronoNanoseconds(period),
                        [&] { return stopping_ || (until_relist && relist_); });
}

void ProjectionFeed::Run() {
  absl::Duration backoff = options_.first_backoff;
  while (!stopping()) {
    SetGauges();
    const absl::Status status = ListAndFollow();
    if (stopping()) return;
    if (status.ok()) {
      backoff = options_.first_backoff;
      LogInfo("the projection is listed again");
    } else {
      LogWarning("the record could not be listed; trying again",
                 {{"service", kAgreementsService}, {"error", std::string(status.message())}});
    }
    Pause(backoff, /*until_relist=*/false);
    backoff = std::min(backoff * 2, options_.max_backoff);
  }
}

absl::Status ProjectionFeed::ListAndFollow() {
  {
    std::lock_guard lock(mutex_);
    relist_ = false;
  }
  ACCORD_ASSIGN_OR_RETURN(Listing listing, List());
  const store::Position start = listing.start;
  projection_.Replace(std::move(listing.rows), {kAgreementsService, start.log_id, start.revision},
                      listing.newest);
  LogInfo("the projection follows the log",
          {{"service", kAgreementsService}, {"log", start.log_id}, {"revision", start.revision}});
  Follow(start);
  return absl::OkStatus();
}

void ProjectionFeed::Follow(const store::Position& start) {
  feed::Follower follower(
      channel_, start, options_.follower,
      [this](const log::v1::WatchChangesResponse& batch) { return Take(batch); },
      [this](const absl::Status& status) {
        projection_.SetForked();
        LogFork(kAgreementsService, status);
      });
  SetGauges();
  while (!Pause(options_.gauge_period, /*until_relist=*/true)) SetGauges();
}

absl::Status ProjectionFeed::Take(const log::v1::WatchChangesResponse& batch) {
  const absl::Status status = projection_.Apply(batch);
  if (!status.ok()) {
    LogWarning("a change cannot be taken; the record is listed again",
               {{"error", std::string(status.message())}});
    std::lock_guard lock(mutex_);
    relist_ = true;
    wake_.notify_all();
  }
  return status;
}

// The result of `call`, which the destructor can end.
template <typename Call>
auto ProjectionFeed::Await(Call& call) {
  {
    std::lock_guard lock(mutex_);
    cancel_ = [&call] { call.Cancel(); };
    if (stopping_) call.Cancel();
  }
  auto result = call.Wait();
  std::lock_guard lock(mutex_);
  cancel_ = nullptr;
  return result;
}

template <typename Stub, typename Async, typename Request, typename Response, typename TakePage>
absl::Status ProjectionFeed::ListPages(Stub& stub,
                                       void (Async::*method)(grpc::ClientContext*, const Request*,
                                                             Response*,
                                                             std::function<void(grpc::Status)>),
                                       Request request, Listing& listing, TakePage take_page) {
  request.set_page_size(options_.page_size);
  do {
    rpc::PendingCall<Request, Response> call(*stub.async(), method, request,
                                             absl::Now() + options_.page_timeout);
    ACCORD_ASSIGN_OR_RETURN(const Response response, Await(call));
    const std::vector<std::string> stated = call.revisions();
    const auto at = stated.empty() ? std::nullopt : ParseRevision(stated.front());
    if (!at) return absl::DataLossError("a page does not state its revision");
    if (at->log != listing.start.log_id) return absl::AbortedError("the log changed");
    listing.newest = std::max(listing.newest, at->revision);
    take_page(response, at->revision);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<ProjectionFeed::Listing> ProjectionFeed::List() {
  using Stub = class av1::Agreements::Stub::async;
  rpc::PendingCall<log::v1::GetLogRequest, log::v1::Log> head(
      *log_->async(), &log::v1::ChangeFeed::Stub::async::GetLog, {},
      absl::Now() + options_.page_timeout);
  ACCORD_ASSIGN_OR_RETURN(const log::v1::Log log, Await(head));
  Listing listing{projection_.EmptyRows(), {log.id(), log.revision(), log.hash()}, log.revision()};

  const auto put_all = [&listing](const auto& resources, int64_t revision) {
    for (const auto& resource : resources) listing.rows.Put(resource, revision);
  };
  av1::ListAgenciesRequest agencies;
  agencies.set_filter(kMergedToo);
  ACCORD_RETURN_IF_ERROR(ListPages(*agreements_, &Stub::ListAgencies, agencies, listing,
                                   [&](const av1::ListAgenciesResponse& page, int64_t revision) {
                                     put_all(page.agencies(), revision);
                                   }));
  ACCORD_RETURN_IF_ERROR(ListPages(*agreements_, &Stub::ListAgreements,
                                   av1::ListAgreementsRequest(), listing,
                                   [&](const av1::ListAgreementsResponse& page, int64_t revision) {
                                     put_all(page.agreements(), revision);
                                   }));
  av1::ListRosterDiscrepanciesRequest discrepancies;
  discrepancies.set_filter(kOpenOnly);
  ACCORD_RETURN_IF_ERROR(
      ListPages(*agreements_, &Stub::ListRosterDiscrepancies, discrepancies, listing,
                [&](const av1::ListRosterDiscrepanciesResponse& page, int64_t revision) {
                  put_all(page.roster_discrepancies(), revision);
                }));
  ACCORD_RETURN_IF_ERROR(
      ListPages(*agreements_, &Stub::ListRosterImports, av1::ListRosterImportsRequest(), listing,
                [&](const av1::ListRosterImportsResponse& page, int64_t revision) {
                  put_all(page.roster_imports(), revision);
                }));
  return listing;
}

void ProjectionFeed::SetGauges() {
  const Projection::Sizes sizes = projection_.sizes();
  gauges_->revision.Set(static_cast<double>(sizes.revision));
  gauges_->feed.Set(projection_.age(), projection_.forked());
  gauges_->ready.Set(projection_.ready() ? 1 : 0);
  gauges_->agencies.Set(static_cast<double>(sizes.agencies));
  gauges_->agreements.Set(static_cast<double>(sizes.agreements));
  gauges_->discrepancies.Set(static_cast<double>(sizes.discrepancies));
}

}  // namespace accord::gateway
