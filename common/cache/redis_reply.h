// Replies of a Redis server, read with bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct redisReader;

namespace accord::cache {

// A reply that is an array does not exist here: no command of ours has one, and hiredis
// 0.14 allocates what an array's header asks for.
struct RedisReply {
  enum class Type { kString, kStatus, kError, kInteger, kNil };

  Type type = Type::kNil;
  std::string text;  // Of a string, status or error.
  int64_t integer = 0;
};

// Not thread-safe.
class ReplyReader {
 public:
  enum class Result { kReply, kIncomplete, kProtocolError };

  // A reply that needs more than `max_bytes` is a protocol error.
  explicit ReplyReader(size_t max_bytes);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Takes any bytes; what is wrong with them is told by Next.
  void Feed(const char* data, size_t size);
  // The next whole reply. After a protocol error the reader is of no more use.
  Result Next(RedisReply* reply);

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };

  const size_t max_bytes_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace accord::cache
