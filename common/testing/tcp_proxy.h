// A line between clients and a server of this machine that a test can spoil.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace accord::testing {

// Passes connections on to 127.0.0.1:`server_port`, until told to do worse. What is told
// holds for connections that are there and for new ones. Ends all of them with itself.
// Thread-safe.
class TcpProxy {
 public:
  enum class From { kClient, kServer };
  // kCut ends the connection; what came last is not delivered.
  enum class Fate { kPass, kDrop, kCut };
  // Sees what is sent on a connection (numbered from 0) as it arrives, may change it, and
  // says what becomes of it. Called by several threads, one for each direction.
  using Tap = std::function<Fate(int connection, From from, std::string& data)>;

  explicit TcpProxy(int server_port, Tap tap = nullptr);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  // "127.0.0.1:PORT".
  std::string address() const;

  // Everything goes through again: holding, delay, refusal and tap end. What was held back
  // is delivered.
  void Heal();
  // Connections stay and are accepted, but nothing comes through.
  void Hold();
  // What is sent arrives so much later, in each direction, and what is sent meanwhile (up to
  // 64 KiB) so much later again.
  void Delay(absl::Duration each);
  void SetTap(Tap tap);
  // Ends the connections there are; new ones may come.
  void Cut();
  // Ends the connections there are and every new one.
  void Refuse();
  // Ends the connections there are; new ones go to another server.
  void MoveTo(int server_port);

 private:
  struct Connection;

  void Accept();
  void Take(int client);
  void Carry(Connection& connection);
  bool Open(Connection& connection);
  // Ends the connection when either side has ended it, or it was cut.
  void CarryFrom(Connection& connection, From from);
  bool Move(Connection& connection, From from);
  // Waits out what the line was told to do. False when the connection was cut meanwhile.
  bool WaitForLine(Connection& connection);
  Fate Judge(const Connection& connection, From from, std::string& data);
  static void CutLocked(Connection& connection);
  void CutAllLocked();

  int listener_ = -1;
  int port_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  int server_port_;  // Guarded by mutex_, as all below.
  std::shared_ptr<const Tap> tap_;
  bool holding_ = false;
  bool refusing_ = false;
  bool stopping_ = false;
  absl::Duration delay_ = absl::ZeroDuration();
  int accepted_ = 0;
  std::list<std::unique_ptr<Connection>> connections_;

  std::thread acceptor_;
};

}  // namespace accord::testing
