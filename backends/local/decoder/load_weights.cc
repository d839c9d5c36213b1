#include "backends/local/decoder/load_weights.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "harness/base/format.h"

namespace assay::local {
namespace {

constexpr std::int64_t kBufferValues = std::int64_t{1} << 22;  // of a matrix that is repacked in pieces
constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";
constexpr const char* kNorm = "model.norm.weight";

std::string layer_name(std::int64_t layer, std::string_view rest) {
  return format("model.layers.{}.{}", layer, rest);
}

// A tensor of each layer.
struct Wanted {
  std::string name;  // after "model.layers.N."
  std::vector<std::int64_t> shape;
};

std::vector<Wanted> layer_tensors(const ModelConfig& config) {
  const std::int64_t h = config.hidden, q = config.heads * config.head_dim,
                     kv = config.kv_heads * config.head_dim;
  std::vector<Wanted> all = {
      {"input_layernorm.weight", {h}},
      {"post_attention_layernorm.weight", {h}},
      {"self_attn.q_proj.weight", {q, h}},
      {"self_attn.k_proj.weight", {kv, h}},
      {"self_attn.v_proj.weight", {kv, h}},
      {"self_attn.o_proj.weight", {h, q}},
      {"mlp.gate_proj.weight", {config.intermediate, h}},
      {"mlp.up_proj.weight", {config.intermediate, h}},
      {"mlp.down_proj.weight", {h, config.intermediate}},
  };
  if (config.qkv_bias) {
    all.push_back({"self_attn.q_proj.bias", {q}});
    all.push_back({"self_attn.k_proj.bias", {kv}});
    all.push_back({"self_attn.v_proj.bias", {kv}});
  }
  if (config.qk_norm) {
    all.push_back({"self_attn.q_norm.weight", {config.head_dim}});
    all.push_back({"self_attn.k_norm.weight", {config.head_dim}});
  }
  return all;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += format("{}{}", text.size() > 1 ? ", " : "", size);
  return text + "]";
}

Result<void> check_tensor(const TensorSource& source, const std::string& name,
                          const std::vector<std::int64_t>& shape) {
  const TensorView* view = source.find(name);
  if (view == nullptr) return invalid(format("tensor {} is missing", name));
  if (view->shape != shape) {
    return invalid(format("tensor {} is {}, and the configuration says {}", name, shape_text(view->shape),
                          shape_text(shape)));
  }
  return {};
}

class Loader {
 public:
  Loader(const ModelConfig& config, const TensorSource& source, Ops& ops)
      : config_(config), source_(source), ops_(ops) {}

  DecoderWeights load() {
    DecoderWeights weights;
    weights.embedding = matrix({kEmbedding}, config_.hidden, !config_.tied_head);
    if (!config_.tied_head) weights.head = matrix({kHead}, config_.hidden, false);
    weights.norm = norm(kNorm);
    for (std::int64_t i = 0; i < config_.layers; ++i) weights.layers.push_back(layer(i));
    weights.bytes = weight_bytes(config_, ops_);
    return weights;
  }

 private:
  LayerWeights layer(std::int64_t i) {
    const auto name = [i](std::string_view rest) { return layer_name(i, rest); };
    const std::int64_t h = config_.hidden;
    LayerWeights layer;
    layer.attention_norm = norm(name("input_layernorm.weight"));
    layer.mlp_norm = norm(name("post_attention_layernorm.weight"));
    layer.qkv = matrix(
        {name("self_attn.q_proj.weight"), name("self_attn.k_proj.weight"), name("self_attn.v_proj.weight")},
        h, false);
    layer.attention_out = matrix({name("self_attn.o_proj.weight")}, config_.heads * config_.head_dim, false);
    layer.gate_up = matrix({name("mlp.gate_proj.weight"), name("mlp.up_proj.weight")}, h, false);
    layer.down = matrix({name("mlp.down_proj.weight")}, config_.intermediate, false);
    if (config_.qkv_bias) {
      layer.qkv->bias = ops_.bias(vectors(
          {name("self_attn.q_proj.bias"), name("self_attn.k_proj.bias"), name("self_attn.v_proj.bias")}));
    }
    if (config_.qk_norm) {
      layer.q_norm = norm(name("self_attn.q_norm.weight"));
      layer.k_norm = norm(name("self_attn.k_norm.weight"));
    }
    return layer;
  }

  at::Tensor norm(const std::string& name) { return ops_.norm_weight(vectors({name})); }

