#include "tests/unit/gateway/fake_agreements.h"

#include <grpcpp/support/server_callback.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/rpc/grpc_status.h"
#include "common/store/filter.h"

namespace accord::gateway {
namespace {

constexpr char kDomain[] = "agreements.accord";

absl::Status Forked() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "log.accord", "LOG_FORKED",
                   "another log");
}

absl::Status NotFound(const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, kDomain, "RESOURCE_NOT_FOUND", "no such resource",
                   {{"name", name}});
}

template <typename Message>
const store::Fields& FieldsOf() {
  static const auto& fields = *new store::Fields(Message::descriptor(), {"name"});
  return fields;
}
template <>
const store::Fields& FieldsOf<av1::Agency>() {
  static const auto& fields =
      *new store::Fields(av1::Agency::descriptor(), {"name", "merged_into"});
  return fields;
}
template <>
const store::Fields& FieldsOf<av1::RosterDiscrepancy>() {
  static const auto& fields =
      *new store::Fields(av1::RosterDiscrepancy::descriptor(), {"name", "state"});
  return fields;
}

// As the real service does: merged ones only where the filter names the field.
bool IsShown(const av1::Agency& agency, const store::Filter& filter) {
  return agency.merged_into().empty() || filter.Mentions("merged_into");
}
bool IsShown(const av1::Agreement& agreement, const store::Filter&) {
  return agreement.merged_into().empty();
}
template <typename Message>
bool IsShown(const Message&, const store::Filter&) {
  return true;
}

// What the image is about, as the real service says it.
std::vector<std::string> SubjectsOf(const av1::Agency& agency) {
  return {agency.name(), agency.merged_into()};
}
template <typename Message>
std::vector<std::string> SubjectsOf(const Message& message) {
  return {message.name(), message.agency()};
}
std::vector<std::string> SubjectsOf(const av1::RosterImport& roster_import) {
  return {roster_import.name()};
}

}  // namespace

template <typename Message>
int64_t FakeRecord::Write(const Message& message) {
  int64_t revision = 0;
  {
    std::lock_guard lock(mutex_);
    log::v1::Change& change = changes_.emplace_back();
    revision = static_cast<int64_t>(changes_.size());
    change.set_name(absl::StrCat("changes/", revision));
    change.set_revision(revision);
    change.set_mutation_end(revision);
    change.set_resource(message.name());
    change.set_resource_type(Message::descriptor()->full_name());
    for (const std::string& subject : SubjectsOf(message)) {
      if (!subject.empty()) change.add_subjects(subject);
    }
    change.set_kind(log::v1::Change::UPDATE);
    change.set_hash(absl::StrCat("hash ", revision));
    change.mutable_image()->PackFrom(message);
    newest_[message.name()] = change;
  }
  on_change();
  return revision;
}

int64_t FakeRecord::Put(const av1::Agency& agency) { return Write(agency); }
int64_t FakeRecord::Put(const av1::Agreement& agreement) { return Write(agreement); }
int64_t FakeRecord::Put(const av1::RosterDiscrepancy& discrepancy) { return Write(discrepancy); }
int64_t FakeRecord::Put(const av1::RosterImport& roster_import) { return Write(roster_import); }

void FakeRecord::Redact(int64_t revision) {
  std::lock_guard lock(mutex_);
  changes_[revision - 1].clear_image();
}

void FakeRecord::Fork() {
  std::lock_guard lock(mutex_);
  log_ = "L2";
}

log::v1::Log FakeRecord::Head() const {
  std::lock_guard lock(mutex_);
  log::v1::Log head;
  head.set_service("agreements");
  head.set_id(log_);
  head.set_revision(static_cast<int64_t>(changes_.size()));
  if (!changes_.empty()) head.set_hash(changes_.back().hash());
  return head;
}

std::string FakeRecord::Token() const {
  const log::v1::Log head = Head();
  return absl::StrCat("agreements@", head.id(), ":", head.revision());
}

log::v1::WatchChangesResponse FakeRecord::After(int64_t revision) const {
  std::lock_guard lock(mutex_);
  log::v1::WatchChangesResponse response;
  response.set_log(log_);
  for (size_t i = static_cast<size_t>(revision); i < changes_.size(); ++i) {
    *response.add_changes() = changes_[i];
  }
  response.set_revision(static_cast<int64_t>(changes_.size()));
  response.set_head_revision(response.revision());
  if (!changes_.empty()) response.set_hash(changes_.back().hash());
  return response;
}

