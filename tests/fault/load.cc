#include "tests/fault/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "common/base/crypto.h"
#include "common/base/status.h"
#include "common/rpc/channel.h"

namespace accord::fault {
namespace {

using agreements::v1::Agency;
using agreements::v1::Agreements;
using log::v1::ChangeFeed;

std::optional<Place> PlaceIn(const std::vector<std::string>& revisions,
                             const std::string& counted) {
  for (const std::string& text : revisions) {
    auto place = ParsePlace(text);
    if (place && place->service == counted) return place;
  }
  return std::nullopt;
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  const auto channel = rpc::MakeChannel(address);
  EXPECT_TRUE(channel.ok()) << channel.status();
  return *channel;
}

}  // namespace

Client::Client(const std::string& gateway, const std::string& counted)
    : Client(ChannelTo(gateway), counted) {}

Client::Client(const std::shared_ptr<grpc::Channel>& gateway, const std::string& counted)
    : counted_(counted),
      counters_(Counters::Of(counted, gateway)),
      agreements_(Agreements::NewStub(gateway)),
      gateway_(gateway::v1::Gateway::NewStub(gateway)) {}

absl::StatusOr<std::string> Client::CreateAgency(const std::string& display_name) {
  agreements::v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name(display_name);
  request.mutable_agency()->set_state("FL");
  request.mutable_agency()->set_kind(Agency::MUNICIPALITY);
  request.mutable_agency()->set_fictitious(true);
  ACCORD_ASSIGN_OR_RETURN(const Agency agency,
                          rpc::CallUnary(*agreements_, &Agreements::Stub::CreateAgency, request));
  ACCORD_RETURN_IF_ERROR(counters_->Begin(agency.name()));
  return agency.name();
}

absl::StatusOr<Place> Client::SetCounter(const std::string& agency, int64_t counter,
                                         const std::string& request_id, absl::Duration timeout) {
  std::vector<std::string> revisions;
  ACCORD_RETURN_IF_ERROR(counters_->Write({agency, counter, request_id}, timeout, revisions));
  std::optional<Place> place = PlaceIn(revisions, counted_);
  if (!place) return absl::DataLossError("an acknowledgement without a revision");
  return *std::move(place);
}

Read Client::ReadStatus(const std::string& agency, const std::optional<Place>& wanted,
                        absl::Duration timeout) {
  gateway::v1::GetAgencyStatusRequest request;
  request.set_agency(agency);
  rpc::CallOptions options{.timeout = timeout};
  if (wanted) options.metadata.emplace(rpc::kRevisionKey, FormatPlace(*wanted));
  Read read;
  read.agency = agency;
  read.wanted = wanted;
  read.call.begun = absl::Now();
  read.call.timeout = timeout;
  const auto status =
      rpc::CallUnary(*gateway_, &gateway::v1::Gateway::Stub::GetAgencyStatus, request, options);
  read.call.ended = absl::Now();
  read.call.status = status.status();
  if (status.ok()) Show(*status, read);
  return read;
}

void Client::Show(const gateway::v1::AgencyStatus& status, Read& read) const {
  read.counter = counters_->In(status);
  read.freshness_met = status.freshness_met();
  // Without the source it counts as labelled.
  for (const gateway::v1::Source& source : status.sources()) {
    if (source.service() != counted_) continue;
    read.reachable = source.reachable();
    read.place = ParsePlace(source.revision()).value_or(Place());
  }
}

absl::StatusOr<std::vector<Logged>> ReadLog(const std::string& address,
                                            const std::string& counted) {
  const auto channel = ChannelTo(address);
  const auto feed = ChangeFeed::NewStub(channel);
  const auto counters = Counters::Of(counted, channel);
  ACCORD_ASSIGN_OR_RETURN(const log::v1::Log log,
                          rpc::CallUnary(*feed, &ChangeFeed::Stub::GetLog, {}));
  std::vector<Logged> logged;
  log::v1::ListChangesRequest request;
  request.set_page_size(1000);
  request.set_order_by("revision");
  request.set_filter(absl::StrCat("action = \"", counters->action(), "\""));
  do {
    ACCORD_ASSIGN_OR_RETURN(const log::v1::ListChangesResponse page,
                            rpc::CallUnary(*feed, &ChangeFeed::Stub::ListChanges, request));
    for (const log::v1::Change& change : page.changes()) {
      ACCORD_ASSIGN_OR_RETURN(const auto write, counters->In(change));
      if (!write) continue;
      logged.push_back({write->agency, write->counter, {log.id(), change.revision(), counted}});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return logged;
}

Load::Load(const std::vector<std::string>& gateways, const LoadOptions& options)
    : gateways_(gateways), options_(options) {
  Client client(gateways_.front(), options_.counted);
  for (int i = 0; i < options_.agencies; ++i) {
    const auto agency = client.CreateAgency(absl::StrCat("Faultville ", i));
    EXPECT_TRUE(agency.ok()) << agency.status();
    if (!agency.ok()) return;
    agencies_.push_back(*agency);
  }
  for (int i = 0; i < options_.writers; ++i) threads_.emplace_back([this, i] { WriteAlways(i); });
  for (int i = 0; i < options_.readers; ++i) threads_.emplace_back([this, i] { ReadAlways(i); });
}

void Load::GoOnFor(absl::Duration period) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, absl::ToChronoTime(absl::Now() + period), [&] { return stopping_; });
}

bool Load::AwaitCalls(int more_reads, int more_writes, absl::Duration within) {
  std::unique_lock lock(mutex_);
  const int64_t reads = reads_ + more_reads;
  const int64_t writes = writes_ + more_writes;
  return changed_.wait_until(lock, absl::ToChronoTime(absl::Now() + within),
                             [&] { return reads_ >= reads && writes_ >= writes; });
}

void Load::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Load::Pause(absl::Duration pause) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(pause), [&] { return stopping_; });
}

