// Texts as the store keeps them: as they are, or as a zstd frame where that is smaller. Internal
// to harness/store, but for the SQL functions, which docs/schema.md describes:
//   assay_text(codec, bytes)              the text
//   assay_text(codec, bytes, begin, end)  its bytes [begin, end)
//   assay_request(sample_messages, codec, bytes, body_codec, body)  a call's request as the engine made it
//   assay_sent(sent_codec, sent, ...the five of assay_request...)   its body as it went over the wire
// Threads: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/result.h"

struct sqlite3;

namespace assay {

// Persisted, never renumbered. `against`: a frame beside a reference, which for what was sent is the request's JSON.
enum class Codec : std::uint8_t { plain = 0, zstd = 1, against = 2 };

// Longer texts are refused when written, so that a forged file cannot make us allocate more.
inline constexpr std::size_t kMaxText = std::size_t{256} << 20;

struct PackedText {
  Codec codec = Codec::plain;
  std::string bytes;
};

// A text that several rows share, known by its digest.
struct PackedBlob {
  Digest digest;
  std::int64_t size = 0;
  PackedText text;
};

PackedText pack(std::string_view text);
PackedText pack_against(std::string_view text, std::string_view reference);
PackedBlob pack_blob(std::string_view text);
// Error: Code::corrupt.
Result<std::string> unpack(std::int64_t codec, std::string_view bytes);

Result<std::string> unpack_against(std::int64_t codec, std::string_view bytes, std::string_view reference);

// A call's request: with the sample's messages put back in where it was kept without its own.
// Error: Code::corrupt.
Result<Json> unpack_request(bool sample_messages, std::int64_t codec, std::string_view bytes, std::int64_t body_codec,
                            std::string_view body);

int register_text_functions(sqlite3*);  // a SQLite result code

}  // namespace assay
