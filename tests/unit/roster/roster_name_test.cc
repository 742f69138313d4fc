#include "services/agreements/roster/roster_name.h"

#include <gtest/gtest.h>

#include "services/agreements/roster/loose_date.h"

namespace accord::agreements::roster {
namespace {

constexpr ListKind kBig = ListKind::kParticipating;
using MaybeDate = std::optional<Date>;
using MaybeHalf = std::optional<bool>;

struct NameCase {
  const char* file_name;
  std::optional<ListKind> kind;
  MaybeDate date;
  MaybeDate capture_date;
  MaybeHalf afternoon;
};

TEST(ParseRosterNameTest, ReadsEveryPublishedPattern) {
  const MaybeDate july1 = RealDate(2025, 7, 1);
  const MaybeDate none;
  const NameCase cases[] = {
      {"participatingAgencies07012025pm.xlsx", kBig, july1, none, true},
      {"20250702_participatingAgencies07012025pm.xlsx", kBig, july1, RealDate(2025, 7, 2), true},
      {"lists/20250702_pendingAgencies07012025pm.xlsx", ListKind::kPending, july1,
       RealDate(2025, 7, 2), true},
      {"pendingAgencies07112025am_b.xlsx", ListKind::kPending, RealDate(2025, 7, 11), none, false},
      {"participatingAgencies04232026.xlsx", kBig, RealDate(2026, 4, 23), none, {}},
      {"ParticipatingAgencies04232026.xlsx", kBig, RealDate(2026, 4, 23), none, {}},
      {"ParticipatingAgency091826am.xlsx", kBig, RealDate(2026, 9, 18), none, false},
      {"287gParticipatingAgencies091526pm.xlsx", kBig, RealDate(2026, 9, 15), none, true},
      {"participatingAgencies04212026am 12.15.07 AM.xlsx", kBig, RealDate(2026, 4, 21), none,
       false},
      {"participatingAgencies07012025pm.csv", kBig, july1, none, true},
      {"participatingAgencies02302025pm.xlsx", kBig, none, none, true},
      {"20251345_participatingAgencies07012025.xlsx", kBig, july1, none, {}},
      {"participatingAgencies.xlsx", kBig, none, none, {}},
      {"participatingAgencies070120251.xlsx", kBig, none, none, {}},
      {"agencies07012025pm.xlsx", {}, none, none, {}},
      {"", {}, none, none, {}},
  };
  for (const NameCase& c : cases) {
    const RosterName name = ParseRosterName(c.file_name);
    EXPECT_EQ(name.kind, c.kind) << c.file_name;
    EXPECT_EQ(name.date, c.date) << c.file_name;
    EXPECT_EQ(name.capture_date, c.capture_date) << c.file_name;
    EXPECT_EQ(name.afternoon, c.afternoon) << c.file_name;
  }
}

}  // namespace
}  // namespace accord::agreements::roster
