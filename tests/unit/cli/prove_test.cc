// checkpoints, changes export and changes verify: what they ask, write, find and exit with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "common/base/error.h"
#include "services/cli/json_lines.h"
#include "tests/unit/cli/canned.h"
#include "tests/unit/cli/command_test.h"
#include "tests/unit/proof/made_log.h"

namespace accord::cli {
namespace {

using proof::MadeLog;
using proof::MakeLog;
using proof::Rechain;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
namespace lv1 = accord::log::v1;

const std::string kC = "accord.log.v1.Checkpoints.";

class ProveTest : public CommandTest {
 protected:
  ProveTest() {
    std::ofstream(keys_) << pem_.public_pem;
    WriteCheckpoints({proof::Signed(key_, made_, 3), proof::Signed(key_, made_, 8)});
  }

  template <typename Messages>
  static void WriteLines(const std::string& file, const Messages& messages) {
    auto writer = *JsonLinesWriter::Open(file);
    for (const auto& message : messages) ASSERT_TRUE(writer->Write(message).ok());
    ASSERT_TRUE(writer->Close().ok());
  }
  void WriteCheckpoints(const std::vector<lv1::Checkpoint>& checkpoints) {
    WriteLines(kept_, checkpoints);
  }
  static std::string ReadAll(const std::string& file) { return *ReadTextFile(file); }

  // The server's log: in pages of four, then the end.
  void Serve(const MadeLog& made) {
    for (size_t i = 0; i < made.changes.size(); i += 4) {
      lv1::ExportChangesResponse page;
      *page.mutable_log() = made.log;
      for (size_t j = i; j < std::min(i + 4, made.changes.size()); ++j) {
        *page.add_changes() = made.changes[j];
      }
      gateway_.Answer(kC + "ExportChanges", page);
    }
    lv1::ExportChangesResponse end;
    *end.mutable_log() = made.log;
    gateway_.Answer(kC + "ExportChanges", end);
  }
  Outcome Verify(std::vector<std::string> more = {}) {
    std::vector<std::string> args = {"changes", "verify",       "--checkpoint",
                                     kept_,     "--public-key", keys_};
    args.insert(args.end(), more.begin(), more.end());
    return RunCommand(args);
  }
  // Written by the command itself.
  std::string Exported(const MadeLog& made) {
    Serve(made);
    const std::string file = folder_ + "/changes.jsonl";
    const Outcome outcome = RunCommand({"changes", "export", file});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return file;
  }
  // From here on there is no server.
  void GoOffline() { UseServer("127.0.0.1:1"); }

  const proof::KeyPem pem_ = proof::NewKey();
  const proof::SigningKey key_ = *proof::SigningKey::FromPem(pem_.private_pem);
  MadeLog made_ = MakeLog(10);
  const std::string kept_ = folder_ + "/checkpoints.jsonl";
  const std::string keys_ = folder_ + "/key.pub";
};

TEST_F(ProveTest, ServersLogIsProven) {
  Serve(made_);
  const Outcome outcome = Verify();
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out,
            "10 changes follow, 10 images verified, 0 redacted, 2 checkpoints hold\n"
            "proven: log log1 of agreements up to revision 8, signed 2026-01-01T00:08:01Z by key " +
                key_.public_key().id() + "; the 2 after it are not signed yet\n");
  EXPECT_EQ(gateway_.Requests(kC + "ExportChanges").size(), 4u);
  EXPECT_EQ(gateway_.Last<lv1::ExportChangesRequest>(kC + "ExportChanges").after_revision(), 10);
  EXPECT_EQ(gateway_.Requests(kC + "ExportChanges")[0].metadata.find("accord-service")->second,
            "agreements");
}

TEST_F(ProveTest, ExportedLogIsProvenWithoutAServer) {
  made_.At(5).clear_image();
  const std::string file = Exported(made_);
  GoOffline();
  const Outcome outcome = Verify({"--changes", file});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("9 images verified, 1 redacted"), HasSubstr("proven:")));
  const Outcome json = Verify({"--changes", file, "-o", "json"});
  EXPECT_EQ(json.code, 0);
  EXPECT_THAT(json.out, HasSubstr("\"holds\": true"));
}

TEST_F(ProveTest, ChangesThatCameWhileReadingAreLeftOut) {
  MadeLog longer = made_;
  longer.log.set_revision(6);
  longer.log.set_hash(made_.At(6).change().hash());
  WriteCheckpoints({proof::Signed(key_, made_, 3)});
  Serve(longer);
  const Outcome outcome = Verify();
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("6 changes follow"));
}

struct Case {
  std::string name;
  std::function<void(MadeLog&)> tamper;
  std::string said;
};

class FindingTest : public ProveTest, public ::testing::WithParamInterface<Case> {};

