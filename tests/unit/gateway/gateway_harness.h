// A gateway in this process, in front of a fake agreements service.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "services/gateway/agency_reader.h"
#include "services/gateway/errors.h"
#include "services/gateway/projection_feed.h"
#include "services/gateway/proxy.h"
#include "services/gateway/service.h"
#include "services/gateway/status_views.h"
#include "tests/unit/gateway/fake_agreements.h"
#include "tests/unit/gateway/records.h"

namespace accord::gateway {

using testing::Eventually;

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() { SetLogLevel(LogLevel::kOff); }
  ~GatewayTest() override {
    stub.reset();  // Stopping a server waits for clients that are still there.
    channel.reset();
    server.reset();
    feed.reset();
    SetLogLevel(LogLevel::kInfo);
  }

  // Without a feed, the projection stays empty.
  void Start(bool with_feed = true) {
    agreements = rpc::MakeChannel(fake.Target()).value();
    reader = std::make_unique<AgencyReader>(agreements, projection, nullptr, owner_timeout);
    if (with_views) {
      views = std::make_unique<cache::ViewCache>(view_options, nullptr, clock, *runtime.metrics());
    }
    statuses = std::make_unique<StatusViews>(StatusViews::Deps{.policy = *policy,
                                                               .clock = clock,
                                                               .projection = projection,
                                                               .agencies = *reader,
                                                               .logs = logs,
                                                               .cache = views.get()});
    service = std::make_unique<GatewayService>(Deps{.runtime = runtime,
                                                    .policy = *policy,
                                                    .clock = clock,
                                                    .projection = projection,
                                                    .statuses = *statuses,
                                                    .page_key = std::string(32, 'k'),
                                                    .freshness_wait = freshness_wait});
    proxy = std::make_unique<Proxy>(
        std::vector<Backend>{{"agreements", "accord.agreements.v1.Agreements", agreements}},
        *runtime.metrics());
    server = rpc::Server::Start({.insecure = true,
                                 .balancer_wait = absl::ZeroDuration(),
                                 .drain_timeout = absl::Seconds(5)},
                                {.runtime = runtime,
                                 .services = {{v1::Gateway::service_full_name(), service.get()}},
                                 .generic = proxy.get(),
                                 .on_drain = [this] { proxy->EndStreams(); }})
                 .value();
    channel = rpc::MakeChannel(Target()).value();
    stub = v1::Gateway::NewStub(channel);
    if (with_feed) StartFeed();
  }
  void StartFeed() {
    feed =
        std::make_unique<ProjectionFeed>(agreements, projection, *runtime.metrics(), feed_options);
  }
  std::string Target() const { return absl::StrCat("ipv4:127.0.0.1:", server->port()); }

  // Waits until the projection stands where the record does.
  void CatchUp() {
    ASSERT_TRUE(Eventually([this] {
      return projection.ready() && projection.sizes().revision == fake.record.Head().revision();
    }));
  }

  absl::StatusOr<v1::AgencyStatus> Status(const std::string& agency,
                                          const rpc::CallOptions& options = {}) {
    v1::GetAgencyStatusRequest request;
    request.set_agency(agency);
    return rpc::CallUnary(*stub, &v1::Gateway::Stub::GetAgencyStatus, request, options, &revisions);
  }
  absl::StatusOr<v1::ProgramMetrics> Metrics(const rpc::CallOptions& options = {}) {
    return rpc::CallUnary(*stub, &v1::Gateway::Stub::GetProgramMetrics, {}, options, &revisions);
  }
  absl::StatusOr<v1::ListAgencyStatusesResponse> List(
      const v1::ListAgencyStatusesRequest& request = {}, const rpc::CallOptions& options = {}) {
    return rpc::CallUnary(*stub, &v1::Gateway::Stub::ListAgencyStatuses, request, options,
                          &revisions);
  }
  static rpc::CallOptions WithToken(const std::string& token) {
    return {.metadata = {{rpc::kRevisionKey, token}}};
  }
  // The value of a gauge or counter, summed over its labels.
  double Metric(const std::string& name) {
    double sum = 0;
    for (const auto& family : runtime.metrics()->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) sum += metric.counter.value + metric.gauge.value;
    }
    return sum;
  }

  // Set these before Start.
  absl::Duration owner_timeout = absl::Seconds(10);
  absl::Duration freshness_wait = absl::Seconds(10);
  bool with_views = true;
  cache::ViewCacheOptions view_options;
  ProjectionFeedOptions feed_options{.first_backoff = absl::Milliseconds(5),
                                     .max_backoff = absl::Milliseconds(20),
                                     .gauge_period = absl::Milliseconds(5),
                                     .follower = {.filter = "",
                                                  .omit_images = false,
                                                  .silence = absl::Seconds(2),
                                                  .first_backoff = absl::Milliseconds(5),
                                                  .max_backoff = absl::Milliseconds(20)}};

  FakeServer fake;
  const std::shared_ptr<const Policy> policy = TestPolicy();
  FakeClock clock{absl::FromCivil(absl::CivilHour(2025, 7, 2, 12), policy->time_zone())};
  rpc::Runtime runtime{{.domain = kDomain, .workers = 12}};
  Projection projection{policy, clock};
  const FollowedLogs logs{{&projection.seen()}, clock};
  std::shared_ptr<grpc::Channel> agreements;
  std::unique_ptr<AgencyReader> reader;
  std::unique_ptr<cache::ViewCache> views;
  std::unique_ptr<StatusViews> statuses;
  std::unique_ptr<GatewayService> service;
  std::unique_ptr<Proxy> proxy;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<ProjectionFeed> feed;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Gateway::Stub> stub;
  std::vector<std::string> revisions;
};

}  // namespace accord::gateway
