#include "tests/backends/local/decoder/reference.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <string>

namespace assay::local::test {
namespace {

using Vector = std::vector<double>;

struct Weights {
  const TensorSource& source;

  Vector get(const std::string& name) const {
    const TensorView& view = *source.find(name);
    Vector out(view.bytes.size() / sizeof(float));
    for (std::size_t i = 0; i < out.size(); ++i) {
      float value = 0;
      std::memcpy(&value, view.bytes.data() + i * sizeof(float), sizeof(float));
      out[i] = value;
    }
    return out;
  }
};

Vector times(const Vector& matrix, const Vector& x) {
  Vector out(matrix.size() / x.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    for (std::size_t i = 0; i < x.size(); ++i) out[row] += matrix[row * x.size() + i] * x[i];
  }
  return out;
}

void add(Vector& x, const Vector& y) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}

void normalise(double* x, const Vector& weight, double eps) {
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += x[i] * x[i];
  const double scale = 1 / std::sqrt(sum / static_cast<double>(weight.size()) + eps);
  for (std::size_t i = 0; i < weight.size(); ++i) x[i] *= scale * weight[i];
}

Vector normalised(Vector x, const Vector& weight, double eps) {
  normalise(x.data(), weight, eps);
  return x;
}

// Pair i is elements i and i + dim / 2 of a head.
void rotate(double* head, const Vector& frequencies, std::size_t position) {
  const std::size_t half = frequencies.size();
  for (std::size_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) * frequencies[i];
    const double low = head[i], high = head[i + half];
    head[i] = low * std::cos(angle) - high * std::sin(angle);
    head[i + half] = high * std::cos(angle) + low * std::sin(angle);
  }
}

// What the heads of the last token read from all tokens.
Vector attention(const ModelConfig& config, const Vector& q, const std::vector<Vector>& keys,
                 const std::vector<Vector>& values) {
  const auto dim = static_cast<std::size_t>(config.head_dim);
  const auto heads = static_cast<std::size_t>(config.heads);
  const std::size_t share = heads / static_cast<std::size_t>(config.kv_heads);
  Vector out(q.size());
  for (std::size_t head = 0; head < heads; ++head) {
    const std::size_t from = head / share * dim;
    Vector weight(keys.size());
    double sum = 0;
    for (std::size_t t = 0; t < keys.size(); ++t) {
      double score = 0;
      for (std::size_t i = 0; i < dim; ++i) score += q[head * dim + i] * keys[t][from + i];
      weight[t] = std::exp(score / std::sqrt(static_cast<double>(dim)));
      sum += weight[t];
    }
    for (std::size_t t = 0; t < keys.size(); ++t) {
      for (std::size_t i = 0; i < dim; ++i) out[head * dim + i] += weight[t] / sum * values[t][from + i];
    }
  }
  return out;
}

void attend(const ModelConfig& config, const Weights& weights, const std::string& at,
            std::vector<Vector>& x) {
  const Vector frequencies = reference_frequencies(config);
  std::vector<Vector> keys, values;
  const auto project = [&](const char* name, const Vector& h) {
    Vector out = times(weights.get(at + "self_attn." + name + "_proj.weight"), h);
    if (config.qkv_bias) add(out, weights.get(at + "self_attn." + name + "_proj.bias"));
    return out;
  };
  const auto finish = [&](Vector& heads, const char* norm, std::size_t position) {
    for (std::size_t i = 0; i < heads.size(); i += static_cast<std::size_t>(config.head_dim)) {
      if (config.qk_norm) normalise(&heads[i], weights.get(at + "self_attn." + norm), config.rms_eps);
      rotate(&heads[i], frequencies, position);
    }
  };
  for (std::size_t t = 0; t < x.size(); ++t) {
    const Vector h = normalised(x[t], weights.get(at + "input_layernorm.weight"), config.rms_eps);
    Vector q = project("q", h), k = project("k", h);
    finish(q, "q_norm.weight", t);
    finish(k, "k_norm.weight", t);
    keys.push_back(k);
    values.push_back(project("v", h));
    add(x[t], times(weights.get(at + "self_attn.o_proj.weight"), attention(config, q, keys, values)));
  }
}

void feed_forward(const ModelConfig& config, const Weights& weights, const std::string& at,
                  std::vector<Vector>& x) {
  for (Vector& token : x) {
    const Vector h = normalised(token, weights.get(at + "post_attention_layernorm.weight"), config.rms_eps);
    Vector gate = times(weights.get(at + "mlp.gate_proj.weight"), h);
    const Vector up = times(weights.get(at + "mlp.up_proj.weight"), h);
    for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
    add(token, times(weights.get(at + "mlp.down_proj.weight"), gate));
  }
}

}  // namespace

std::vector<double> reference_frequencies(const ModelConfig& config) {
  const Rope& rope = config.rope;
  std::vector<double> out;
  for (std::int64_t i = 0; i < config.head_dim; i += 2) {
    double f = std::pow(rope.theta, -static_cast<double>(i) / static_cast<double>(config.head_dim));
    if (rope.scaling == RopeScaling::linear) f /= rope.factor;
    if (rope.scaling == RopeScaling::llama3) {
      const double wavelength = 2 * std::acos(-1.0) / f;
      if (wavelength > rope.original_context / rope.low_freq_factor) {
        f /= rope.factor;
      } else if (wavelength > rope.original_context / rope.high_freq_factor) {
        const double s = (rope.original_context / wavelength - rope.low_freq_factor) /
                         (rope.high_freq_factor - rope.low_freq_factor);
        f = (1 - s) * f / rope.factor + s * f;
      }
    }
    out.push_back(f);
  }
  return out;
}

std::vector<std::vector<double>> reference_logits(const ModelConfig& config, const TensorSource& source,
                                                  std::span<const TokenId> tokens) {
  const Weights weights{source};
  const Vector embedding = weights.get("model.embed_tokens.weight");
  std::vector<Vector> x;
  for (const TokenId token : tokens) {
    const auto row = embedding.begin() + token * config.hidden;
    x.emplace_back(row, row + config.hidden);
  }
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::string at = "model.layers." + std::to_string(layer) + ".";
    attend(config, weights, at, x);
    feed_forward(config, weights, at, x);
  }
  const Vector head = config.tied_head ? embedding : weights.get("lm_head.weight");
  for (Vector& token : x) {
    token = times(head, normalised(token, weights.get("model.norm.weight"), config.rms_eps));
  }
  return x;
}

}  // namespace assay::local::test
