// What may stand after `is`.
#include "harness/base/format.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/operators.h"
#include "harness/text/jinja/show.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

bool leaves(Machine& m, const Value& v, const Value& by, std::int64_t rest) {
  return equal(m, arithmetic(m, Operator::modulo, v, by), Value::integer(rest)) && !m.failed();
}

bool is_odd(Machine& m, const Value& v, const Value&) { return leaves(m, v, Value::integer(2), 1); }
bool is_even(Machine& m, const Value& v, const Value&) { return leaves(m, v, Value::integer(2), 0); }
bool is_divisible(Machine& m, const Value& v, const Value& by) { return leaves(m, v, by, 0); }

bool is_callable(Machine&, const Value& v, const Value&) {
  return v.is(Kind::function) || v.is(Kind::macro) || v.is(Kind::method);
}

bool is_iterable(Machine&, const Value& v, const Value&) {
  return v.is_sequence() || v.is(Kind::string) || v.is(Kind::dict) || v.is(Kind::undefined);
}

bool is_sequence(Machine&, const Value& v, const Value&) {
  return (v.is_sequence() && !v.lazy()) || v.is(Kind::string) || v.is(Kind::dict) || v.is(Kind::undefined);
}

// str.islower(): has cased characters, and none of the other case.
bool has_case(Machine& m, const Value& v, bool want_lower) {
  const std::string text = show(m, v);
  return (want_lower ? lower(text) : upper(text)) == text && (want_lower ? upper(text) : lower(text)) != text;
}

bool names_filter(Machine&, const Value& v, const Value&) {
  return v.is(Kind::string) && find_filter(v.text()) != nullptr;
}
bool names_test(Machine&, const Value& v, const Value&) {
  return v.is(Kind::string) && find_test(v.text()) != nullptr;
}

bool is_same(Machine& m, const Value& v, const Value& other) {
  return v.kind() == other.kind() && equal(m, v, other);
}

template <Operator op>
bool compares(Machine& m, const Value& v, const Value& other) {
  return compare(m, op, v, other);
}

template <Kind kind>
bool has_kind(Machine&, const Value& v, const Value&) {
  return v.is(kind);
}

constexpr Test kTests[] = {
    {"defined", false, [](Machine&, const Value& v, const Value&) { return v.is_defined(); }},
    {"undefined", false, has_kind<Kind::undefined>},
    {"none", false, has_kind<Kind::none>},
    {"boolean", false, has_kind<Kind::boolean>},
    {"true", false,
     [](Machine&, const Value& v, const Value&) { return v.is(Kind::boolean) && v.boolean(); }},
    {"false", false,
     [](Machine&, const Value& v, const Value&) { return v.is(Kind::boolean) && !v.boolean(); }},
    {"integer", false, has_kind<Kind::integer>},
    {"float", false, has_kind<Kind::real>},
    {"number", false, [](Machine&, const Value& v, const Value&) { return v.is_number(); }},
    {"string", false, has_kind<Kind::string>},
    {"mapping", false, has_kind<Kind::dict>},
    {"iterable", false, is_iterable},
    {"sequence", false, is_sequence},
    {"callable", false, is_callable},
    {"odd", false, is_odd},
    {"even", false, is_even},
    {"divisibleby", true, is_divisible},
    {"lower", false, [](Machine& m, const Value& v, const Value&) { return has_case(m, v, true); }},
    {"upper", false, [](Machine& m, const Value& v, const Value&) { return has_case(m, v, false); }},
    {"filter", false, names_filter},
    {"test", false, names_test},
    {"sameas", true, is_same},
    {"in", true, compares<Operator::in>},
    {"==", true, compares<Operator::equal>},
    {"eq", true, compares<Operator::equal>},
    {"equalto", true, compares<Operator::equal>},
    {"!=", true, compares<Operator::not_equal>},
    {"ne", true, compares<Operator::not_equal>},
    {"<", true, compares<Operator::less>},
    {"lt", true, compares<Operator::less>},
    {"lessthan", true, compares<Operator::less>},
    {"<=", true, compares<Operator::less_equal>},
    {"le", true, compares<Operator::less_equal>},
    {">", true, compares<Operator::greater>},
    {"gt", true, compares<Operator::greater>},
    {"greaterthan", true, compares<Operator::greater>},
    {">=", true, compares<Operator::greater_equal>},
    {"ge", true, compares<Operator::greater_equal>},
};

}  // namespace

std::span<const Test> tests() { return kTests; }

}  // namespace assay::jinja
