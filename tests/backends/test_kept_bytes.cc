#include "backends/remote/kept_bytes.h"

#include "harness/base/format.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

std::string stream(std::size_t bytes) {
  std::string out;
  for (int i = 0; out.size() < bytes; ++i) {
    out += format(R"(data: {{"id":"c","model":"m","choices":[{{"index":0,"delta":{{"content":"w{}"}}}}]}})", i * 7919 % 1000);
    out += "\n\n";
  }
  return out;
}

TEST_CASE("kept bytes: all come back in whatever pieces they came, up to the limit") {
  const std::string text = stream(300000);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{32768}, std::size_t{299999}}) {
    for (const std::size_t limit : {std::size_t{0}, std::size_t{5}, std::size_t{32768}, std::size_t{1} << 30}) {
      KeptBytes kept(limit);
      for (std::size_t at = 0; at < text.size(); at += piece) kept.add(std::string_view(text).substr(at, piece));
      CHECK(kept.size() == std::min(limit, text.size()));
      CHECK(kept.take() == text.substr(0, limit));
      CHECK(kept.take().empty());
    }
  }
}

TEST_CASE("kept bytes: a long stream takes a tenth of its size") {
  const std::string text = stream(3 << 20);
  KeptBytes kept(1 << 30);
  for (std::size_t at = 0; at < text.size(); at += 90) kept.add(std::string_view(text).substr(at, 90));
  CHECK(kept.packed_size() < text.size() / 10);
  CHECK(kept.take() == text);
}

}  // namespace
}  // namespace assay
