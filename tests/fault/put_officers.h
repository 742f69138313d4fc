// Officers put straight into a training service's store, as if they had come the long way.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "accord/training/v1/resources.pb.h"
#include "common/base/status.h"
#include "common/store/store.h"
#include "services/training/errors.h"
#include "services/training/types.h"

namespace accord::fault {

// All at once, with their completions.
inline absl::Status PutOfficers(store::Store& store,
                                const std::vector<training::v1::Officer>& officers,
                                const std::vector<training::v1::Completion>& completions = {}) {
  store::MutationContext context;
  context.action = "Put";
  return store
      .Mutate(context,
              [&](store::Transaction&) -> absl::StatusOr<store::WriteSet> {
                store::WriteSet writes;
                for (const training::v1::Officer& officer : officers) writes.Create(officer);
                std::vector<std::unique_ptr<google::protobuf::Message>> rows;
                for (const training::v1::Completion& completion : completions) {
                  rows.push_back(std::make_unique<training::v1::Completion>(completion));
                }
                if (!rows.empty()) writes.AppendRows("completions", std::move(rows));
                return writes;
              })
      .status();
}

// Into the store at `url`, which nobody else has open.
inline absl::Status PutOfficers(const std::string& url,
                                const std::vector<training::v1::Officer>& officers,
                                const std::vector<training::v1::Completion>& completions = {}) {
  const SystemClock clock;
  ACCORD_ASSIGN_OR_RETURN(
      const auto store,
      store::Store::Open("training", training::kDomain, training::Types(), clock, {.url = url}));
  return PutOfficers(*store, officers, completions);
}

}  // namespace accord::fault
