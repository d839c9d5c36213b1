#include "harness/text/jinja/text_operations.h"

#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/show.h"

namespace assay::jinja {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
using Parts = std::vector<std::string_view>;

Value as_list(Machine& machine, const Parts& parts) {
  List items;
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  if (!machine.charge_text(bytes) || !machine.charge(parts.size())) return {};
  for (const std::string_view part : parts) items.push_back(Value::string(std::string(part)));
  return machine.list(std::move(items));
}

// More parts than steps are not collected: the machine refuses them anyway.
constexpr std::size_t kMostParts = kMaxSteps + 1;

Parts split_left(std::string_view text, std::string_view by, std::size_t most) {
  Parts out;
  most = std::min(most, kMostParts);
  while (out.size() < most) {
    const std::size_t hit = find_text(text, by);
    if (hit == kNone) break;
    out.push_back(text.substr(0, hit));
    text.remove_prefix(hit + by.size());
  }
  out.push_back(text);
  return out;
}

// The last occurrences are those of the reversed texts.
Parts split_right(std::string_view text, std::string_view by, std::size_t most) {
  const std::string text_back(text.rbegin(), text.rend());
  const std::string by_back(by.rbegin(), by.rend());
  Parts out;
  for (const std::string_view part : split_left(text_back, by_back, most)) {
    const auto offset = static_cast<std::size_t>(part.data() - text_back.data());
    out.push_back(text.substr(text.size() - offset - part.size(), part.size()));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::size_t word_size(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const CodePoint p = decode_utf8(text, end);
    if (is_space(p.value)) break;
    end += p.size;
  }
  return end;
}

Parts split_words(std::string_view text, std::size_t most) {
  Parts out;
  most = std::min(most, kMostParts);
  text = strip_left(text);
  while (!text.empty() && out.size() < most) {
    const std::size_t size = word_size(text);
    out.push_back(text.substr(0, size));
    text = strip_left(text.substr(size));
  }
  if (!text.empty()) out.push_back(strip_right(text));
  return out;
}

Parts split_words_right(std::string_view text, std::size_t most) {
  Parts words = split_words(text, kNone);
  if (words.size() <= most) return words;
  const std::size_t merged = words.size() - most;
  const char* const start = words[0].data();
  const char* const end = words[merged - 1].data() + words[merged - 1].size();
  Parts out = {std::string_view(start, static_cast<std::size_t>(end - start))};
  out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(merged), words.end());
  return out;
}

}  // namespace

Value replace_text(Machine& machine, std::string_view text, std::string_view from, std::string_view to,
                   std::int64_t count) {
  if (!machine.charge_text(text.size())) return {};
  std::string out;
  std::size_t at = 0;
  for (std::int64_t done = 0; done != count; ++done) {
    const std::size_t hit = find_text(text, from, at);
    if (hit == kNone) break;
    out.append(text.substr(at, hit - at)).append(to);
    at = hit + from.size();
    if (out.size() > kMaxTextBytes) return machine.text(std::move(out));  // which refuses it
    if (!from.empty()) continue;
    if (at >= text.size())
      return machine.text(std::move(out));  // nothing stands before every character and the end
    const std::size_t size = decode_utf8(text, at).size;
    out += text.substr(at, size);
    at += size;
  }
  out += text.substr(at);
  return machine.text(std::move(out));
}

std::vector<std::string_view> lines(std::string_view text, bool keep_ends) {
  Parts out;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size() && out.size() < kMostParts;) {
    const CodePoint p = decode_utf8(text, i);
    const char32_t c = p.value;
    const bool ends =
        (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    std::size_t next = i + p.size;
    if (c == U'\r' && next < text.size() && text[next] == '\n') ++next;
    if (ends) {
      out.push_back(text.substr(start, (keep_ends ? next : i) - start));
      start = next;
    }
    i = next;
  }
  if (start < text.size()) out.push_back(text.substr(start));
  return out;
}

Value split_text(Machine& machine, std::string_view text, const Bound& given, bool from_right) {
  const std::int64_t limit = given.integer(machine, 1, -1);
  const std::size_t most = limit < 0 ? kNone : static_cast<std::size_t>(limit);
  if (!machine.charge_text(text.size())) return {};
  if (!given.has(0) || given.at(0).is(Kind::none)) {
    return as_list(machine, from_right ? split_words_right(text, most) : split_words(text, most));
  }
  const std::string_view by = given.text(machine, 0, " ");
  if (by.empty()) return machine.fail("split: the separator is empty");
  return as_list(machine, from_right ? split_right(text, by, most) : split_left(text, by, most));
}

std::string_view strip_text(Machine& machine, std::string_view text, const Bound& given, bool left,
                            bool right) {
  if (!given.has(0) || given.at(0).is(Kind::none)) {
    if (left) text = strip_left(text);
    return right ? strip_right(text) : text;
  }
  const std::string_view set = given.text(machine, 0, "");
  if (!machine.charge(text.size() / 256 * (set.size() + 1))) return {};
  if (left) text = strip_left(text, set);
  return right ? strip_right(text, set) : text;
}

Value join_text(Machine& machine, std::string_view separator, const Value& items, bool strings_only) {
  const auto all = iterate(machine, items);
  if (!all) return {};
  std::string out;
  for (std::size_t i = 0; i < all->size(); ++i) {
    const Value& item = (*all)[i];
    if (!machine.charge(1)) return {};
    if (strings_only && !item.is(Kind::string)) {
      return machine.fail(format("join: item {} is a {} and no string", i, name(item.kind())));
    }
    if (i > 0) out += separator;
    out += show(machine, item);
    if (out.size() > kMaxTextBytes) break;
  }
  return machine.text(std::move(out));
}

}  // namespace assay::jinja
