// Stands between a client and PostgreSQL and cuts the line at a COMMIT.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/testing/tcp_proxy.h"

namespace accord::testing {

// Forwards connections to 127.0.0.1:`server_port`. Ends all of them with itself.
class CommitCutter {
 public:
  enum class Cut { kNone, kBeforeServerSees, kAfterServerDid };

  explicit CommitCutter(int server_port)
      : proxy_(server_port, [this](int connection, TcpProxy::From from, std::string& data) {
          return from == TcpProxy::From::kClient ? JudgeSent(connection, data)
                                                 : JudgeAnswer(connection, data);
        }) {}

  int port() const { return proxy_.port(); }
  // The next COMMIT loses its line, once.
  void CutNext(Cut cut) {
    std::lock_guard lock(mutex_);
    armed_ = cut;
  }
  int cuts() {
    std::lock_guard lock(mutex_);
    return cuts_;
  }

 private:
  // As it stands on the wire: the text of a statement, and the tag of its answer.
  static constexpr absl::string_view kCommit{"COMMIT\0", 7};

  TcpProxy::Fate JudgeSent(int connection, absl::string_view data) {
    std::lock_guard lock(mutex_);
    if (armed_ == Cut::kNone || !absl::StrContains(data, kCommit)) return TcpProxy::Fate::kPass;
    ++cuts_;
    if (std::exchange(armed_, Cut::kNone) == Cut::kBeforeServerSees) return TcpProxy::Fate::kCut;
    answers_[connection] = "";
    return TcpProxy::Fate::kPass;
  }
  // The line ends once the server has said that it did it.
  TcpProxy::Fate JudgeAnswer(int connection, absl::string_view data) {
    std::lock_guard lock(mutex_);
    const auto doomed = answers_.find(connection);
    if (doomed == answers_.end()) return TcpProxy::Fate::kPass;
    doomed->second.append(data.data(), data.size());
    return absl::StrContains(doomed->second, kCommit) ? TcpProxy::Fate::kCut
                                                      : TcpProxy::Fate::kDrop;
  }

  std::mutex mutex_;
  Cut armed_ = Cut::kNone;              // Guarded by mutex_, as all below.
  std::map<int, std::string> answers_;  // Of the connections that are to be cut.
  int cuts_ = 0;

  TcpProxy proxy_;  // Uses what is above.
};

}  // namespace accord::testing
