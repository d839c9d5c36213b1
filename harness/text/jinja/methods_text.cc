// Methods of strings.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/show.h"
#include "harness/text/jinja/tables.h"
#include "harness/text/jinja/text_operations.h"

namespace assay::jinja {
namespace {

template <std::string (*change)(std::string_view)>
Value changed(Machine& m, const Value& self, const Bound&) {
  return m.charge(self.text().size() / 4) ? m.text(change(self.text())) : Value();
}

template <bool left, bool right>
Value strip(Machine& m, const Value& self, const Bound& given) {
  return m.text(std::string(strip_text(m, self.text(), given, left, right)));
}

Value split(Machine& m, const Value& self, const Bound& given) {
  return split_text(m, self.text(), given, false);
}
Value rsplit(Machine& m, const Value& self, const Bound& given) {
  return split_text(m, self.text(), given, true);
}

// text[start:end] in characters, as the optional arguments of startswith, find and count name it.
struct Part {
  std::string_view text;
  std::size_t before = 0;  // characters
  bool valid = true;       // false: the start lies behind the end
};

Part part(Machine& m, std::string_view text, const Bound& given) {
  if (!given.has(1) && !given.has(2)) return {text, 0, true};
  if (!m.charge_text(text.size())) return {};
  const auto size = static_cast<std::int64_t>(count_characters(text));
  const auto bound = [&](std::size_t i, std::int64_t otherwise) {
    const std::int64_t at = given.integer(m, i, otherwise);
    return at < 0 ? std::max<std::int64_t>(at < -size ? 0 : at + size, 0) : at;
  };
  const std::int64_t start = bound(1, 0);
  const std::int64_t end = std::min(bound(2, size), size);
  if (start > end) return {{}, 0, false};
  const auto offset = [&](std::int64_t count) {
    std::size_t at = 0;
    for (std::int64_t i = 0; i < count; ++i) at += decode_utf8(text, at).size;
    return at;
  };
  const std::size_t begin = offset(start);
  return {text.substr(begin, offset(end) - begin), static_cast<std::size_t>(start), true};
}

Value affix(Machine& m, const Value& self, const Bound& given, bool at_start) {
  const Part within = part(m, self.text(), given);
  const auto matches = [&](const Value& wanted) {
    if (!wanted.is(Kind::string)) {
      m.fail(format("{} needs a string or a tuple of strings, not {}", at_start ? "startswith" : "endswith",
                    name(wanted.kind())));
      return false;
    }
    const std::string& text = wanted.text();
    if (!within.valid || text.size() > within.text.size()) return false;
    return within.text.substr(at_start ? 0 : within.text.size() - text.size(), text.size()) == text;
  };
  const Value& wanted = given.at(0);
  if (!wanted.is(Kind::tuple)) return Value::boolean(matches(wanted));
  return Value::boolean(std::any_of(wanted.items().begin(), wanted.items().end(), matches));
}

Value startswith(Machine& m, const Value& self, const Bound& given) { return affix(m, self, given, true); }
Value endswith(Machine& m, const Value& self, const Bound& given) { return affix(m, self, given, false); }

Value replace(Machine& m, const Value& self, const Bound& given) {
  return replace_text(m, self.text(), given.text(m, 0, ""), given.text(m, 1, ""), given.integer(m, 2, -1));
}

std::int64_t found(Machine& m, const Value& self, const Bound& given) {
  const Part within = part(m, self.text(), given);
  if (!m.charge_text(within.text.size()) || !within.valid) return -1;
  const std::size_t hit = find_text(within.text, given.text(m, 0, ""));
  if (hit == std::string_view::npos) return -1;
  return static_cast<std::int64_t>(within.before + count_characters(within.text.substr(0, hit)));
}

Value find(Machine& m, const Value& self, const Bound& given) {
  return Value::integer(found(m, self, given));
}

Value index(Machine& m, const Value& self, const Bound& given) {
  const std::int64_t at = found(m, self, given);
  return at < 0 ? m.fail("index: the text is not found") : Value::integer(at);
}

Value rfind(Machine& m, const Value& self, const Bound& given) {
  const Part within = part(m, self.text(), given);
  if (!m.charge_text(within.text.size()) || !within.valid) return Value::integer(-1);
  const std::string back(within.text.rbegin(), within.text.rend());
  const std::string_view wanted = given.text(m, 0, "");
  const std::size_t hit = find_text(back, std::string(wanted.rbegin(), wanted.rend()));
  if (hit == std::string::npos) return Value::integer(-1);
  const std::string_view ahead = within.text.substr(0, within.text.size() - hit - wanted.size());
  return Value::integer(static_cast<std::int64_t>(within.before + count_characters(ahead)));
}

Value count(Machine& m, const Value& self, const Bound& given) {
  const Part within = part(m, self.text(), given);
  const std::string_view wanted = given.text(m, 0, "");
  if (!m.charge_text(within.text.size()) || !within.valid) return Value::integer(0);
  if (wanted.empty()) return Value::integer(static_cast<std::int64_t>(count_characters(within.text)) + 1);
  std::int64_t hits = 0;
  for (std::size_t at = 0; (at = find_text(within.text, wanted, at)) != std::string_view::npos;
       at += wanted.size())
    ++hits;
  return Value::integer(hits);
}

Value join(Machine& m, const Value& self, const Bound& given) {
  return join_text(m, self.text(), given.at(0), true);
}

Value splitlines(Machine& m, const Value& self, const Bound& given) {
  if (!m.charge_text(self.text().size())) return {};
  List out;
  for (const std::string_view line : lines(self.text(), given.truth(0, false))) {
    if (!m.charge(1)) return {};
    out.push_back(Value::string(std::string(line)));
  }
  return m.list(std::move(out));
}

Value partition_at(Machine& m, const Value& self, const Bound& given, bool last) {
  const std::string_view text = self.text();
  const std::string_view by = given.text(m, 0, "");
  if (by.empty()) return m.fail("partition: the separator is empty");
  if (!m.charge_text(text.size())) return {};
  std::size_t hit = find_text(text, by);
  if (last && hit != text.npos) {
    const std::string back(text.rbegin(), text.rend());
    hit = text.size() - find_text(back, std::string(by.rbegin(), by.rend())) - by.size();
  }
  const auto piece = [&](std::string_view part) { return m.text(std::string(part)); };
  if (hit == text.npos)
    return m.tuple(last ? List{piece(""), piece(""), self} : List{self, piece(""), piece("")});
  return m.tuple({piece(text.substr(0, hit)), piece(by), piece(text.substr(hit + by.size()))});
}

Value partition(Machine& m, const Value& self, const Bound& given) {
  return partition_at(m, self, given, false);
}
Value rpartition(Machine& m, const Value& self, const Bound& given) {
  return partition_at(m, self, given, true);
}

Value removeprefix(Machine& m, const Value& self, const Bound& given) {
  const std::string_view prefix = given.text(m, 0, "");
  const std::string_view text = self.text();
  return text.substr(0, prefix.size()) == prefix ? m.text(std::string(text.substr(prefix.size()))) : self;
}

Value removesuffix(Machine& m, const Value& self, const Bound& given) {
  const std::string_view suffix = given.text(m, 0, "");
  const std::string_view text = self.text();
  const bool ends = text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
  return ends ? m.text(std::string(text.substr(0, text.size() - suffix.size()))) : self;
}

Value isspace(Machine& m, const Value& self, const Bound&) {
  const std::string& text = self.text();
  return Value::boolean(m.charge_text(text.size()) && !text.empty() && space_at(text, 0) == text.size());
}

Value isdigit(Machine& m, const Value& self, const Bound&) {
  const std::string& text = self.text();
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return Value::boolean(m.charge_text(text.size()) && !text.empty() &&
                        std::all_of(text.begin(), text.end(), digit));
}

// str.format with plain fields: {}, {0}, {name}. A field's attributes, conversions and layout are not
// supported.
Value formatted(Machine& m, const Value& self, const Arguments& given) {
  const std::string_view text = self.text();
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text.size() && out.size() <= kMaxTextBytes; ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      out += text[i++];
      continue;
    }
    const std::size_t end = c == '{' ? text.find('}', i) : text.npos;
    if (end == text.npos) return m.fail("format: a brace has no partner");
    const std::string_view field = text.substr(i + 1, end - i - 1);
    const bool numbered =
        !field.empty() && field.size() < 6 && field.find_first_not_of("0123456789") == field.npos;
    const std::size_t index = field.empty() ? next++
                              : numbered    ? std::stoul(std::string(field))
                                            : given.positional.size();
    const Value* value = index < given.positional.size() ? &given.positional[index] : nullptr;
    for (const auto& [name, named] : given.named) {
      if (name == field) value = &named;
    }
    if (value == nullptr) return m.fail(format("format: nothing is given for the field '{}'", field));
    if (!m.charge(1)) return {};
    out += show(m, *value);
    i = end;
  }
  return m.text(std::move(out));
}

