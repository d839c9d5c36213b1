// Methods of dicts, lists, tuples and loops. Those without a function are Python's that change their object,
// which the sandbox that transformers uses refuses.
#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

Value get(Machine& m, const Value& self, const Bound& given) {
  if (!m.charge(self.dict().size() / 16)) return {};
  if (!can_be_key(given.at(0)))
    return m.fail(format("a value of type {} cannot be a key", name(given.at(0).kind())));
  if (const Value* found = find(self.dict(), given.at(0))) return *found;
  return given.has(1) ? given.at(1) : Value::none();
}

Value items(Machine& m, const Value& self, const Bound&) {
  List out;
  for (const auto& [key, value] : self.dict()) out.push_back(m.tuple({key, value}));
  return m.list(std::move(out));
}

Value keys(Machine& m, const Value& self, const Bound&) {
  List out;
  for (const auto& item : self.dict()) out.push_back(item.first);
  return m.list(std::move(out));
}

Value values(Machine& m, const Value& self, const Bound&) {
  List out;
  for (const auto& item : self.dict()) out.push_back(item.second);
  return m.list(std::move(out));
}

Value copy(Machine&, const Value& self, const Bound&) { return self; }

Value index(Machine& m, const Value& self, const Bound& given) {
  const List& all = self.items();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (equal(m, all[i], given.at(0))) return Value::integer(static_cast<std::int64_t>(i));
  }
  return m.fail("index: the value is not in the list");
}

Value count(Machine& m, const Value& self, const Bound& given) {
  std::int64_t hits = 0;
  for (const Value& item : self.items()) hits += equal(m, item, given.at(0)) ? 1 : 0;
  return Value::integer(hits);
}

Value cycle(Machine& m, const Value& self, const Bound& given) {
  List choices;
  for (std::size_t i = 0; given.has(i); ++i) choices.push_back(given.at(i));
  if (choices.empty()) return m.fail("cycle needs an item");
  return choices[self.loop().index % choices.size()];
}

Value changed(Machine& m, const Value& self, const Bound& given) {
  List now;
  for (std::size_t i = 0; given.has(i); ++i) now.push_back(given.at(i));
  auto& before = self.loop().last_changed;
  bool same = before && before->size() == now.size();
  for (std::size_t i = 0; same && i < now.size(); ++i) same = equal(m, now[i], (*before)[i]);
  before = std::move(now);
  return Value::boolean(!same);
}

constexpr MethodEntry kMethods[] = {
    {Kind::dict, "get", "key! default", get},
    {Kind::dict, "items", "", items},
    {Kind::dict, "keys", "", keys},
    {Kind::dict, "values", "", values},
    {Kind::dict, "copy", "", copy},
    {Kind::dict, "pop", "", nullptr},
    {Kind::dict, "popitem", "", nullptr},
    {Kind::dict, "clear", "", nullptr},
    {Kind::dict, "update", "", nullptr},
    {Kind::dict, "setdefault", "", nullptr},
    {Kind::list, "index", "value!", index},
    {Kind::list, "count", "value!", count},
    {Kind::list, "copy", "", copy},
    {Kind::list, "append", "", nullptr},
    {Kind::list, "clear", "", nullptr},
    {Kind::list, "extend", "", nullptr},
    {Kind::list, "insert", "", nullptr},
    {Kind::list, "pop", "", nullptr},
    {Kind::list, "remove", "", nullptr},
    {Kind::list, "reverse", "", nullptr},
    {Kind::list, "sort", "", nullptr},
    {Kind::tuple, "index", "value!", index},
    {Kind::tuple, "count", "value!", count},
    {Kind::loop, "cycle", "a b c d e f g h", cycle},
    {Kind::loop, "changed", "a b c d e f g h", changed},
};

}  // namespace

std::span<const MethodEntry> other_methods() { return kMethods; }

}  // namespace assay::jinja