void Load::WriteAlways(int writer) {
  History own;
  Client client(gateways_[static_cast<size_t>(writer) % gateways_.size()], options_.counted);
  const auto step = static_cast<size_t>(options_.writers);
  size_t i = static_cast<size_t>(writer);
  for (int64_t counter = 1; Pause(options_.write_pause);) {
    WriteUntilAcked(client, {agencies_[i], counter, absl::Now()}, own);
    i += step;
    if (i < agencies_.size()) continue;
    i = static_cast<size_t>(writer);
    ++counter;
  }
  Merge(std::move(own));
}

void Load::WriteUntilAcked(Client& client, Write write, History& own) {
  const std::string request_id = NewUuid();
  do {
    const absl::Time begun = absl::Now();
    const auto place =
        client.SetCounter(write.agency, write.counter, request_id, options_.write_timeout);
    const absl::Time ended = absl::Now();
    own.write_calls.push_back({begun, ended, options_.write_timeout, place.status()});
    if (!place.ok()) continue;
    write.acked = ended;
    write.place = *place;
    std::lock_guard lock(mutex_);
    newest_ = *place;
    ++writes_;
    changed_.notify_all();
  } while (write.acked == absl::InfiniteFuture() && Pause(options_.write_pause));
  own.writes.push_back(std::move(write));
}

void Load::ReadAlways(int reader) {
  History own;
  std::vector<std::unique_ptr<Client>> clients;
  for (const std::string& gateway : gateways_) {
    clients.push_back(std::make_unique<Client>(gateway, options_.counted));
  }
  // Each agency at every gateway, one after the other; readers begin at different places.
  for (auto turn = static_cast<size_t>(reader) * 5; Pause(options_.read_pause); ++turn) {
    Client& client = *clients[turn % clients.size()];
    const size_t i = turn / clients.size() % agencies_.size();
    // Nobody wants more of every other agency than is kept, so that nothing but the rules
    // keeps an old view from being shown.
    const auto wanted = i % 2 == 0 ? SomeToken(static_cast<int64_t>(turn)) : std::nullopt;
    own.reads.push_back(client.ReadStatus(agencies_[i], wanted, options_.read_timeout));
    if (!own.reads.back().call.status.ok()) continue;
    std::lock_guard lock(mutex_);
    ++reads_;
    changed_.notify_all();
  }
  Merge(std::move(own));
}

std::optional<Place> Load::SomeToken(int64_t turn) {
  std::lock_guard lock(mutex_);
  if (turn % 3 == 0 || !newest_) return std::nullopt;
  Place token = *newest_;
  // The newest, or one of some time ago.
  if (turn % 3 == 2) token.revision = std::max<int64_t>(1, token.revision - turn % 50);
  return token;
}

void Load::Merge(History own) {
  std::lock_guard lock(mutex_);
  const auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(history_.write_calls, own.write_calls);
  append(history_.writes, own.writes);
  append(history_.reads, own.reads);
}

History Load::Finish(const std::string& owner) {
  Stop();
  auto log = ReadLog(owner, options_.counted);
  EXPECT_TRUE(log.ok()) << log.status();
  if (log.ok()) history_.log = *std::move(log);
  return std::move(history_);
}

void ExpectRulesKept(const History& history, const Rules& rules) {
  constexpr size_t kShown = 10;
  std::cout << Summary(history) << "\n";
  const std::vector<std::string> violations = Violations(history, rules);
  for (size_t i = 0; i < violations.size() && i < kShown; ++i) ADD_FAILURE() << violations[i];
  EXPECT_EQ(violations.size(), 0U);
}

}  // namespace accord::fault
