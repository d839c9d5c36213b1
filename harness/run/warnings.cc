#include "harness/run/warnings.h"

#include <set>

#include "harness/base/format.h"
#include "harness/base/utc_date.h"

namespace assay {
namespace {

constexpr std::int64_t kNotice = 30;  // days
constexpr std::int64_t kDayMicros = 86'400'000'000;

void warn_of_retirement(const Model& model, std::int64_t today, std::vector<std::string>& out) {
  const auto day = parse_utc_date(model.info.retires);
  if (!day || *day - today > kNotice) return;
  const std::string who = format("model '{}': its provider", model.entry.name);
  if (*day <= today)
    out.push_back(format("{} switched '{}' off on {} ({})", who, model.entry.model, model.info.retires,
                         model.info.facts));
  else
    out.push_back(format("{} switches '{}' off on {}, in {} day{} ({})", who, model.entry.model,
                         model.info.retires, *day - today, *day - today == 1 ? "" : "s", model.info.facts));
}

}  // namespace

std::vector<std::string> warnings_of(const Workload& work, std::int64_t unix_micros) {
  std::vector<std::string> out;
  for (const auto& model : work.models) {
    warn_of_retirement(*model, unix_micros / kDayMicros, out);
    if (!model->info.provider.empty() && !model->pricing.known_at(unix_micros)) {
      out.push_back(format("model '{}': cost unknown unless its provider reports it: {}", model->entry.name,
                           model->pricing.row_at(unix_micros)));
    }
    std::set<std::string> ignored;
    for (const auto& entry : work.entries) {
      if (entry->model != model.get()) continue;
      const Json set = to_json(entry->sampling);
      for (const std::string& name : model->info.ignores) {
        if (set.contains(name)) ignored.insert(name);
      }
    }
    for (const std::string& name : ignored) {
      out.push_back(format("model '{}': '{}' does nothing with the parameter {} ({})", model->entry.name,
                           model->entry.model, name, model->info.facts));
    }
  }
  return out;
}

}  // namespace assay
