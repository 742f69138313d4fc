#include "common/store/list.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/store/filter.h"
#include "common/store/order.h"
#include "common/store/page_token.h"
#include "common/store/paging.h"
#include "common/store/within_reach.h"

namespace accord::store {
namespace {

using google::protobuf::Message;

// What was asked, checked as a whole.
struct Plan {
  size_t page_size;
  Filter filter;
  std::optional<Order> order;
  std::string binding;
  std::vector<sql::Value> after;  // Empty at the first page.
};

absl::StatusOr<Plan> MakePlan(Store& store, const ResourceType& type, const ListArgs& args) {
  FieldViolations violations;
  Plan plan;
  plan.page_size = ClampPageSize(args.page_size, violations);
  if (auto filter = Filter::Parse(args.filter, type.fields(), violations)) {
    plan.filter = *std::move(filter);
  }
  plan.order = Order::Parse(args.order_by, type.fields(), type.spec().default_order, violations);
  if (args.as_known_at < 0) violations.Add("as_known_at", "must be a revision, or 0 for now");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(store.domain()));
  plan.binding =
      absl::StrJoin({args.caller, args.method, args.parent, args.filter, args.view,
                     plan.order->ToSql(), absl::StrCat(args.as_known_at), ReachText(args.reach)},
                    std::string(1, '\0'));
  if (args.page_token.empty()) return plan;
  ACCORD_ASSIGN_OR_RETURN(
      plan.after, OpenPageToken(store.page_key(), plan.binding, args.page_token, store.domain()));
  // Sealed by a binary that declared the fields otherwise.
  if (!plan.order->Fits(plan.after)) violations.Add("page_token", "is of another version");
  ACCORD_RETURN_IF_ERROR(violations.ToStatus(store.domain()));
  return plan;
}

bool HidesSome(const ResourceType& type, const Plan& plan) {
  const std::string& path = type.spec().hidden_unless;
  return !path.empty() && !plan.filter.Mentions(path);
}

// "rosterImports/a1/rows/": the children of a parent are the names between this and
// the same with the next character after '/'.
std::string ChildPrefix(const ResourceType& type, const std::string& parent) {
  const std::string& collection = type.spec().collection;
  return absl::StrCat(parent, collection.substr(collection.rfind('/')), "/");
}

std::string Where(const ResourceTypes& types, const ResourceType& type, const ListArgs& args,
                  const Plan& plan, std::vector<sql::Value>* params) {
  std::vector<std::string> conditions;
  if (!args.reach.whole) conditions.push_back(CoversSql(args.reach, types, type, params));
  if (!plan.filter.empty()) conditions.push_back(plan.filter.ToSql(params));
  if (HidesSome(type, plan)) {
    conditions.push_back(
        absl::StrCat(type.fields().Find(type.spec().hidden_unless)->column, " = ''"));
  }
  if (!args.parent.empty()) {
    std::string prefix = ChildPrefix(type, args.parent);
    std::string end = prefix;
    ++end.back();
    params->push_back(std::move(prefix));
    params->push_back(std::move(end));
    conditions.push_back(
        absl::StrCat("name > $", params->size() - 1, " AND name < $", params->size()));
  }
  if (!plan.after.empty()) conditions.push_back(plan.order->AfterSql(plan.after, params));
  return absl::StrJoin(conditions, " AND ");
}

absl::Status Seal(Store& store, const ResourceType& type, const Plan& plan, RawPage& page) {
  if (page.messages.size() <= plan.page_size) return absl::OkStatus();
  page.messages.resize(plan.page_size);
  const auto last = type.NewMessage();
  last->ParseFromString(page.messages.back());
  ACCORD_ASSIGN_OR_RETURN(page.next_page_token,
                          SealPageToken(store.page_key(), plan.binding, plan.order->KeyOf(*last)));
  return absl::OkStatus();
}

// What a later revision will say is not known, and must not be answered with today's.
absl::Status CheckNotAhead(Store& store, const ListArgs& args, const Position& head) {
  FieldViolations violations;
  if (args.as_known_at > head.revision) {
    violations.Add("as_known_at", absl::StrCat("the log ends at revision ", head.revision));
  }
  return violations.ToStatus(store.domain());
}

absl::Status ListFromTable(Reader& reader, const ResourceType& type, const ListArgs& args,
                           const Plan& plan, RawPage& page) {
  Query query;
  query.where = Where(reader.types(), type, args, plan, &query.params);
  query.order_by = plan.order->ToSql();
  query.limit = static_cast<int64_t>(plan.page_size) + 1;
  query.plan = sql::Plan::kForValues;
  return reader.ForEach(type, query, [&](absl::string_view bytes) {
    page.messages.emplace_back(bytes);
    return absl::OkStatus();
  });
}

// For what no column holds: a view of another date or revision. Reads all resources of
// the type, and keeps no more than one page of them.
class MemoryPage {
 public:
  MemoryPage(const ResourceType& type, const ListArgs& args, const Plan& plan,
             CoversFunction covers)
      : type_(type),
        args_(args),
        plan_(plan),
        covers_(std::move(covers)),
        message_(type.NewMessage()) {
    if (!args.parent.empty()) prefix_ = ChildPrefix(type, args.parent);
  }

