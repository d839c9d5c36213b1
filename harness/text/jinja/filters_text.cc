// Filters that make text. A filter sees the text of any value, as Jinja's do.
#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/show.h"
#include "harness/text/jinja/tables.h"
#include "harness/text/jinja/text_operations.h"

namespace assay::jinja {
namespace {

template <std::string (*change)(std::string_view)>
Value changed(Machine& m, const Value& self, const Bound&) {
  const std::string text = show(m, self);
  return m.charge(text.size() / 4) ? m.text(change(text)) : Value();
}

// Jinja's own title: words begin after white space, a hyphen or an opening bracket.
std::string words_title(std::string_view text) {
  std::string out;
  bool starts = true;
  for (const std::string_view c : characters(text)) {
    out += starts ? upper(c) : lower(c);
    starts = std::string_view("-({[<").find(c) != std::string_view::npos || space_at(c, 0) > 0;
  }
  return out;
}

Value trim(Machine& m, const Value& self, const Bound& given) {
  const std::string text = show(m, self);
  return m.text(std::string(strip_text(m, text, given, true, true)));
}

Value replace(Machine& m, const Value& self, const Bound& given) {
  const std::string from = show(m, given.at(0));
  const std::string to = show(m, given.at(1));
  return replace_text(m, show(m, self), from, to, given.integer(m, 2, -1));
}

Value indent(Machine& m, const Value& self, const Bound& given) {
  if (!self.is(Kind::string)) return m.fail(format("indent needs a string, not {}", name(self.kind())));
  const bool by_text = given.has(0) && given.at(0).is(Kind::string);
  const std::int64_t width = by_text ? 0 : given.integer(m, 0, 4);
  if (width > 1000) return m.fail("indent: wider than 1000 columns");
  const std::string margin =
      by_text ? given.at(0).text()
              : std::string(static_cast<std::size_t>(std::max<std::int64_t>(width, 0)), ' ');
  const std::string text = format("{}\n", self.text());
  const bool blank_too = given.truth(2, false);
  std::string out = given.truth(1, false) ? margin : std::string();
  bool first = true;
  for (const std::string_view line : lines(text, false)) {
    if (!m.charge_text(margin.size() + line.size())) return {};
    if (!first) out += '\n';
    if (!first && (blank_too || !line.empty())) out += margin;
    out += line;
    first = false;
  }
  return m.text(std::move(out));
}

Value escape(Machine& m, const Value& self, const Bound&) {
  std::string out;
  for (const char c : show(m, self)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return m.text(std::move(out));
}

Value as_text(Machine& m, const Value& self, const Bound&) {
  return self.is(Kind::string) ? self : m.text(show(m, self));
}

// json.dumps(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False), as transformers has it.
Value tojson(Machine& m, const Value& self, const Bound& given) {
  JsonStyle style;
  style.ascii_only = given.truth(0, false);
  style.sort_keys = given.truth(3, false);
  if (given.has(1) && !given.at(1).is(Kind::none)) {
    const bool by_text = given.at(1).is(Kind::string);
    const std::int64_t width = by_text ? 0 : given.integer(m, 1, 0);
    if (width > 100) return m.fail("tojson: indented by more than 100 columns");
    style.pretty = true;
    style.indent = by_text ? given.at(1).text()
                           : std::string(static_cast<std::size_t>(std::max<std::int64_t>(width, 0)), ' ');
    style.item_separator = std::string(1, ',');
  }
  if (given.has(2) && !given.at(2).is(Kind::none)) {
    const Value& pair = given.at(2);
    if (!pair.is_sequence() || pair.items().size() != 2 || !pair.items()[0].is(Kind::string) ||
        !pair.items()[1].is(Kind::string)) {
      return m.fail("tojson: separators must be two strings");
    }
    style.item_separator = pair.items()[0].text();
    style.key_separator = pair.items()[1].text();
  }
  return m.text(to_json(m, self, style));
}

// Not Jinja's own, but some recent templates read a tool call's arguments with it.
Value from_json_text(Machine& m, const Value& self, const Bound&) {
  if (!self.is(Kind::string)) return m.fail(format("from_json needs a string, not {}", name(self.kind())));
  if (!m.charge_text(self.text().size())) return {};
  const auto json = parse_ordered_json(self.text(), kMaxValueDepth);
  return json ? from_json(m, *json) : m.fail(format("from_json: {}", json.error().message));
}

Value join(Machine& m, const Value& self, const Bound& given) {
  const std::string separator = show(m, given.at(0));
  if (!given.has(1) || given.at(1).is(Kind::none)) return join_text(m, separator, self, false);
  const auto all = iterate(m, self);
  if (!all) return {};
  List picked;
  for (const Value& item : *all) picked.push_back(path(m, item, show(m, given.at(1))));
  return join_text(m, separator, m.list(std::move(picked)), false);
}

constexpr Filter kFilters[] = {
    {"lower", "", changed<lower>},
    {"upper", "", changed<upper>},
    {"capitalize", "", changed<capitalize>},
    {"title", "", changed<words_title>},
    {"trim", "chars", trim},
    {"replace", "old! new! count", replace},
    {"indent", "width first blank", indent},
    {"escape", "", escape},
    {"e", "", escape},
    {"string", "", as_text},
    {"safe", "", as_text},
    {"tojson", "ensure_ascii indent separators sort_keys", tojson},
    {"from_json", "", from_json_text},
    {"join", "d attribute", join},
};

}  // namespace

std::span<const Filter> text_filters() { return kFilters; }

}  // namespace assay::jinja
