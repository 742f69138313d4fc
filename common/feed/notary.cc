#include "common/feed/notary.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crypto.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/proof/checkpoint.h"
#include "common/store/log_reader.h"

namespace accord::feed {
namespace {

constexpr absl::string_view kLeaseName = "checkpoint";
constexpr absl::Duration kPatience = absl::Seconds(10);
// After a failure, unless the period is shorter.
constexpr absl::Duration kRetry = absl::Seconds(30);
// Wakes this often to look at the clock, which may be a controlled one or may jump.
constexpr absl::Duration kLook = absl::Milliseconds(200);

absl::Status KeyUnusable(const std::string& file, absl::string_view problem) {
  return MakeError(absl::StatusCode::kFailedPrecondition, store::kLogDomain,
                   "CHECKPOINT_KEY_UNUSABLE",
                   absl::StrCat("the key of checkpoints, ", file, ", ", problem), {{"file", file}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Notary>> Notary::Start(store::Store& store,
                                                      const store::StoreOptions& store_options,
                                                      NotaryOptions options) {
  ACCORD_ASSIGN_OR_RETURN(
      auto writer, store::CheckpointWriter::Open(store, store_options.url, store_options.sql));
  std::unique_ptr<Notary> notary(new Notary(store, std::move(writer), std::move(options)));
  ACCORD_RETURN_IF_ERROR(notary->ReadKey().status());
  if (notary->options_.period < absl::InfiniteDuration()) {
    notary->thread_ = std::thread([started = notary.get()] { started->Run(); });
  }
  return notary;
}

Notary::Notary(store::Store& store, std::unique_ptr<store::CheckpointWriter> writer,
               NotaryOptions options)
    : store_(store), writer_(std::move(writer)), options_(std::move(options)), holder_(NewId()) {}

Notary::~Notary() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<proof::SigningKey> Notary::ReadKey() const {
  std::ifstream file(options_.key_file, std::ios::binary);
  if (!file) return KeyUnusable(options_.key_file, "cannot be read");
  const std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto key = proof::SigningKey::FromPem(pem);
  if (!key.ok()) return KeyUnusable(options_.key_file, key.status().message());
  return key;
}

absl::StatusOr<log::v1::Checkpoint> Notary::Sign() {
  ACCORD_ASSIGN_OR_RETURN(const proof::SigningKey key, ReadKey());
  return writer_->Append(
      {.key_id = key.public_key().id(), .sign = [&key](log::v1::Checkpoint& checkpoint) {
         return proof::SignCheckpoint(key, checkpoint);
       }});
}

void Notary::Run() {
  for (bool go_on = true; go_on;) {
    const absl::Status status = SignIfDue();
    if (!status.ok()) {
      LogWarning("no checkpoint was signed; it will be tried again",
                 {{"error", std::string(status.message())}});
    }
    go_on = SleepFor(status.ok() ? options_.period : std::min(options_.period, kRetry));
  }
  // The others, or the next to start, need not wait until it runs out.
  if (leased_) {
    store_.TryLease(kLeaseName, holder_, absl::ZeroDuration()).status().IgnoreError();
  }
}

absl::Status Notary::SignIfDue() {
  const store::Position head = store_.heads().Current();
  if (head.revision == 0) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(const auto newest,
                          store::NewestCheckpoint(store_, absl::Now() + kPatience));
  if (newest && store::IsAt(*newest, head)) return absl::OkStatus();
  ACCORD_ASSIGN_OR_RETURN(leased_, store_.TryLease(kLeaseName, holder_, options_.period));
  return leased_ ? Sign().status() : absl::OkStatus();
}

bool Notary::SleepFor(absl::Duration duration) {
  const absl::Time end = store_.clock().Now() + duration;
  std::unique_lock lock(mutex_);
  while (!stopping_ && store_.clock().Now() < end) {
    wake_.wait_for(lock, absl::ToChronoNanoseconds(kLook), [this] { return stopping_; });
  }
  return !stopping_;
}

}  // namespace accord::feed
