#include "harness/run/call_digest.h"

namespace assay {

Digest call_digest(const BackendInfo& backend, const CallRole& role, const Request& request) {
  DigestBuilder b;
  b.add("version", std::int64_t{kCallDigestVersion});
  b.add("backend", backend.id).add("model", backend.model).add("revision", backend.revision);
  b.add("url", role.base_url).add("options", role.options).add("entry", role.model_entry).add("variant", role.variant);
  b.add("task", request.task).add("identity", role.identity.view());
  b.add("occurrence", std::int64_t{role.occurrence});
  for (const Message& m : request.messages) b.add(name(m.role), m.content);
  b.add("prefix", request.prefix).add("sampling", dump_json(to_json(request.sampling)));
  b.add("kind", static_cast<std::int64_t>(request.kind)).add("epoch", std::int64_t{request.epoch});
  b.add("step", std::int64_t{request.step}).add("draw", std::int64_t{request.draw});
  return b.finish();
}

Json request_json(const Request& request) {
  Json messages = Json::array();
  for (const Message& m : request.messages)
    messages.push_back(Json{{"role", name(m.role)}, {"content", m.content}});
  Json out{{"messages", std::move(messages)}, {"sampling", to_json(request.sampling)}};
  if (!request.prefix.empty()) out["prefix"] = request.prefix;
  return out;
}

}  // namespace assay
