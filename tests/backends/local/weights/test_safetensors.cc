#include "backends/local/weights/safetensors.h"

#include "harness/base/format.h"
#include "harness/base/json.h"
#include "tests/backends/local/gguf_bytes.h"
#include "tests/support/catch.h"
#include "tests/support/temp_dir.h"

namespace assay::local {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string file_of(const std::string& header, const std::string& data) {
  std::string out;
  test::append_bytes<std::uint64_t>(out, header.size());
  return out + header + data;
}

TEST_CASE("safetensors: tensors of every type are read where they lie", "[safetensors]") {
  const std::string text = file_of(R"({"__metadata__":{"format":"pt"},
      "b":{"dtype":"BF16","shape":[2,2],"data_offsets":[4,12]},
      "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
      "empty":{"dtype":"F16","shape":[3,0],"data_offsets":[12,12]},
      "c":{"dtype":"F16","shape":[1],"data_offsets":[12,14]}}  )", "AAAABBBBBBBBCC");
  const auto tensors = read_safetensors("f", bytes_of(text));
  REQUIRE(tensors.ok());
  REQUIRE(tensors->size() == 4);
  CHECK((*tensors)[0].name == "a");
  CHECK((*tensors)[0].shape.empty());
  CHECK((*tensors)[1].dtype == DType::bf16);
  CHECK((*tensors)[1].shape == std::vector<std::int64_t>{2, 2});
  CHECK(static_cast<char>((*tensors)[1].bytes[7]) == 'B');
  CHECK((*tensors)[2].bytes.size() == 2);
  CHECK((*tensors)[3].bytes.empty());
}

TEST_CASE("safetensors: malformed files are refused, naming the tensor", "[safetensors]") {
  struct Row {
    std::string text;
    const char* message;
  };
  const auto one = [](const std::string& entry, const std::string& data = "AAAABBBB") {
    return file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":)" + entry + "}", data);
  };
  std::string large;
  test::append_bytes<std::uint64_t>(large, 100'000'001);
  std::string endless;
  test::append_bytes<std::uint64_t>(endless, UINT64_MAX);
  const std::vector<Row> rows = {
      {"", "truncated"},
      {"1234567", "truncated"},
      {large + std::string(100, ' '), "a header of 100000001 bytes"},
      {endless, "a header of 18446744073709551615 bytes"},
      {file_of("{}", "").substr(0, 9), "truncated: a header of 2 bytes in a file of 9"},
      {file_of("[]", ""), "its header is no JSON object"},
      {file_of("", ""), "its header is no JSON object"},
      {file_of("{\"a\":", ""), "its header:"},
      {file_of(
           R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
           "AAAABBBB"),
       "the key 'a' stands twice"},
      {file_of(R"({"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}})", "AAAA"),
       "'dtype' stands twice"},
      {one("7"), "tensor 'w' is no object"},
      {one(R"({"shape":[1],"data_offsets":[4,8]})"), "tensor 'w' has no dtype"},
      {one(R"({"dtype":"F8_E4M3","shape":[4],"data_offsets":[4,8]})"),
       "tensor 'w' has the type F8_E4M3, which is not"},
      {one(R"({"dtype":"F32","data_offsets":[4,8]})"), "tensor 'w' has no shape"},
      {one(R"({"dtype":"F32","shape":[-1],"data_offsets":[4,8]})"), "a shape that is negative or too large"},
      {one(R"({"dtype":"F32","shape":[1.0],"data_offsets":[4,8]})"), "a shape that is no integer"},
      {one(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[4,8]})"),
       "negative or too large"},
      {one(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[4,8]})"),
       "whose size overflows"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[4]})"), "has 1 data_offsets"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[8,4]})"), "ends at 4 before it begins at 8"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[8,12]})"),
       "ends at byte 12 of 8 bytes of data (truncated?)"},
      {one(R"({"dtype":"F32","shape":[2],"data_offsets":[4,8]})"),
       "has 4 bytes, but shape [2] of type F32 takes 8"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[2,6]})"), "tensor 'w' overlaps the one before it"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})"), "overlaps"},
      {one(R"({"dtype":"F16","shape":[1],"data_offsets":[6,8]})"), "a hole of 2 bytes before tensor 'w'"},
      {one(R"({"dtype":"F16","shape":[1],"data_offsets":[4,6]})"), "2 bytes of data belong to no tensor"},
      {file_of(R"({"\u001b[31m":{}})", ""), "tensor '\\x1b[31m' has no dtype"},
      {file_of(std::string(5000, '['), ""), "no JSON object"},
      {file_of("{\"a\":" + std::string(5000, '['), ""), "nested deeper"},
  };
  for (const Row& row : rows) {
    INFO(row.message);
    const auto tensors = read_safetensors("f", bytes_of(row.text));
    REQUIRE_FALSE(tensors.ok());
    INFO(tensors.error().message);
    CHECK(tensors.error().message.find(row.message) != std::string::npos);
    CHECK(tensors.error().message.rfind("f: ", 0) == 0);
  }
}

