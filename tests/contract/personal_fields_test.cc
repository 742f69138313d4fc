// Personal fields through a service on the real runtime: whatever callers send, and whatever
// goes wrong, they stand in no log line, metric or error; and they are erased over the wire.
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/base/log.h"
#include "common/feed/erasure_service.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/service/field_mask.h"
#include "common/service/standard.h"
#include "common/testing/eventually.h"
#include "google/rpc/error_details.pb.h"
#include "tests/contract/people.h"
#include "tests/contract/person.grpc.pb.h"
#include "tests/contract/store_fixture.h"

namespace accord::store {
namespace {

namespace pv1 = accord::testing::people::v1;
using log::v1::ErasePersonalFieldsRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Stands nowhere but in the personal fields that are sent.
constexpr char kMarked[] = "Zebedee-marked";
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

// Made of what every service is made of.
class PeopleService final : public pv1::People::CallbackService {
 public:
  PeopleService(Store& store, rpc::Runtime& runtime) : store_(store), runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreatePerson(grpc::CallbackServerContext* context,
                                         const pv1::CreatePersonRequest* request,
                                         pv1::Person* response) override {
    static const auto& method = *new rpc::MethodSpec{"accord.testing.people.v1.People/Create"};
    return runtime_.Unary(context, request, response, method,
                          [this](rpc::Call& call, const pv1::CreatePersonRequest& request) {
                            return Create(call, request);
                          });
  }
  grpc::ServerUnaryReactor* UpdatePerson(grpc::CallbackServerContext* context,
                                         const pv1::UpdatePersonRequest* request,
                                         pv1::Person* response) override {
    static const auto& method = *new rpc::MethodSpec{"accord.testing.people.v1.People/Update"};
    return runtime_.Unary(context, request, response, method,
                          [this](rpc::Call& call, const pv1::UpdatePersonRequest& request) {
                            return Update(call, request);
                          });
  }
  grpc::ServerUnaryReactor* ListPeople(grpc::CallbackServerContext* context,
                                       const pv1::ListPeopleRequest* request,
                                       pv1::ListPeopleResponse* response) override {
    static const auto& method = *new rpc::MethodSpec{"accord.testing.people.v1.People/List"};
    return runtime_.Unary(context, request, response, method,
                          [this](rpc::Call& call, const pv1::ListPeopleRequest& request) {
                            return List(call, request);
                          });
  }

 private:
  absl::StatusOr<pv1::Person> Create(rpc::Call& call, const pv1::CreatePersonRequest& request) {
    const pv1::Person& person = request.person();
    FieldViolations violations;
    service::RequireName(violations, "person.name", person.name(), "people");
    service::RequireText(violations, "person.given_name", person.given_name(), 100);
    service::CheckText(violations, "person.family_name", person.family_name(), 100);
    ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
    return service::Commit<pv1::Person>(
        store_, call, service::ContextOf(call, "CreatePerson", request), Creates(person));
  }

  absl::StatusOr<pv1::Person> Update(rpc::Call& call, const pv1::UpdatePersonRequest& request) {
    FieldViolations violations;
    const auto paths = service::MaskedPaths(request.update_mask(), {"given_name", "rank"},
                                            "; it is kept elsewhere", violations);
    ACCORD_RETURN_IF_ERROR(violations.ToStatus(kDomain));
    return service::Commit<pv1::Person>(
        store_, call, service::ContextOf(call, "UpdatePerson", request),
        [&](Transaction& transaction) -> absl::StatusOr<WriteSet> {
          ACCORD_ASSIGN_OR_RETURN(pv1::Person person,
                                  transaction.Get<pv1::Person>(request.person().name()));
          ACCORD_RETURN_IF_ERROR(
              service::CheckEtag(kDomain, person.name(), request.person().etag(), person.etag()));
          service::CopyMasked(paths, request.person(), person);
          WriteSet writes;
          writes.Update(person);
          return writes;
        });
  }

  absl::StatusOr<pv1::ListPeopleResponse> List(rpc::Call& call,
                                               const pv1::ListPeopleRequest& request) {
    ACCORD_ASSIGN_OR_RETURN(Page<pv1::Person> page,
                            service::ListPage<pv1::Person>(store_, call, request));
    pv1::ListPeopleResponse response;
    for (pv1::Person& person : page.items) *response.add_people() = std::move(person);
    return response;
  }

