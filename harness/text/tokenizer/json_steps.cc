#include "harness/text/tokenizer/json_steps.h"

#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/tokenizer/split_names.h"

namespace assay {
namespace {

constexpr int kMaxDepth = 8;

std::string shown(std::string_view text) { return printable(text.substr(0, 200)); }
std::string type_of(const Json& step) { return json_string(step, "type").value_or(""); }

// The steps of a Sequence in order, nested ones unfolded. `list` is the member that holds them.
Result<void> unfold(const Json* step, const char* list, int depth, std::vector<const Json*>& out) {
  if (step == nullptr || step->is_null()) return {};
  if (!step->is_object() || depth > kMaxDepth) {
    return invalid("tokenizer.json: a step that is no object, or too deep");
  }
  if (type_of(*step) != "Sequence") {
    out.push_back(step);
    return {};
  }
  const Json* items = json_find(*step, list);
  if (items == nullptr || !items->is_array()) {
    return invalid(format("tokenizer.json: a Sequence without '{}'", list));
  }
  for (const Json& item : *items) {
    if (auto ok = unfold(&item, list, depth + 1, out); !ok) return ok;
  }
  return {};
}

std::optional<std::string> pattern(const Json& step, const char* kind) {
  const Json* found = json_find(step, "pattern");
  return found == nullptr ? std::nullopt : json_string(*found, kind);
}

std::optional<Normalization> form_of(std::string_view type) {
  if (type == "NFC") return Normalization::nfc;
  if (type == "NFD") return Normalization::nfd;
  if (type == "NFKC") return Normalization::nfkc;
  if (type == "NFKD") return Normalization::nfkd;
  return std::nullopt;
}

TextStep text_step(TextStep::Kind kind, std::string from, std::string to) {
  TextStep out;
  out.kind = kind;
  out.from = std::move(from);
  out.to = std::move(to);
  return out;
}

Result<TextStep> normalizer_step(const Json& step) {
  const std::string type = type_of(step);
  if (const auto form = form_of(type)) {
    TextStep out;
    out.form = *form;
    return out;
  }
  if (type == "Prepend") {
    return text_step(TextStep::Kind::prepend, "", json_string(step, "prepend").value_or(""));
  }
  if (type == "Replace") {
    const auto from = pattern(step, "String");
    const auto to = json_string(step, "content");
    if (from && !from->empty() && to) return text_step(TextStep::Kind::replace, *from, *to);
    return invalid("tokenizer.json: normalizer 'Replace' is known with a pattern String and a content only");
  }
  return invalid(
      format("tokenizer.json: unknown normalizer '{}'; known are NFC, NFD, NFKC, NFKD, Prepend, Replace, "
             "Sequence",
             shown(type)));
}

// Expressions that match everywhere: leaving out what lies between their matches leaves out nothing.
bool covers_all(Split split) {
  return split == Split::gpt2 || split == Split::qwen2 || split == Split::llama3;
}

Result<void> read_split(const Json& step, TokenizerParts& parts) {
  const auto regex = pattern(step, "Regex");
  if (!regex) return invalid("tokenizer.json: pre-tokenizer 'Split' is known with a pattern Regex only");
  const auto split = split_of_regex(*regex);
  if (!split) return invalid(format("tokenizer.json: unknown pre-tokenizer expression '{}'", shown(*regex)));
  const std::string behavior = json_string(step, "behavior").value_or("");
  const bool invert = json_bool(step, "invert").value_or(false);
  const bool isolated = behavior == "Isolated" && !invert;
  const bool only_matches = behavior == "Removed" && invert && covers_all(*split);
  if (!isolated && !only_matches) {
    return invalid(
        format("tokenizer.json: pre-tokenizer 'Split' with behavior '{}' (invert {}) is not known; expected "
               "'Isolated'",
               shown(behavior), invert));
  }
  parts.splits.push_back(*split);
  return {};
}

Result<void> read_byte_level(const Json& step, bool first, TokenizerParts& parts) {
  parts.byte_level = true;
  if (json_bool(step, "add_prefix_space").value_or(true)) {
    if (!first) return invalid("tokenizer.json: ByteLevel with add_prefix_space after another pre-tokenizer");
    parts.prepare.push_back(text_step(TextStep::Kind::prefix, "", " "));
  }
  if (json_bool(step, "use_regex").value_or(true)) parts.splits.push_back(Split::gpt2);
  return {};
}

// Where a Metaspace step puts the mark: "always", "first" or "never".
std::string prepend_scheme(const Json& step) {
  const bool prefix = json_bool(step, "add_prefix_space").value_or(true);
  return json_string(step, "prepend_scheme").value_or(prefix ? "always" : "never");
}

Result<void> read_metaspace(const Json& step, TokenizerParts& parts) {
  const std::string mark = json_string(step, "replacement").value_or("");
  const std::string scheme = prepend_scheme(step);
  if (mark != kMetaspace) return invalid("tokenizer.json: 'Metaspace' with a replacement other than U+2581");
  parts.prepare.push_back(text_step(TextStep::Kind::replace, " ", mark));
  if (scheme == "always") {
    parts.prepare.push_back(text_step(TextStep::Kind::prefix, "", mark));
  } else if (scheme == "first") {
    parts.prepare.push_back(text_step(TextStep::Kind::prefix_at_start, "", mark));
  } else if (scheme != "never") {
    return invalid(format("tokenizer.json: 'Metaspace' with the unknown prepend_scheme '{}'", shown(scheme)));
  }
  if (json_bool(step, "split").value_or(true)) parts.splits.push_back(Split::metaspace);
  return {};
}

// What a SentencePiece file's decoder may consist of; each of them is how this tokenizer decodes anyway, but
// for the space that Strip and Metaspace take away at the start.
Result<void> read_sentencepiece_decoder(const Json& step, TokenizerParts& parts) {
  const std::string type = type_of(step);
  const std::string content = json_string(step, "content").value_or("");
  if (type == "ByteFallback" || type == "Fuse") return {};
  if (type == "Replace" && pattern(step, "String") == std::string(kMetaspace) && content == " ") return {};
  if (type == "Metaspace") {
    parts.strip_space = prepend_scheme(step) != "never";
    return {};
  }
  if (type == "Strip" && content == " " && json_int(step, "start").value_or(0) <= 1 &&
      json_int(step, "stop").value_or(0) == 0) {
    parts.strip_space = json_int(step, "start") == 1;
    return {};
  }
  return invalid(format("tokenizer.json: unknown decoder '{}'", shown(type)));
}

}  // namespace

Result<void> read_normalizer(const Json* normalizer, TokenizerParts& parts) {
  std::vector<const Json*> steps;
  if (auto ok = unfold(normalizer, "normalizers", 0, steps); !ok) return ok;
  for (const Json* step : steps) {
    auto made = normalizer_step(*step);
    if (!made) return made.error();
    parts.normalizer.push_back(std::move(*made));
  }
  return {};
}

Result<void> read_pre_tokenizer(const Json* pre_tokenizer, TokenizerParts& parts) {
  parts.byte_level = false;
  std::vector<const Json*> steps;
  if (auto ok = unfold(pre_tokenizer, "pretokenizers", 0, steps); !ok) return ok;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Json& step = *steps[i];
    const std::string type = type_of(step);
    Result<void> read;
    if (type == "Split") {
      read = read_split(step, parts);
    } else if (type == "Digits") {
      const bool apart = json_bool(step, "individual_digits").value_or(false);
      parts.splits.push_back(apart ? Split::digits_apart : Split::digit_runs);
    } else if (type == "ByteLevel" && i + 1 == steps.size()) {
      read = read_byte_level(step, i == 0, parts);
    } else if (type == "Metaspace" && steps.size() == 1) {
      read = read_metaspace(step, parts);
    } else if (type == "ByteLevel" || type == "Metaspace") {
      read = invalid(format(
          "tokenizer.json: pre-tokenizer '{}' among others is known as the last ByteLevel only", type));
    } else {
      read = invalid(
          format("tokenizer.json: unknown pre-tokenizer '{}'; known are Split, Digits, ByteLevel, Metaspace, "
                 "Sequence",
                 shown(type)));
    }
    if (!read) return read;
  }
  return {};
}

Result<void> read_decoder(const Json* decoder, TokenizerParts& parts) {
  std::vector<const Json*> steps;
  if (auto ok = unfold(decoder, "decoders", 0, steps); !ok) return ok;
  for (const Json* step : steps) {
    if (!parts.byte_level) {
      if (auto ok = read_sentencepiece_decoder(*step, parts); !ok) return ok;
    } else if (type_of(*step) != "ByteLevel") {
      return invalid(
          format("tokenizer.json: unknown decoder '{}' of a byte-level vocabulary", shown(type_of(*step))));
    }
  }
  return {};
}

std::optional<std::string> leading_token(const Json* post_processor) {
  std::vector<const Json*> steps;
  if (!unfold(post_processor, "processors", 0, steps)) return std::nullopt;
  for (const Json* step : steps) {
    if (type_of(*step) != "TemplateProcessing") continue;
    const Json* single = json_find(*step, "single");
    if (single == nullptr || !single->is_array() || single->empty()) continue;
    const Json* token = json_find(single->front(), "SpecialToken");
    if (token != nullptr) return json_string(*token, "id");
  }
  return std::nullopt;
}

}  // namespace assay
