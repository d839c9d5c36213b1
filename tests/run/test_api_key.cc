#include <cstdlib>

#include "harness/run/workload.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("a key comes from the variable that is named, or from the service's own") {
  struct Row {
    const char* backend;
    const char* base_url;
    const char* named;
    const char* variable;
  };
  const Row rows[] = {
      {"openai", "", "", "OPENAI_API_KEY"},
      {"openai", "https://api.openai.com/v1", "", "OPENAI_API_KEY"},
      {"openai", "https://api.deepseek.com", "", "DEEPSEEK_API_KEY"},
      {"openai", "https://api.my-service.co/v1?x=a.b", "", "MY_SERVICE_API_KEY"},
      {"openai", "http://127.0.0.1:8000/v1", "", ""},
      {"openai", "http://localhost:8000", "", ""},
      {"openai", "http://localhost:8000", "LOCAL_KEY", "LOCAL_KEY"},
      {"openai", "https://api.deepseek.com", "TEAM_KEY", "TEAM_KEY"},
      {"anthropic", "", "", "ANTHROPIC_API_KEY"},
      {"deepseek", "", "", "DEEPSEEK_API_KEY"},
      {"openrouter", "", "", "OPENROUTER_API_KEY"},
      {"openai", "https://openrouter.ai/api/v1", "", "OPENROUTER_API_KEY"},
      {"completions", "https://api.together.xyz/v1", "", "TOGETHER_API_KEY"},
      {"completions", "http://[::1]:8000/v1", "", ""},
      {"openai-responses", "", "", "OPENAI_API_KEY"},
      {"gemini", "", "", "GEMINI_API_KEY"},
      {"gemini", "https://generativelanguage.googleapis.com/v1beta", "", "GEMINI_API_KEY"},
      {"openai", "https://api.x.ai/v1", "", "XAI_API_KEY"},
  };
  for (const Row& row : rows) {
    ModelEntry m;
    m.backend = row.backend;
    m.base_url = row.base_url;
    m.api_key_env = row.named;
    INFO(row.base_url);
    CHECK(api_key_variable(m) == row.variable);
  }
}

TEST_CASE("a named variable must be set; a service's own may be missing, and is not lent to another") {
  unsetenv("ASSAY_TEST_KEY");
  setenv("OPENAI_API_KEY", "sk-secret", 1);
  unsetenv("DEEPSEEK_API_KEY");
  ModelEntry m;
  m.name = "m";
  m.backend = "openai";
  m.base_url = "https://api.deepseek.com";
  CHECK(api_key(m)->empty());
  m.base_url.clear();
  CHECK(*api_key(m) == "sk-secret");
  m.api_key_env = "ASSAY_TEST_KEY";
  auto missing = api_key(m);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("ASSAY_TEST_KEY") != std::string::npos);
  setenv("ASSAY_TEST_KEY", "other", 1);
  CHECK(*api_key(m) == "other");
  CHECK(dump_json(to_json(m)).find("other") == std::string::npos);
}