  Store& store_;
  rpc::Runtime& runtime_;
};

class PersonalFieldsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    SetLogSinkForTest([this](absl::string_view line) {
      std::lock_guard lock(log_mutex_);
      absl::StrAppend(&log_, line, "\n");
    });
    auto store = TryOpen({}, People());
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    runtime_ = std::make_unique<rpc::Runtime>();
    people_ = std::make_unique<PeopleService>(*store_, *runtime_);
    erasure_ = std::make_unique<feed::ErasureService>(*store_, *runtime_);
    rpc::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.balancer_wait = absl::ZeroDuration();
    auto started = rpc::Server::Start(
        options, {.runtime = *runtime_,
                  .services = {{pv1::People::service_full_name(), people_.get()},
                               {log::v1::Erasure::service_full_name(), erasure_.get()}}});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    channel_ = *rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()));
  }
  void TearDown() override {
    channel_.reset();
    server_.reset();
    SetLogSinkForTest(nullptr);
  }

  static pv1::CreatePersonRequest Marked(const std::string& id) {
    pv1::CreatePersonRequest request;
    request.mutable_person()->set_name(absl::StrCat("people/", id));
    request.mutable_person()->set_given_name(kMarked);
    request.mutable_person()->set_family_name(kMarked);
    request.mutable_person()->add_former_names(kMarked);
    request.mutable_person()->mutable_contact()->set_full_name(kMarked);
    return request;
  }
  absl::StatusOr<pv1::Person> Create(const pv1::CreatePersonRequest& request) {
    return Seen(
        rpc::CallUnary(*pv1::People::NewStub(channel_), &pv1::People::Stub::CreatePerson, request));
  }
  absl::StatusOr<pv1::Person> Update(const pv1::UpdatePersonRequest& request) {
    return Seen(
        rpc::CallUnary(*pv1::People::NewStub(channel_), &pv1::People::Stub::UpdatePerson, request));
  }
  absl::StatusOr<pv1::ListPeopleResponse> List(const std::string& filter,
                                               const std::string& order_by = "") {
    pv1::ListPeopleRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    return Seen(
        rpc::CallUnary(*pv1::People::NewStub(channel_), &pv1::People::Stub::ListPeople, request));
  }
  absl::StatusOr<log::v1::ErasePersonalFieldsResponse> Erase(const std::string& name,
                                                             const std::string& reason = "has left",
                                                             bool validate_only = false) {
    ErasePersonalFieldsRequest request;
    request.set_name(name);
    request.set_reason(reason);
    request.set_validate_only(validate_only);
    return Seen(rpc::CallUnary(*log::v1::Erasure::NewStub(channel_),
                               &log::v1::Erasure::Stub::ErasePersonalFields, request, {},
                               &revisions_));
  }

  // Keeps what an error says, with its details.
  template <typename T>
  absl::StatusOr<T> Seen(absl::StatusOr<T> result) {
    ++calls_;
    if (!result.ok()) {
      absl::StrAppend(&errors_, result.status().message(), "\n");
      result.status().ForEachPayload([this](absl::string_view, const absl::Cord& payload) {
        absl::StrAppend(&errors_, std::string(payload), "\n");
      });
    }
    return result;
  }
  std::string Log() {
    std::lock_guard lock(log_mutex_);
    return log_;
  }
  std::string Metrics() {
    return prometheus::TextSerializer().Serialize(runtime_->metrics()->Collect());
  }
  // A client has its answer a little before the server has written its line.
  void AwaitLog() {
    EXPECT_TRUE(accord::testing::Eventually([this] {
      const std::string log = Log();
      int lines = 0;
      for (size_t at = log.find("\"request_id\""); at != std::string::npos;
           at = log.find("\"request_id\"", at + 1)) {
        ++lines;
      }
      return lines >= calls_;
    }));
  }

  std::unique_ptr<rpc::Runtime> runtime_;
  std::unique_ptr<PeopleService> people_;
  std::unique_ptr<feed::ErasureService> erasure_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::string> revisions_;  // Of the last erasure.
  std::string errors_;
  int calls_ = 0;

 private:
  std::mutex log_mutex_;
  std::string log_;  // Guarded by log_mutex_.
};

INSTANTIATE_TEST_SUITE_P(Databases, PersonalFieldsTest,
                         ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres),
                         DialectName);

