#include "backends/remote/redact.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::string_view kMark = "[key]";
constexpr std::size_t kShortest = 8;          // bytes of a secret
constexpr std::size_t kHalf = 6;              // bytes of a secret's beginning that tell too much of it
constexpr std::size_t kMostBackslashes = 8;  // of one character, escaped several times over

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::array<char, 2> hex_of(char c) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  const auto u = static_cast<unsigned char>(c);
  return {kHex[u >> 4], kHex[u & 15]};
}

// The characters of base64 that the secret alone decides, when `before` bytes (0 to 2) of other text stand in
// front of it within its group of three.
std::string base64_core(std::string_view secret, std::size_t before, std::string_view alphabet) {
  std::string bytes(before, '\0');
  bytes += secret;
  std::string out;
  const std::size_t whole = bytes.size() * 8 / 6;
  for (std::size_t i = 0; i < whole; ++i) {
    const std::size_t bit = i * 6;
    const auto at = [&bytes](std::size_t k) {
      return k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[k])) : 0u;
    };
    const unsigned pair = at(bit / 8) << 8 | at(bit / 8 + 1);
    out += alphabet[pair >> (10 - bit % 8) & 63];
  }
  static constexpr std::size_t kShared[] = {0, 2, 3};
  return out.substr(kShared[before]);
}

void add_unique(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
  static constexpr std::string_view kStandard =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static constexpr std::string_view kForUrls =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortest) continue;
    add_unique(needles_, secret);
    for (std::size_t before = 0; before < 3; ++before) {
      add_unique(needles_, base64_core(secret, before, kStandard));
      add_unique(needles_, base64_core(secret, before, kForUrls));
    }
  }
  // The longest first, so that a secret within another does not leave the rest of that one.
  std::stable_sort(needles_.begin(), needles_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  if (needles_.empty()) return;
  for (const std::string& needle : needles_) starts_[static_cast<unsigned char>(needle.front())] = true;
  starts_[static_cast<unsigned char>('\\')] = true;
  starts_[static_cast<unsigned char>('%')] = true;
}

// One character of a secret at the start of the text, in any of its spellings.
Redactor::Match Redactor::character(std::string_view text, char c) {
  if (text.empty()) return {Fit::more, 0};
  const auto hex = hex_of(c);
  if (text[0] == '%' && text.size() >= 3 && lower(text[1]) == hex[0] && lower(text[2]) == hex[1]) {
    return {Fit::whole, 3};
  }
  if (text[0] == c && c != '\\') return {Fit::whole, 1};
  if (text[0] == '%') {
    if (text.size() == 1 || (text.size() == 2 && lower(text[1]) == hex[0])) return {Fit::more, 0};
    return {};
  }
  std::size_t n = 0;
  while (n < text.size() && n < kMostBackslashes && text[n] == '\\') ++n;
  if (c == '\\' && n >= 2) return {Fit::whole, n};
  if (n == 0) return {};
  if (n == text.size()) return {Fit::more, 0};
  if (c == '\\') return {};
  if (text[n] == c) return {Fit::whole, n + 1};
  if (text[n] != 'u') return {};
  const char wanted[] = {'0', '0', hex[0], hex[1]};
  for (std::size_t i = 0; i < 4; ++i) {
    if (n + 1 + i == text.size()) return {Fit::more, 0};
    if (lower(text[n + 1 + i]) != wanted[i]) return {};
  }
  return {Fit::whole, n + 5};
}

Redactor::Match Redactor::needle_at(std::string_view text, std::string_view needle) {
  if (text.substr(0, needle.size()) == needle) return {Fit::whole, needle.size()};
  const bool begins = needle.substr(0, text.size()) == text;  // then it may still come as it is
  std::size_t at = 0;
  for (const char c : needle) {
    const Match step = character(text.substr(at), c);
    if (step.fit != Fit::whole) return {begins ? Fit::more : step.fit, 0};
    at += step.size;
  }
  return {Fit::whole, at};
}

Redactor::Match Redactor::match(std::string_view text, Tail tail) const {
  Match best;
  for (const std::string& needle : needles_) {
    const Match found = needle_at(text, needle);
    if (found.fit == Fit::more && tail != Tail::text) return found;  // it may turn out longer than another
    if (found.fit == Fit::whole && found.size > best.size) best = found;
  }
  return best;
}

std::size_t Redactor::copy(std::string_view text, Tail tail, std::string& out) const {
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!starts_[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    const Match found = match(text.substr(at), tail);
    const bool half = found.fit == Fit::more && tail == Tail::cut && text.size() - at >= kHalf;
    if (found.fit == Fit::whole || half) {
      out.append(text.substr(from, at - from));
      out += kMark;
      from = at += half ? text.size() - at : found.size;
    } else if (found.fit == Fit::more && tail == Tail::open) {
      break;
    } else {
      ++at;
    }
  }
  out.append(text.substr(from, at - from));
  return at;
}

void Redactor::replace(std::string& text, Tail tail) const {
  if (empty()) return;
  std::string out;
  out.reserve(text.size());
  copy(text, tail, out);
  text = std::move(out);
}

void Redactor::clean(std::string& text) const { replace(text, Tail::text); }

void Redactor::clean_cut(std::string& text) const { replace(text, Tail::cut); }

std::string_view StreamRedactor::feed(std::string_view bytes) {
  if (redactor_.empty()) return bytes;
  out_.clear();
  if (held_.empty()) {
    const std::size_t used = redactor_.copy(bytes, Redactor::Tail::open, out_);
    held_ = bytes.substr(used);
  } else {
    held_ += bytes;
    const std::size_t used = redactor_.copy(held_, Redactor::Tail::open, out_);
    held_.erase(0, used);
  }
  return out_;
}

std::string StreamRedactor::finish() {
  std::string rest = std::move(held_);
  held_.clear();
  redactor_.clean_cut(rest);
  return rest;
}

}  // namespace assay
