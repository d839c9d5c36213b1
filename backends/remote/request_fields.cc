#include "backends/remote/request_fields.h"

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr int kMostLevels = 8;  // of objects that are merged

// `path` is where `from` stands, for messages: "" or "generationConfig.".
Result<void> merge_into(const Json& from, const std::string& path, int levels, Json& into) {
  for (const auto& [key, value] : from.items()) {
    const auto found = into.find(key);
    if (found == into.end()) {
      into[key] = value;
      continue;
    }
    if (!found->is_object() || !value.is_object() || levels == 0) {
      return invalid(format("sampling.extra may not set {}{}, which is set already", path, printable(key)));
    }
    if (auto ok = merge_into(value, format("{}{}.", path, key), levels - 1, *found); !ok) return ok;
  }
  return {};
}

}  // namespace

Result<void> refuse_parameters(std::initializer_list<Parameter> parameters) {
  for (const Parameter& p : parameters) {
    if (p.is_set) return invalid(format("{} is set, and this API has no such parameter", p.name));
  }
  return {};
}

Result<void> add_extra(const Json& extra, std::initializer_list<std::string_view> reserved, Json& body) {
  if (!extra.is_object()) return {};
  for (const std::string_view key : reserved) {
    if (json_find(extra, key) != nullptr) return invalid(format("sampling.extra may not set {}", key));
  }
  return merge_into(extra, "", kMostLevels, body);
}

Result<Conversation> split_system(const Request& request) {
  Conversation out;
  for (const Message& m : request.messages) {
    if (m.role != Role::system) break;
    ++out.begin;
    if (out.system) {
      *out.system += "\n\n" + m.content;
    } else {
      out.system = m.content;
    }
  }
  for (std::size_t i = out.begin; i < request.messages.size(); ++i) {
    if (request.messages[i].role != Role::system) continue;
    return invalid(format("message {} is a system message; this API takes them at the start only", i + 1));
  }
  return out;
}

}  // namespace assay
