#include "common/auth/key_file.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "common/auth/auth_errors.h"
#include "common/base/log.h"
#include "common/base/status.h"

namespace accord::auth {
namespace {

std::optional<std::string> TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) return std::nullopt;
  return text;
}

}  // namespace

absl::StatusOr<KeyFile::Keys> KeyFile::Read(const std::string& path) {
  const std::optional<std::string> text = TextOf(path);
  if (!text) return error::KeysMissing(path);
  return KeySet::Parse(*text);
}

KeyFile::KeyFile(std::string path, std::function<void(Keys)> changed, absl::Duration period)
    : path_(std::move(path)),
      changed_(std::move(changed)),
      period_(period),
      text_(TextOf(path_).value_or("")),
      thread_([this] { Run(); }) {}

KeyFile::~KeyFile() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void KeyFile::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, absl::ToChronoNanoseconds(period_), [this] { return stopping_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

void KeyFile::Look() {
  std::optional<std::string> text = TextOf(path_);
  if (!text || *text == text_) return;
  text_ = *std::move(text);
  auto keys = KeySet::Parse(text_);
  if (!keys.ok()) {
    LogWarning("the file of token keys is not good; the keys before it stay",
               {{"path", path_}, {"error", std::string(keys.status().message())}});
    return;
  }
  LogInfo("token keys read anew", {{"path", path_}, {"keys", (*keys)->size()}});
  changed_(*std::move(keys));
}

}  // namespace accord::auth
