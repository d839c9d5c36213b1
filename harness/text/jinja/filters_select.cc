// Filters that pass their arguments on to another filter or to a test.
#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

// An attribute as these filters take it: "a.b", or an index.
Value picked(Machine& m, const Value& item, const Value& attribute) {
  if (attribute.is(Kind::string)) return path(m, item, attribute.text());
  return jinja::item(m, item, attribute);
}

Value map_attribute(Machine& m, const List& items, const Arguments& given) {
  Value attribute;
  std::optional<Value> otherwise;
  for (const auto& [key, value] : given.named) {
    if (key == "attribute")
      attribute = value;
    else if (key == "default")
      otherwise = value;
    else
      return m.fail(format("'map' has no argument '{}'", key));
  }
  if (!attribute.is_defined()) return m.fail("'map' needs a filter or an attribute");
  List out;
  for (const Value& item : items) {
    Value value = picked(m, item, attribute);
    if (m.failed()) return {};
    out.push_back(!value.is_defined() && otherwise ? *otherwise : std::move(value));
  }
  return m.list(std::move(out)).as_lazy();
}

// As Jinja's, these take whatever is false for an empty list: none too.
std::shared_ptr<const List> candidates(Machine& m, const Value& self) {
  return truth(self) ? iterate(m, self) : std::make_shared<const List>();
}

Value map(Machine& m, const Value& self, const Arguments& given) {
  const auto items = candidates(m, self);
  if (!items) return {};
  if (given.positional.empty()) return map_attribute(m, *items, given);
  const Value& wanted = given.positional[0];
  const Filter* filter = wanted.is(Kind::string) ? find_filter(wanted.text()) : nullptr;
  if (filter == nullptr) {
    return m.fail(wanted.is(Kind::string) ? format("there is no filter '{}'", wanted.text())
                                          : std::string("map: the filter's name must be a string"));
  }
  const Arguments rest{List(given.positional.begin() + 1, given.positional.end()), given.named};
  if (filter->run_raw != nullptr && !m.charge(1000)) return {};  // map within map within map
  List out;
  for (const Value& item : *items) {
    if (!m.charge(1)) return {};
    out.push_back(run_filter(m, *filter, item, rest));
  }
  return m.list(std::move(out)).as_lazy();
}

Value choose(Machine& m, const Value& self, const Arguments& given, bool by_attribute, bool wanted) {
  const auto items = candidates(m, self);
  if (!items) return {};
  std::size_t next = 0;
  if (!given.named.empty()) return m.fail(format("there is no argument '{}' here", given.named[0].first));
  if (by_attribute && given.positional.empty()) return m.fail("the attribute's name is missing");
  if (by_attribute) next = 1;
  const Test* test = nullptr;
  List rest;
  if (next < given.positional.size()) {
    const Value& named = given.positional[next];
    test = named.is(Kind::string) ? find_test(named.text()) : nullptr;
    if (test == nullptr) {
      return m.fail(named.is(Kind::string) ? format("there is no test '{}'", named.text())
                                           : std::string("a test's name must be a string"));
    }
    rest.assign(given.positional.begin() + static_cast<std::ptrdiff_t>(next) + 1, given.positional.end());
  }
  List out;
  for (const Value& item : *items) {
    if (!m.charge(1)) return {};
    const Value value = by_attribute ? picked(m, item, given.positional[0]) : item;
    const bool passes = test == nullptr ? truth(value) : run_test(m, *test, value, rest);
    if (passes == wanted) out.push_back(item);
  }
  return m.list(std::move(out)).as_lazy();
}

template <bool by_attribute, bool wanted>
Value chosen(Machine& m, const Value& self, const Arguments& given) {
  return choose(m, self, given, by_attribute, wanted);
}

constexpr Filter kFilters[] = {
    {"map", "", nullptr, map},
    {"select", "", nullptr, chosen<false, true>},
    {"reject", "", nullptr, chosen<false, false>},
    {"selectattr", "", nullptr, chosen<true, true>},
    {"rejectattr", "", nullptr, chosen<true, false>},
};

}  // namespace

std::span<const Filter> selecting_filters() { return kFilters; }

}  // namespace assay::jinja
