// Filters about lists and dicts.
#include <algorithm>

#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/show.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

Value count(Machine& m, const Value& self, const Bound&) { return Value::integer(length(m, self)); }

Value to_list(Machine& m, const Value& self, const Bound&) {
  if (self.is(Kind::list) && !self.lazy()) return self;
  const auto items = iterate(m, self);
  return items ? m.list(*items) : Value();
}

Value first(Machine& m, const Value& self, const Bound&) {
  const auto items = iterate(m, self);
  return items && !items->empty() ? items->front() : Value::undefined("there is no first item");
}

Value last(Machine& m, const Value& self, const Bound&) {
  const auto items = iterate(m, self);
  return items && !items->empty() ? items->back() : Value::undefined("there is no last item");
}

Value reverse(Machine& m, const Value& self, const Bound&) {
  const auto items = iterate(m, self);
  if (!items) return {};
  if (self.is(Kind::string)) {
    std::string out;
    for (auto it = items->rbegin(); it != items->rend(); ++it) out += it->text();
    return m.text(std::move(out));
  }
  return m.list(List(items->rbegin(), items->rend())).as_lazy();
}

Value pairs(Machine& m, const Value& self, const Bound&) {
  if (!self.is_defined()) return m.list({});
  if (!self.is(Kind::dict)) return m.fail(format("items needs a dict, not {}", name(self.kind())));
  List out;
  for (const auto& [key, value] : self.dict()) out.push_back(m.tuple({key, value}));
  return m.list(std::move(out)).as_lazy();
}

// What is compared: the value, or a part of it, in lower case unless case counts.
Value sort_key(Machine& m, const Value& item, const Value& attribute, bool case_sensitive) {
  Value key = item;
  if (attribute.is(Kind::string))
    key = path(m, item, attribute.text());
  else if (attribute.is(Kind::integer))
    key = jinja::item(m, item, attribute);
  if (case_sensitive || !key.is(Kind::string)) return key;
  return m.text(lower(key.text()));
}

// A merge sort, because std::stable_sort may not be given a comparison that fails on the way.
void sort_by_key(Machine& m, std::vector<std::pair<Value, Value>>& items, bool reverse) {
  std::vector<std::pair<Value, Value>> other(items.size());
  const auto before = [&](const Value& a, const Value& b) { return reverse ? less(m, b, a) : less(m, a, b); };
  for (std::size_t width = 1; width < items.size() && !m.failed(); width *= 2) {
    for (std::size_t start = 0; start < items.size(); start += 2 * width) {
      const std::size_t middle = std::min(start + width, items.size());
      const std::size_t end = std::min(start + 2 * width, items.size());
      std::size_t a = start;
      std::size_t b = middle;
      for (std::size_t to = start; to < end; ++to) {
        const bool from_b = a >= middle || (b < end && before(items[b].first, items[a].first));
        other[to] = items[from_b ? b++ : a++];
      }
    }
    std::swap(items, other);
  }
}

Value sorted(Machine& m, const Value& self, const Bound& given) {
  const auto items = iterate(m, self);
  if (!items) return {};
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : *items)
    keyed.emplace_back(sort_key(m, item, given.at(2), given.truth(1, false)), item);
  sort_by_key(m, keyed, given.truth(0, false));
  List out;
  for (auto& [key, item] : keyed) out.push_back(std::move(item));
  return m.list(std::move(out));
}

Value dict_sorted(Machine& m, const Value& self, const Bound& given) {
  if (!self.is(Kind::dict)) return m.fail(format("dictsort needs a dict, not {}", name(self.kind())));
  const std::string_view by = given.text(m, 1, "key");
  if (by != "key" && by != "value") return m.fail("dictsort: by must be 'key' or 'value'");
  std::vector<std::pair<Value, Value>> keyed;
  for (const auto& [key, value] : self.dict()) {
    keyed.emplace_back(sort_key(m, by == "key" ? key : value, {}, given.truth(0, false)),
                       m.tuple({key, value}));
  }
  sort_by_key(m, keyed, given.truth(2, false));
  List out;
  for (auto& [key, item] : keyed) out.push_back(std::move(item));
  return m.list(std::move(out));
}

Value unique(Machine& m, const Value& self, const Bound& given) {
  const auto items = iterate(m, self);
  if (!items) return {};
  List seen;
  List out;
  for (const Value& item : *items) {
    const Value key = sort_key(m, item, given.at(1), given.truth(0, false));
    const bool known =
        std::any_of(seen.begin(), seen.end(), [&](const Value& other) { return equal(m, key, other); });
    if (m.failed()) return {};
    if (known) continue;
    seen.push_back(key);
    out.push_back(item);
  }
  return m.list(std::move(out)).as_lazy();
}

Value extreme(Machine& m, const Value& self, const Bound& given, bool largest) {
  const auto items = iterate(m, self);
  if (!items || items->empty()) return Value::undefined("there is no item to choose from");
  const auto key = [&](const Value& item) { return sort_key(m, item, given.at(1), given.truth(0, false)); };
  Value best = items->front();
  Value best_key = key(best);
  for (std::size_t i = 1; i < items->size(); ++i) {
    const Value& item = (*items)[i];
    const Value candidate = key(item);
    if (!(largest ? less(m, best_key, candidate) : less(m, candidate, best_key))) continue;
    best = item;
    best_key = candidate;
  }
  return best;
}

Value smallest(Machine& m, const Value& self, const Bound& given) { return extreme(m, self, given, false); }
Value largest(Machine& m, const Value& self, const Bound& given) { return extreme(m, self, given, true); }

Value sum(Machine& m, const Value& self, const Bound& given) {
  const auto items = iterate(m, self);
  if (!items) return {};
  Value total = given.has(1) ? given.at(1) : Value::integer(0);
  for (const Value& item : *items) {
    if (m.failed()) return {};
    total = arithmetic(m, Operator::add, total, sort_key(m, item, given.at(0), true));
  }
  return total;
}

constexpr Filter kFilters[] = {
    {"length", "", count},
    {"count", "", count},
    {"list", "", to_list},
    {"first", "", first},
    {"last", "", last},
    {"reverse", "", reverse},
    {"items", "", pairs},
    {"sort", "reverse case_sensitive attribute", sorted},
    {"dictsort", "case_sensitive by reverse", dict_sorted},
    {"unique", "case_sensitive attribute", unique},
    {"min", "case_sensitive attribute", smallest},
    {"max", "case_sensitive attribute", largest},
    {"sum", "attribute start", sum},
};

}  // namespace

std::span<const Filter> list_filters() { return kFilters; }

}  // namespace assay::jinja
