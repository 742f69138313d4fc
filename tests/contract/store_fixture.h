// A store of the agreements service's resources, on SQLite and on PostgreSQL.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "accord/agreements/v1/resources.pb.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/clock.h"
#include "common/store/list.h"
#include "common/store/log_reader.h"
#include "common/store/store.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/agreements/types.h"

namespace accord::store {

using accord::agreements::v1::Agency;
using accord::agreements::v1::Agreement;
using accord::agreements::v1::RosterImport;
using accord::agreements::v1::RosterRow;
using accord::testing::FailsWith;
using accord::testing::IsOk;
using accord::testing::StatusIs;
using log::v1::Change;

inline constexpr char kDomain[] = "agreements.accord";
// Nothing here takes so long unless it hangs.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

inline Agency AgencyOf(absl::string_view id, absl::string_view display_name = "Sheriff",
                       absl::string_view state = "FL") {
  Agency agency;
  agency.set_name(absl::StrCat("agencies/", id));
  agency.set_display_name(std::string(display_name));
  agency.set_state(std::string(state));
  return agency;
}

inline Agreement AgreementOf(absl::string_view id, absl::string_view agency) {
  Agreement agreement;
  agreement.set_name(absl::StrCat("agreements/", id));
  agreement.set_agency(absl::StrCat("agencies/", agency));
  agreement.set_model("TFM");
  return agreement;
}

inline Mutation Creates(std::vector<std::shared_ptr<google::protobuf::Message>> messages) {
  return [messages](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    for (const auto& message : messages) writes.Create(*message);
    return writes;
  };
}

template <typename... T>
Mutation Creates(const T&... messages) {
  return Creates(
      std::vector<std::shared_ptr<google::protobuf::Message>>{std::make_shared<T>(messages)...});
}

// Reads the agency and writes it with what `change` makes of it.
inline Mutation Updates(absl::string_view id, std::function<void(Agency&)> change) {
  return [name = absl::StrCat("agencies/", id),
          change = std::move(change)](Transaction& transaction) -> absl::StatusOr<WriteSet> {
    ACCORD_ASSIGN_OR_RETURN(Agency agency, transaction.Get<Agency>(name));
    change(agency);
    WriteSet writes;
    writes.Update(agency);
    return writes;
  };
}

inline Mutation Deletes(absl::string_view id) {
  return
      [name = absl::StrCat("agencies/", id)](Transaction& transaction) -> absl::StatusOr<WriteSet> {
        ACCORD_ASSIGN_OR_RETURN(const Agency agency, transaction.Get<Agency>(name));
        WriteSet writes;
        writes.Delete(agency);
        return writes;
      };
}

// Counts in a field of an agency: the update that is lost shows.
inline Mutation Increments(absl::string_view id) {
  return Updates(id, [](Agency& agency) {
    agency.set_county(absl::StrCat(agency.county().empty() ? 1 : std::stoi(agency.county()) + 1));
  });
}

// A row of a published list, as an append-only fact.
inline std::vector<std::unique_ptr<google::protobuf::Message>> RowsOf(absl::string_view import,
                                                                      int count) {
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;
  for (int i = 1; i <= count; ++i) {
    auto row = std::make_unique<RosterRow>();
    row->set_name(absl::StrCat(import, "/rows/", i));
    row->set_row_number(i);
    row->set_state(i % 2 == 0 ? "FL" : "TX");
    row->set_agency(absl::StrCat("agencies/a", i));
    rows.push_back(std::move(row));
  }
  return rows;
}

inline Mutation Appends(std::string import, int count) {
  return [import, count](Transaction&) -> absl::StatusOr<WriteSet> {
    WriteSet writes;
    writes.AppendRows(import, RowsOf(import, count));
    return writes;
  };
}

template <typename T>
std::vector<std::string> NamesOf(const std::vector<T>& items) {
  std::vector<std::string> names;
  for (const T& item : items) names.push_back(item.name());
  return names;
}

class StoreTest : public ::testing::TestWithParam<sql::Dialect> {
 protected:
  void SetUp() override {
    absl::StatusOr<std::string> url = NewUrl();
    ASSERT_THAT(url, IsOk());
    url_ = *std::move(url);
    store_ = OpenStore();
    ASSERT_NE(store_, nullptr);
  }

  absl::StatusOr<std::string> NewUrl() {
    if (GetParam() == sql::Dialect::kPostgres) return NewSchema();
    return absl::StrCat("sqlite:", dir_.File(absl::StrCat("store", files_++, ".db")));
  }

