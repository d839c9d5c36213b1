// GGUF's tensor names to Hugging Face's.
#include <algorithm>
#include <utility>

#include "backends/local/weights/gguf.h"
#include "backends/local/weights/tensor_table.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

using Name = std::pair<std::string_view, std::string_view>;
constexpr Name kTop[] = {
    {"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"}};
constexpr Name kLayer[] = {{"attn_norm", "input_layernorm"},    {"ffn_norm", "post_attention_layernorm"},
                           {"attn_q", "self_attn.q_proj"},      {"attn_k", "self_attn.k_proj"},
                           {"attn_v", "self_attn.v_proj"},      {"attn_output", "self_attn.o_proj"},
                           {"attn_q_norm", "self_attn.q_norm"}, {"attn_k_norm", "self_attn.k_norm"},
                           {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
                           {"ffn_down", "mlp.down_proj"}};

template <std::size_t N>
std::string_view look_up(const Name (&names)[N], std::string_view name) {
  for (const Name& one : names) {
    if (one.first == name) return one.second;
  }
  return {};
}

// "blk.12.attn_q.weight" -> "model.layers.12.self_attn.q_proj.weight"; unknown names stay.
std::string hugging_face_name(std::string_view name) {
  const std::size_t last = name.rfind('.');
  if (last == std::string_view::npos) return std::string(name);
  const std::string_view stem = name.substr(0, last);
  const std::string_view kind = name.substr(last);
  if (stem.substr(0, 4) != "blk.") {
    const std::string_view top = look_up(kTop, stem);
    return top.empty() ? std::string(name) : format("{}{}", top, kind);
  }
  const std::size_t dot = stem.find('.', 4);
  if (dot == std::string_view::npos) return std::string(name);
  const std::string_view layer = look_up(kLayer, stem.substr(dot + 1));
  return layer.empty() ? std::string(name)
                       : format("model.layers.{}.{}{}", stem.substr(4, dot - 4), layer, kind);
}

bool is_query_or_key(std::string_view name) {
  return name.find(".attn_q.") != std::string_view::npos || name.find(".attn_k.") != std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<TensorSource>> gguf_tensors(GgufFile file) {
  // llama.cpp's converter puts the rows of q and k into the order of interleaved pairs, for this architecture
  // only.
  const bool interleaved = file.text("general.architecture") == "llama";
  auto table = std::make_unique<TensorTable>();
  for (const GgufTensor& tensor : file.tensors()) {
    TensorView view;
    view.name = hugging_face_name(tensor.name);
    view.dtype = tensor.dtype;
    view.shape = tensor.shape;
    view.bytes = tensor.bytes;
    view.interleaved_rotary = interleaved && is_query_or_key(tensor.name);
    if (!table->add(std::move(view))) {
      return invalid(format("{}: tensor '{}' and another stand for the same weights", file.name(),
                            printable(tensor.name)));
    }
  }
  table->keep(file.take_mapping());
  return std::unique_ptr<TensorSource>(std::move(table));
}

}  // namespace assay::local