constexpr MethodEntry kMethods[] = {
    {Kind::string, "strip", "chars", strip<true, true>},
    {Kind::string, "lstrip", "chars", strip<true, false>},
    {Kind::string, "rstrip", "chars", strip<false, true>},
    {Kind::string, "split", "sep maxsplit", split},
    {Kind::string, "rsplit", "sep maxsplit", rsplit},
    {Kind::string, "splitlines", "keepends", splitlines},
    {Kind::string, "startswith", "prefix! start end", startswith},
    {Kind::string, "endswith", "suffix! start end", endswith},
    {Kind::string, "replace", "old! new! count", replace},
    {Kind::string, "lower", "", changed<lower>},
    {Kind::string, "upper", "", changed<upper>},
    {Kind::string, "title", "", changed<title>},
    {Kind::string, "capitalize", "", changed<capitalize>},
    {Kind::string, "find", "sub! start end", find},
    {Kind::string, "rfind", "sub! start end", rfind},
    {Kind::string, "index", "sub! start end", index},
    {Kind::string, "count", "sub! start end", count},
    {Kind::string, "join", "iterable!", join},
    {Kind::string, "partition", "sep!", partition},
    {Kind::string, "rpartition", "sep!", rpartition},
    {Kind::string, "removeprefix", "prefix!", removeprefix},
    {Kind::string, "removesuffix", "suffix!", removesuffix},
    {Kind::string, "format", "", nullptr, formatted},
    {Kind::string, "isspace", "", isspace},
    {Kind::string, "isdigit", "", isdigit},
};

}  // namespace

std::span<const MethodEntry> text_methods() { return kMethods; }

}  // namespace assay::jinja