template <typename Message>
std::vector<Message> FakeRecord::All(const std::string& filter_text) const {
  const auto filter = store::Filter::Parse(filter_text, FieldsOf<Message>(), kDomain).value();
  std::vector<Message> all;
  std::lock_guard lock(mutex_);
  for (const auto& [name, change] : newest_) {
    Message message;
    if (!change.image().UnpackTo(&message)) continue;
    if (filter.Matches(message) && IsShown(message, filter)) all.push_back(std::move(message));
  }
  return all;
}

grpc::ServerUnaryReactor* FakeAgreements::GetAgencyRecord(
    grpc::CallbackServerContext* context, const av1::GetAgencyRecordRequest* request,
    av1::AgencyRecord* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/GetAgencyRecord"};
  return runtime_.Unary(
      context, request, response, method,
      [this](rpc::Call& call, const auto& asked) -> absl::StatusOr<av1::AgencyRecord> {
        call.SetRevision(record_.Token());
        if (const absl::Status status = before(call); !status.ok()) return status;
        av1::AgencyRecord answer;
        for (const auto& agency : record_.All<av1::Agency>("merged_into:* OR -merged_into:*")) {
          if (agency.name() == asked.name()) *answer.mutable_agency() = agency;
        }
        if (!answer.has_agency()) return NotFound(asked.name());
        for (const auto& agreement : record_.All<av1::Agreement>("")) {
          if (agreement.agency() == asked.name()) *answer.add_agreements() = agreement;
        }
        after();
        return answer;
      });
}

template <typename Message, typename Request>
grpc::ServerUnaryReactor* FakeAgreements::Get(grpc::CallbackServerContext* context,
                                              const Request* request, Message* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/Get"};
  return runtime_.Unary(context, request, response, method,
                        [this](rpc::Call& call, const auto& asked) -> absl::StatusOr<Message> {
                          call.SetRevision(record_.Token());
                          if (const absl::Status status = before(call); !status.ok()) {
                            return status;
                          }
                          for (const auto& message : record_.All<Message>("")) {
                            if (message.name() == asked.name()) return message;
                          }
                          return NotFound(asked.name());
                        });
}

grpc::ServerUnaryReactor* FakeAgreements::GetAgency(grpc::CallbackServerContext* context,
                                                    const av1::GetAgencyRequest* request,
                                                    av1::Agency* response) {
  return Get(context, request, response);
}

grpc::ServerUnaryReactor* FakeAgreements::GetAgreement(grpc::CallbackServerContext* context,
                                                       const av1::GetAgreementRequest* request,
                                                       av1::Agreement* response) {
  return Get(context, request, response);
}

template <typename Message, typename Request, typename Response>
grpc::ServerUnaryReactor* FakeAgreements::List(
    grpc::CallbackServerContext* context, const Request* request, Response* response,
    google::protobuf::RepeatedPtrField<Message>* (Response::*items)()) {
  static const auto& method = *new rpc::MethodSpec{"fake/List"};
  return runtime_.Unary(
      context, request, response, method,
      [this, items](rpc::Call& call, const Request& asked) -> absl::StatusOr<Response> {
        before_page();
        ++pages;
        call.SetRevision(record_.Token());
        const std::vector<Message> all = record_.All<Message>(asked.filter());
        size_t from = 0;
        if (!asked.page_token().empty()) (void)absl::SimpleAtoi(asked.page_token(), &from);
        const size_t to = std::min(all.size(), from + static_cast<size_t>(asked.page_size()));
        Response page;
        for (size_t i = from; i < to; ++i) *(page.*items)()->Add() = all[i];
        if (to < all.size()) page.set_next_page_token(absl::StrCat(to));
        return page;
      });
}

grpc::ServerUnaryReactor* FakeAgreements::ListAgencies(grpc::CallbackServerContext* context,
                                                       const av1::ListAgenciesRequest* request,
                                                       av1::ListAgenciesResponse* response) {
  return List(context, request, response, &av1::ListAgenciesResponse::mutable_agencies);
}
grpc::ServerUnaryReactor* FakeAgreements::ListAgreements(grpc::CallbackServerContext* context,
                                                         const av1::ListAgreementsRequest* request,
                                                         av1::ListAgreementsResponse* response) {
  return List(context, request, response, &av1::ListAgreementsResponse::mutable_agreements);
}
grpc::ServerUnaryReactor* FakeAgreements::ListRosterDiscrepancies(
    grpc::CallbackServerContext* context, const av1::ListRosterDiscrepanciesRequest* request,
    av1::ListRosterDiscrepanciesResponse* response) {
  return List(context, request, response,
              &av1::ListRosterDiscrepanciesResponse::mutable_roster_discrepancies);
}
grpc::ServerUnaryReactor* FakeAgreements::ListRosterImports(
    grpc::CallbackServerContext* context, const av1::ListRosterImportsRequest* request,
    av1::ListRosterImportsResponse* response) {
  return List(context, request, response, &av1::ListRosterImportsResponse::mutable_roster_imports);
}