  // A schema of the one database of this process: much quicker to make than a database.
  static absl::StatusOr<std::string> NewSchema() {
    static const absl::StatusOr<std::string> url = accord::testing::NewPostgresDatabase();
    if (!url.ok()) return url.status();
    static int made = 0;
    const std::string name = absl::StrCat("test", made++);
    ACCORD_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(*url));
    ACCORD_ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kWrite));
    ACCORD_RETURN_IF_ERROR(connection->ExecuteScript(absl::StrCat("CREATE SCHEMA ", name)));
    const char* separator = absl::StrContains(*url, "?") ? "&" : "?";
    return absl::StrCat(*url, separator, "options=-csearch_path%3D", name);
  }

  absl::StatusOr<std::unique_ptr<Store>> TryOpen(StoreOptions options,
                                                 const ResourceTypes& types = agreements::Types()) {
    options.url = url_;
    options.head_poll = absl::Milliseconds(10);
    return Store::Open("agreements", kDomain, types, clock_, std::move(options));
  }
  // Another replica of the service, on the same database.
  std::unique_ptr<Store> OpenStore(StoreOptions options = {}) {
    absl::StatusOr<std::unique_ptr<Store>> store = TryOpen(std::move(options));
    EXPECT_THAT(store, IsOk());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // A session beside the store's: what an intruder or an operator has.
  std::unique_ptr<sql::Connection> Connect() {
    if (database_ == nullptr) database_ = *sql::Database::Open(url_);
    absl::StatusOr<std::unique_ptr<sql::Connection>> connection =
        database_->Connect(sql::Access::kWrite);
    EXPECT_THAT(connection, IsOk());
    return connection.ok() ? *std::move(connection) : nullptr;
  }
  void Run(absl::string_view script) { ASSERT_THAT(Connect()->ExecuteScript(script), IsOk()); }
  int64_t Int(absl::string_view sql) {
    const auto result = Connect()->Execute(sql);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? sql::GetInt(result->rows.at(0), 0).value_or(-1) : -1;
  }

  static absl::Time Soon() { return absl::Now() + kPatience; }
  static MutationContext By(absl::string_view action) {
    MutationContext context;
    context.action = std::string(action);
    context.actor = "unverified:ann";
    context.deadline = Soon();
    return context;
  }

  absl::StatusOr<Committed> Mutate(Mutation mutation) {
    return store_->Mutate(By("Test"), std::move(mutation));
  }
  // The committed mutation; fails the test when it was refused.
  Committed Do(Mutation mutation) {
    absl::StatusOr<Committed> committed = Mutate(std::move(mutation));
    EXPECT_THAT(committed, IsOk());
    return committed.ok() ? *std::move(committed) : Committed();
  }

  template <typename T>
  absl::StatusOr<T> Get(absl::string_view name) {
    ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store_->Read(Soon()));
    return (*snapshot)->template Get<T>(name);
  }
  static ListArgs ArgsOf(absl::string_view filter = "", absl::string_view order_by = "",
                         int page_size = 1000) {
    ListArgs args;
    args.filter = std::string(filter);
    args.order_by = std::string(order_by);
    args.page_size = page_size;
    args.caller = "ann";
    args.method = "ListAgencies";
    args.deadline = Soon();
    return args;
  }

  template <typename T = Agency>
  std::vector<T> ListAll(ListArgs args) {
    std::vector<T> all;
    do {
      auto page = List<T>(*store_, args);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      EXPECT_LE(page->items.size(), static_cast<size_t>(args.page_size));
      for (T& item : page->items) all.push_back(std::move(item));
      args.page_token = page->next_page_token;
    } while (!args.page_token.empty());
    return all;
  }
  std::vector<std::string> Names(const ListArgs& args) { return NamesOf(ListAll(args)); }

  Position Head() {
    const auto snapshot = store_->Read(Soon());
    EXPECT_THAT(snapshot, IsOk());
    return snapshot.ok() ? (**snapshot)->position() : Position();
  }
  std::vector<Change> AllChanges() {
    const auto snapshot = store_->Read(Soon());
    EXPECT_THAT(snapshot, IsOk());
    auto changes = ReadTail(***snapshot, 0, INT32_MAX);
    EXPECT_THAT(changes, IsOk());
    return changes.ok() ? *std::move(changes) : std::vector<Change>();
  }
  log::v1::VerifyChangesResponse Verify() {
    auto verified = VerifyChanges(*store_, 0, 0, Soon());
    EXPECT_THAT(verified, IsOk());
    return verified.ok() ? *std::move(verified) : log::v1::VerifyChangesResponse();
  }

  FakeClock clock_{absl::FromCivil(absl::CivilSecond(2026, 3, 2, 12, 0, 0), absl::UTCTimeZone())};
  std::string url_;
  std::unique_ptr<Store> store_;

 private:
  accord::testing::TempDir dir_;
  int files_ = 0;
  std::unique_ptr<sql::Database> database_;
};

inline std::string DialectName(const ::testing::TestParamInfo<sql::Dialect>& info) {
  return info.param == sql::Dialect::kSqlite ? "Sqlite" : "Postgres";
}

// Runs the functions at the same time and waits for all.
inline void InParallel(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : running) thread.join();
}

}  // namespace accord::store