std::string shard(const std::string& tensor) {
  return file_of(format(R"({{"{}":{{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}})", tensor), "AAAA");
}

TEST_CASE("safetensors: shards are found by the index", "[safetensors]") {
  const test::TempDir dir;
  dir.file("m-1.safetensors", shard("a"));
  dir.file("m-2.safetensors", shard("b"));
  dir.file("model.safetensors.index.json", R"({"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}})");
  const auto folder = open_safetensors(dir.str());
  REQUIRE(folder.ok());
  CHECK(folder->tensors->tensors().size() == 2);
  CHECK(folder->tensors->find("b") != nullptr);
  CHECK(folder->tensors->find("c") == nullptr);
  CHECK(folder->files ==
        std::vector<std::string>{"m-1.safetensors", "m-2.safetensors", "model.safetensors.index.json"});
}

TEST_CASE("safetensors: an index that does not fit its shards is refused", "[safetensors]") {
  struct Row {
    const char* index;
    const char* message;
  };
  const Row rows[] = {
      {R"({"weight_map":{"a":"m-1.safetensors","b":"m-3.safetensors"}})", "m-3.safetensors"},
      {R"({"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors","c":"m-2.safetensors"}})",
       "the tensor 'c' is not in m-2.safetensors"},
      {R"({"weight_map":{"a":"m-2.safetensors","b":"m-2.safetensors"}})",
       "the tensor 'a' is not in m-2.safetensors"},
      {R"({"weight_map":{"a":"m-1.safetensors","x":"m-2.safetensors"}})",
       "'b', which the index does not name"},
      {R"({"weight_map":{"a":"../m-1.safetensors"}})", "'../m-1.safetensors', which is no plain name"},
      {R"({"weight_map":{"a":"/etc/m.safetensors"}})", "no plain name"},
      {R"({"weight_map":{"a":"sub/m.safetensors"}})", "no plain name"},
      {R"({"weight_map":{"a":".safetensors"}})", "no plain name"},
      {R"({"weight_map":{"a":"m\u0000.safetensors"}})", "no plain name"},
      {R"({"weight_map":{"a":"config.json"}})", "no plain name"},
      {R"({"weight_map":{"a":3}})", "tensor 'a' is in no file"},
      {R"({"weight_map":{}})", "no weight_map"},
      {R"({})", "no weight_map"},
      {R"({"weight_map":{"a":"m-1.safetensors","a":"m-2.safetensors"}})", "'a' stands twice"},
      {"{", "index.json"},
  };
  for (const Row& row : rows) {
    INFO(row.index);
    const test::TempDir dir;
    dir.file("m-1.safetensors", shard("a"));
    dir.file("m-2.safetensors", shard("b"));
    dir.file("model.safetensors.index.json", row.index);
    const auto folder = open_safetensors(dir.str());
    REQUIRE_FALSE(folder.ok());
    INFO(folder.error().message);
    CHECK(folder.error().message.find(row.message) != std::string::npos);
  }
  const test::TempDir empty;
  const auto folder = open_safetensors(empty.str());
  REQUIRE_FALSE(folder.ok());
  CHECK(folder.error().message.find("pytorch_model.bin") != std::string::npos);
}

}  // namespace
}  // namespace assay::local
