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

std::string_view bytes_of(sqlite3_value* value) {
  const void* data = sqlite3_value_blob(value);
  return {static_cast<const char*>(data), data ? static_cast<std::size_t>(sqlite3_value_bytes(value)) : 0};
}

void give(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void text_function(sqlite3_context* context, int count, sqlite3_value** arguments) {
  if (count != 2 && count != 4) {
    sqlite3_result_error(context, "assay_text: expected (codec, bytes) or (codec, bytes, begin, end)", -1);
    return;
  }
  if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) return;
  try {
    const auto text = unpack(sqlite3_value_int64(arguments[0]), bytes_of(arguments[1]));
    if (!text) return sqlite3_result_error(context, text.error().message.c_str(), -1);
    std::string_view part = *text;
    if (count == 4) {
      const auto limit = static_cast<std::int64_t>(part.size());
      const auto begin = std::clamp<std::int64_t>(sqlite3_value_int64(arguments[2]), 0, limit);
      const auto end = std::clamp<std::int64_t>(sqlite3_value_int64(arguments[3]), begin, limit);
      part = part.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    }
    give(context, part);
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

void request_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  try {
    const auto request = unpack_request(sqlite3_value_int(arguments[0]) != 0, sqlite3_value_int64(arguments[1]),
                                        bytes_of(arguments[2]), sqlite3_value_int64(arguments[3]), bytes_of(arguments[4]));
    if (!request) return sqlite3_result_error(context, request.error().message.c_str(), -1);
    give(context, dump_json(*request));
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

// What was sent is a diff against the request; a request that cannot be read any more takes it along.
Result<std::string> sent_text(sqlite3_value** arguments) {
  const std::int64_t codec = sqlite3_value_int64(arguments[0]);
  std::string reference;
  if (codec == static_cast<std::int64_t>(Codec::against)) {
    const auto request = unpack_request(sqlite3_value_int(arguments[2]) != 0, sqlite3_value_int64(arguments[3]),
                                        bytes_of(arguments[4]), sqlite3_value_int64(arguments[5]), bytes_of(arguments[6]));
    if (!request) return request.error();
    reference = dump_json(*request);
  }
  return unpack_against(codec, bytes_of(arguments[1]), reference);
}

void sent_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[1]) == SQLITE_NULL) return;
  try {
    const auto text = sent_text(arguments);
    if (!text) return sqlite3_result_error(context, text.error().message.c_str(), -1);
    give(context, *text);
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

PackedText pack_against(std::string_view text, std::string_view reference) {
  std::string frame = zstd_compress_against(text, reference);
  if (frame.size() >= text.size()) return {Codec::plain, std::string(text)};
  frame.shrink_to_fit();
  return {Codec::against, std::move(frame)};
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

Result<std::string> unpack_against(std::int64_t codec, std::string_view bytes, std::string_view reference) {
  if (codec != static_cast<std::int64_t>(Codec::against)) return unpack(codec, bytes);
  return zstd_decompress_against(bytes, reference, kMaxText);
}

Result<Json> unpack_request(bool sample_messages, std::int64_t codec, std::string_view bytes, std::int64_t body_codec,
                            std::string_view body) {
  const auto text = unpack(codec, bytes);
  if (!text) return text.error();
  auto request = parse_json(*text);
  if (!request) return Error{Code::corrupt, request.error().message};
  if (!sample_messages) return request;
  const auto sample = unpack(body_codec, body);
  if (!sample) return sample.error();
  const auto parsed = parse_json(*sample);
  if (!parsed) return Error{Code::corrupt, parsed.error().message};
  const Json* messages = json_find(*parsed, "messages");
  if (!messages || !request->is_object()) return Error{Code::corrupt, "stored request: its sample has no messages"};
  (*request)["messages"] = *messages;
  return request;
}

int register_text_functions(sqlite3* db) {
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const int rc = sqlite3_create_function_v2(db, "assay_text", -1, flags, nullptr, &text_function, nullptr, nullptr, nullptr);
  if (rc != SQLITE_OK) return rc;
  const int rc2 = sqlite3_create_function_v2(db, "assay_request", 5, flags, nullptr, &request_function, nullptr, nullptr, nullptr);
  if (rc2 != SQLITE_OK) return rc2;
  return sqlite3_create_function_v2(db, "assay_sent", 7, flags, nullptr, &sent_function, nullptr, nullptr, nullptr);
}

}  // namespace assay
