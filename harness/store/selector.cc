#include "harness/store/selector.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr std::string_view kShape = "expected RUN[:MODEL], latest[~n][:MODEL] or FILE.db[#RUN][:MODEL]";
constexpr std::size_t kUlidLength = 26;
constexpr std::size_t kShown = 3;

// For messages: what a user typed or a model is called, without anything a terminal would obey.
std::string shown(std::string_view text) { return fit_columns(printable(text), 120); }

bool is_file(std::string_view text) {
  std::error_code ec;
  return !text.empty() && std::filesystem::is_regular_file(std::filesystem::path(std::string(text)), ec);
}

// The length of the file part that `text` begins with, or 0. An existing file wins over the
// shape, since file names too may hold a colon or a hash.
std::size_t file_length(std::string_view text) {
  if (is_file(text)) return text.size();
  for (std::size_t i = text.size(); i-- > 1;) {
    if ((text[i] == ':' || text[i] == '#') && is_file(text.substr(0, i))) return i;
  }
  constexpr std::string_view kEnding = ".db";
  for (std::size_t at = text.find(kEnding); at != std::string_view::npos; at = text.find(kEnding, at + 1)) {
    const std::size_t end = at + kEnding.size();
    // Within a model's name (after a colon) ".db" means nothing.
    if (text.substr(0, at).find(':') != std::string_view::npos) return 0;
    if (end == text.size() || text[end] == ':' || text[end] == '#') return end;
  }
  return 0;
}

Result<void> parse_run(std::string_view run, std::string_view whole, Selector& out) {
  constexpr std::string_view kLatest = "latest";
  if (run.starts_with(kLatest)) {
    std::string_view rest = run.substr(kLatest.size());
    if (rest.empty()) return {};
    if (rest[0] == '~') {
      rest.remove_prefix(1);
      const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), out.back);
      if (parsed.ec == std::errc() && parsed.ptr == rest.data() + rest.size() && !rest.empty()) return {};
    }
    return invalid(format("selector '{}': after latest, expected ~n with a whole number n", shown(whole)));
  }
  if (run.empty() || run.size() > kUlidLength) return invalid(format("selector '{}': {}", shown(whole), kShape));
  for (const char c : run) {
    if (!std::isalnum(static_cast<unsigned char>(c))) return invalid(format("selector '{}': {}", shown(whole), kShape));
    out.run += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return {};
}

std::string describe(const RunInfo& run) {
  return format("{} ({}, {})", run.run_id, shown(run.suite), utc_time(run.started));
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t n = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < n && a[i] == b[i]) ++i;
  return i;
}

// The runs whose ids agree longest with what was typed, newest first among equals.
std::string nearest(const std::string& run, const std::vector<RunInfo>& runs) {
  std::vector<const RunInfo*> order;
  for (const RunInfo& r : runs) order.push_back(&r);
  std::stable_sort(order.begin(), order.end(), [&](const RunInfo* a, const RunInfo* b) {
    return common_prefix(a->run_id, run) > common_prefix(b->run_id, run);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(order.size(), kShown); ++i) out += (i ? ", " : "") + describe(*order[i]);
  return out;
}

}  // namespace

Result<Selector> parse_selector(std::string_view text) {
  Selector out;
  if (text.empty()) return invalid(format("selector: is empty; {}", kShape));
  std::string_view rest = text;
  if (const std::size_t length = file_length(text); length > 0) {
    out.file = std::filesystem::path(std::string(text.substr(0, length)));
    rest.remove_prefix(length);
    if (rest.empty()) return out;
    if (rest[0] == ':') {
      out.model = rest.substr(1);
      if (out.model.empty()) return invalid(format("selector '{}': no model after the colon", shown(text)));
      return out;
    }
    rest.remove_prefix(1);  // '#'
  }
  const std::size_t colon = rest.find(':');
  if (auto r = parse_run(rest.substr(0, colon), text, out); !r) return r.error();
  if (colon != std::string_view::npos) {
    out.model = rest.substr(colon + 1);
    if (out.model.empty()) return invalid(format("selector '{}': no model after the colon", shown(text)));
  }
  return out;
}

Result<std::string> find_run(const Selector& selector, const std::vector<RunInfo>& runs, const std::string& where) {
  if (runs.empty()) return invalid(format("{}: holds no run", where));
  if (selector.run.empty()) {
    if (selector.back < runs.size()) return runs[selector.back].run_id;
    return invalid(format("{}: has {} run{}, so latest~{} does not exist", where, runs.size(), runs.size() == 1 ? "" : "s",
                          selector.back));
  }
  std::vector<RunInfo> matches;
  for (const RunInfo& run : runs) {
    if (run.run_id == selector.run) return run.run_id;
    if (run.run_id.starts_with(selector.run)) matches.push_back(run);
  }
  if (matches.size() == 1) return matches[0].run_id;
  if (matches.empty()) {
    return invalid(format("{}: no run {}; nearest: {}", where, selector.run, nearest(selector.run, runs)));
  }
  return invalid(format("{}: {} runs begin with {}; give more of the id: {}", where, matches.size(), selector.run,
                        nearest(selector.run, matches)));
}

Result<Resolved> resolve_selector(std::string_view text, const std::filesystem::path& default_file) {
  const auto selector = parse_selector(text);
  if (!selector) return selector.error();
  Resolved out;
  out.file = selector->file.empty() ? default_file : selector->file;
  auto store = Store::open(out.file, StoreMode::read_only);
  if (!store) return store.error();
  const auto runs = (*store)->runs();
  if (!runs) return runs.error();
  auto run = find_run(*selector, *runs, out.file.string());
  if (!run) return run.error();
  if (!selector->model.empty()) {
    const auto entries = (*store)->entries(*run);
    if (!entries) return entries.error();
    std::vector<std::string> models;
    for (const EntrySummary& e : *entries) models.push_back(e.record.model.name);
    std::sort(models.begin(), models.end());
    models.erase(std::unique(models.begin(), models.end()), models.end());
    if (!std::binary_search(models.begin(), models.end(), selector->model)) {
      std::string known;
      for (const std::string& m : models) known += (known.empty() ? "" : ", ") + shown(m);
      return invalid(format("selector '{}': run {} has no model '{}'; it has: {}", shown(text), *run, shown(selector->model), known));
    }
    out.selection.models.push_back(selector->model);
  }
  out.selection.run_ids.push_back(std::move(*run));
  return out;
}

}  // namespace assay
