#include "harness/text/jinja/access.h"

#include <algorithm>
#include <charconv>

#include "harness/base/format.h"
#include "harness/text/jinja/characters.h"
#include "harness/text/jinja/library.h"

namespace assay::jinja {
namespace {

Value at_index(const List& items, std::size_t i) { return i < items.size() ? items[i] : Value(); }

Value loop_attribute(Machine& machine, const Value& object, std::string_view name) {
  const LoopState& loop = object.loop();
  const std::size_t i = loop.index;
  const std::size_t count = loop.items->size();
  const auto number = [](std::size_t n) { return Value::integer(static_cast<std::int64_t>(n)); };
  if (name == "index") return number(i + 1);
  if (name == "index0") return number(i);
  if (name == "revindex") return number(count - i);
  if (name == "revindex0") return number(count - i - 1);
  if (name == "first") return Value::boolean(i == 0);
  if (name == "last") return Value::boolean(i + 1 == count);
  if (name == "length") return number(count);
  if (name == "depth") return number(1);  // of recursion, which is not supported
  if (name == "depth0") return number(0);
  if (name == "previtem")
    return i == 0 ? Value::undefined("there is no previous item") : (*loop.items)[i - 1];
  if (name == "nextitem")
    return i + 1 == count ? Value::undefined("there is no next item") : (*loop.items)[i + 1];
  if (find_method(Kind::loop, name) != nullptr) return machine.method(object, name);
  return Value::undefined(format("loop has no attribute '{}'", name));
}

Value missing(const Value& object, std::string_view key) {
  return Value::undefined(format("'{} object' has no attribute '{}'", name(object.kind()), key));
}

// An index of Python: from the end when negative.
std::optional<std::size_t> position(std::int64_t index, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  if (index < -size || index >= size) return std::nullopt;
  return static_cast<std::size_t>(index < 0 ? index + size : index);
}

Value character(Machine& machine, const std::string& text, std::int64_t index) {
  if (!machine.charge_text(text.size())) return {};
  const auto at = position(index, count_characters(text));
  if (!at) return Value::undefined("the string is shorter than that");
  if (is_ascii(text)) return machine.text(text.substr(*at, 1));
  return machine.text(std::string(characters(text)[*at]));
}

struct Steps {
  std::int64_t start = 0;
  std::int64_t stop = 0;
  std::int64_t step = 1;
};

// slice.indices() of Python.
std::optional<Steps> steps(Machine& machine, const Value& start, const Value& stop, const Value& step,
                           std::size_t count) {
  for (const Value* given : {&start, &stop, &step}) {
    if (!given->is(Kind::none) && !given->is(Kind::integer) && !given->is(Kind::boolean)) {
      machine.fail("slice indices must be integers or none");
      return std::nullopt;
    }
  }
  const auto size = static_cast<std::int64_t>(count);
  Steps out;
  if (!step.is(Kind::none)) out.step = step.integer();
  if (out.step == 0) {
    machine.fail("slice step cannot be zero");
    return std::nullopt;
  }
  const bool back = out.step < 0;
  const std::int64_t lowest = back ? -1 : 0;
  const std::int64_t highest = back ? size - 1 : size;
  const auto clamp = [&](const Value& given, std::int64_t otherwise) {
    if (given.is(Kind::none)) return otherwise;
    const std::int64_t i = given.integer();
    return i < 0 ? std::max(i < -size ? lowest : i + size, lowest) : std::min(i, highest);
  };
  out.start = clamp(start, back ? highest : lowest);
  out.stop = clamp(stop, back ? lowest : highest);
  return out;
}

template <typename Visit>
void each_step(const Steps& s, Visit visit) {
  // The last step may lead beyond 64 bits: count first.
  const std::int64_t distance = s.step > 0 ? s.stop - s.start : s.start - s.stop;
  if (distance <= 0) return;
  const std::uint64_t stride =
      s.step > 0 ? static_cast<std::uint64_t>(s.step) : -static_cast<std::uint64_t>(s.step);
  const std::uint64_t count = (static_cast<std::uint64_t>(distance) - 1) / stride + 1;
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::uint64_t offset = n * stride;
    visit(s.step > 0 ? static_cast<std::uint64_t>(s.start) + offset
                     : static_cast<std::uint64_t>(s.start) - offset);
  }
}

Value slice_text(Machine& machine, const std::string& text, const Value& start, const Value& stop,
                 const Value& step) {
  if (!machine.charge_text(text.size())) return {};
  const bool plain = is_ascii(text);
  const auto chars = plain ? std::vector<std::string_view>() : characters(text);
  const auto s = steps(machine, start, stop, step, plain ? text.size() : chars.size());
  if (!s) return {};
  std::string out;
  each_step(*s, [&](std::size_t i) { plain ? void(out += text[i]) : void(out += chars[i]); });
  return machine.text(std::move(out));
}

}  // namespace

