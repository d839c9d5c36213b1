#include "harness/mock/batch_openai.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "harness/base/clock.h"
#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/mock/routes.h"

namespace assay::mock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostLines = 50'000;  // of an input file
constexpr std::size_t kMostBatches = 10'000;

Answer refuse(int status, std::string_view message) {
  return json_answer(status, error_body(message, "invalid_request_error", "invalid_value"));
}

bool may_enter(const MockRequest& r, const Context& c) {
  return c.options.api_key.empty() || r.header("Authorization") == "Bearer " + c.options.api_key;
}

Answer wrong_key() {
  return json_answer(401, error_body("wrong API key", "authentication_error", "invalid_api_key"));
}

// The content of the part of a form whose name is `name` (RFC 7578).
std::optional<std::string_view> part(const MockRequest& r, std::string_view name) {
  const std::string type = r.header("Content-Type");
  const std::size_t at = type.find("boundary=");
  if (type.rfind("multipart/form-data", 0) != 0 || at == std::string::npos) return std::nullopt;
  std::string boundary = type.substr(at + 9);
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.size() >= 2 && boundary.front() == '"') boundary = boundary.substr(1, boundary.size() - 2);
  const std::string_view body = r.body;
  const std::size_t found = body.find(format("name=\"{}\"", name));
  if (boundary.empty() || found == std::string_view::npos) return std::nullopt;
  const std::size_t begin = body.find("\r\n\r\n", found);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = body.find("\r\n--" + boundary, begin + 4);
  if (end == std::string_view::npos) return std::nullopt;
  return body.substr(begin + 4, end - begin - 4);
}

std::string add_file(Batches& b, std::string text) {
  b.bytes += text.size();
  std::string id = format("file-mock{}", b.files.size() + 1);
  b.files[id] = std::move(text);
  return id;
}

Json json_of(const Batch& b) {
  const auto id_or_null = [](const std::string& id) { return id.empty() ? Json() : Json(id); };
  Json out = {{"id", b.id},
              {"object", "batch"},
              {"endpoint", b.endpoint},
              {"status", b.status},
              {"input_file_id", b.input_file},
              {"output_file_id", id_or_null(b.output_file)},
              {"error_file_id", id_or_null(b.error_file)},
              {"completion_window", "24h"},
              {"created_at", b.created},
              {"metadata", b.metadata},
              {"errors", nullptr},
              {"request_counts", {{"total", b.total}, {"completed", b.completed}, {"failed", b.failed}}}};
  if (!b.error.empty()) {
    out["errors"] = {{"object", "list"},
                     {"data", {{{"code", "invalid_request"}, {"message", b.error}, {"line", nullptr}}}}};
  }
  return out;
}

std::string all_of(Answer& answer) {
  std::string out;
  double wait_s = 0;
  while (answer.body && answer.body->next(out, wait_s) == Body::Next::piece) {
  }
  return out;
}

// The answer to one line of the input, as a line of the output. False: it failed, and belongs to the error
// file.
bool answer_line(const Json& item, const Batch& batch, Context& c, std::string& line) {
  MockRequest r;
  r.method = "POST";
  r.path = batch.endpoint;
  if (!c.options.api_key.empty()) r.headers.emplace_back("Authorization", "Bearer " + c.options.api_key);
  const Json* body = json_find(item, "body");
  r.body = dump_json(body == nullptr ? Json() : *body);
  Answer a = answer(r, c);
  std::string text = a.wire == Wire::plain || a.wire == Wire::drip ? all_of(a) : std::string();
  auto parsed = parse_json(text);
  const int status = parsed.ok() ? a.status : 500;
  std::string id;
  if (a.record) {
    id = a.record->id;
    const End end = parsed.ok() || a.record->planned != End::complete ? a.record->planned : End::broken;
    c.ledger.began(*a.record);
    c.ledger.ended(*a.record, end, text.size());
  }
  const Json shown = parsed.ok() ? std::move(*parsed)
                                 : Json{{"error", {{"message", "no answer"}, {"type", "server_error"}}}};
  line = dump_json({{"id", "batch_req_" + id},
                    {"custom_id", json_string(item, "custom_id").value_or("")},
                    {"response", {{"status_code", status}, {"request_id", id}, {"body", shown}}},
                    {"error", nullptr}});
  line += '\n';
  return status == 200;
}

// Calls `take` with each line that is not empty; stops when it says false.
void for_lines(std::string_view text, const std::function<bool(std::string_view)>& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0 && !take(text.substr(0, end))) return;
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

void run(Batch& b, Context& c) {
  const std::string input = c.batches.files[b.input_file];
  std::string output, errors, line;
  for_lines(input, [&](std::string_view text) {
    const auto item = parse_json(text);
    const bool good = item.ok() && answer_line(*item, b, c, line);
    (good ? output : errors) += line;
    ++(good ? b.completed : b.failed);
    return true;
  });
  if (!output.empty()) b.output_file = add_file(c.batches, std::move(output));
  if (!errors.empty()) b.error_file = add_file(c.batches, std::move(errors));
  b.status = "completed";
}