TEST_P(FindingTest, IsNamedAndFails) {
  GetParam().tamper(made_);
  const std::string file = Exported(made_);
  GoOffline();
  const Outcome outcome = Verify({"--changes", file});
  EXPECT_EQ(outcome.code, 1) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith(GetParam().said));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\nproven")));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FindingTest,
    ::testing::Values(Case{"Altered",
                           [](MadeLog& made) { made.At(4).mutable_change()->set_actor("m"); },
                           "ALTERED at revision 4: "},
                      Case{"Removed",
                           [](MadeLog& made) { made.changes.erase(made.changes.begin() + 4); },
                           "REMOVED at revision 5: "},
                      Case{"Reordered", [](MadeLog& made) { std::swap(made.At(5), made.At(6)); },
                           "REORDERED at revision 5: "},
                      Case{"Truncated",
                           [](MadeLog& made) {
                             made.changes.resize(6);
                             Rechain(made, 6);
                           },
                           "TRUNCATED at revision 7: "},
                      Case{"Rewritten",
                           [](MadeLog& made) {
                             made.At(4).mutable_change()->set_actor("m");
                             Rechain(made, 4);
                           },
                           "FORKED at revision 8: "},
                      Case{"AnotherLog", [](MadeLog& made) { made.log.set_id("log2"); },
                           "FORKED at revision 3: "}),
    [](const auto& info) { return info.param.name; });

TEST_F(ProveTest, FormerLogIsAcceptedWhenItIsNamed) {
  made_.log.set_id("log2");
  const std::string file = Exported(made_);
  EXPECT_EQ(Verify({"--changes", file}).code, 1);
  EXPECT_EQ(Verify({"--changes", file, "--former-log", "log1"}).code, 0);
}

TEST_F(ProveTest, KeyThatWasChangedIsGivenToo) {
  const proof::KeyPem next_pem = proof::NewKey();
  const auto next = *proof::SigningKey::FromPem(next_pem.private_pem);
  const std::string next_file = folder_ + "/next.pub";
  std::ofstream(next_file) << next_pem.public_pem;
  WriteCheckpoints({proof::Signed(key_, made_, 3), proof::Signed(next, made_, 8)});
  const std::string file = Exported(made_);
  const Outcome outcome = Verify({"--changes", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, StartsWith("SIGNATURE at revision 8: "));
  EXPECT_EQ(Verify({"--changes", file, "--public-key", next_file}).code, 0);
}

TEST_F(ProveTest, EveryByteOfAKeptCheckpointCounts) {
  WriteCheckpoints({proof::Signed(key_, made_, 8)});
  const std::string file = Exported(made_);
  const std::string good = ReadAll(kept_);
  ASSERT_EQ(Verify({"--changes", file}).code, 0);
  lv1::Checkpoint original;
  ASSERT_TRUE(*JsonLinesReader::Open(kept_)->Read(&original));
  int same = 0;
  for (size_t i = 0; i + 1 < good.size(); ++i) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    std::ofstream(kept_, std::ios::binary) << flipped;
    lv1::Checkpoint read;
    const auto parsed = JsonLinesReader::Open(kept_)->Read(&read);
    read.clear_name();  // Is not signed.
    if (parsed.ok() && read.SerializeAsString() == original.SerializeAsString()) {
      ++same;
      continue;
    }
    EXPECT_NE(Verify({"--changes", file}).code, 0) << flipped;
  }
  EXPECT_LT(same, 10) << "almost no byte was tried";
}

TEST_F(ProveTest, FileThatWasCutIsNoWholeLog) {
  const std::string file = Exported(made_);
  const std::string whole = ReadAll(file);
  const size_t last_line = whole.rfind('\n', whole.size() - 2);
  std::ofstream(file, std::ios::binary) << whole.substr(0, last_line + 1);
  Outcome outcome = Verify({"--changes", file});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, StartsWith("TRUNCATED at revision 10: "));
  std::ofstream(file, std::ios::binary) << whole.substr(0, last_line + 20);
  outcome = Verify({"--changes", file});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("in line 11"));
}

