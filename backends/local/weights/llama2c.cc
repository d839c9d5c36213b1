#include "backends/local/weights/llama2c.h"

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "backends/local/weights/blocks.h"
#include "backends/local/weights/byte_reader.h"
#include "backends/local/weights/tensor_table.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay::local {
namespace {

constexpr std::int32_t kLaterVersions = 0x616b3432;  // "ak42", with which versions 1 and 2 begin
constexpr std::int64_t kMostTokens = std::int64_t{1} << 24;
constexpr std::int64_t kMostValue = std::int64_t{1} << 24;
constexpr std::int64_t kMostLayers = 4096;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

Result<Llama2cHeader> read_header(const std::string& name, ByteReader& in) {
  std::int32_t raw[7];
  for (std::int32_t& value : raw) {
    const auto read = in.read<std::int32_t>();
    if (!read)
      return invalid(format("{}: truncated: the file ends within the header of a llama2.c checkpoint", name));
    value = *read;
  }
  if (raw[0] == kLaterVersions) {
    return invalid(format("{}: a llama2.c checkpoint of version {}; read is the legacy layout (version 0)",
                          name, raw[1]));
  }
  Llama2cHeader out;
  out.tied = raw[5] > 0;
  out.dim = raw[0];
  out.hidden = raw[1];
  out.layers = raw[2];
  out.heads = raw[3];
  out.kv_heads = raw[4];
  out.vocab = std::abs(std::int64_t{raw[5]});
  out.context = raw[6];
  const bool sane = out.dim > 0 && out.dim <= kMostValue && out.hidden > 0 && out.hidden <= kMostValue &&
                    out.layers > 0 && out.layers <= kMostLayers && out.heads > 0 && out.kv_heads > 0 &&
                    out.vocab > 0 && out.vocab <= kMostTokens && out.context > 0 &&
                    out.dim % out.heads == 0 && out.heads % out.kv_heads == 0 && out.dim / out.heads % 2 == 0;
  if (!sane) {
    return invalid(
        format("{}: no llama2.c checkpoint (its header would say dim {}, hidden {}, layers {}, heads {}/{}, "
               "vocabulary {}, "
               "context {})",
               name, out.dim, out.hidden, out.layers, out.heads, out.kv_heads, out.vocab, out.context));
  }
  return out;
}

// Takes the tensors off the file in order. The header's bounds keep every product below 2^62.
class Layout {
 public:
  Layout(const std::string& name, ByteReader& in, TensorTable& out) : name_(name), in_(in), out_(out) {}

  Result<void> one(std::string tensor, std::vector<std::int64_t> shape) {
    return take(std::move(tensor), shape, false);
  }

  Result<void> each_layer(std::int64_t layers, std::string_view tensor,
                          const std::vector<std::int64_t>& shape, bool rotary = false) {
    for (std::int64_t i = 0; i < layers; ++i) {
      if (auto ok = take(format("model.layers.{}.{}.weight", i, tensor), shape, rotary); !ok) return ok;
    }
    return {};
  }

  Result<void> skip(std::int64_t values) {
    if (!in_.take(static_cast<std::uint64_t>(values) * 4)) return cut("the tables of rotary values");
    return {};
  }

 private:
  Error cut(std::string_view where) {
    return invalid(format("{}: truncated: the file ends within {}", name_, where));
  }

  Result<void> take(std::string tensor, const std::vector<std::int64_t>& shape, bool rotary) {
    const auto bytes = in_.take(static_cast<std::uint64_t>(*count_bytes(DType::f32, shape)));
    if (!bytes) return cut(tensor);
    TensorView view;
    view.name = std::move(tensor);
    view.shape = shape;
    view.bytes = *bytes;
    view.interleaved_rotary = rotary;
    out_.add(std::move(view));
    return {};
  }

