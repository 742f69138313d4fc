// Matchers for absl::Status, absl::StatusOr and protobuf messages.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace accord::testing {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

enum class Compare { kExactly, kPartially };

// True when `actual` equals `expected`; partially: in the fields that `expected` sets.
inline bool SameMessage(const google::protobuf::Message& expected,
                        const google::protobuf::Message& actual, Compare compare,
                        std::string* difference) {
  google::protobuf::util::MessageDifferencer differencer;
  if (compare == Compare::kPartially) {
    differencer.set_scope(google::protobuf::util::MessageDifferencer::PARTIAL);
  }
  differencer.ReportDifferencesToString(difference);
  return expected.GetDescriptor() == actual.GetDescriptor() &&
         differencer.Compare(expected, actual);
}

// The text as a message of the type of `like`; null when it does not parse.
inline std::unique_ptr<google::protobuf::Message> FromText(const std::string& text,
                                                           const google::protobuf::Message& like) {
  std::unique_ptr<google::protobuf::Message> message(like.New());
  if (google::protobuf::TextFormat::ParseFromString(text, message.get())) return message;
  return nullptr;
}

}  // namespace internal

// A Status or StatusOr that is OK.
MATCHER(IsOk, "is OK") {
  const absl::Status& status = internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

// A Status or StatusOr with this code.
MATCHER_P(StatusIs, code, "has status " + absl::StatusCodeToString(code)) {
  const absl::Status& status = internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

// A Status or StatusOr with this code and this reason in its ErrorInfo.
MATCHER_P2(FailsWith, code, reason,
           "fails with " + absl::StatusCodeToString(code) + " " + std::string(reason)) {
  const absl::Status& status = internal::StatusOf(arg);
  const std::string actual = GetReason(status);
  *result_listener << status.ToString() << ", reason " << actual;
  return status.code() == code && actual == reason;
}

namespace internal {

class ProtoMatcher {
 public:
  ProtoMatcher(std::string text, Compare compare) : text_(std::move(text)), compare_(compare) {}
  ProtoMatcher(const google::protobuf::Message& message, Compare compare) : compare_(compare) {
    message_.reset(message.New());
    message_->CopyFrom(message);
  }

  bool MatchAndExplain(const google::protobuf::Message& actual,
                       ::testing::MatchResultListener* listener) const {
    std::shared_ptr<const google::protobuf::Message> expected = message_;
    if (expected == nullptr) expected = FromText(text_, actual);
    if (expected == nullptr) {
      *listener << "the expected text is no " << actual.GetTypeName();
      return false;
    }
    std::string difference;
    const bool same = SameMessage(*expected, actual, compare_, &difference);
    if (!same) *listener << "of type " << actual.GetTypeName() << ": " << difference;
    return same;
  }
  void DescribeTo(std::ostream* os) const { *os << Verb() << Expected(); }
  void DescribeNegationTo(std::ostream* os) const { *os << "not: " << Verb() << Expected(); }

 private:
  const char* Verb() const { return compare_ == Compare::kExactly ? "equals " : "contains "; }
  std::string Expected() const { return message_ ? message_->ShortDebugString() : text_; }

  std::string text_;
  Compare compare_;
  std::shared_ptr<google::protobuf::Message> message_;
};

}  // namespace internal

// A message equal to this one, which is given as message or as text format.
template <typename Expected>
auto ProtoEquals(const Expected& expected) {
  return ::testing::MakePolymorphicMatcher(
      internal::ProtoMatcher(expected, internal::Compare::kExactly));
}

// A message that holds at least the fields of this one.
template <typename Expected>
auto PartiallyEqualsProto(const Expected& expected) {
  return ::testing::MakePolymorphicMatcher(
      internal::ProtoMatcher(expected, internal::Compare::kPartially));
}

}  // namespace accord::testing
