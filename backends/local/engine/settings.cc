#include "backends/local/engine/settings.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "backends/options.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr std::int64_t kMaxBatch = 4096;
constexpr std::size_t kMaxTemplateBytes = std::size_t{4} << 20U;

// A file with a template, or "none".
void read_template(OptionReader& read, LocalSettings& s) {
  const std::string path = read.text("chat_template", "");
  if (path.empty()) return;
  s.use_chat_template = path != "none";
  if (!s.use_chat_template) return;
  std::ifstream in(path, std::ios::binary);
  s.chat_template.assign(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return read.fail("chat_template", "a file that can be read, or none");
  if (s.chat_template.empty() || s.chat_template.size() > kMaxTemplateBytes) {
    read.fail("chat_template", "a file of 1 byte to 4 MiB that can be read, or none");
  }
}

void read_variables(OptionReader& read, LocalSettings& s) {
  const Json* variables = read.any("template_variables");
  if (variables == nullptr) return;
  if (!variables->is_object())
    return read.fail("template_variables", "a mapping, such as {enable_thinking: false}");
  s.template_variables = *variables;
}

}  // namespace

std::optional<KvMemory> kv_memory_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number > 0)) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  KvMemory kv;
  if (unit == "%") {
    if (number > 100) return std::nullopt;
    kv.share = number / 100;
    return kv;
  }
  const double scale = unit == "GB" ? 1e9 : unit == "MB" ? 1e6 : 0;
  if (scale == 0 || number * scale > 1e15) return std::nullopt;
  kv.bytes = static_cast<std::uint64_t>(number * scale);
  return kv;
}

Result<LocalSettings> local_settings(const BackendOptions& options) {
  OptionReader read("local", options.options);
  LocalSettings s;
  s.model = options.model;
  s.load.device = read.text("device", s.load.device);
  s.load.dtype = read.word("dtype", s.load.dtype, {"bf16", "fp32"});
  s.load.kv_cache = read.word("kv_cache", s.load.kv_cache, {"auto", "int8"});
  s.load.threads = static_cast<int>(read.integer("threads", s.load.threads, 0, 4096));
  s.load.kernels = read.word("kernels", s.load.kernels, {"auto", "torch"});
  s.load.cuda_graphs = read.flag("cuda_graphs", s.load.cuda_graphs);
  s.load.name = printable(options.model);
  // As many as the engine keeps in flight, for more could never run.
  const auto batch = std::clamp<std::int64_t>(options.max_connections, 1, kMaxBatch);
  s.max_batch =
      static_cast<std::int32_t>(read.integer("max_batch", std::max<std::int64_t>(batch, 32), 1, kMaxBatch));
  s.step_rows = std::max(s.step_rows, s.max_batch + 64);
  const std::string kv = read.text("kv_memory", "");
  if (!kv.empty()) {
    const auto memory = kv_memory_of(kv);
    if (memory) s.kv = *memory;
    if (!memory) read.fail("kv_memory", "an amount such as 2GB, 512MB or 50%");
  }
  if (read.has("context"))
    s.context = read.integer("context", 1, 16, std::numeric_limits<std::int32_t>::max());
  read_template(read, s);
  read_variables(read, s);
  s.logprobs = read.flag("logprobs", false);
  if (auto ok = read.finish(); !ok) return ok.error();
  if (s.model.empty())
    return invalid("local: no model is named: expected a name or the path of a model's folder or file");
  return s;
}

}  // namespace assay::local