  absl::Status Add(absl::string_view bytes) {
    if (!message_->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("a stored message does not parse");
    }
    // By what is on record, not by a view of it.
    if (!covers_(*message_)) return absl::OkStatus();
    if (args_.transform) args_.transform(*message_);
    if (!Wanted()) return absl::OkStatus();
    Candidate candidate{plan_.order->KeyOf(*message_), message_->SerializeAsString()};
    if (!plan_.after.empty() && !plan_.order->KeyLess(plan_.after, candidate.key)) {
      return absl::OkStatus();
    }
    const auto less = [this](const Candidate& a, const Candidate& b) {
      return plan_.order->KeyLess(a.key, b.key);
    };
    heap_.push_back(std::move(candidate));
    std::push_heap(heap_.begin(), heap_.end(), less);
    if (heap_.size() <= plan_.page_size + 1) return absl::OkStatus();
    std::pop_heap(heap_.begin(), heap_.end(), less);
    heap_.pop_back();
    return absl::OkStatus();
  }

  std::vector<std::string> Take() {
    std::sort(heap_.begin(), heap_.end(), [this](const Candidate& a, const Candidate& b) {
      return plan_.order->KeyLess(a.key, b.key);
    });
    std::vector<std::string> messages;
    for (Candidate& candidate : heap_) messages.push_back(std::move(candidate.bytes));
    return messages;
  }

 private:
  struct Candidate {
    std::vector<sql::Value> key;
    std::string bytes;
  };

  bool Wanted() const {
    if (!prefix_.empty() && NameOf(*message_).compare(0, prefix_.size(), prefix_) != 0) {
      return false;
    }
    if (HidesSome(type_, plan_)) {
      const Field* field = type_.fields().Find(type_.spec().hidden_unless);
      if (ExtractField(*message_, *field) != sql::Value(std::string())) return false;
    }
    return plan_.filter.Matches(*message_);
  }

  const ResourceType& type_;
  const ListArgs& args_;
  const Plan& plan_;
  const CoversFunction covers_;
  std::string prefix_;
  std::unique_ptr<Message> message_;
  std::vector<Candidate> heap_;  // The largest is in front.
};

absl::Status ListFromMemory(Reader& reader, const ResourceType& type, const ListArgs& args,
                            const Plan& plan, RawPage& page) {
  ACCORD_ASSIGN_OR_RETURN(CoversFunction covers, CoversEach(args.reach, reader, type));
  MemoryPage memory(type, args, plan, std::move(covers));
  const auto add = [&](absl::string_view bytes) { return memory.Add(bytes); };
  ACCORD_RETURN_IF_ERROR(args.as_known_at > 0 ? reader.ForEachAt(type, args.as_known_at, add)
                                              : reader.ForEach(type, Query{}, add));
  page.messages = memory.Take();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RawPage> ListRaw(Store& store, const ResourceType& type, const ListArgs& args) {
  ACCORD_ASSIGN_OR_RETURN(const Plan plan, MakePlan(store, type, args));
  ACCORD_ASSIGN_OR_RETURN(const auto snapshot, store.Read(args.deadline));
  RawPage page;
  page.position = (*snapshot)->position();
  ACCORD_RETURN_IF_ERROR(CheckNotAhead(store, args, page.position));
  const bool in_memory = args.transform || args.as_known_at > 0;
  ACCORD_RETURN_IF_ERROR(in_memory ? ListFromMemory(**snapshot, type, args, plan, page)
                                   : ListFromTable(**snapshot, type, args, plan, page));
  ACCORD_RETURN_IF_ERROR(Seal(store, type, plan, page));
  return page;
}

}  // namespace accord::store
