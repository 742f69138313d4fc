// The standard List: filter, order, page, in one snapshot, now or as known before.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/policy/reach.h"
#include "common/store/store.h"

namespace accord::store {

struct ListArgs {
  int page_size = 0;
  std::string page_token;
  std::string filter;
  std::string order_by;
  int64_t as_known_at = 0;
  // Only children of this name, for example "rosterImports/a1".
  std::string parent;
  // Who asks and with which method: a page token is good for them alone.
  std::string caller;
  std::string method;
  // What lies outside of it is not there: it is not shown, counted or paged over. A page
  // token is good for one reach.
  Reach reach = Reach::Whole();
  // Changes each message before it is filtered, for example to its state on a date.
  // What it depends on goes into `view`, so that page tokens do not mix views.
  std::function<void(google::protobuf::Message&)> transform;
  std::string view;
  absl::Time deadline = absl::InfiniteFuture();
};

// From a List request; fields that it does not have are left alone.
template <typename Request>
ListArgs ListArgsOf(const Request& request) {
  ListArgs args;
  args.page_size = request.page_size();
  args.page_token = request.page_token();
  args.filter = request.filter();
  args.method = request.GetDescriptor()->full_name();
  if constexpr (requires { request.order_by(); }) args.order_by = request.order_by();
  if constexpr (requires { request.as_known_at(); }) args.as_known_at = request.as_known_at();
  if constexpr (requires { request.parent(); }) args.parent = request.parent();
  return args;
}

struct RawPage {
  std::vector<std::string> messages;  // Serialized.
  std::string next_page_token;
  Position position;  // Of the snapshot.
};

// Errors: INVALID_FIELDS naming every bad one of `page_size`, `page_token`, `filter`,
// `order_by`, `as_known_at`.
absl::StatusOr<RawPage> ListRaw(Store& store, const ResourceType& type, const ListArgs& args);

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_page_token;
  Position position;
};

template <typename T>
absl::StatusOr<Page<T>> List(Store& store, const ListArgs& args) {
  ACCORD_ASSIGN_OR_RETURN(RawPage raw, ListRaw(store, store.types().Of<T>(), args));
  Page<T> page{{}, std::move(raw.next_page_token), std::move(raw.position)};
  for (const std::string& bytes : raw.messages) {
    T& item = page.items.emplace_back();
    if (!item.ParseFromString(bytes)) return absl::DataLossError("a message does not parse");
  }
  return page;
}

}  // namespace accord::store
