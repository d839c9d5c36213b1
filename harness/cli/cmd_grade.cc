// assay grade --gold G --pred P | --file pairs.jsonl
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/grader.h"
#include "harness/base/format.h"
#include "harness/base/json.h"
#include "harness/base/line_reader.h"
#include "harness/base/parallel.h"
#include "harness/base/utf8.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"

namespace assay {
namespace {

constexpr std::size_t kBatch = 8192;  // pairs in memory at once

struct GradeArgs {
  std::string gold;
  std::string pred;
  std::string file;
  std::string pred_is = "looks";
  std::vector<std::string> options;
  unsigned jobs = 0;
  bool json = false;
};

struct Pair {
  Json id;
  std::string gold;
  std::string pred;
  const Grader* grader = nullptr;
  Json result;
};

PredictionIs kind_of(const std::string& name) {
  if (name == "response") return PredictionIs::response;
  return name == "answer" ? PredictionIs::answer : PredictionIs::by_looks;
}

// "percent=same", "digits=6": values are JSON where they can be, else words.
Result<Json> read_options(const std::vector<std::string>& texts) {
  Json out = Json::object();
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return invalid(format("--option {}: expected NAME=VALUE", text));
    const std::string value = text.substr(equals + 1);
    auto parsed = parse_json(value);
    out[text.substr(0, equals)] = parsed ? *parsed : Json(value);
  }
  return out;
}

Json as_json(const Json& id, const Grade& g, double micros) {
  Json out = {{"verdict", g.verdict}, {"reason", g.reason}, {"rule", g.rule}, {"extracted", g.extracted},
              {"micros", micros}};
  if (!id.is_null()) out["id"] = id;
  if (g.verdict == "undecided") out["prediction_at_fault"] = g.prediction_at_fault;
  return out;
}

Json timed(const Grader& grader, const Json& id, const std::string& gold, const std::string& pred, PredictionIs kind) {
  const auto begin = std::chrono::steady_clock::now();
  const Grade g = grader.grade(gold, pred, kind);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  return as_json(id, g, static_cast<double>(static_cast<long>(took.count() * 10)) / 10);
}

// Graders by their options' text: a row may have options of its own.
class Graders {
 public:
  explicit Graders(Json base) : base_(std::move(base)) {}
  Result<const Grader*> with(const Json* own) {
    Json options = base_;
    if (own != nullptr && own->is_object()) options.update(*own);
    const std::string key = dump_json(options);
    auto it = made_.find(key);
    if (it == made_.end()) {
      auto made = make_grader(options);
      if (!made) return made.error();
      it = made_.emplace(key, std::move(*made)).first;
    }
    return it->second.get();
  }

 private:
  Json base_;
  std::map<std::string, std::unique_ptr<Grader>> made_;
};

Result<bool> read_batch(JsonlReader& reader, const std::string& file, Graders& graders, std::vector<Pair>& batch) {
  batch.clear();
  while (batch.size() < kBatch) {
    auto row = reader.next();
    if (!row) return row.error();
    if (!row->has_value()) return false;
    const Json& r = **row;
    const auto gold = json_string(r, "gold");
    const auto pred = json_string(r, "pred");
    if (!gold || !pred) {
      return invalid(format("{}:{}: expected an object with strings \"gold\" and \"pred\"", file, reader.line()));
    }
    auto grader = graders.with(json_find(r, "options"));
    if (!grader) return invalid(format("{}:{}: {}", file, reader.line(), grader.error().message));
    const Json* id = json_find(r, "id");
    batch.push_back({id != nullptr ? *id : Json(reader.line()), *gold, *pred, *grader, {}});
  }
  return true;
}

int grade_file(const GradeArgs& args, const Json& options) {
  auto reader = JsonlReader::open(args.file);
  if (!reader) return fail(reader.error());
  Graders graders(options);
  const PredictionIs kind = kind_of(args.pred_is);
  Pool pool(args.jobs);
  std::vector<Pair> batch;
  std::uint64_t counts[3] = {0, 0, 0};
  for (bool more = true; more;) {
    auto got = read_batch(*reader, args.file, graders, batch);
    if (!got) return fail(got.error());
    more = *got;
    pool.parallel_for(batch.size(), [&](std::size_t i) {
      Pair& p = batch[i];
      p.result = timed(*p.grader, p.id, p.gold, p.pred, kind);
    });
    for (const Pair& p : batch) {
      const std::string verdict = p.result["verdict"];
      ++counts[verdict == "true" ? 0 : verdict == "false" ? 1 : 2];
      std::puts(dump_json(p.result).c_str());
    }
  }
  std::fprintf(stderr, "%llu true, %llu false, %llu undecided\n", static_cast<unsigned long long>(counts[0]),
               static_cast<unsigned long long>(counts[1]), static_cast<unsigned long long>(counts[2]));
  return kExitOk;
}

int grade_pair(const GradeArgs& args, const Json& options) {
  auto grader = make_grader(options);
  if (!grader) return fail(grader.error());
  const Json result = timed(**grader, nullptr, args.gold, args.pred, kind_of(args.pred_is));
  if (args.json) {
    std::puts(dump_json(result).c_str());
    return kExitOk;
  }
  for (const char* key : {"verdict", "reason", "rule", "extracted"}) {
    std::printf("%-10s %s\n", key, printable(result[key].get<std::string>()).c_str());
  }
  return kExitOk;
}

int grade_command(const GradeArgs& args, bool pair) {
  auto options = read_options(args.options);
  if (!options) return fail(options.error());
  if (pair == !args.file.empty()) return fail(invalid("grade: give --gold and --pred, or --file"));
  return pair ? grade_pair(args, *options) : grade_file(args, *options);
}

}  // namespace

void add_grade(CLI::App& app, int& exit_code) {
  auto args = std::make_shared<GradeArgs>();
  CLI::Option* gold = app.add_option("--gold", args->gold, "The expected answer");
  CLI::Option* pred = app.add_option("--pred", args->pred, "The prediction: an answer, or a whole response");
  gold->needs(pred);
  pred->needs(gold);
  app.add_option("--file", args->file, "JSON Lines of id, gold, pred (and options), plain or gzip");
  app.add_option("--pred-is", args->pred_is,
                 "Where the answer stands. looks: a response where there is a box, mathematics or sentences")
      ->check(CLI::IsMember({"looks", "response", "answer"}))
      ->capture_default_str();
  app.add_option("-o,--option", args->options, "A policy, as NAME=VALUE; docs/math-scoring.md lists them");
  app.add_option("--jobs", args->jobs, "Threads (default: one a core)");
  app.add_flag("--json", args->json, "One pair's verdict as JSON");
  app.footer("Examples:\n  assay grade --gold '\\frac{1}{2}' --pred 'so it is \\boxed{0.5}'\n"
             "  assay grade --file pairs.jsonl --option percent=same > verdicts.jsonl");
  app.callback([args, gold, &exit_code] { exit_code = grade_command(*args, gold->count() > 0); });
}

}  // namespace assay
