#include "harness/mock/http_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/base/check.h"

namespace assay::mock {
namespace {

constexpr std::size_t kMaxHead = 64 << 10;
constexpr std::size_t kMaxHeaders = 128;
constexpr std::size_t kMaxChunkLine = 4096;
constexpr std::size_t kMaxTrailer = 16 << 10;

bool token_char(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), token_char); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::optional<std::size_t> number(std::string_view text, unsigned base) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::size_t out = 0;
  for (const char c : text) {
    unsigned digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    out = out * base + digit;
  }
  return out;
}

}  // namespace

void RequestParser::bad(int status, const char* reason) {
  state_ = State::bad;
  bad_status_ = status;
  bad_reason_ = reason;
}

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && (state_ == State::head || state_ == State::body)) {
    const std::string_view rest = bytes.substr(at);
    at += state_ == State::head ? feed_head(rest) : chunk_ == Chunk::none ? feed_body(rest) : feed_chunks(rest);
  }
  return at;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  std::size_t skipped = 0;
  if (text_.empty()) {  // empty lines before a request are passed over (RFC 9112, section 2.2)
    while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    bytes.remove_prefix(skipped);
  }
  const std::size_t before = text_.size();
  const std::size_t room = kMaxHead + 4 - std::min(before, kMaxHead + 4);
  text_.append(bytes.substr(0, room));
  const std::size_t end = text_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (text_.size() > kMaxHead) bad(431, "the head is larger than 65536 bytes");
    return skipped + std::min(bytes.size(), room);
  }
  text_.resize(end + 2);
  read_head();
  return skipped + (end + 4 - before);
}

void RequestParser::read_request_line(std::string_view line) {
  const std::size_t one = line.find(' ');
  const std::size_t two = one == std::string_view::npos ? one : line.find(' ', one + 1);
  if (two == std::string_view::npos || !is_token(line.substr(0, one)) || two == one + 1) {
    return bad(400, "not an HTTP request line");
  }
  const std::string_view version = line.substr(two + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return bad(version.substr(0, 5) == "HTTP/" ? 505 : 400, "only HTTP/1.1 and HTTP/1.0 are spoken");
  }
  request_.method = line.substr(0, one);
  std::string_view target = line.substr(one + 1, two - one - 1);
  const auto odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
  if (std::any_of(target.begin(), target.end(), odd)) return bad(400, "the target holds a control character");
  if (const std::size_t scheme = target.find("://"); target[0] != '/' && scheme != std::string_view::npos) {
    const std::size_t slash = target.find('/', scheme + 3);  // as a client of a proxy writes it
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  const std::size_t question = target.find('?');
  request_.path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  request_.keep_alive = version == "HTTP/1.1";
}

void RequestParser::read_head() {
  std::string_view rest = text_;
  bool first = true;
  while (!rest.empty() && state_ == State::head) {
    const std::size_t end = rest.find("\r\n");  // there always is one: the text ends with it
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (std::exchange(first, false)) {
      read_request_line(line);
      continue;
    }
    const std::size_t colon = line.find(':');
    const auto odd = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        std::any_of(line.begin(), line.end(), odd)) {
      return bad(400, "a header line is not `name: value`");
    }
    if (request_.headers.size() == kMaxHeaders) return bad(431, "more than 128 headers");
    request_.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  if (state_ == State::head) read_framing();
}

void RequestParser::read_framing() {
  std::optional<std::size_t> length;
  bool chunked = false;
  for (const auto& [name, value] : request_.headers) {
    const std::string key = lower(name);
    if (key == "content-length") {
      const auto n = number(value, 10);
      if (!n || (length && *length != *n)) return bad(400, "Content-Length is not one whole number");
      length = n;
    } else if (key == "transfer-encoding") {
      if (lower(value) != "chunked") return bad(501, "of transfer encodings only `chunked` is understood");
      chunked = true;
    } else if (key == "connection") {
      const std::string option = lower(value);
      if (option.find("close") != std::string::npos) request_.keep_alive = false;
      if (option.find("keep-alive") != std::string::npos) request_.keep_alive = true;
    } else if (key == "expect") {
      expect_ = lower(value) == "100-continue";
    }
  }
  text_.clear();
  if (chunked && length) return bad(400, "Content-Length beside Transfer-Encoding");
  if (length.value_or(0) > max_body_) return bad(413, "the body is larger than this server takes");
  left_ = length.value_or(0);
  chunk_ = chunked ? Chunk::size : Chunk::none;
  state_ = chunked || left_ > 0 ? State::body : State::done;
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  const std::size_t n = std::min(bytes.size(), left_);
  request_.body.append(bytes.substr(0, n));
  left_ -= n;
  if (left_ == 0) state_ = State::done;
  return n;
}

std::size_t RequestParser::feed_line(std::string_view bytes, std::size_t most) {
  const std::size_t end = bytes.find('\n');
  const std::size_t n = end == std::string_view::npos ? bytes.size() : end + 1;
  line_done_ = end != std::string_view::npos;
  if (text_.size() + n > most) {
    bad(400, "a chunk's line is too long");
    return n;
  }
  text_.append(bytes.substr(0, n));
  return n;
}

void RequestParser::chunk_line() {
  std::string_view line = text_;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (chunk_ == Chunk::data_end) {
    if (!line.empty()) return bad(400, "a chunk is longer than it says");
    chunk_ = Chunk::size;
  } else if (chunk_ == Chunk::trailer) {
    trailer_bytes_ += text_.size();
    if (trailer_bytes_ > kMaxTrailer) return bad(431, "the trailer is too large");
    if (line.empty()) state_ = State::done;
  } else {
    const auto size = number(trim(line.substr(0, line.find(';'))), 16);
    if (!size) return bad(400, "a chunk's size is not a hexadecimal number");
    if (*size > max_body_ - request_.body.size()) return bad(413, "the body is larger than this server takes");
    left_ = *size;
    chunk_ = left_ == 0 ? Chunk::trailer : Chunk::data;
  }
  text_.clear();
}

std::size_t RequestParser::feed_chunks(std::string_view bytes) {
  if (chunk_ == Chunk::data) {
    const std::size_t n = std::min(bytes.size(), left_);
    request_.body.append(bytes.substr(0, n));
    left_ -= n;
    if (left_ == 0) chunk_ = Chunk::data_end;
    return n;
  }
  const std::size_t n = feed_line(bytes, kMaxChunkLine);
  if (line_done_ && state_ == State::body) chunk_line();
  return n;
}

bool RequestParser::take_expect() {
  return state_ == State::body && std::exchange(expect_, false);
}

MockRequest RequestParser::take() {
  CHECK_THAT_HOLDS(state_ == State::done, "a request is taken when it is complete");
  state_ = State::head;
  chunk_ = Chunk::none;
  trailer_bytes_ = 0;
  expect_ = false;
  text_.clear();
  return std::exchange(request_, MockRequest());
}

}  // namespace assay::mock
