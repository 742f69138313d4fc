// The program's agreements in memory, as the agreements service's log tells them.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/log/v1/log.pb.h"
#include "common/base/clock.h"
#include "common/policy/policy.h"
#include "common/policy/reach.h"
#include "common/store/filter.h"
#include "services/gateway/freshness.h"
#include "services/gateway/program_rows.h"
#include "services/gateway/seen.h"

namespace accord::gateway {

// The service whose log it follows, as freshness tokens and sources name it.
inline constexpr char kAgreementsService[] = "agreements";

// A service that was not heard for longer is shown as not reachable. Its feed has a
// heartbeat of half a second.
inline constexpr absl::Duration kFeedSilence = absl::Seconds(2);

// Thread-safe. Until the first listing has been caught up with, it is not ready, and
// what it would answer is PROJECTION_NOT_READY (UNAVAILABLE with RetryInfo).
class Projection {
 public:
  // What an answer rests on.
  struct Standing {
    Revision revision;
    v1::Source source;
  };
  struct Page {
    std::vector<v1::AgencyStatusSummary> statuses{};
    // Where the next page begins after; none at the end.
    std::optional<Place> next{};
    int total = 0;
    Standing standing{};
  };
  struct LastKnown {
    // None when the agency is not known.
    std::optional<av1::AgencyRecord> record{};
    Standing standing{};
  };
  struct Metrics {
    v1::ProgramMetrics metrics;
    Standing standing;
  };
  struct Sizes {
    int64_t revision = 0;
    size_t agencies = 0;
    size_t agreements = 0;
    size_t discrepancies = 0;
  };

  // `clock` outlives it.
  Projection(std::shared_ptr<const Policy> policy, const Clock& clock);

  // What the feed does.

  // Rows to list into, before they replace these.
  ProgramRows EmptyRows() const;
  // Puts a listing that was begun at `start` in place. Its newest page was read at
  // revision `newest`: from there on it is whole.
  void Replace(ProgramRows rows, Revision start, int64_t newest);
  // Takes a batch of the feed, in order; what it already has is passed over. Errors as
  // ProgramRows::Apply: the projection stays where it stood and must be listed again.
  absl::Status Apply(const log::v1::WatchChangesResponse& batch);
  // The log is another one. What is known stays, marked unreachable, until the program
  // is started again.
  void SetForked();

  // What readers do.

  bool ready() const;
  bool forked() const;
  // What the log has said of each agency. Lives as long as this.
  const Seen& seen() const { return seen_; }
  // Since the log was last heard; infinite before the first time.
  absl::Duration age() const;
  Sizes sizes() const;

  // Waits until the projection covers `wanted`, at the latest until `deadline` (of the
  // system clock). Whether it does. Another log is not waited for.
  bool WaitFor(const std::vector<Revision>& wanted, absl::Time deadline) const;

  // Up to `page_size` agencies within `reach` that match, after `after` (none: from the
  // first), with the total of all pages. Copies the page and nothing else. Of the whole
  // program without a filter it costs what the page holds; else it looks at every agency, a
  // few thousand at a time with the lock let go in between, so that the feed goes on: rows
  // that change meanwhile may be seen before or after.
  absl::StatusOr<Page> List(const store::Filter& filter, const Reach& reach, Date date,
                            const std::optional<Place>& after, size_t page_size) const;

  // What is counted lies within `reach`. Of the whole program for today from kept figures;
  // else from every agreement, under the lock.
  absl::StatusOr<Metrics> MetricsOn(Date date, const PolicyView& policy, bool fictitious,
                                    const Reach& reach = Reach::Whole());

  // What is known of an agency, resolved if it was merged, with states as of `date`.
  absl::StatusOr<LastKnown> RecordOf(absl::string_view agency, Date date) const;

 private:
  Date TodayNow() const;
  // Each needs the lock.
  absl::Status CheckReady() const;
  absl::Duration AgeNow() const;
  Standing StandingNow() const;
  bool CoversNow(const std::vector<Revision>& wanted) const;
  bool IsOtherLog(const std::vector<Revision>& wanted) const;

  const std::shared_ptr<const Policy> policy_;
  const Clock& clock_;
  Seen seen_;

  mutable std::mutex mutex_;
  mutable std::condition_variable moved_;
  ProgramRows rows_;                              // Guarded by mutex_, as all below.
  Revision position_{kAgreementsService, "", 0};  // Without a log until first listed.
  int64_t whole_from_ = 0;                        // The newest page of the listing.
  absl::Time last_heard_ = absl::InfinitePast();
  bool forked_ = false;
};

}  // namespace accord::gateway
