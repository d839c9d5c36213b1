// Result<T>: a value or an Error. Nothing throws across a header of this project; the .cc that
// calls a throwing library catches there and returns one of these.
//
//   Result<Config> load(const std::string& path);
//   auto config = load(path);
//   if (!config) return config.error();
//   use(*config);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace assay {

// A code names what the caller should do next, not what went wrong.
enum class Code : std::uint8_t {
  invalid = 1,      // the user's input is wrong: tell the user, do not retry
  unavailable = 2,  // a passing failure: retry
  exhausted = 3,    // asked for too much (429, overload): back off, then retry
  deadline = 4,     // out of time: record it, do not retry
  corrupt = 5,      // data on disk or from a peer is damaged: stop
  internal = 6,     // a bug of ours
  cancelled = 7,    // the caller asked for it: stop quietly
};

const char* name(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;  // one line; names the file, line, option, run, sample or plugin
};

inline Error invalid(std::string message) { return {Code::invalid, std::move(message)}; }

// REQUIRES: value() and operator* only when ok(); error() only when not. Violations abort.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *checked(); }
  const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(*checked()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return checked(); }
  const T* operator->() const { return const_cast<Result*>(this)->checked(); }

  const Error& error() const {
    if (ok()) __builtin_trap();
    return *std::get_if<1>(&state_);
  }

 private:
  T* checked() {
    if (!ok()) __builtin_trap();
    return std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    if (ok()) __builtin_trap();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace assay
