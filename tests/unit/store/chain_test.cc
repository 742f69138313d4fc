// The hash chain is written for ever: its bytes must never change.
#include "common/store/chain.h"

#include <google/protobuf/util/time_util.h>

#include <set>
#include <string>
#include <vector>

#include "common/base/crypto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace accord::store {
namespace {

using log::v1::Change;

Change SampleChange() {
  Change change;
  change.set_name("changes/17");
  change.set_revision(17);
  change.set_mutation_end(18);
  change.set_resource("agencies/a1");
  change.set_resource_type("accord.agreements.v1.Agency");
  change.add_subjects("agencies/a1");
  change.add_subjects("agencies/a2");
  change.set_kind(Change::UPDATE);
  change.set_action("MergeAgency");
  change.set_actor("unverified:ann");
  change.set_role("programManager");
  change.set_client("accordctl/0.1.0");
  change.set_request_id("req-1");
  change.set_cause("training@log1:9");
  *change.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(1772452800000001);
  change.set_reason("same sheriff");
  change.set_image_digest(Sha256("image"));
  return change;
}

TEST(ChainTest, FormatOneIsFrozen) {
  EXPECT_EQ(Hex(ChainHash(GenesisHash(), SampleChange())),
            "be53378d3d7f9c46b886380ec1f6b67fbe1bdd71951535f5375eb2fc31eab1d6");
}

TEST(ChainTest, EveryFieldOfTheHeaderCounts) {
  const std::vector<void (*)(Change&)> edits = {
      [](Change& change) { change.set_revision(16); },
      [](Change& change) { change.set_mutation_end(17); },
      [](Change& change) { change.set_resource("agencies/a3"); },
      [](Change& change) { change.set_resource_type("accord.agreements.v1.Site"); },
      [](Change& change) { change.set_subjects(1, "agencies/a4"); },
      [](Change& change) { change.mutable_subjects()->RemoveLast(); },
      [](Change& change) { change.set_kind(Change::CREATE); },
      [](Change& change) { change.set_action("UpdateAgency"); },
      [](Change& change) { change.set_actor("unverified:ben"); },
      [](Change& change) { change.set_role("auditor"); },
      [](Change& change) { change.set_client("curl"); },
      [](Change& change) { change.set_request_id("req-2"); },
      [](Change& change) { change.set_cause("training@log1:8"); },
      [](Change& change) { change.mutable_time()->set_nanos(2000); },
      [](Change& change) { change.set_reason("another sheriff"); },
      [](Change& change) { change.set_image_digest(Sha256("other")); },
      // The same letters in neighbouring fields.
      [](Change& change) {
        change.set_action("MergeAgencyu");
        change.set_actor("nverified:ann");
      },
  };
  std::set<std::string> hashes = {ChainHash(GenesisHash(), SampleChange()),
                                  ChainHash(Sha256("another"), SampleChange())};
  for (const auto edit : edits) {
    Change change = SampleChange();
    edit(change);
    hashes.insert(ChainHash(GenesisHash(), change));
  }
  EXPECT_EQ(hashes.size(), edits.size() + 2);
}

TEST(ChainTest, WhatIsNotRecordedDoesNotCount) {
  Change change = SampleChange();
  change.clear_name();
  change.set_image_redacted(true);
  change.set_hash("anything");
  EXPECT_EQ(ChainHash(GenesisHash(), change), ChainHash(GenesisHash(), SampleChange()));
}

TEST(ChainTest, ImageIsSaltedAndHoldsTheResource) {
  const std::string one = EncodeImage("accord.agreements.v1.Agency", "bytes");
  EXPECT_NE(one, EncodeImage("accord.agreements.v1.Agency", "bytes"));
  log::v1::Image image;
  ASSERT_TRUE(image.ParseFromString(one));
  EXPECT_EQ(image.salt().size(), 16u);
  EXPECT_EQ(image.resource().type_url(), "type.googleapis.com/accord.agreements.v1.Agency");
  EXPECT_EQ(image.resource().value(), "bytes");
  ASSERT_TRUE(image.ParseFromString(EncodeImage("", "")));
  EXPECT_FALSE(image.has_resource());
}

}  // namespace
}  // namespace accord::store
