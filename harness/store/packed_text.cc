#include "harness/store/packed_text.h"

#include <sqlite3.h>

#include <algorithm>
#include <exception>

#include "harness/base/compress.h"
#include "harness/base/format.h"

namespace assay {
namespace {

constexpr std::size_t kWorthTrying = 200;  // below this a frame's header eats the gain
constexpr int kLevel = 1;

void assay_text(sqlite3_context* context, int count, sqlite3_value** arguments) {
  if (count != 2 && count != 4) {
    sqlite3_result_error(context, "assay_text: expected (codec, bytes) or (codec, bytes, begin, end)", -1);
    return;
  }
  if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) return;
  const void* data = sqlite3_value_blob(arguments[1]);
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[1]));
  const std::string_view bytes(static_cast<const char*>(data), data ? size : 0);
  try {
    const auto text = unpack(sqlite3_value_int64(arguments[0]), bytes);
    if (!text) {
      sqlite3_result_error(context, text.error().message.c_str(), -1);
      return;
    }
    std::string_view part = *text;
    if (count == 4) {
      const auto limit = static_cast<std::int64_t>(part.size());
      const auto begin = std::clamp<std::int64_t>(sqlite3_value_int64(arguments[2]), 0, limit);
      const auto end = std::clamp<std::int64_t>(sqlite3_value_int64(arguments[3]), begin, limit);
      part = part.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    }
    sqlite3_result_text64(context, part.data(), part.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

PackedText pack(std::string_view text) {
  if (text.size() >= kWorthTrying) {
    std::string frame = zstd_compress(text, kLevel);
    if (frame.size() + text.size() / 8 < text.size()) {
      frame.shrink_to_fit();  // the buffer was sized for the worst case
      return {Codec::zstd, std::move(frame)};
    }
  }
  return {Codec::plain, std::string(text)};
}

PackedBlob pack_blob(std::string_view text) {
  return {sha256(text), static_cast<std::int64_t>(text.size()), pack(text)};
}

Result<std::string> unpack(std::int64_t codec, std::string_view bytes) {
  switch (codec) {
    case static_cast<std::int64_t>(Codec::plain): return std::string(bytes);
    case static_cast<std::int64_t>(Codec::zstd): return zstd_decompress(bytes, kMaxText);
    default: return Error{Code::corrupt, format("stored text: unknown codec {}", codec)};
  }
}

int register_text_function(sqlite3* db) {
  return sqlite3_create_function_v2(db, "assay_text", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                    &assay_text, nullptr, nullptr, nullptr);
}

}  // namespace assay
