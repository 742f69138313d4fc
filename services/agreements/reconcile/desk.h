// Where a plan opens, confirms and closes discrepancies, so that every question is
// asked once.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "accord/agreements/v1/resources.pb.h"
#include "services/agreements/reconcile/draft.h"

namespace accord::agreements {

class Desk {
 public:
  // `import` is the list that speaks; both outlive the desk.
  Desk(Draft& draft, const v1::RosterImport& import) : draft_(draft), import_(import) {}

  // Asks a question. `asked` has kind, subjects, keys and evidence. The same question when
  // open is confirmed by this list: its last import, held row, absences and proposal are
  // brought up to date. Returns the open discrepancy, or null when a person has answered
  // the question: rejected, or accepted (a date that was accepted may be in doubt again).
  const v1::RosterDiscrepancy* Raise(v1::RosterDiscrepancy asked);

  // The list made it void, because of `why`.
  void Close(absl::string_view discrepancy, absl::string_view why);
  // Closes the open ones of `kind` that are about the agreement.
  void CloseAbout(absl::string_view agreement, v1::RosterDiscrepancy::Kind kind,
                  absl::string_view why);

  // "participating list of 2025-05-20 (rosterImports/x)".
  std::string ListLabel() const;

  int opened() const { return opened_; }
  int closed() const { return closed_; }

 private:
  Draft& draft_;
  const v1::RosterImport& import_;
  int opened_ = 0;
  int closed_ = 0;
};

// A discrepancy about an agreement of an agency, with its key, state and field office.
v1::RosterDiscrepancy About(v1::RosterDiscrepancy::Kind kind, const v1::Agreement& agreement,
                            const v1::Agency& agency);

// The key under which an agency's agreement is shown: its first key and the model.
std::string MainKey(const v1::Agency& agency, absl::string_view model);

}  // namespace accord::agreements
