// A store whose log is signed, exported and proven, as an auditor does it.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/feed/notary.h"
#include "common/proof/log_verifier.h"
#include "common/store/checkpoints.h"
#include "common/testing/eventually.h"
#include "tests/contract/store_fixture.h"
#include "tests/unit/proof/keys.h"

namespace accord::store {

using feed::Notary;
using log::v1::Checkpoint;
using log::v1::ExportChangesRequest;
using log::v1::ListCheckpointsRequest;
using log::v1::LogProof;
using proof::KeyPem;
using proof::NewKey;
using proof::PublicKey;

inline constexpr absl::Duration kOnDemand = absl::InfiniteDuration();

class SignedStoreTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    UseKey(key_);
  }

  void UseKey(const KeyPem& key) { std::ofstream(key_file_) << key.private_pem; }
  PublicKey Public() const { return *PublicKey::FromPem(key_.public_pem); }

  std::unique_ptr<Notary> StartNotary(absl::Duration period = kOnDemand) {
    StoreOptions options;
    options.url = url_;
    auto notary = Notary::Start(*store_, options, {.key_file = key_file_, .period = period});
    EXPECT_THAT(notary, IsOk());
    return notary.ok() ? *std::move(notary) : nullptr;
  }
  Checkpoint Sign(Notary& notary) {
    const auto checkpoint = notary.Sign();
    EXPECT_THAT(checkpoint, IsOk());
    return checkpoint.ok() ? *checkpoint : Checkpoint();
  }

  std::vector<Checkpoint> Listed(const std::string& order_by = "revision", int page_size = 0) {
    std::vector<Checkpoint> all;
    ListCheckpointsRequest request;
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    do {
      const auto page = ListCheckpoints(*store_, request, "ann", Soon());
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      all.insert(all.end(), page->checkpoints().begin(), page->checkpoints().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  std::vector<int64_t> Revisions() {
    std::vector<int64_t> revisions;
    for (const Checkpoint& checkpoint : Listed()) revisions.push_back(checkpoint.revision());
    return revisions;
  }
  void WaitForCheckpoints(int64_t count) {
    EXPECT_TRUE(accord::testing::Eventually(
        [&] { return Int("SELECT count(*) FROM checkpoints") >= count; }, kPatience));
  }

  // The log as it is stored now, in pages of `page_size`.
  log::v1::ExportChangesResponse Export(int page_size = 3) {
    log::v1::ExportChangesResponse all;
    ExportChangesRequest request;
    request.set_page_size(page_size);
    while (true) {
      auto page = ExportChanges(*store_, request, Soon());
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      *all.mutable_log() = page->log();
      if (page->changes().empty()) return all;
      request.set_after_revision(page->changes().rbegin()->change().revision());
      all.mutable_changes()->MergeFrom(page->changes());
    }
  }
  LogProof Prove(std::vector<Checkpoint> checkpoints, std::vector<PublicKey> keys) {
    const log::v1::ExportChangesResponse stored = Export();
    proof::LogVerifier verifier(stored.log(),
                                {.checkpoints = std::move(checkpoints), .keys = std::move(keys)});
    for (const auto& change : stored.changes()) verifier.Add(change);
    return verifier.Finish();
  }

  const KeyPem key_ = NewKey();
  accord::testing::TempDir keys_;
  const std::string key_file_ = keys_.File("key.pem");
};

}  // namespace accord::store
