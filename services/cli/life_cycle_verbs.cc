#include "services/cli/life_cycle_verbs.h"

namespace accord::cli {

const std::vector<LifeCycleVerb>& LifeCycleVerbs() {
  static const auto& verbs = *new std::vector<LifeCycleVerb>{
      {"start-review", "StartReview", "Begin the review of an application"},
      {"send-to-board", "SendToBoard", "Put a reviewed application before the advisory board"},
      {"approve", "ApproveAgreement", "Approve an application"},
      {"decline", "DeclineAgreement", "Turn an application down"},
      {"withdraw", "WithdrawAgreement", "Record that the agency took its application back"},
      {"sign", "SignAgreement", "Record both signatures; in force on the later one"},
      {"suspend", "SuspendAgreement", "Suspend an agreement in force"},
      {"reinstate", "ReinstateAgreement", "Put a suspended agreement in force again"},
      {"terminate", "TerminateAgreement", "End an agreement"},
      {"rescind", "RescindAgreement", "Take a signed agreement back before it operates"},
      {"supersede", "SupersedeAgreement", "Replace an agreement by its successor"},
  };
  return verbs;
}

std::string VerbOfMethod(absl::string_view method) {
  for (const LifeCycleVerb& verb : LifeCycleVerbs()) {
    if (method == verb.method) return verb.verb;
  }
  return std::string(method);
}

}  // namespace accord::cli
