#include "backends/replay/replay.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

#include "harness/base/format.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

class File {
 public:
  explicit File(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              format("assay-replay-{}-{}.jsonl", ::getpid(), next_++)) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  static inline int next_ = 0;
  std::filesystem::path path_;
};

Result<std::unique_ptr<Backend>> make(const std::string& path, Json options = Json::object()) {
  BackendOptions o;
  o.options = std::move(options);
  o.options["file"] = path;
  return make_replay(o);
}

BackendReply ask(Backend& b, const std::string& key, std::uint32_t epoch = 0, std::uint32_t draw = 0,
                 std::uint32_t choices = 1, std::uint32_t step = 0) {
  Request r;
  r.task = "math/x";
  r.sample_key = key;
  r.epoch = epoch;
  r.draw = draw;
  r.step = step;
  r.choices = choices;
  auto promise = std::make_shared<std::promise<BackendReply>>();
  auto future = promise->get_future();
  b.submit(std::move(r), [promise](BackendReply reply) { promise->set_value(std::move(reply)); });
  return future.get();
}

TEST_CASE("replay: rows are found by sample, epoch, step and draw") {
  const File file(
      "{\"sample_key\": \"a\", \"text\": \"a0\", \"finish\": \"length\", \"usage\": {\"input\": 5, "
      "\"output\": 2}}\n"
      "{\"id\": \"b\", \"output\": [\"b0\"], \"reasoning\": \"hm\", \"finish_reason\": \"stop\", \"extra\": "
      "1}\n"
      "\n"
      "{\"sample_key\": \"a\", \"text\": \"a1\", \"usage\": {\"prompt_tokens\": 9, \"completion_tokens\": "
      "3}}\n"
      "{\"sample_key\": \"c\", \"epoch\": 1, \"draw\": 2, \"text\": \"c12\"}\n"
      "{\"sample_key\": \"c\", \"epoch\": 0, \"text\": \"c00\"}\n"
      "{\"sample_key\": \"c\", \"epoch\": 0, \"step\": 1, \"text\": \"c0s1\"}\n"
      "{\"sample_key\": \"d\", \"task\": \"math/x\", \"text\": \"right task\"}\n"
      "{\"sample_key\": \"d\", \"task\": \"math/y\", \"text\": \"wrong task\"}\n"
      "{\"sample_key\": \"e\", \"task\": \"math/y\", \"text\": \"wrong task\"}\n"
      "{\"sample_key\": \"f\", \"text\": null, \"refusal\": \"no\"}");
  auto made = make(file.path());
  REQUIRE(made.ok());
  Backend& b = **made;
  BackendReply reply = ask(b, "a");
  REQUIRE(reply.responses.size() == 1);
  CHECK(reply.responses[0].text == "a0");
  CHECK(reply.responses[0].finish == FinishReason::length);
  CHECK(reply.responses[0].usage.input == 5);
  CHECK_FALSE(reply.responses[0].usage.reasoning.has_value());
  reply = ask(b, "a", 1);
  CHECK(reply.responses.at(0).text == "a1");
  CHECK(reply.responses[0].finish == FinishReason::unknown);
  CHECK(reply.responses[0].usage.output == 3);
  reply = ask(b, "b");
  CHECK(reply.responses.at(0).text == "b0");
  CHECK(reply.responses[0].reasoning == "hm");
  CHECK(reply.responses[0].finish_raw == "stop");
  CHECK(ask(b, "c", 1, 2).responses.at(0).text == "c12");
  CHECK(ask(b, "c", 1, 1, 1).error->code == Code::invalid);
  CHECK(ask(b, "c", 0, 0, 1, 1).responses.at(0).text == "c0s1");
  CHECK(ask(b, "d").responses.at(0).text == "right task");
  CHECK(ask(b, "f").responses.at(0).refusal == "no");
  for (const std::string key : {"e", "nowhere"}) {
    const BackendReply missing = ask(b, key);
    REQUIRE(missing.error.has_value());
    CHECK(missing.error->code == Code::invalid);
    CHECK(missing.error->message.find("holds no answer to math/x sample " + key) != std::string::npos);
  }
  const BackendReply third = ask(b, "a", 2);
  REQUIRE(third.error.has_value());
  CHECK(third.error->message.find("holds 2 answers to math/x sample a, none for epoch 2") !=
        std::string::npos);
  CHECK(b.describe().model.rfind("assay-replay-", 0) == 0);
  CHECK(b.describe().revision.size() == 64);
}

TEST_CASE("replay: rows may be draws instead of epochs") {
  const File file("{\"id\": \"a\", \"text\": \"one\"}\n{\"id\": \"a\", \"text\": \"two\"}\n");
  auto made = make(file.path(), {{"rows", "draws"}});
  REQUIRE(made.ok());
  CHECK(ask(**made, "a", 0, 1).responses.at(0).text == "two");
  const BackendReply both = ask(**made, "a", 0, 0, 2);
  REQUIRE(both.responses.size() == 2);
  CHECK(both.responses[1].text == "two");
  CHECK(ask(**made, "a", 0, 0, 3).error.has_value());
}

TEST_CASE("replay: a bad row is named by file and line") {
  struct Row {
    std::string text;
    std::string wanted;
  };
  const std::string good = "{\"id\": \"a\", \"text\": \"x\"}\n";
  const Row rows[] = {
      {good + "{broken\n", ":2: "},
      {good + "[1]\n", ":2: a row must be a JSON object"},
      {good + "{\"text\": \"x\"}\n", ":2: the row names no sample"},
      {good + "{\"id\": 5, \"text\": \"x\"}\n", ":2: `id` must be a text"},
      {good + "{\"id\": \"b\"}\n", ":2: the row has no answer"},
      {good + "{\"id\": \"b\", \"text\": 5}\n", ":2: `text` must be a text"},
      {good + "{\"id\": \"b\", \"text\": \"x\", \"epoch\": -1}\n", ":2: `epoch` must be"},
      {good + "{\"id\": \"b\", \"text\": \"x\", \"usage\": {\"input\": -1}}\n", ":2: `usage.input` must be"},
      {good + "{\"id\": \"b\", \"text\": \"x\", \"usage\": 5}\n", ":2: `usage` must be an object"},
      {good + "{\"id\": \"a\", \"text\": \"x\", \"epoch\": 1}\n", ":2: sample a has rows with"},
      {"{\"id\": \"a\", \"text\": \"x\", \"epoch\": 1}\n{\"id\": \"a\", \"text\": \"y\", \"epoch\": 1}\n",
       ":2: sample a has a second row"},
      {"\n\n", "no recorded answer"},
  };
  for (const Row& row : rows) {
    const File file(row.text);
    auto made = make(file.path());
    REQUIRE_FALSE(made.ok());
    INFO(made.error().message);
    CHECK(made.error().code == Code::invalid);
    CHECK(made.error().message.find(row.wanted) != std::string::npos);
    CHECK(made.error().message.find(file.path()) != std::string::npos);
  }
  CHECK(make("/nonexistent.jsonl").error().code == Code::invalid);
  CHECK(make("", {}).error().message.find("option file") != std::string::npos);
}

}  // namespace
}  // namespace assay