class FakeFeed::Watch final : public grpc::ServerWriteReactor<log::v1::WatchChangesResponse> {
 public:
  Watch(FakeFeed& feed, const log::v1::WatchChangesRequest& request)
      : feed_(feed), log_(request.log()), revision_(request.after_revision()) {}

  void Poke() {
    std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    const log::v1::WatchChangesResponse next = feed_.record_.After(revision_);
    if (!log_.empty() && next.log() != log_) return FinishLocked(Forked());
    response_ = next;
    revision_ = next.revision();
    writing_ = true;
    StartWrite(&response_);
  }
  void End(const absl::Status& status) {
    std::lock_guard lock(mutex_);
    if (!finished_) FinishLocked(status);
  }
  void OnWriteDone(bool ok) override {
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
    }
    if (!ok) End(absl::CancelledError("gone"));
  }
  void OnCancel() override { End(absl::CancelledError("gone")); }
  void OnDone() override {
    {
      std::lock_guard lock(feed_.mutex_);
      feed_.watches_.erase(this);
      feed_.wake_.notify_all();
    }
    delete this;
  }

 private:
  void FinishLocked(const absl::Status& status) {
    finished_ = true;
    Finish(rpc::ToGrpcStatus(status, "log.accord"));
  }

  FakeFeed& feed_;
  const std::string log_;
  std::mutex mutex_;
  int64_t revision_;
  bool writing_ = false;
  bool finished_ = false;
  log::v1::WatchChangesResponse response_;
};

FakeFeed::FakeFeed(rpc::Runtime& runtime, FakeRecord& record)
    : runtime_(runtime), record_(record), heart_([this] { Run(); }) {
  record_.on_change = [this] { Poke(); };
}

FakeFeed::~FakeFeed() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  heart_.join();
}

void FakeFeed::Run() {
  for (;;) {
    Poke();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::milliseconds(50), [this] { return stopping_; })) return;
  }
}

void FakeFeed::Poke() {
  std::lock_guard lock(mutex_);  // Keeps a watch from going meanwhile.
  if (held_) return;
  for (Watch* watch : watches_) watch->Poke();
}

void FakeFeed::Hold(bool held) {
  std::lock_guard lock(mutex_);
  held_ = held;
}

void FakeFeed::End() {
  std::lock_guard lock(mutex_);
  for (Watch* watch : watches_) watch->End(absl::UnavailableError("ended"));
}

int FakeFeed::watching() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(watches_.size());
}

grpc::ServerUnaryReactor* FakeFeed::GetLog(grpc::CallbackServerContext* context,
                                           const log::v1::GetLogRequest* request,
                                           log::v1::Log* response) {
  static const auto& method = *new rpc::MethodSpec{"fake/GetLog"};
  return runtime_.Unary(
      context, request, response, method,
      [this](rpc::Call&, const auto&) -> absl::StatusOr<log::v1::Log> { return record_.Head(); });
}

grpc::ServerWriteReactor<log::v1::WatchChangesResponse>* FakeFeed::WatchChanges(
    grpc::CallbackServerContext*, const log::v1::WatchChangesRequest* request) {
  auto* watch = new Watch(*this, *request);
  std::lock_guard lock(mutex_);
  watches_.insert(watch);
  return watch;
}

FakeServer::FakeServer()
    : runtime({.domain = kDomain, .workers = 12}),
      agreements(runtime, record),
      feed(runtime, record) {
  Start();
}

FakeServer::~FakeServer() { Stop(); }

std::string FakeServer::Target() const { return absl::StrCat("ipv4:127.0.0.1:", port_); }

void FakeServer::Start() {
  rpc::ServerOptions options{.listen = absl::StrCat("127.0.0.1:", port_),
                             .insecure = true,
                             .balancer_wait = absl::ZeroDuration(),
                             .drain_timeout = absl::Seconds(1)};
  server_ =
      rpc::Server::Start(options, {.runtime = runtime,
                                   .services = {{av1::Agreements::service_full_name(), &agreements},
                                                {log::v1::ChangeFeed::service_full_name(), &feed}},
                                   .on_drain = [this] { feed.End(); }})
          .value();
  port_ = server_->port();
}

void FakeServer::Stop() { server_.reset(); }

}  // namespace accord::gateway