TEST_F(ProveTest, WhatCannotBeReadIsRefused) {
  const std::string empty = folder_ + "/empty";
  std::ofstream(empty).flush();
  const std::vector<std::vector<std::string>> wrong = {
      {"changes", "verify"},
      {"changes", "verify", "--checkpoint", kept_},
      {"changes", "verify", "--public-key", keys_},
      {"changes", "verify", "--checkpoint", folder_ + "/none", "--public-key", keys_},
      {"changes", "verify", "--checkpoint", folder_, "--public-key", keys_},
      {"changes", "verify", "--checkpoint", empty, "--public-key", keys_},
      {"changes", "verify", "--checkpoint", keys_, "--public-key", keys_},
      {"changes", "verify", "--checkpoint", kept_, "--public-key", kept_},
      {"changes", "verify", "--checkpoint", kept_, "--public-key", folder_ + "/none"},
      {"changes", "verify", "--checkpoint", kept_, "--public-key", keys_, "--changes", empty},
      {"changes", "verify", "--checkpoint", kept_, "--public-key", keys_, "--changes", keys_},
      {"changes", "export"},
      {"changes", "export", folder_ + "/no/such/folder"},
      {"checkpoints"},
      {"checkpoints", "export"},
      {"checkpoints", "list", "--limit", "0"},
  };
  for (const auto& args : wrong) {
    const Outcome outcome = RunCommand(args);
    EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(args) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("next: ")) << ::testing::PrintToString(args);
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(ProveTest, PlainChangesIsWhatItWas) {
  PrepareWorld(gateway_);
  EXPECT_THAT(RunCommand({"changes", "--limit", "1", "-o", "name"}).out, StartsWith("changes/"));
  EXPECT_THAT(RunCommand({"changes", "agreements/g1", "-o", "name"}).out, StartsWith("changes/"));
}

TEST_F(ProveTest, CheckpointsAreListedSignedAndExported) {
  lv1::ListCheckpointsResponse first;
  *first.add_checkpoints() = proof::Signed(key_, made_, 3);
  first.mutable_checkpoints(0)->set_name("checkpoints/1");
  first.set_next_page_token("more");
  lv1::ListCheckpointsResponse second;
  *second.add_checkpoints() = proof::Signed(key_, made_, 8);
  second.mutable_checkpoints(0)->set_name("checkpoints/2");
  gateway_.Answer(kC + "ListCheckpoints", first);
  gateway_.Answer(kC + "ListCheckpoints", second);
  const std::string file = folder_ + "/exported.jsonl";
  const Outcome exported = RunCommand({"checkpoints", "export", file, "--service", "training"});
  EXPECT_EQ(exported.code, 0) << exported.err;
  const auto requests = gateway_.Requests(kC + "ListCheckpoints");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].metadata.find("accord-service")->second, "training");
  lv1::ListCheckpointsRequest asked;
  ASSERT_TRUE(asked.ParseFromString(requests[0].body));
  EXPECT_EQ(asked.order_by(), "revision");
  ASSERT_TRUE(asked.ParseFromString(requests[1].body));
  EXPECT_EQ(asked.page_token(), "more");
  auto reader = *JsonLinesReader::Open(file);
  lv1::Checkpoint read;
  ASSERT_TRUE(*reader.Read(&read));
  EXPECT_EQ(read.SerializeAsString(), first.checkpoints(0).SerializeAsString());
  ASSERT_TRUE(*reader.Read(&read));
  EXPECT_EQ(read.SerializeAsString(), second.checkpoints(0).SerializeAsString());
  EXPECT_FALSE(*reader.Read(&read));

  const Outcome listed = RunCommand({"checkpoints", "list"});
  EXPECT_EQ(listed.out,
            "NAME           SERVICE     LOG   REVISION  TIME                  KEY\n"
            "checkpoints/2  agreements  log1         8  2026-01-01T00:08:01Z  " +
                key_.public_key().id() + "\n");
  gateway_.Answer(kC + "CreateCheckpoint", second.checkpoints(0));
  EXPECT_EQ(RunCommand({"checkpoints", "sign", "-o", "name"}).out, "checkpoints/2\n");
}

TEST_F(ProveTest, ServiceThatSignsNothingSaysWhatToDo) {
  gateway_.Fail(kC + "CreateCheckpoint",
                MakeError(absl::StatusCode::kFailedPrecondition, "log.accord", "CHECKPOINTS_OFF",
                          "this service signs no checkpoints"));
  const Outcome outcome = RunCommand({"checkpoints", "sign"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("CHECKPOINTS_OFF"), HasSubstr("--checkpoint-key")));
}

TEST_F(ProveTest, ExportThatFailsLeavesTheOldFile) {
  const std::string file = folder_ + "/changes.jsonl";
  std::ofstream(file) << "kept";
  lv1::ExportChangesResponse page;
  *page.mutable_log() = made_.log;
  *page.add_changes() = made_.At(1);
  gateway_.Answer(kC + "ExportChanges", page);
  gateway_.Fail(kC + "ExportChanges", absl::UnavailableError("gone"));
  const Outcome outcome = RunCommand({"changes", "export", file});
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  EXPECT_EQ(ReadAll(file), "kept");
  EXPECT_FALSE(std::filesystem::exists(file + ".partial"));
}

}  // namespace
}  // namespace accord::cli
