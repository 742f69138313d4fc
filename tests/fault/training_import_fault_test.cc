// The training service is killed, again and again, while it imports an export of the learning
// system: the file goes on at its chunk, and in the end the record is what one import without a
// break makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "accord/log/v1/log.grpc.pb.h"
#include "accord/training/v1/training.grpc.pb.h"
#include "common/base/crypto.h"
#include "common/calendar/date.h"
#include "common/policy/text_file.h"
#include "common/testing/eventually.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_server.h"
#include "tests/fault/put_officers.h"
#include "tests/fault/stage.h"

namespace accord::fault {
namespace {

namespace tv1 = training::v1;
using accord::testing::Eventually;
using accord::testing::IsOk;
using log::v1::ChangeFeed;
using Import = tv1::CompletionImport;
using Stub = tv1::Training::Stub;

constexpr int kOfficers = 60;
constexpr int kYears = 6;
constexpr int kChunkRows = 40;
constexpr int kKills = 8;
constexpr unsigned kSeed = 20260302;

std::string NameOf(int officer) { return absl::StrCat("officers/p", 100 + officer); }

std::vector<tv1::Officer> InTraining() {
  std::vector<tv1::Officer> officers(kOfficers);
  for (int i = 0; i < kOfficers; ++i) {
    officers[i].set_name(NameOf(i));
    officers[i].set_model("JEM");
    officers[i].set_template_("JEM-2025-02-15");
    officers[i].set_state(tv1::Officer::IN_TRAINING);
    officers[i].set_fictitious(true);
  }
  return officers;
}

// Of every outcome some rows: each officer's basic and annual courses, some of them twice, and
// rows about nobody and of no course.
std::string ExportFile() {
  std::string file = "officer,course,date,result,attempt\n";
  for (int i = 0; i < kOfficers; ++i) {
    absl::StrAppend(&file, NameOf(i), ",jem-basic,2019-02-28,passed,1\n");
    for (int year = 0; year < kYears; ++year) {
      for (const char* course : {"annual-ina-overview", "annual-immigration-fundamentals",
                                 "annual-trafficking-awareness", "annual-privacy-awareness",
                                 "annual-operations-security", "annual-language-access"}) {
        const std::string row =
            absl::StrCat(NameOf(i), ",", course, ",",
                         FormatDate(MakeDate(2020 + year, 2, 1) + days(i % 20)), ",passed,1\n");
        absl::StrAppend(&file, row, (i + year) % 7 == 0 ? row : "");
      }
    }
    absl::StrAppend(&file, "officers/nobody", i, ",jem-basic,2020-02-28,passed,1\n", NameOf(i),
                    ",juggling,2020-02-28,passed,1\n");
  }
  return file;
}

std::string Key(const tv1::Completion& completion) {
  return absl::StrCat(completion.officer(), " ", completion.course(), " ",
                      FormatDate(FromProto(completion.date()).value_or(Date())), " ",
                      completion.attempt(), " ", tv1::Completion::Result_Name(completion.result()));
}

// What an import leaves on record, without issued names.
struct Result {
  std::multiset<std::string> completions{};
  // By the row's number in the file.
  std::multimap<int, std::string> rows{};
  std::map<int, int> outcomes{};
};

// One service on its own store, and calls to it.
class Importer {
 public:
  Importer(const std::string& url, const std::string& policy)
      : training_(testing::FreePort(), url, policy),
        channel_(rpc::MakeChannel(training_.address()).value()),
        stub_(tv1::Training::NewStub(channel_)) {}

  // Returns once the connection is there again.
  void Start() {
    ASSERT_THAT(training_.Start(), IsOk());
    ASSERT_TRUE(Eventually([this] { return rpc::CheckHealth(channel_, "").ok(); }));
  }
  void Kill() { training_.program.Kill(); }

  absl::StatusOr<Import> Send(const std::string& file, const std::string& request_id) const {
    tv1::ImportCompletionsRequest request;
    request.set_file_name("export.csv");
    request.set_content(file);
    request.set_request_id(request_id);
    return rpc::CallUnary(*stub_, &Stub::ImportCompletions, request,
                          {.timeout = absl::Seconds(60)});
  }

  std::vector<Import> Imports() const {
    const auto list = rpc::CallUnary(*stub_, &Stub::ListCompletionImports, {});
    EXPECT_THAT(list, IsOk());
    if (!list.ok()) return {};
    return {list->completion_imports().begin(), list->completion_imports().end()};
  }

  // Of the one import, as it is shown to who asks for it by name; 0 before there is one.
  int RowsApplied() const {
    const std::vector<Import> imports = Imports();
    if (imports.empty()) return 0;
    EXPECT_EQ(imports.size(), 1u);
    tv1::GetCompletionImportRequest request;
    request.set_name(imports.front().name());
    const auto import = rpc::CallUnary(*stub_, &Stub::GetCompletionImport, request);
    EXPECT_THAT(import, IsOk());
    return import.ok() ? import->rows_applied() : 0;
  }

  Result Read(const Import& import) const {
    Result result;
    for (const auto& count : import.outcome_counts()) {
      result.outcomes[count.outcome()] = count.rows();
    }
    tv1::ListCompletionsRequest completions;
    EachPage(completions, &Stub::ListCompletions, [&](const tv1::ListCompletionsResponse& page) {
      for (const auto& each : page.completions()) result.completions.insert(Key(each));
    });
    tv1::ListCompletionRowsRequest rows;
    rows.set_parent(import.name());
    EachPage(rows, &Stub::ListCompletionRows, [&](const tv1::ListCompletionRowsResponse& page) {
      for (const auto& row : page.completion_rows()) {
        result.rows.emplace(row.row_number(), row.code());
      }
    });
    return result;
  }

