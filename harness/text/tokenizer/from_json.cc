#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/text/tokenizer/bpe_tokenizer.h"
#include "harness/text/tokenizer/byte_alphabet.h"
#include "harness/text/tokenizer/json_steps.h"

namespace assay {
namespace {

using Role = TokenizerParts::Role;

std::string shown(std::string_view text) { return printable(text.substr(0, 80)); }
Error bad(std::string_view what) { return invalid(format("tokenizer.json: {}", what)); }

// Reads one file; holds views into its texts.
class JsonReader {
 public:
  JsonReader(const Json& file, const Json& config) : file_(file), config_(config) {}

  Result<std::unique_ptr<Tokenizer>> read() {
    using Step = Result<void> (JsonReader::*)();
    const Step steps[] = {&JsonReader::read_steps, &JsonReader::read_vocabulary, &JsonReader::read_added,
                          &JsonReader::read_merges, &JsonReader::read_named};
    for (const Step step : steps) {
      if (auto ok = (this->*step)(); !ok) return ok.error();
    }
    return make_bpe_tokenizer(std::move(parts_));
  }

 private:
  Result<void> read_steps() {
    const Json* model = json_find(file_, "model");
    if (model == nullptr || !model->is_object()) return bad("no object 'model'");
    model_ = model;
    const std::string type = json_string(*model, "type").value_or("BPE");
    if (type != "BPE") return bad(format("unknown model '{}'; known is BPE", shown(type)));
    for (const char* member : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (!json_string(*model, member).value_or("").empty()) return bad(format("'{}' is not known", member));
    }
    if (json_number(*model, "dropout").value_or(0) != 0) return bad("a model with dropout is not known");
    if (auto ok = read_normalizer(json_find(file_, "normalizer"), parts_); !ok) return ok;
    if (auto ok = read_pre_tokenizer(json_find(file_, "pre_tokenizer"), parts_); !ok) return ok;
    if (!parts_.byte_level && !json_bool(*model, "byte_fallback").value_or(false)) {
      return bad("neither a ByteLevel pre-tokenizer nor byte_fallback; expected one of them");
    }
    parts_.ignore_merges = json_bool(*model, "ignore_merges").value_or(false);
    parts_.fuse_unknown = json_bool(*model, "fuse_unk").value_or(false);
    return read_decoder(json_find(file_, "decoder"), parts_);
  }

  // An id, within bounds that a file of so many tokens can need.
  Result<TokenId> id_from(const Json& value, std::string_view token) const {
    const auto most =
        static_cast<std::int64_t>(std::min(2 * token_count_ + 1024, TokenizerParts::kMaxTokens));
    if (value.is_number_integer()) {
      const auto id = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}
                          ? most
                          : value.get<std::int64_t>();
      if (id >= 0 && id < most) return static_cast<TokenId>(id);
    }
    return bad(format("the id of token '{}' is no number from 0 to {}", shown(token), most - 1));
  }

