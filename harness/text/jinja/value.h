// Value: what a template computes with. Immutable but for namespaces and loops, cheap to copy.
//
// Strings are valid UTF-8. Lists and dicts share their items. Nesting is bounded (Machine's makers see to
// it), so that recursion over a value is bounded too; a visit of every item must still charge the machine,
// because items that share parts can have exponentially many paths.
//
// A namespace is owned by the machine and referred to, so that a namespace within itself is no leak.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::jinja {

enum class Kind : std::uint8_t {
  undefined,
  none,
  boolean,
  integer,
  real,
  string,
  list,
  tuple,
  dict,
  name_space,
  loop,
  macro,
  function,
  method
};
std::string_view name(Kind);  // as Python calls it, for messages: "dict"

class Value;
using List = std::vector<Value>;
using Dict = std::vector<std::pair<Value, Value>>;  // in order of insertion, keys differ

struct Namespace;   // machine.h
struct Method;      // library.h
struct Function;    // library.h
struct LoopState;   // access.h
struct MacroValue;  // evaluator.h

class Value {
 public:
  Value() = default;                         // undefined
  static Value undefined(std::string what);  // what: for the message when it is used
  static Value none();
  static Value boolean(bool);
  static Value integer(std::int64_t);
  static Value real(double);
  static Value string(std::string);
  static Value sequence(Kind, std::shared_ptr<const List>);  // list or tuple
  static Value dict(Dict);
  static Value name_space(Namespace*);
  static Value function(const Function*);
  static Value method(Method);
  static Value loop(std::shared_ptr<LoopState>);
  static Value macro(std::shared_ptr<const MacroValue>);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_defined() const { return kind_ != Kind::undefined; }
  bool is_sequence() const { return kind_ == Kind::list || kind_ == Kind::tuple; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::real || kind_ == Kind::boolean; }
  std::uint32_t depth() const { return depth_; }
  // What map, select and their like return: Python's generators are true even when empty.
  bool lazy() const { return lazy_; }
  Value as_lazy() &&;

  // REQUIRES: the kind. integer() is also a boolean's 0 or 1; number() any number's.
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  double number() const { return kind_ == Kind::real ? real_ : static_cast<double>(integer_); }
  const std::string& text() const { return *static_cast<const std::string*>(data_.get()); }
  const List& items() const { return *static_cast<const List*>(data_.get()); }
  std::shared_ptr<const List> shared_items() const { return std::static_pointer_cast<const List>(data_); }
  const Dict& dict() const { return *static_cast<const Dict*>(data_.get()); }
  Namespace& name_space() const;
  const Function& function() const;
  const Method& method() const;
  LoopState& loop() const;
  std::shared_ptr<const MacroValue> macro() const {
    return std::static_pointer_cast<const MacroValue>(data_);
  }
  std::string what() const;  // of an undefined value: "'x' is undefined"

 private:
  Value(Kind kind, std::shared_ptr<const void> data, std::uint32_t depth = 0)
      : kind_(kind), depth_(depth), data_(std::move(data)) {}

  Kind kind_ = Kind::undefined;
  bool lazy_ = false;
  std::uint32_t depth_ = 0;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::shared_ptr<const void> data_;
};

struct Method {
  Value self;
  std::string name;
};

// Python's equality of keys: 1 and True and 1.0 are one key. nullptr when absent.
const Value* find(const Dict&, const Value& key);
const Value* find(const Dict&, std::string_view key);
bool can_be_key(const Value&);

}  // namespace assay::jinja
