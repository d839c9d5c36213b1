#include "backends/remote/redact.h"

#include "harness/base/rng.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

std::string cleaned(std::string text, const std::vector<std::string>& secrets) {
  Redactor(secrets).clean(text);
  return text;
}

// The same text through a stream that is cut at every place.
std::string streamed(const std::string& text, const std::vector<std::string>& secrets, std::size_t piece) {
  const Redactor redactor(secrets);
  StreamRedactor stream(redactor);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    out += stream.feed(std::string_view(text).substr(at, piece));
  }
  return out + stream.finish();
}

TEST_CASE("redact: a key is taken out wherever it stands and however it is spelled") {
  struct Row {
    std::vector<std::string> keys;
    std::string text;
    std::string wanted;
  };
  const Row rows[] = {
      {{"sk-12345678"}, "sk-12345678 and sk-12345678", "[key] and [key]"},
      {{"ab/cd/efgh"}, R"({"m": "ab\/cd\/efgh"})", R"({"m": "[key]"})"},
      {{"ab/cd/efgh"}, R"(ab\u002Fcd\u002fefgh.)", "[key]."},
      {{"ab/cd/efgh"}, R"(a ab\\\/cd\\\/efgh)", "a [key]"},
      {{"/b<cd&efgh"}, R"(\/b\u003ccd\u0026efgh)", "[key]"},
      {{R"(ab\cd"efgh)"}, R"(ab\cd"efgh ab\\cd\"efgh)", "[key] [key]"},
      {{"ab/cd/efgh"}, R"(ab\/cd\/efg ab\ncd ab\)", R"(ab\/cd\/efg ab\ncd ab\)"},
      {{"aaaabaaaac"}, "aaaaaaaabaaaac", "aaaa[key]"},
      {{"ab/cd+e=gh"}, "u=ab%2Fcd%2be%3Dgh&v=%61b/cd+e=gh", "u=[key]&v=[key]"},
      {{"ab/cd+e=gh"}, "ab%2Fcd%2be%3Dg 100%", "ab%2Fcd%2be%3Dg 100%"},
      // base64 of the key, of "user:" and the key, of "us:" and the key and "!"
      {{"sk-canary-0001"}, "Basic c2stY2FuYXJ5LTAwMDE=", "Basic [key]E="},
      {{"sk-canary-0001"}, "Basic dXNlcjpzay1jYW5hcnktMDAwMQ==", "Basic dXNlcjp[key]Q=="},
      {{"sk-canary-0001"}, "Basic dXM6c2stY2FuYXJ5LTAwMDEh", "Basic dXM6[key]Eh"},
      {{"sk-canary", "sk-canary-0001"}, "sk-canary-0001 sk-canary", "[key] [key]"},
      {{"EMPTY"}, "EMPTY", "EMPTY"},
      {{""}, "EMPTY", "EMPTY"},
      {{}, "EMPTY", "EMPTY"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const std::string got = cleaned(row.text, row.keys);
    if (row.text.rfind("Basic", 0) == 0) {
      // What the neighbours of the key decide as well may stay: six bits at either end.
      CHECK(got.find("[key]") != std::string::npos);
      CHECK(got.size() <= row.wanted.size() + 2);
      CHECK(got.find("Y2FuYXJ5") == std::string::npos);
      CHECK(got.find("jYW5hcnkt") == std::string::npos);
      continue;
    }
    CHECK(got == row.wanted);
    for (const std::size_t piece : {1, 2, 3, 7}) CHECK(streamed(row.text, row.keys, piece) == row.wanted);
  }
}

TEST_CASE("redact: half a key at the end of a text that was cut goes too") {
  const Redactor redactor({"sk-canary-0001"});
  struct Row {
    std::string text;
    std::string wanted;
  };
  for (const Row& row : {Row{"a sk-canary-000", "a [key]"}, Row{"a sk-can", "a [key]"}, Row{"a sk-ca", "a sk-ca"},
                         Row{"a sk-can b", "a sk-can b"}, Row{"sk-canary-0001 sk\\u002dcan", "[key] [key]"}}) {
    std::string text = row.text;
    redactor.clean_cut(text);
    CHECK(text == row.wanted);
    for (const std::size_t piece : {1, 4, 100}) CHECK(streamed(row.text, {"sk-canary-0001"}, piece) == row.wanted);
  }
  std::string whole = "a sk-can";
  redactor.clean(whole);
  CHECK(whole == "a sk-can");
}

TEST_CASE("redact: a stream gives what the whole text gives, wherever it is cut") {
  // Texts out of the pieces that keys and their spellings are made of, so that near misses are common.
  const std::vector<std::string> keys = {"ab/cd-ab/c", "ab/cd-ab/cd\\x"};
  const char* pieces[] = {"ab", "/", "cd", "-", "c", "\\/", "\\u002f", "%2F", "\\", "\\\\x", "x", "%", "u0",
                          "YWIv", "Y2Qt", "YWIvYw", "ab/cd-ab/c"};
  Rng rng(7);
  const Redactor redactor(keys);
  int found = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 14; ++i) text += pieces[rng.uniform(0, static_cast<std::int64_t>(std::size(pieces)) - 1)];
    std::string whole = text;
    redactor.clean_cut(whole);
    found += whole != text;
    for (const std::size_t piece : {1, 3, 8}) {
      if (streamed(text, keys, piece) == whole) continue;
      FAIL_CHECK(text << " in pieces of " << piece);
    }
  }
  CHECK(found > 300);
}

TEST_CASE("redact: text without a secret passes a stream untouched, and hostile text costs linear time") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 37 % 256);
  for (const std::size_t piece : {1, 5, 4096}) CHECK(streamed(text, {"sk-canary-0001"}, piece) == text);
  const std::string slashes = std::string(1 << 20, '\\') + "\n";
  CHECK((cleaned(slashes, {"/bcdefgh"}) == slashes));
  CHECK((streamed(slashes, {"/bcdefgh"}, 1 << 12) == slashes));
  std::string halves;
  for (int i = 0; i < 50000; ++i) halves += "sk-canary-000";
  halves += "\n";
  CHECK((streamed(halves, {"sk-canary-0001"}, 13) == halves));
}

}  // namespace
}  // namespace assay
