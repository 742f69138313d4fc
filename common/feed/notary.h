// Signs where the log stands: on demand, and on a timer when the log has moved.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "accord/log/v1/checkpoints.pb.h"
#include "common/proof/ed25519.h"
#include "common/store/checkpoints.h"
#include "common/store/store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace accord::feed {

struct NotaryOptions {
  // PEM file of the Ed25519 key; empty: there is no notary. Read at each signing, so a key
  // is changed by replacing it.
  std::string key_file;
  // Between two checkpoints of the timer, by the store's clock. Infinite: no timer.
  absl::Duration period = absl::Minutes(10);
};

// --checkpoint-key and --checkpoint-period.
void AddNotaryFlags(CLI::App& app, NotaryOptions& options);

// Thread-safe. Of several replicas one signs in a period: the one that holds the lease.
class Notary {
 public:
  // `store` outlives it; `store_options` are those that it was opened with. The first
  // checkpoint of the timer comes at once.
  // Errors: CHECKPOINT_KEY_UNUSABLE (FAILED_PRECONDITION).
  static absl::StatusOr<std::unique_ptr<Notary>> Start(store::Store& store,
                                                       const store::StoreOptions& store_options,
                                                       NotaryOptions options);
  ~Notary();

  // Errors: CHECKPOINT_KEY_UNUSABLE; as CheckpointWriter::Append.
  absl::StatusOr<log::v1::Checkpoint> Sign();

 private:
  Notary(store::Store& store, std::unique_ptr<store::CheckpointWriter> writer,
         NotaryOptions options);
  absl::StatusOr<proof::SigningKey> ReadKey() const;
  void Run();
  absl::Status SignIfDue();
  // False when it is time to end.
  bool SleepFor(absl::Duration duration);

  store::Store& store_;
  const std::unique_ptr<store::CheckpointWriter> writer_;
  const NotaryOptions options_;
  const std::string holder_;
  bool leased_ = false;  // The timer's thread alone.

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace accord::feed
