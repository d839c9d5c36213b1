#include "tests/backends/batch_provider.h"

#include "harness/base/format.h"

namespace assay::test {
namespace {

constexpr std::size_t kPage = 2;  // batches; small, so that lists have several pages

// The part of a multipart body whose name is `name`.
std::string part(const ServedRequest& r, const std::string& name) {
  const std::string type = r.header("Content-Type");
  const std::string mark = "boundary=";
  const std::string boundary = "--" + type.substr(type.find(mark) + mark.size());
  const std::size_t at = r.body.find("name=\"" + name + "\"");
  if (type.find("multipart/form-data") != 0 || at == std::string::npos) return {};
  const std::size_t begin = r.body.find("\r\n\r\n", at) + 4;
  return r.body.substr(begin, r.body.find("\r\n" + boundary, begin) - begin);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string asked(const Json& body) {
  const Json& list = body.contains("messages") ? body["messages"] : body["input"];
  return list.back()["content"].get<std::string>();
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

}  // namespace

BatchProvider::BatchProvider(Api api) : api_(api) {
  server_ = std::make_unique<HttpServer>([this](const ServedRequest& r, Peer& peer) { handle(r, peer); });
}

void BatchProvider::fault(std::string method, std::string path, Fault f) {
  const std::lock_guard<std::mutex> lock(mutex_);
  faults_.emplace_back(method + " /v1" + path, std::move(f));
}

void BatchProvider::lose_answer(std::string method, std::string path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  lose_ = method + " /v1" + path;
}

void BatchProvider::answer_with(std::function<std::string(const Json&)> line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  line_ = std::move(line);
}

std::size_t BatchProvider::batches() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return batches_.size();
}

std::size_t BatchProvider::files() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return files_.size();
}

std::vector<ServedRequest> BatchProvider::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

void BatchProvider::finish(const std::string& how) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (Batch& batch : batches_) end(batch, how);
}

void BatchProvider::handle(const ServedRequest& r, Peer& peer) {
  const std::string name = r.method + " " + r.target;
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back(r);
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!starts(name, it->first)) continue;
    const Fault f = std::move(it->second);
    faults_.erase(it);
    if (f(r, peer)) return;
    break;
  }
  int status = 200;
  std::string type = "application/json";
  const std::string body = act(r, status, type);
  if (!lose_.empty() && starts(name, lose_)) {
    lose_.clear();
    peer.reset();
    return;
  }
  peer.respond(status, body, type);
}

std::string BatchProvider::act(const ServedRequest& r, int& status, std::string& type) {
  const std::string base = api_ == Api::anthropic ? "/v1/messages/batches" : "/v1/batches";
  if (r.method == "POST" && r.target == "/v1/files") {
    const std::string id = format("file-{}", files_.size() + 1);
    files_[id] = part(r, "file");
    return part(r, "purpose") == "batch" ? Json{{"id", id}, {"object", "file"}}.dump() : "{}";
  }
  if (r.method == "POST" && r.target == base) {
    const Json body = parse_json(r.body).value();
    return api_ == Api::anthropic ? make_anthropic(body) : make_openai(body, status);
  }
  if (r.method == "GET" && starts(r.target, base + "?")) return page(r);
  for (auto& file : files_) {
    if (r.target != "/v1/files/" + file.first + "/content") continue;
    type = "application/octet-stream";
    return file.second;
  }
  for (Batch& batch : batches_) {
    if (r.method == "GET" && r.target == base + "/" + batch.id) return shown(batch);
    if (r.method == "GET" && r.target == base + "/" + batch.id + "/results") return batch.output;
    if (r.method == "POST" && r.target == base + "/" + batch.id + "/cancel") {
      end(batch, "cancelled");
      return shown(batch);
    }
  }
  status = 404;
  return R"({"error":{"type":"not_found_error","message":"no such thing"}})";
}

std::string BatchProvider::make_openai(const Json& body, int& status) {
  Batch batch;
  batch.id = format("batch_{}", batches_.size() + 1);
  batch.status = "in_progress";
  batch.tag = body["metadata"]["assay_tag"].get<std::string>();
  batch.endpoint = body["endpoint"].get<std::string>();
  const auto file = files_.find(body["input_file_id"].get<std::string>());
  if (file == files_.end() || body["completion_window"] != "24h") {
    status = 400;
    return R"({"error":{"message":"bad batch"}})";
  }
  for (const std::string& line : lines_of(file->second)) {
    batch.items.push_back(parse_json(line).value());
    const Json& item = batch.items.back();
    if (item["method"] == "POST" && item["url"] == batch.endpoint && !item["body"].contains("stream"))
      continue;
    status = 400;
    return R"({"error":{"message":"bad line"}})";
  }
  batches_.push_back(std::move(batch));
  return shown(batches_.back());
}