  std::span<const float> vectors(const std::vector<std::string>& names) {
    buffer_.clear();
    for (const std::string& name : names) append(*source_.find(name));
    return buffer_;
  }

  // The matrices one below the other. At no time is more than a piece of them in memory as float.
  std::unique_ptr<Matrix> matrix(const std::vector<std::string>& names, std::int64_t in, bool by_row) {
    std::int64_t rows = 0;
    for (const std::string& name : names) rows += source_.find(name)->shape[0];
    auto made = ops_.make_matrix(rows, in, by_row);
    std::int64_t first = 0;
    for (const std::string& name : names) {
      const TensorView& view = *source_.find(name);
      const std::int64_t piece = piece_rows(view, in);
      for (std::int64_t row = 0; row < view.shape[0]; row += piece) {
        buffer_.clear();
        append(slice(view, row, std::min(piece, view.shape[0] - row)));
        ops_.fill(*made, first + row, buffer_);
      }
      first += view.shape[0];
      source_.release(view);
    }
    return made;
  }

  // Rotary rows are put in order over whole heads, so that such a tensor goes in one piece.
  static std::int64_t piece_rows(const TensorView& view, std::int64_t in) {
    return view.interleaved_rotary ? view.shape[0] : std::max<std::int64_t>(1, kBufferValues / in);
  }

  static TensorView slice(const TensorView& view, std::int64_t row, std::int64_t rows) {
    TensorView part = view;
    const std::size_t row_bytes = view.bytes.size() / static_cast<std::size_t>(view.shape[0]);
    part.shape[0] = rows;
    part.bytes = view.bytes.subspan(static_cast<std::size_t>(row) * row_bytes,
                                    static_cast<std::size_t>(rows) * row_bytes);
    return part;
  }

  void append(const TensorView& view) {
    std::int64_t values = 1;
    for (const std::int64_t size : view.shape) values *= size;
    const std::size_t old = buffer_.size();
    buffer_.resize(old + static_cast<std::size_t>(values));
    to_float(view, view.shape[0] / config_.head_dim, std::span<float>(buffer_).subspan(old));
  }

  const ModelConfig& config_;
  const TensorSource& source_;
  Ops& ops_;
  std::vector<float> buffer_;
};

}  // namespace

Result<void> check_tensors(const ModelConfig& config, const TensorSource& source) {
  std::set<std::string> known;
  const auto check = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    known.insert(name);
    return check_tensor(source, name, shape);
  };
  if (auto ok = check(kEmbedding, {config.vocab, config.hidden}); !ok) return ok;
  if (auto ok = check(kNorm, {config.hidden}); !ok) return ok;
  if (!config.tied_head) {
    if (auto ok = check(kHead, {config.vocab, config.hidden}); !ok) return ok;
  }
  const std::vector<Wanted> per_layer = layer_tensors(config);
  for (std::int64_t i = 0; i < config.layers; ++i) {
    for (const Wanted& tensor : per_layer) {
      if (auto ok = check(layer_name(i, tensor.name), tensor.shape); !ok) return ok;
    }
  }
  for (const TensorView& view : source.tensors()) {
    const bool of_a_layer = view.name.compare(0, 13, "model.layers.") == 0;
    const bool computed = view.name.find("rotary_emb.inv_freq") != std::string::npos;  // old files carry it
    if (of_a_layer && !computed && known.count(view.name) == 0) {
      return invalid(format("tensor {} has no place in a model of {} layers of family {}", view.name,
                            config.layers, config.family));
    }
  }
  return {};
}

std::uint64_t weight_bytes(const ModelConfig& config, const Ops& ops) {
  const std::int64_t q = config.heads * config.head_dim, kv = config.kv_heads * config.head_dim;
  const std::uint64_t layer = ops.matrix_bytes(q + 2 * kv, config.hidden, false) +
                              ops.matrix_bytes(config.hidden, q, false) +
                              ops.matrix_bytes(2 * config.intermediate, config.hidden, false) +
                              ops.matrix_bytes(config.hidden, config.intermediate, false);
  std::uint64_t bytes = static_cast<std::uint64_t>(config.layers) * layer;
  bytes += ops.matrix_bytes(config.vocab, config.hidden, !config.tied_head);
  if (!config.tied_head) bytes += ops.matrix_bytes(config.vocab, config.hidden, false);
  return bytes;  // norms and biases are a thousandth of it
}

DecoderWeights load_weights(const ModelConfig& config, const TensorSource& source, Ops& ops) {
  return Loader(config, source, ops).load();
}

}  // namespace assay::local