  TokenizerParts::Token& token_at(TokenId id) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= parts_.tokens.size()) parts_.tokens.resize(index + 1);
    return parts_.tokens[index];
  }

  Result<void> read_vocabulary() {
    const Json* vocabulary = json_find(*model_, "vocab");
    if (vocabulary == nullptr || !vocabulary->is_object()) return bad("no object 'model.vocab'");
    const Json* added = json_find(file_, "added_tokens");
    token_count_ = vocabulary->size() + (added != nullptr && added->is_array() ? added->size() : 0);
    ids_.reserve(vocabulary->size());
    for (auto it = vocabulary->begin(); it != vocabulary->end(); ++it) {
      const std::string& text = it.key();
      if (text.size() > TokenizerParts::kMaxTokenBytes) {
        return bad(format("token '{}...' is too long", shown(text)));
      }
      const auto id = id_from(it.value(), text);
      if (!id) return id.error();
      TokenizerParts::Token& token = token_at(*id);
      if (token.role != Role::unused) {
        return bad(format("two tokens have the id {}; one is '{}'", *id, shown(text)));
      }
      take_text(text, token);
      ids_.emplace(text, *id);
    }
    return {};
  }

  void take_text(const std::string& text, TokenizerParts::Token& token) const {
    token.text = text;
    token.role = Role::hidden;
    if (text.empty()) return;
    if (parts_.byte_level) {
      if (auto bytes = bytes_from_alphabet(text)) {
        token.text = std::move(*bytes);
        token.role = Role::text;
      }
      return;
    }
    token.role = byte_of_spelling(text) ? Role::byte : Role::text;
  }

  Result<void> read_added() {
    const Json* list = json_find(file_, "added_tokens");
    if (list == nullptr) return {};
    if (!list->is_array()) return bad("'added_tokens' is no array");
    for (const Json& item : *list) {
      const Json* content = json_find(item, "content");
      const Json* number = json_find(item, "id");
      if (content == nullptr || !content->is_string() || number == nullptr) {
        return bad("an added token without 'content' or 'id'");
      }
      const std::string& text = content->get_ref<const std::string&>();
      const auto id = id_from(*number, text);
      if (!id) return id.error();
      if (auto ok = take_added(item, text, *id); !ok) return ok;
    }
    return {};
  }

  Result<void> take_added(const Json& item, const std::string& text, TokenId id) {
    if (text.size() > AddedToken::kMaxBytes) {
      return bad(format("added token '{}...' is too long", shown(text)));
    }
    const auto known = ids_.find(text);
    TokenizerParts::Token& token = token_at(id);
    if (known == ids_.end() ? token.role != Role::unused : known->second != id) {
      return bad(format("added token '{}' has the id {}, which contradicts another token", shown(text), id));
    }
    AddedToken added;
    added.content = text;
    added.id = id;
    added.special = json_bool(item, "special").value_or(false);
    added.single_word = json_bool(item, "single_word").value_or(false);
    added.lstrip = json_bool(item, "lstrip").value_or(false);
    added.rstrip = json_bool(item, "rstrip").value_or(false);
    added.normalized = json_bool(item, "normalized").value_or(!added.special);
    token.control = added.special;
    if (known == ids_.end()) {
      token.text = text;
      ids_.emplace(text, id);
    }
    if (known == ids_.end() || added.special) token.role = Role::hidden;
    if (!text.empty()) parts_.added.push_back(std::move(added));
    return {};
  }

  Result<void> read_merges() {
    const Json* merges = json_find(*model_, "merges");
    if (merges == nullptr || !merges->is_array()) return bad("no array 'model.merges'");
    if (merges->size() > TokenizerParts::kMaxMerges) return bad("too many merges");
    parts_.merges.reserve(merges->size());
    std::string both;
    for (std::size_t i = 0; i < merges->size(); ++i) {
      std::string_view left;
      std::string_view right;
      if (!halves((*merges)[i], left, right)) {
        return bad(format("merge {} is neither \"a b\" nor [\"a\", \"b\"]", i));
      }
      both = left;
      both += right;
      const TokenId a = id_of(left);
      const TokenId b = id_of(right);
      const TokenId result = id_of(both);
      if (a < 0 || b < 0 || result < 0) {
        return bad(format("merge {}: '{}' is no token", i, shown(a < 0 ? left : b < 0 ? right : both)));
      }
      parts_.merges.push_back({a, b, result, static_cast<std::uint32_t>(i)});
    }
    return {};
  }

  static bool halves(const Json& merge, std::string_view& left, std::string_view& right) {
    if (merge.is_string()) {
      const std::string_view text = merge.get_ref<const std::string&>();
      const std::size_t space = text.find(' ');
      if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
        return false;
      }
      left = text.substr(0, space);
      right = text.substr(space + 1);
      return true;
    }
    if (!merge.is_array() || merge.size() != 2 || !merge[0].is_string() || !merge[1].is_string()) {
      return false;
    }
    left = merge[0].get_ref<const std::string&>();
    right = merge[1].get_ref<const std::string&>();
    return true;
  }

  TokenId id_of(std::string_view text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? -1 : found->second;
  }

  // BOS, EOS and the unknown token. tokenizer_config.json goes before the template of the post-processor.
  Result<void> read_named() {
    if (parts_.tokens.empty()) return bad("no tokens");
    const auto leading = leading_token(json_find(file_, "post_processor"));
    const auto bos = named("bos_token");
    if (auto ok = set_named(bos ? bos : leading, "BOS", parts_.bos); !ok) return ok;
    if (auto ok = set_named(named("eos_token"), "EOS", parts_.eos); !ok) return ok;
    if (auto ok = set_named(json_string(*model_, "unk_token"), "unknown", parts_.unknown); !ok) return ok;
    for (const std::optional<TokenId>& id : {parts_.bos, parts_.eos}) {
      if (id) parts_.tokens[static_cast<std::size_t>(*id)].control = true;
    }
    parts_.add_bos = parts_.bos && json_bool(config_, "add_bos_token").value_or(leading.has_value());
    return {};
  }

  std::optional<std::string> named(const char* member) const {
    const Json* value = json_find(config_, member);
    if (value == nullptr) return std::nullopt;
    return value->is_object() ? json_string(*value, "content") : json_string(config_, member);
  }

  Result<void> set_named(const std::optional<std::string>& text, const char* what,
                         std::optional<TokenId>& out) const {
    if (!text) return {};
    const TokenId id = id_of(*text);
    if (id < 0) return bad(format("the {} token '{}' is no token", what, shown(*text)));
    out = id;
    return {};
  }

  const Json& file_;
  const Json& config_;
  const Json* model_ = nullptr;
  std::size_t token_count_ = 0;
  std::unordered_map<std::string_view, TokenId> ids_;  // as the file writes them
  TokenizerParts parts_;
};

}  // namespace

Result<std::unique_ptr<Tokenizer>> tokenizer_from_json(const Json& tokenizer, const Json& config) {
  if (!tokenizer.is_object()) return bad("no JSON object");
  return JsonReader(tokenizer, config).read();
}

}  // namespace assay
