#include "backends/remote/responses_request.h"

#include "backends/remote/request_fields.h"
#include "harness/base/format.h"

namespace assay {
namespace {

std::string role_of(const ResponsesForm& form, Role role) {
  if (role == Role::system) return form.system_role;
  return role == Role::user ? "user" : "assistant";
}

Result<void> check_request(const Request& r) {
  const Sampling& s = r.sampling;
  if (r.choices != 1) return invalid(format("{} choices asked for; this API makes one a request", r.choices));
  if (!r.prefix.empty()) return invalid("asked to go on from a cut answer, which this API cannot do");
  if (s.thinking_budget) return invalid("thinking_budget is set; this API takes reasoning_effort instead");
  return refuse_parameters({{"stop", !s.stop.empty()},
                            {"seed", s.seed.has_value()},
                            {"top_k", s.top_k.has_value()},
                            {"min_p", s.min_p.has_value()},
                            {"presence_penalty", s.presence_penalty.has_value()},
                            {"frequency_penalty", s.frequency_penalty.has_value()},
                            {"repetition_penalty", s.repetition_penalty.has_value()}});
}

}  // namespace

Result<std::string> responses_body(const ResponsesForm& form, const Request& r) {
  const Sampling& s = r.sampling;
  if (auto ok = check_request(r); !ok) return ok.error();
  // Nothing is stored at the provider: an evaluation's questions are not to be found there later.
  Json body = {{"model", form.model}, {"store", false}};
  Json& input = body["input"] = Json::array();
  for (const Message& m : r.messages) {
    input.push_back({{"role", role_of(form, m.role)}, {"content", m.content}});
  }
  put_field(body, "max_output_tokens", s.max_tokens);
  put_field(body, "temperature", s.temperature);
  put_field(body, "top_p", s.top_p);
  if (s.reasoning_effort) body["reasoning"]["effort"] = *s.reasoning_effort;
  if (!form.summary.empty()) body["reasoning"]["summary"] = form.summary;
  if (form.encrypted) body["include"] = {"reasoning.encrypted_content"};
  if (form.stream) body["stream"] = true;
  if (auto ok = add_extra(s.extra, {"model", "input", "stream", "background", "previous_response_id"}, body);
      !ok) {
    return ok.error();
  }
  return dump_json(body);
}

}  // namespace assay
