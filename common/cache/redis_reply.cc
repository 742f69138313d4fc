#include "common/cache/redis_reply.h"

#include <hiredis/hiredis.h>

#include <utility>

namespace accord::cache {
namespace {

RedisReply::Type TypeOf(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return RedisReply::Type::kStatus;
    case REDIS_REPLY_ERROR:
      return RedisReply::Type::kError;
    default:
      return RedisReply::Type::kString;
  }
}

void* MakeText(const redisReadTask* task, char* text, size_t size) {
  return new RedisReply{TypeOf(task->type), std::string(text, size), 0};
}

// Null makes the reader fail.
void* RefuseArray(const redisReadTask*, int) { return nullptr; }

void* MakeInteger(const redisReadTask*, long long value) {  // NOLINT: hiredis' type.
  return new RedisReply{RedisReply::Type::kInteger, "", value};
}

void* MakeNil(const redisReadTask*) { return new RedisReply; }

void FreeReply(void* reply) { delete static_cast<RedisReply*>(reply); }

redisReplyObjectFunctions kFunctions = {MakeText, RefuseArray, MakeInteger, MakeNil, FreeReply};

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader(size_t max_bytes)
    : max_bytes_(max_bytes), reader_(redisReaderCreateWithFunctions(&kFunctions)) {}

ReplyReader::~ReplyReader() = default;

void ReplyReader::Feed(const char* data, size_t size) {
  redisReaderFeed(reader_.get(), data, size);
}

ReplyReader::Result ReplyReader::Next(RedisReply* reply) {
  void* next = nullptr;
  if (redisReaderGetReply(reader_.get(), &next) != REDIS_OK) return Result::kProtocolError;
  if (next == nullptr) {
    const bool too_long = reader_->len - reader_->pos > max_bytes_;
    return too_long ? Result::kProtocolError : Result::kIncomplete;
  }
  *reply = std::move(*static_cast<RedisReply*>(next));
  FreeReply(next);
  return Result::kReply;
}

}  // namespace accord::cache
