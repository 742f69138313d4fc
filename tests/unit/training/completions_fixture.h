// The training handlers with exams, and exports that a test makes up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tests/unit/training/training_fixture.h"

namespace accord::training {

// The fixture's policy, its basic course of AAA with an exam.
inline std::string ExamPolicyText(const std::string& chunk_rows = "5000") {
  return absl::StrReplaceAll(
      PolicyText(), {{"title: \"Basic\" kind: BASIC",
                      R"pb(title: "Basic"
                           kind: BASIC
                           published_names: "Basic Course (A)"
                           exam { pass_percent: 70 retakes: 1 failures_that_disqualify: 2 })pb"},
                     {"chunk_rows: 5000", absl::StrCat("chunk_rows: ", chunk_rows)}});
}

class CompletionsTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    UsePolicy(ExamPolicyText());
  }

  void UsePolicy(const std::string& text) {
    policy_ = ParsePolicy(text);
    handlers_ = std::make_unique<Handlers>(*store_, policy_, agreements_, Separated());
  }

  static v1::RecordCompletionRequest RecordOf(
      const std::string& officer, const std::string& course, Date date,
      v1::Completion::Result result = v1::Completion::PASSED, int attempt = 0) {
    v1::RecordCompletionRequest request;
    v1::Completion& completion = *request.mutable_completion();
    completion.set_officer(officer);
    completion.set_course(course);
    *completion.mutable_date() = ToProto(date);
    completion.set_result(result);
    completion.set_attempt(attempt);
    return request;
  }

  absl::StatusOr<v1::Completion> Record(const v1::RecordCompletionRequest& request) {
    return handlers_->RecordCompletion(call_, request);
  }
  absl::StatusOr<v1::Completion> Record(const std::string& officer, const std::string& course,
                                        Date date,
                                        v1::Completion::Result result = v1::Completion::PASSED,
                                        int attempt = 0) {
    return Record(RecordOf(officer, course, date, result, attempt));
  }

  absl::StatusOr<v1::Completion> Void(const std::string& name, const std::string& request_id = "") {
    v1::VoidCompletionRequest request;
    request.set_name(name);
    *request.mutable_date() = ToProto(today_);
    request.set_reason("the wrong officer");
    request.set_request_id(request_id);
    return handlers_->VoidCompletion(call_, request);
  }

  // Nominated, screened and in training.
  v1::Officer InTraining(const std::string& agreement = kUnderA) {
    const auto nominated = Nominate(agreement);
    EXPECT_THAT(nominated, testing::IsOk());
    const std::string name = nominated.value_or(v1::Officer()).name();
    EXPECT_THAT(DoStep(Step::kClear, name, MakeDate(2025, 1, 20)), testing::IsOk());
    const auto training = DoStep(Step::kStartTraining, name, MakeDate(2025, 2, 3));
    EXPECT_THAT(training, testing::IsOk());
    return training.value_or(v1::Officer());
  }

  static std::string ExportOf(const std::vector<std::string>& rows,
                              const std::string& header = "officer,course,date,result") {
    return absl::StrCat(header, "\n", absl::StrJoin(rows, "\n"), "\n");
  }

  absl::StatusOr<v1::CompletionImport> Import(const std::string& content,
                                              bool validate_only = false,
                                              const std::string& request_id = "") {
    v1::ImportCompletionsRequest request;
    request.set_file_name("export.csv");
    request.set_content(content);
    request.set_validate_only(validate_only);
    request.set_request_id(request_id);
    return handlers_->ImportCompletions(call_, request);
  }

  std::vector<v1::CompletionRow> RowsOf(const std::string& import) {
    v1::ListCompletionRowsRequest request;
    request.set_parent(import);
    request.set_page_size(1000);
    const auto page = handlers_->ListCompletionRows(call_, request);
    EXPECT_THAT(page, testing::IsOk());
    if (!page.ok()) return {};
    return {page->completion_rows().begin(), page->completion_rows().end()};
  }

  // "2 RECORDED", in the order of the file.
  std::vector<std::string> CodesOf(const std::string& import) {
    std::vector<std::string> codes;
    for (const v1::CompletionRow& row : RowsOf(import)) {
      codes.push_back(absl::StrCat(row.row_number(), " ", row.code()));
    }
    return codes;
  }

  // What is kept of every officer is what follows from the facts on record.
  void ExpectKeptIsTrue() {
    for (const v1::Officer& kept : All<v1::Officer>()) {
      const auto snapshot = store_->Read(absl::Now() + absl::Minutes(1));
      ASSERT_THAT(snapshot, testing::IsOk());
      auto facts = LoadFacts(***snapshot, kept);
      ASSERT_THAT(facts, testing::IsOk());
      KeepToday(*facts, policy_->AtOrFirst(today_), today_);
      EXPECT_THAT(facts->officer, testing::ProtoEquals(kept));
    }
  }
};

}  // namespace accord::training
