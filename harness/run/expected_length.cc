#include "harness/run/expected_length.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

namespace assay {
namespace {

constexpr std::size_t kMostRows = 50'000;
constexpr std::uint64_t kMostSamples = 50'000;
constexpr double kMostSeconds = 2;
constexpr double kTypical = 2000;  // tokens, where nothing is known
constexpr double kPromptShare = 0.25;  // how much a prompt of twice the usual length adds at most

using Clock = std::chrono::steady_clock;

struct Mean {
  double sum = 0;
  double n = 0;
  void add(double x) {
    sum += x;
    n += 1;
  }
  double value(double otherwise) const { return n > 0 ? sum / n : otherwise; }
};

struct Seen {
  Mean own;     // this model's answers
  Mean others;  // other models'
};

struct TaskSeen {
  std::unordered_map<std::string, Seen> samples;  // by identity and occurrence
  Mean own, others;
};

std::string key_of(const std::string& identity, std::uint32_t occurrence) {
  return identity + ' ' + std::to_string(occurrence);
}

TaskSeen look_up(Store& store, const std::string& task, const std::string& model, Clock::time_point until) {
  TaskSeen out;
  Selection selection;
  selection.tasks = {task};
  auto items = store.items(selection);
  if (!items) return out;
  std::vector<ItemRow> page;
  for (std::size_t rows = 0; rows < kMostRows && Clock::now() < until; rows += page.size()) {
    const auto more = items->next_page(page);
    if (!more) return out;  // a guess needs no error
    for (const ItemRow& row : page) {
      if (!row.output_tokens || row.task != task) continue;
      const auto tokens = static_cast<double>(*row.output_tokens);
      Seen& seen = out.samples[key_of(row.identity, row.occurrence)];
      (row.model == model ? seen.own : seen.others).add(tokens);
      (row.model == model ? out.own : out.others).add(tokens);
    }
    if (!*more) break;
  }
  return out;
}

// Fills `out`; false when every sample looks alike.
bool guess(const Entry& entry, const TaskSeen& seen, Clock::time_point until, std::vector<float>& out) {
  const double typical = seen.own.value(
      seen.others.value(static_cast<double>(entry.model->info.typical_output.value_or(kTypical))));
  // How much this model writes where others write one token.
  const double ratio = seen.own.n > 0 && seen.others.sum > 0 ? typical / seen.others.value(typical) : 1;
  out.assign(entry.record.samples, static_cast<float>(typical));
  if (entry.record.samples > kMostSamples) return false;
  std::vector<double> prompt(out.size(), -1);  // bytes; negative: its length is known better, or nothing is
  Mean prompts;
  bool differs = false;
  for (std::uint64_t i = 0; i < out.size() && Clock::now() < until; ++i) {
    const auto sample = entry.task->samples->at(i);
    if (!sample) continue;  // its attempt will say so
    const auto known = seen.samples.find(key_of(sample->identity.hex(), sample->occurrence));
    if (known != seen.samples.end()) {
      const Seen& s = known->second;
      out[i] = static_cast<float>(s.own.n > 0 ? s.own.value(0) : ratio * s.others.value(0));
      differs = true;
      continue;
    }
    prompt[i] = 0;
    for (const Message& m : sample->messages) prompt[i] += static_cast<double>(m.content.size());
    prompts.add(prompt[i]);
  }
  const double usual = std::max(1.0, prompts.value(1));
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (prompt[i] < 0) continue;
    const double share = std::min(2.0, prompt[i] / usual) - 1;  // -1..1
    out[i] *= static_cast<float>(1 + kPromptShare * share);
    differs |= share != 0;
  }
  return differs;
}

}  // namespace

Order::Lengths expected_lengths(Store& store, const std::vector<Entry*>& entries) {
  const Clock::time_point until =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kMostSeconds));
  Order::Lengths out(entries.size());
  bool differs = false;
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const EntryRecord& record = entries[e]->record;
    const TaskSeen seen = look_up(store, record.task, record.model.name, until);
    differs |= guess(*entries[e], seen, until, out[e]);
  }
  const bool one_task = entries.size() < 2;
  if (!differs && one_task) out.clear();
  return out;
}

}  // namespace assay