std::string BatchProvider::make_anthropic(const Json& body) {
  Batch batch;
  batch.id = format("msgbatch_{}", batches_.size() + 1);
  batch.status = "in_progress";
  for (const Json& item : body["requests"]) batch.items.push_back(item);
  batches_.push_back(std::move(batch));
  return shown(batches_.back());
}

std::string BatchProvider::shown(const Batch& b) const {
  const std::size_t n = b.items.size();
  const bool done = b.status == "completed", working = b.status == "in_progress";
  if (api_ == Api::anthropic) {
    return Json{{"id", b.id},
                {"type", "message_batch"},
                {"processing_status", working ? "in_progress" : "ended"},
                {"created_at", "2026-11-24T10:00:00.5Z"},
                {"results_url", "http://127.0.0.1:9/elsewhere"},
                {"request_counts",
                 {{"processing", working ? n : 0},
                  {"succeeded", done ? n : 0},
                  {"errored", 0},
                  {"canceled", b.status == "cancelled" ? n : 0},
                  {"expired", b.status == "expired" ? n : 0}}}}
        .dump();
  }
  Json out = {{"id", b.id},
              {"status", b.status},
              {"created_at", 1'795'600'800},
              {"metadata", {{"assay_tag", b.tag}}},
              {"output_file_id", b.output.empty() ? Json() : Json(b.output)},
              {"error_file_id", b.errors.empty() ? Json() : Json(b.errors)},
              {"request_counts", {{"total", n}, {"completed", done ? n : 0}, {"failed", 0}}}};
  if (b.status == "failed")
    out["errors"] = {{"data", {{{"code", "invalid_json_line"}, {"message", "No JSON"}, {"line", 3}}}}};
  return out.dump();
}

// Newest first, kPage of them.
std::string BatchProvider::page(const ServedRequest& r) const {
  const std::string mark = api_ == Api::anthropic ? "&after_id=" : "&after=";
  const std::size_t at = r.target.find(mark);
  const std::string after = at == std::string::npos ? "" : r.target.substr(at + mark.size());
  Json data = Json::array();
  bool on = after.empty(), more = false;
  for (auto it = batches_.rbegin(); it != batches_.rend(); ++it) {
    if (on && data.size() == kPage) more = true;
    if (on && data.size() < kPage) data.push_back(parse_json(shown(*it)).value());
    on = on || it->id == after;
  }
  return Json{{"data", data}, {"has_more", more}}.dump();
}

std::string BatchProvider::line_of(const Json& item) const {
  if (line_) return line_(item);
  const std::string id = item["custom_id"].get<std::string>();
  if (api_ == Api::anthropic) {
    const Json message = {{"id", "msg"},
                          {"model", "m-1"},
                          {"stop_reason", "end_turn"},
                          {"content", {{{"type", "text"}, {"text", "re: " + asked(item["params"])}}}},
                          {"usage", {{"input_tokens", 7}, {"output_tokens", 3}}}};
    return Json{{"custom_id", id}, {"result", {{"type", "succeeded"}, {"message", message}}}}.dump();
  }
  const std::string text = "re: " + asked(item["body"]);
  Json body = {{"id", "c"}, {"model", "m-1"}, {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 3}}}};
  if (api_ == Api::chat) {
    body["choices"] = {{{"index", 0}, {"finish_reason", "stop"}, {"message", {{"content", text}}}}};
  } else {
    body["status"] = "completed";
    body["output"] = {{{"type", "message"}, {"content", {{{"type", "output_text"}, {"text", text}}}}}};
    body["usage"] = {{"input_tokens", 7}, {"output_tokens", 3}};
  }
  return Json{{"id", "x"},
              {"custom_id", id},
              {"error", nullptr},
              {"response", {{"status_code", 200}, {"request_id", "req_" + id}, {"body", body}}}}
      .dump();
}

// Of a batch that is not completed, the first request was answered and the others were not.
void BatchProvider::end(Batch& b, const std::string& how) {
  if (b.status != "in_progress") return;
  b.status = how;
  if (how == "failed") return;
  std::string output, errors;
  for (std::size_t i = b.items.size(); i-- > 0;) {  // not in the order of the requests
    if (how == "completed" || i == 0) {
      output += line_of(b.items[i]) + "\n";
      continue;
    }
    const std::string id = b.items[i]["custom_id"].get<std::string>();
    if (api_ == Api::anthropic) {
      output +=
          Json{{"custom_id", id}, {"result", {{"type", how == "expired" ? "expired" : "canceled"}}}}.dump() +
          "\n";
    } else {
      errors += Json{{"custom_id", id},
                     {"response", nullptr},
                     {"error", {{"code", "batch_" + how}, {"message", "m"}}}}
                    .dump() +
                "\n";
    }
  }
  if (api_ == Api::anthropic) {
    b.output = output;
    return;
  }
  b.output = "file-out-" + b.id;
  files_[b.output] = output;
  if (errors.empty()) return;
  b.errors = "file-err-" + b.id;
  files_[b.errors] = errors;
}

}  // namespace assay::test
