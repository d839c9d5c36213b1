// What tests of the local backend share: a backend over the fake model, questions, and replies as they come.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/local/engine/local_backend.h"
#include "harness/base/format.h"
#include "tests/backends/local/engine/fake_model.h"
#include "tests/support/catch.h"

namespace assay::local::test {

inline constexpr char kTemplate[] =
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}[assistant]{% if think %}<think>\n{% "
    "endif %}";

// Replies as they come, from the backend's thread; read by the test's once they are all there.
class Replies {
 public:
  Done slot(std::size_t i) {
    return [this, i](BackendReply reply) {
      const std::lock_guard lock(mutex_);
      all_[i].push_back(std::move(reply));
      ++count_;
      ready_.notify_all();
    };
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return ready_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ >= count; });
  }
  std::map<std::size_t, std::vector<BackendReply>>& all() { return all_; }  // when nothing is in flight
  const Response& response(std::size_t i, std::size_t choice = 0) {
    return all_.at(i).at(0).responses.at(choice);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<std::size_t, std::vector<BackendReply>> all_;
  std::size_t count_ = 0;
};

struct Fixture {
  LocalSettings settings;
  std::vector<std::string> words;
  std::string chat_template = kTemplate;
  GenerationDefaults generation;
  std::unique_ptr<FakeModel> model = std::make_unique<FakeModel>();
  FakeModel* watched = model.get();

  Fixture() {
    settings.model = "fake";
    settings.max_batch = 8;
  }
  Result<std::unique_ptr<Backend>> try_make() {
    ModelFiles files;
    files.tokenizer = std::make_unique<FakeTokenizer>(words);
    files.chat_template = chat_template;
    files.generation = generation;
    files.end_tokens = {FakeTokenizer::kEnd};
    return make_local_backend(settings, std::move(files), std::move(model));
  }
  std::unique_ptr<Backend> make() {
    auto made = try_make();
    if (!made) FAIL(made.error().message);
    return std::move(*made);
  }
};

inline Request question(std::size_t i, const std::string& text = "") {
  Request r;
  r.id = i + 1;
  r.task = "t";
  r.sample_key = std::to_string(i / 4);
  r.epoch = static_cast<std::uint32_t>(i % 4);
  r.messages.push_back({Role::user, text.empty() ? format("question {}", i / 4) : text});
  r.sampling.max_tokens = 30;
  r.sampling.temperature = 0.8;
  return r;
}

// A model that says a text after every prompt; prompts end in "[assistant]".
inline FakeModel::Next says(const std::string& text) {
  return [text](const std::vector<TokenId>& tokens) {
    const FakeTokenizer t;
    const std::string all = t.decode(tokens);
    const std::string said = all.substr(all.rfind("[assistant]") + 11);
    if (said.size() >= text.size()) return FakeTokenizer::kEnd;
    return t.encode(text.substr(said.size()), SpecialTokens::parse)[0];
  };
}

}  // namespace assay::local::test
