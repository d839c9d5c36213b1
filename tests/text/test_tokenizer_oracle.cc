// 2,000 random Unicode texts through three real tokenizer.json files, against the ids of another
// implementation.
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/unicode.h"
#include "harness/text/tokenizer.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"
#include "tests/text/tokenizer_oracle.h"

namespace assay {
namespace {

struct Family {
  const char* name;
  bool composes;  // its normaliser is NFC, so that texts come back composed
  bool adds_bos;
};

TEST_CASE("random Unicode texts tokenise as in another implementation, and back", "[text][tokenizer]") {
  const Family family = GENERATE(Family{"qwen3", true, false}, Family{"llama3_1", false, true},
                                 Family{"deepseek_v3", false, true});
  CAPTURE(family.name);
  const auto tokenizer = test::oracle_tokenizer(family.name);
  if (!tokenizer) return;  // said why
  CHECK(tokenizer->adds_bos() == family.adds_bos);
  CHECK(tokenizer->eos().has_value());
  const auto rows = parse_json(test::read_file(*test::oracle_folder() + "/ids-" + family.name + ".json"));
  REQUIRE(rows);
  REQUIRE(rows->size() >= 2000);
  std::size_t wrong_ids = 0;
  std::size_t wrong_texts = 0;
  for (const Json& row : *rows) {
    const auto text = row.at("text").get<std::string>();
    const auto expected = row.at("ids").get<std::vector<TokenId>>();
    const std::vector<TokenId> ids = tokenizer->encode(text, SpecialTokens::parse);
    const std::string back = family.composes ? normalize(text, Normalization::nfc) : text;
    if (ids != expected && ++wrong_ids <= 5) {
      CAPTURE(text);
      CHECK(ids == expected);
    }
    if (tokenizer->decode(ids) != back && ++wrong_texts <= 5) {
      CAPTURE(text);
      CHECK(tokenizer->decode(ids) == back);
    }
  }
  CHECK(wrong_ids == 0);
  CHECK(wrong_texts == 0);
}

}  // namespace
}  // namespace assay