// What is wrong with an input file; empty: nothing.
std::string check_input(std::string_view text, Batch& b) {
  std::string wrong;
  for_lines(text, [&](std::string_view line) {
    ++b.total;
    const auto item = parse_json(line);
    if (!item || !json_string(*item, "custom_id")) {
      wrong = format("line {} is no JSON object with a custom_id", b.total);
    } else if (json_string(*item, "url") != b.endpoint) {
      wrong = format("the url of line {} is not the batch's endpoint", b.total);
    } else if (b.total > kMostLines) {
      wrong = format("more than {} requests", kMostLines);
    }
    return wrong.empty();
  });
  if (b.total == 0) wrong = "the input file is empty";
  return wrong;
}

void settle(Batch& b, Context& c) {
  if (b.status == "in_progress" && Clock::now() >= b.done_at) run(b, c);
}

// The batch that "/v1/batches/ID..." names.
Batch* find(const MockRequest& r, Context& c) {
  std::string_view id = std::string_view(r.path).substr(std::string_view("/v1/batches/").size());
  id = id.substr(0, id.find('/'));
  for (Batch& b : c.batches.all) {
    if (b.id == id) return &b;
  }
  return nullptr;
}

std::string query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(query.size(), end + 1));
    const std::size_t is = pair.find('=');
    if (is != std::string_view::npos && pair.substr(0, is) == key) return std::string(pair.substr(is + 1));
  }
  return {};
}

}  // namespace

Answer upload_file(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  if (part(r, "purpose") != "batch") return refuse(400, "`purpose` must be batch");
  const auto file = part(r, "file");
  if (!file) return refuse(400, "`file` is missing");
  if (c.batches.bytes + file->size() > Batches::kMaxBytes)
    return refuse(413, "this server keeps no more files");
  const std::string id = add_file(c.batches, std::string(*file));
  return json_answer(
      200, dump_json({{"id", id}, {"object", "file"}, {"bytes", file->size()}, {"purpose", "batch"}}));
}

Answer file_content(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  std::string_view id = std::string_view(r.path).substr(std::string_view("/v1/files/").size());
  const std::size_t slash = id.find('/');
  if (slash == std::string_view::npos || id.substr(slash) != "/content")
    return refuse(404, "no such address");
  const auto found = c.batches.files.find(std::string(id.substr(0, slash)));
  if (found == c.batches.files.end()) return refuse(404, "no such file");
  Answer out = json_answer(200, found->second);
  out.content_type = "application/octet-stream";
  return out;
}

Answer make_batch(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  const auto body = parse_json(r.body);
  if (!body) return refuse(400, body.error().message);
  Batch b;
  b.endpoint = json_string(*body, "endpoint").value_or("");
  b.input_file = json_string(*body, "input_file_id").value_or("");
  if (b.endpoint != "/v1/chat/completions" && b.endpoint != "/v1/completions") {
    return refuse(400, "`endpoint` must be /v1/chat/completions or /v1/completions");
  }
  if (json_string(*body, "completion_window") != "24h") return refuse(400, "`completion_window` must be 24h");
  const auto file = c.batches.files.find(b.input_file);
  if (file == c.batches.files.end()) return refuse(400, "`input_file_id` names no file");
  if (c.batches.all.size() >= kMostBatches) return refuse(429, "this server keeps no more batches");
  if (const Json* metadata = json_find(*body, "metadata")) b.metadata = *metadata;
  b.id = format("batch_mock{}", c.batches.all.size() + 1);
  b.created = unix_micros() / 1'000'000;
  b.done_at = Clock::now() + std::chrono::microseconds(static_cast<std::int64_t>(c.options.batch_s * 1e6));
  b.error = check_input(file->second, b);
  if (!b.error.empty()) b.status = "failed";
  c.batches.all.push_back(std::move(b));
  return json_answer(200, dump_json(json_of(c.batches.all.back())));
}

Answer list_batches(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  std::size_t limit = 20;
  const std::string wanted = query_value(r.query, "limit"), after = query_value(r.query, "after");
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), limit);
  limit = std::clamp<std::size_t>(limit, 1, 100);
  Json data = Json::array();
  bool on = after.empty(), more = false;
  for (auto it = c.batches.all.rbegin(); it != c.batches.all.rend() && !more; ++it) {
    if (on) {
      more = data.size() == limit;
      settle(*it, c);
      if (!more) data.push_back(json_of(*it));
    }
    on = on || it->id == after;
  }
  return json_answer(200, dump_json({{"object", "list"}, {"data", data}, {"has_more", more}}));
}

Answer show_batch(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  Batch* batch = find(r, c);
  if (batch == nullptr) return refuse(404, "no such batch");
  settle(*batch, c);
  return json_answer(200, dump_json(json_of(*batch)));
}

Answer cancel_batch(const MockRequest& r, Context& c) {
  if (!may_enter(r, c)) return wrong_key();
  Batch* batch = find(r, c);
  const std::string_view end = "/cancel";
  const bool cancels =
      r.path.size() > end.size() && r.path.compare(r.path.size() - end.size(), end.size(), end) == 0;
  if (batch == nullptr || !cancels) return refuse(404, "no such batch");
  settle(*batch, c);
  if (batch->status == "in_progress") batch->status = "cancelled";
  return json_answer(200, dump_json(json_of(*batch)));
}

}  // namespace assay::mock
