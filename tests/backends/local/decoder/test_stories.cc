// A trained model, end to end: its files, its vocabulary, the decoder and greedy choice give the known text.
#include <algorithm>

#include "backends/local/model_files.h"
#include "tests/backends/local/decoder/tiny.h"
#include "tests/backends/local/local_data.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

using namespace assay;
using namespace assay::local;
using namespace assay::local::test;

namespace {

TokenId greedy(const std::vector<float>& logits) {
  return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

TEST_CASE("200 greedy tokens of stories260K are the pinned text", "[decoder]") {
  const auto path = assay::test::local_data("stories260K.bin");
  const auto wanted = assay::test::local_data("stories260K.greedy200.txt");
  if (!path || !wanted) {
    WARN("stories260K.bin is not there: skipped");
    return;
  }
  const auto files = open_model(*path);
  INFO((files.ok() ? "" : files.error().message));
  REQUIRE(files.ok());
  REQUIRE(files->tokenizer->bos());
  for (const char* kernels : {"torch", "auto"}) {
    INFO("kernels " << kernels);
    const auto model = load(*files, on_cpu("fp32", kernels), 16);
    Fed sequence{{*files->tokenizer->bos()}, {}, 0};
    for (std::int32_t i = 0; i < 16; ++i) sequence.blocks.push_back(15 - i);
    while (sequence.tokens.size() < 201) sequence.tokens.push_back(greedy(feed(*model, sequence, 1)));
    // The text is what the reference program prints: the tokens, then a line feed of its own.
    const std::span<const TokenId> said = std::span<const TokenId>(sequence.tokens).subspan(1);
    CHECK(files->tokenizer->decode(said) + "\n" == assay::test::read_file(*wanted));
  }
}