  const std::string& name_;
  ByteReader& in_;
  TensorTable& out_;
};

Result<void> read_tensors(const std::string& name, const Llama2cHeader& h, ByteReader& in, TensorTable& out) {
  Layout at(name, in, out);
  const std::int64_t head_dim = h.dim / h.heads;
  const std::int64_t kv = h.kv_heads * head_dim;
  if (auto ok = at.one("model.embed_tokens.weight", {h.vocab, h.dim}); !ok) return ok;
  struct Kind {
    const char* tensor;
    std::vector<std::int64_t> shape;
    bool rotary;
  };
  const Kind kinds[] = {{"input_layernorm", {h.dim}, false},
                        {"self_attn.q_proj", {h.dim, h.dim}, true},
                        {"self_attn.k_proj", {kv, h.dim}, true},
                        {"self_attn.v_proj", {kv, h.dim}, false},
                        {"self_attn.o_proj", {h.dim, h.dim}, false},
                        {"post_attention_layernorm", {h.dim}, false},
                        {"mlp.gate_proj", {h.hidden, h.dim}, false},
                        {"mlp.down_proj", {h.dim, h.hidden}, false},
                        {"mlp.up_proj", {h.hidden, h.dim}, false}};
  for (const Kind& kind : kinds) {
    if (auto ok = at.each_layer(h.layers, kind.tensor, kind.shape, kind.rotary); !ok) return ok;
  }
  if (auto ok = at.one("model.norm.weight", {h.dim}); !ok) return ok;
  if (auto ok = at.skip(h.context * head_dim); !ok)
    return ok;  // cosines and sines, head_dim / 2 of each a position
  if (!h.tied) {
    if (auto ok = at.one("lm_head.weight", {h.vocab, h.dim}); !ok) return ok;
  }
  if (in.left() != 0) return invalid(format("{}: {} bytes follow the last tensor", name, in.left()));
  return {};
}

}  // namespace

Result<Llama2cFile> read_llama2c(const std::string& name, std::span<const std::byte> bytes,
                                 MappedFile mapping) {
  ByteReader in(bytes);
  const auto header = read_header(name, in);
  if (!header) return header.error();
  auto table = std::make_unique<TensorTable>();
  if (auto ok = read_tensors(name, *header, in, *table); !ok) return ok.error();
  table->keep(std::move(mapping));
  Llama2cFile out;
  out.header = *header;
  out.tensors = std::move(table);
  return out;
}

Result<Llama2cFile> open_llama2c(const std::filesystem::path& path) {
  auto mapping = MappedFile::open(path);
  if (!mapping) return mapping.error();
  const auto bytes = mapping->bytes();
  return read_llama2c(printable(path.string()), bytes, std::move(*mapping));
}

Result<Vocabulary> read_llama2c_vocabulary(const std::string& name, std::span<const std::byte> bytes,
                                           std::int64_t size) {
  constexpr std::size_t kFirstByte = 3;
  ByteReader in(bytes);
  Vocabulary out;
  out.kind = Vocabulary::Kind::sentencepiece;
  if (!in.read<std::int32_t>()) return invalid(format("{}: truncated: the vocabulary is empty", name));
  for (std::int64_t i = 0; i < size; ++i) {
    const auto score = in.read<float>();
    const auto length = in.read<std::int32_t>();
    const auto text =
        score && length && *length >= 0 ? in.take_text(static_cast<std::uint64_t>(*length)) : std::nullopt;
    if (!text) return invalid(format("{}: truncated at token {} of {}", name, i, size));
    if (!std::isfinite(*score)) return invalid(format("{}: the score of token {} is no number", name, i));
    std::string token;  // the exporter wrote SentencePiece's mark of a space as a space
    for (const char c : *text) token += c == ' ' ? std::string(kSpaceMark) : std::string(1, c);
    out.tokens.push_back(std::move(token));
    out.scores.push_back(*score);
    out.types.push_back(Vocabulary::Type::normal);
  }
  if (in.left() != 0) {
    return invalid(
        format("{}: {} bytes follow the {} tokens that the checkpoint has", name, in.left(), size));
  }
  if (out.tokens.size() < kFirstByte + 256) {
    return invalid(
        format("{}: {} tokens; a llama2.c vocabulary has at least {}", name, size, kFirstByte + 256));
  }
  for (std::size_t b = 0; b < 256; ++b) {
    const std::string expected = format("<0x{:02X}>", b);
    if (out.tokens[kFirstByte + b] != expected) {
      return invalid(format("{}: token {} is '{}'; expected {}", name, kFirstByte + b,
                            printable(truncate_utf8(out.tokens[kFirstByte + b], 80)), expected));
    }
    out.types[kFirstByte + b] = Vocabulary::Type::byte;
  }
  // BOS and EOS stand with line breaks around them, for the sake of the program that prints them.
  out.tokens[1] = "<s>";
  out.tokens[2] = "</s>";
  out.types[0] = Vocabulary::Type::unknown;
  out.types[1] = out.types[2] = Vocabulary::Type::control;
  out.unknown = 0;
  out.bos = 1;
  out.eos = 2;
  out.add_bos = true;
  return out;
}

}  // namespace assay::local
