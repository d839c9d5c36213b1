#include "tests/scorers/trace/verify/real_traces.h"

#include <cstdlib>
#include <filesystem>

#include "harness/base/format.h"
#include "harness/base/line_reader.h"
#include "tests/support/catch.h"

namespace assay::test {

std::vector<LabelledTrace> labelled_traces(const std::string& task) {
  const char* named = std::getenv("ASSAY_DATA");
  const std::filesystem::path data = named != nullptr
                                         ? std::filesystem::path(named)
                                         : std::filesystem::path(ASSAY_SOURCE_DIR) / "../shared/data";
  const auto file = data / "trace/big-bench-mistake" / format("{}.jsonl.gz", task);
  std::vector<LabelledTrace> out;
  if (!std::filesystem::exists(file)) {
    WARN("no labelled traces of " << task << "; set ASSAY_DATA to check against them");
    return out;
  }
  auto reader = JsonlReader::open(file);
  REQUIRE(reader);
  while (true) {
    auto row = reader->next();
    REQUIRE(row);
    if (!row->has_value()) return out;
    LabelledTrace t;
    t.prompt = json_string(**row, "input").value_or("");
    for (const Json& step : *json_find(**row, "steps")) t.steps.push_back(step.get<std::string>());
    if (const auto mistake = json_int(**row, "mistake_index"))
      t.mistake = static_cast<std::uint32_t>(*mistake);
    out.push_back(std::move(t));
  }
}

verify::StateVerdict verdict_of(const std::string& task, const std::string& prompt,
                                const std::vector<std::string>& steps) {
  std::vector<verify::Step> views;
  std::size_t begin = 0;
  for (const std::string& s : steps) {
    views.push_back({s, begin});
    begin += s.size() + 1;
  }
  const verify::Verifier verifier = verify::verifier_for(task);
  REQUIRE(verifier != nullptr);
  return verifier({prompt, views, "", nullptr});
}

Confusion compare(const std::string& task, const std::vector<LabelledTrace>& traces) {
  Confusion out;
  for (const LabelledTrace& t : traces) {
    const auto verdict = verdict_of(task, t.prompt, t.steps);
    ++out.all;
    if (verdict.outcome == verify::Outcome::unparsed) {
      ++out.unparsed;
    } else if (verdict.first_mistake == t.mistake) {
      ++out.exact;
    } else if (!t.mistake) {
      ++out.flagged_clean;
    } else if (!verdict.first_mistake) {
      ++out.missed;
    } else {
      ++out.other_step;
    }
  }
  return out;
}

std::string Confusion::text(const std::string& name) const {
  return format("{}: {} of {} exact, {} clean flagged, {} missed, {} at another step, {} unparsed", name,
                exact, all, flagged_clean, missed, other_step, unparsed);
}

}  // namespace assay::test
