// Functions that every template has.
#include <array>
#include <chrono>

#include "harness/base/format.h"
#include "harness/text/jinja/access.h"
#include "harness/text/jinja/limits.h"
#include "harness/text/jinja/show.h"
#include "harness/text/jinja/tables.h"

namespace assay::jinja {
namespace {

// dict(x, a=1): of a dict's or of pairs' items, then of the named ones.
std::optional<Dict> gathered(Machine& m, const Arguments& given, std::string_view what) {
  Dict out;
  const auto put = [&](const Value& key, const Value& value) {
    for (auto& [known, old] : out) {
      if (known.is(Kind::string) && key.is(Kind::string) && known.text() == key.text()) {
        old = value;
        return;
      }
    }
    out.emplace_back(key, value);
  };
  if (given.positional.size() > 1) m.fail(format("'{}' takes at most one positional argument", what));
  for (const Value& from : given.positional) {
    if (from.is(Kind::dict)) {
      for (const auto& [key, value] : from.dict()) put(key, value);
      continue;
    }
    const auto items = iterate(m, from);
    if (!items) return std::nullopt;
    for (const Value& item : *items) {
      if (!m.charge(1 + out.size() / 16)) return std::nullopt;
      if (!item.is_sequence() || item.items().size() != 2 || !can_be_key(item.items()[0])) {
        m.fail(format("'{}' needs pairs", what));
        return std::nullopt;
      }
      put(item.items()[0], item.items()[1]);
    }
  }
  for (const auto& [key, value] : given.named) put(Value::string(key), value);
  if (m.failed()) return std::nullopt;
  return out;
}

Value make_dict(Machine& m, const Arguments& given) {
  auto items = gathered(m, given, "dict");
  return items ? m.dict(std::move(*items)) : Value();
}

Value make_namespace(Machine& m, const Arguments& given) {
  auto items = gathered(m, given, "namespace");
  if (!items) return {};
  for (const auto& item : *items) {
    if (!item.first.is(Kind::string)) return m.fail("an attribute's name must be a string");
  }
  return m.name_space(std::move(*items));
}

Value raise(Machine& m, const Arguments& given) {
  const auto bound = bind(m, "raise_exception", "message!", given);
  return bound ? m.fail(format("the template refuses: {}", show(m, bound->at(0)))) : Value();
}

Value range(Machine& m, const Arguments& given) {
  const auto bound = bind(m, "range", "start! stop step", given);
  if (!bound) return {};
  const bool single = !bound->has(1);
  const std::int64_t start = single ? 0 : bound->integer(m, 0, 0);
  const std::int64_t stop = bound->integer(m, single ? 0 : 1, 0);
  const std::int64_t step = bound->integer(m, 2, 1);
  if (step == 0) return m.fail("range: the step is zero");
  constexpr std::int64_t kFar = std::int64_t{1} << 61;  // far beyond any range, and no sum of two overflows
  for (const std::int64_t end : {start, stop, step}) {
    if (end > kFar || end < -kFar) return m.fail("range: a number out of range");
  }
  const std::int64_t distance = step > 0 ? stop - start : start - stop;
  const std::int64_t stride = step > 0 ? step : -step;
  const std::int64_t count = distance <= 0 ? 0 : (distance - 1) / stride + 1;
  if (count > kMaxRange) return m.fail(format("range: more than {} items", kMaxRange));
  List out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(Value::integer(start + i * step));
  return m.list(std::move(out));
}

struct Date {
  std::int64_t year;
  unsigned month, day, weekday;  // weekday: 0 is Sunday
  unsigned day_of_year;          // from 1
  unsigned hour, minute, second;
};

Date date_of(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds time{seconds(unix_seconds)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const auto within = static_cast<unsigned>((time - day).count());
  const sys_days new_year = date.year() / January / 1;
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          weekday(day).c_encoding(),
          static_cast<unsigned>((day - new_year).count()) + 1,
          within / 3600,
          within / 60 % 60,
          within % 60};
}

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};

// One directive of strftime in the C locale, without padding after '-'; nullopt for one that is not known.
std::optional<std::string> directive(const Date& d, char c, bool bare) {
  const auto two = [&](unsigned value) { return bare ? format("{}", value) : format("{:02}", value); };
  const unsigned hour12 = d.hour % 12 == 0 ? 12 : d.hour % 12;
  switch (c) {
    case 'Y':
      return format("{}", d.year);
    case 'y':
      return two(static_cast<unsigned>(d.year % 100));
    case 'm':
      return two(d.month);
    case 'd':
      return two(d.day);
    case 'e':
      return bare ? format("{}", d.day) : format("{:2}", d.day);
    case 'H':
      return two(d.hour);
    case 'I':
      return two(hour12);
    case 'M':
      return two(d.minute);
    case 'S':
      return two(d.second);
    case 'p':
      return d.hour < 12 ? "AM" : "PM";
    case 'j':
      return bare ? format("{}", d.day_of_year) : format("{:03}", d.day_of_year);
    case 'B':
      return std::string(kMonths[d.month - 1]);
    case 'b':
    case 'h':
      return std::string(kMonths[d.month - 1].substr(0, 3));
    case 'A':
      return std::string(kDays[d.weekday]);
    case 'a':
      return std::string(kDays[d.weekday].substr(0, 3));
    case 'F':
      return format("{}-{:02}-{:02}", d.year, d.month, d.day);
    case 'D':
      return format("{:02}/{:02}/{:02}", d.month, d.day, d.year % 100);
    case 'T':
      return format("{:02}:{:02}:{:02}", d.hour, d.minute, d.second);
    case 'R':
      return format("{:02}:{:02}", d.hour, d.minute);
    case '%':
      return "%";
    default:
      return std::nullopt;
  }
}

Value strftime_now(Machine& m, const Arguments& given) {
  const auto bound = bind(m, "strftime_now", "format!", given);
  if (!bound) return {};
  const std::string pattern(bound->text(m, 0, ""));
  const Date date = date_of(m.unix_seconds());
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    const bool bare = i + 1 < pattern.size() && pattern[i + 1] == '-';
    i += bare ? 2 : 1;
    const auto text = i < pattern.size() ? directive(date, pattern[i], bare) : std::nullopt;
    if (!text) return m.fail(format("strftime_now: a directive of '{}' is not known", pattern));
    out += *text;
  }
  return m.text(std::move(out));
}

constexpr Function kFunctions[] = {
    {"namespace", make_namespace},  {"dict", make_dict}, {"range", range}, {"raise_exception", raise},
    {"strftime_now", strftime_now},
};

}  // namespace

std::span<const Function> functions() { return kFunctions; }

}  // namespace assay::jinja