Value attribute(Machine& machine, const Value& object, std::string_view name) {
  if (!object.is_defined())
    return machine.fail(format("{}, so that it has no attribute '{}'", object.what(), name));
  if (object.is(Kind::loop)) return loop_attribute(machine, object, name);
  if (object.is(Kind::name_space)) {
    const Value* found = find(object.name_space().attributes, name);
    return found != nullptr ? *found : missing(object, name);
  }
  if (find_method(object.kind(), name) != nullptr) return machine.method(object, name);
  if (object.is(Kind::dict)) {
    if (!machine.charge(object.dict().size() / 16)) return {};
    if (const Value* found = find(object.dict(), name)) return *found;
  }
  return missing(object, name);
}

Value item(Machine& machine, const Value& object, const Value& key) {
  if (!object.is_defined()) return machine.fail(format("{}, so that it has no items", object.what()));
  const bool is_index = key.is(Kind::integer) || key.is(Kind::boolean);
  if (object.is_sequence() && is_index) {
    const auto at = position(key.integer(), object.items().size());
    return at ? object.items()[*at] : Value::undefined(format("the list has no item {}", key.integer()));
  }
  if (object.is(Kind::string) && is_index) return character(machine, object.text(), key.integer());
  if (object.is(Kind::dict)) {
    if (!machine.charge(object.dict().size() / 16)) return {};
    if (can_be_key(key)) {
      if (const Value* found = find(object.dict(), key)) return *found;
    }
  }
  if (key.is(Kind::string) && !object.is(Kind::dict)) return attribute(machine, object, key.text());
  if (key.is(Kind::string) && find_method(Kind::dict, key.text()) != nullptr)
    return machine.method(object, key.text());
  return missing(object, key.is(Kind::string) ? key.text() : name(key.kind()));
}

Value slice(Machine& machine, const Value& object, const Value& start, const Value& stop, const Value& step) {
  if (!object.is_defined()) return machine.fail(format("{}, so that it has no items", object.what()));
  if (object.is(Kind::string)) return slice_text(machine, object.text(), start, stop, step);
  if (!object.is_sequence()) {
    return machine.fail(format("a value of type {} cannot be sliced", name(object.kind())));
  }
  const List& items = object.items();
  const auto s = steps(machine, start, stop, step, items.size());
  if (!s) return {};
  List out;
  each_step(*s, [&](std::size_t i) { out.push_back(at_index(items, i)); });
  return object.is(Kind::tuple) ? machine.tuple(std::move(out)) : machine.list(std::move(out));
}

std::shared_ptr<const List> iterate(Machine& machine, const Value& value) {
  if (machine.failed()) return nullptr;
  auto out = std::make_shared<List>();
  switch (value.kind()) {
    case Kind::list:
    case Kind::tuple:
      return value.shared_items();
    case Kind::undefined:
      return out;
    case Kind::dict:
      for (const auto& entry : value.dict()) out->push_back(entry.first);
      break;
    case Kind::string:
      if (!machine.charge(value.text().size())) return nullptr;
      for (const std::string_view c : characters(value.text())) out->push_back(Value::string(std::string(c)));
      break;
    default:
      machine.fail(format("a value of type {} is not iterable", name(value.kind())));
      return nullptr;
  }
  return machine.charge(out->size()) ? out : nullptr;
}

Value path(Machine& machine, const Value& object, std::string_view path) {
  Value at = object;
  while (!machine.failed()) {
    const std::string_view part = path.substr(0, path.find('.'));
    std::int64_t index = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), index);
    const bool is_index = !part.empty() && read.ec == std::errc() && read.ptr == part.data() + part.size();
    at = item(machine, at, is_index ? Value::integer(index) : Value::string(std::string(part)));
    if (part.size() == path.size()) break;
    path.remove_prefix(part.size() + 1);
  }
  return at;
}

}  // namespace assay::jinja
