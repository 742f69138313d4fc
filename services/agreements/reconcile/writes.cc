#include "services/agreements/reconcile/writes.h"

#include <algorithm>

namespace accord::agreements {
namespace {

template <typename Map>
auto Sorted(const Map& map) -> std::vector<typename Map::mapped_type> {
  std::vector<typename Map::mapped_type> all;
  for (const auto& [name, planned] : map) all.push_back(planned);
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.resource.name() < b.resource.name(); });
  return all;
}

}  // namespace

Writes WritesOf(const Draft& draft) {
  return {Sorted(draft.agencies()), Sorted(draft.agreements()), Sorted(draft.discrepancies()), {}};
}

}  // namespace accord::agreements