TEST_P(PersonalFieldsTest, StandInNoLogMetricOrError) {
  EXPECT_EQ(Create(Marked("1"))->given_name(), kMarked);
  // Taken; too long; with a control character; a wrong name of the resource.
  EXPECT_FALSE(Create(Marked("1")).ok());
  pv1::CreatePersonRequest wrong = Marked("2");
  for (int i = 0; i < 10; ++i) wrong.mutable_person()->mutable_given_name()->append(kMarked);
  wrong.mutable_person()->mutable_family_name()->append("\x01");
  wrong.mutable_person()->set_name("nobody");
  EXPECT_THAT(Create(wrong), FailsWith(kInvalid, "INVALID_FIELDS"));
  // Other contents under the same id.
  pv1::CreatePersonRequest repeated = Marked("3");
  repeated.set_request_id("req-1");
  EXPECT_THAT(Create(repeated), IsOk());
  repeated.mutable_person()->set_rank("major");
  EXPECT_THAT(Create(repeated), FailsWith(kInvalid, "REQUEST_ID_REUSED"));
  // Updates that go wrong.
  pv1::UpdatePersonRequest update;
  *update.mutable_person() = Marked("1").person();
  update.mutable_update_mask()->add_paths("family_name");
  EXPECT_THAT(Update(update), FailsWith(kInvalid, "INVALID_FIELDS"));
  update.mutable_update_mask()->set_paths(0, "given_name");
  update.mutable_person()->set_etag("stale");
  EXPECT_THAT(Update(update), FailsWith(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  update.mutable_person()->set_name("people/none");
  EXPECT_THAT(Update(update), FailsWith(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  // What filters and orders may not probe.
  EXPECT_THAT(List(absl::StrCat("given_name = \"", kMarked, "\"")),
              FailsWith(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(List(absl::StrCat("contact.full_name:\"", kMarked, "\"")),
              FailsWith(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(List("", "family_name"), FailsWith(kInvalid, "INVALID_FIELDS"));
  // Internal failures, whose text is logged: a database that refuses to hold it, or is broken.
  pv1::CreatePersonRequest nul = Marked("4");
  nul.mutable_person()->set_rank(std::string("a\0b", 3));
  EXPECT_THAT(Create(nul), StatusIs(absl::StatusCode::kInternal));
  Run(GetParam() == sql::Dialect::kSqlite
          ? "CREATE TRIGGER refused BEFORE INSERT ON t_people BEGIN "
            "SELECT RAISE(ABORT, 'refused'); END"
          : "ALTER TABLE t_people ADD CONSTRAINT refused CHECK (revision < 0) NOT VALID");
  EXPECT_THAT(Create(Marked("5")), StatusIs(absl::StatusCode::kInternal));
  Run("DROP TABLE t_people");
  EXPECT_THAT(Create(Marked("6")), StatusIs(absl::StatusCode::kInternal));

  AwaitLog();
  EXPECT_THAT(Log(), HasSubstr("INVALID_FIELDS"));
  EXPECT_THAT(Log(), HasSubstr("t_people"));
  EXPECT_THAT(Log(), HasSubstr("refused"));
  EXPECT_THAT(errors_, HasSubstr("given_name"));
  EXPECT_THAT(Metrics(), HasSubstr("People/Create"));
  std::string hex;
  for (const char c : std::string(kMarked)) absl::StrAppend(&hex, absl::Hex(c, absl::kZeroPad2));
  for (const std::string& name : {std::string(kMarked), hex}) {
    EXPECT_THAT(Log(), Not(HasSubstr(name)));
    EXPECT_THAT(errors_, Not(HasSubstr(name)));
    EXPECT_THAT(Metrics(), Not(HasSubstr(name)));
  }
}

TEST_P(PersonalFieldsTest, AreErasedOverTheWire) {
  ASSERT_THAT(Create(Marked("1")), IsOk());
  const auto would = Erase("people/1", "has left", /*validate_only=*/true);
  ASSERT_THAT(would, IsOk());
  EXPECT_EQ(would->images_erased(), 1);
  EXPECT_EQ(Get<pv1::Person>("people/1")->given_name(), kMarked);
  const auto erased = Erase("people/1");
  ASSERT_THAT(erased, IsOk());
  EXPECT_THAT(erased->fields_erased(),
              ElementsAre("given_name", "family_name", "former_names", "contact.full_name"));
  EXPECT_EQ(erased->images_erased(), 1);
  EXPECT_THAT(revisions_, ElementsAre(store_->RevisionToken(Head())));
  EXPECT_EQ(Get<pv1::Person>("people/1")->given_name(), "");
  EXPECT_EQ(AllChanges().back().action(), "ErasePersonalFields");
  EXPECT_EQ(AllChanges().back().reason(), "has left");
  EXPECT_THAT(Erase("people/1")->fields_erased(), IsEmpty());
}

TEST_P(PersonalFieldsTest, RequestsToEraseAreChecked) {
  const auto nothing = Erase("", " ");
  EXPECT_THAT(nothing, FailsWith(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(std::string(nothing.status().message()), HasSubstr("name: "));
  EXPECT_THAT(std::string(nothing.status().message()), HasSubstr("reason: "));
  EXPECT_EQ(GetErrorInfo(nothing.status())->domain(), "log.accord");
  EXPECT_THAT(Erase("people/none"), FailsWith(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(Erase("teams/1"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "NOTHING_PERSONAL"));
  EXPECT_EQ(Head().revision, 0);
}

}  // namespace
}  // namespace accord::store