  // How far the import had come after each of its Changes.
  std::vector<int> Steps(const std::string& import) const {
    const auto feed = ChangeFeed::NewStub(channel_);
    log::v1::ListChangesRequest request;
    request.set_page_size(1000);
    request.set_order_by("revision");
    request.set_filter(absl::StrCat("resource = \"", import, "\" AND resource_type = \"",
                                    Import::descriptor()->full_name(), "\""));
    const auto page = rpc::CallUnary(*feed, &ChangeFeed::Stub::ListChanges, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    std::vector<int> steps;
    for (const log::v1::Change& change : page->changes()) {
      Import image;
      if (change.image().UnpackTo(&image)) steps.push_back(image.rows_applied());
    }
    return steps;
  }

  void ExpectLogIntact() const {
    const auto verified =
        rpc::CallUnary(*ChangeFeed::NewStub(channel_), &ChangeFeed::Stub::VerifyChanges, {},
                       {.timeout = absl::Seconds(60)});
    ASSERT_THAT(verified, IsOk());
    EXPECT_TRUE(verified->intact()) << verified->ShortDebugString();
  }

 private:
  template <typename Request, typename Method, typename Take>
  void EachPage(Request request, Method method, const Take& take) const {
    request.set_page_size(1000);
    do {
      const auto page = rpc::CallUnary(*stub_, method, request);
      ASSERT_THAT(page, IsOk());
      take(*page);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
  }

  Training training_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<Stub> stub_;
};

class TrainingImportFaultTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto text = ReadPolicyFile(testing::PolicyPath());
    ASSERT_THAT(text, IsOk());
    const std::string own = absl::StrReplaceAll(
        *text, {{"chunk_rows: 5000", absl::StrCat("chunk_rows: ", kChunkRows)}});
    ASSERT_NE(own, *text);
    std::ofstream(dir_.File("policy.textproto")) << own;
  }

  // On a new store with the officers in it.
  std::unique_ptr<Importer> NewImporter(const std::string& name) const {
    const auto url = GetParam() == "Sqlite" ? absl::StrCat("sqlite:", dir_.File(name))
                                            : testing::NewPostgresDatabase();
    EXPECT_THAT(url, IsOk());
    EXPECT_THAT(PutOfficers(*url, InTraining()), IsOk());
    auto importer = std::make_unique<Importer>(*url, dir_.File("policy.textproto"));
    importer->Start();
    return importer;
  }

  Result Undisturbed(const std::string& file) const {
    const auto importer = NewImporter("undisturbed.db");
    const auto import = importer->Send(file, "");
    EXPECT_THAT(import, IsOk());
    return importer->Read(import.value_or(Import()));
  }

  // Kills the service once it has shown to have come so far, and starts it again.
  void KillAt(int rows, Importer& importer, const std::string& request_id) {
    absl::StatusOr<Import> answer;
    std::thread sender([&] { answer = importer.Send(file_, request_id); });
    int shown = 0;
    EXPECT_TRUE(Eventually([&] {
      shown = importer.RowsApplied();
      shown_.insert(shown);
      return shown >= rows;
    }));
    importer.Kill();
    sender.join();
    EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
    importer.Start();
    const int kept = importer.RowsApplied();
    EXPECT_GE(kept, shown) << "what was shown is gone";
    EXPECT_EQ(kept % kChunkRows, 0) << "half a chunk";
  }

  const testing::TempDir dir_;
  const std::string file_ = ExportFile();
  std::set<int> shown_;
};

TEST_P(TrainingImportFaultTest, GoesOnAtItsChunkAndDoublesNothing) {
  const Result undisturbed = Undisturbed(file_);
  ASSERT_EQ(undisturbed.outcomes.size(), 3u) << "not every outcome is there";
  const auto rows = static_cast<int>(std::count(file_.begin(), file_.end(), '\n')) - 1;

  const auto importer = NewImporter("disturbed.db");
  std::mt19937 random(kSeed);
  std::set<int> kill_at;
  while (kill_at.size() < kKills) kill_at.insert(1 + static_cast<int>(random() % (rows * 3 / 4)));
  const std::string request_id = NewUuid();
  for (const int at : kill_at) KillAt(at, *importer, request_id);
  EXPECT_GT(shown_.size(), size_t{kKills}) << "no progress was shown";

  const auto import = importer->Send(file_, request_id);
  ASSERT_THAT(import, IsOk());
  EXPECT_EQ(import->state(), Import::APPLIED);
  EXPECT_EQ(import->rows_applied(), rows);
  int outcomes = 0;
  for (const auto& count : import->outcome_counts()) outcomes += count.rows();
  EXPECT_EQ(outcomes, rows);

  const Result result = importer->Read(*import);
  EXPECT_EQ(result.completions, undisturbed.completions);
  EXPECT_EQ(result.rows, undisturbed.rows);
  EXPECT_EQ(result.outcomes, undisturbed.outcomes);
  EXPECT_EQ(importer->Imports().size(), 1u);
  std::vector<int> steps;
  for (int done = kChunkRows; done < rows; done += kChunkRows) steps.push_back(done);
  steps.push_back(rows);
  EXPECT_EQ(importer->Steps(import->name()), steps);
  importer->ExpectLogIntact();

  // The first answer again; and for who sends the file anew, that it is there.
  EXPECT_EQ(importer->Send(file_, request_id).value_or(Import()).state(), Import::APPLIED);
  const auto anew = importer->Send(file_, "");
  ASSERT_THAT(anew, IsOk());
  EXPECT_EQ(anew->state(), Import::ALREADY_IMPORTED);
  EXPECT_EQ(anew->name(), import->name());
}

INSTANTIATE_TEST_SUITE_P(Stores, TrainingImportFaultTest, ::testing::Values("Sqlite", "Postgres"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace accord::fault
