#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "harness/base/clock.h"
#include "harness/base/compress.h"
#include "tests/support/catch.h"

namespace assay {
namespace {

class File {
 public:
  explicit File(const std::string& bytes) : path_(std::filesystem::temp_directory_path() / ("assay-compress-" + new_ulid())) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string gzip(const std::string& text) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

Result<std::string> read_all(const std::filesystem::path& path, std::size_t chunk) {
  auto in = InputStream::open(path);
  if (!in) return in.error();
  std::string out, buffer(chunk, '\0');
  for (;;) {
    const auto n = (*in)->read(buffer.data(), buffer.size());
    if (!n) return n.error();
    if (*n == 0) return out;
    out.append(buffer, 0, *n);
  }
}

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 400000; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

TEST_CASE("texts survive zstd at any size") {
  for (const std::string& text : {std::string(), std::string("x"), std::string("\0\xff\x80", 3), long_text()}) {
    for (const int level : {1, 19}) {
      const auto back = zstd_decompress(zstd_compress(text, level), text.size());
      REQUIRE(back.ok());
      CHECK(*back == text);
    }
  }
}

TEST_CASE("a frame that is damaged or too large is refused") {
  const std::string frame = zstd_compress(long_text());
  CHECK(zstd_decompress(frame, 1000).error().code == Code::corrupt);
  CHECK(zstd_decompress(frame.substr(0, frame.size() / 2), 1 << 20).error().code == Code::corrupt);
  CHECK(zstd_decompress("not a frame", 1 << 20).error().code == Code::corrupt);
  CHECK(zstd_decompress("", 1 << 20).error().code == Code::corrupt);
  std::string flipped = frame;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x55);
  const auto r = zstd_decompress(flipped, 1 << 20);
  CHECK((!r.ok() || *r != long_text()));
}

TEST_CASE("plain and gzip files read alike, in pieces of any size") {
  const std::string text = long_text();
  const std::string contents[] = {text, gzip(text), gzip(text.substr(0, 1000)) + gzip(text.substr(1000)),
                                  gzip(text) + std::string(512, '\0')};
  for (const std::string& bytes : contents) {
    const File file(bytes);
    for (const std::size_t chunk : {std::size_t{1000}, std::size_t{1} << 16, std::size_t{1} << 20}) {
      const auto back = read_all(file.path(), chunk);
      REQUIRE(back.ok());
      CHECK(*back == text);
    }
  }
  const File empty("");
  CHECK(read_all(empty.path(), 10)->empty());
  const File empty_gzip(gzip(""));
  CHECK(read_all(empty_gzip.path(), 10)->empty());
}

TEST_CASE("damaged gzip and missing files are named") {
  const std::string whole = gzip(long_text());
  const File cut(whole.substr(0, whole.size() / 2));
  const auto early = read_all(cut.path(), 4096);
  REQUIRE_FALSE(early.ok());
  CHECK(early.error().code == Code::corrupt);
  CHECK(early.error().message.find(cut.path().string()) != std::string::npos);
  const File trailing(whole + "garbage");
  CHECK(read_all(trailing.path(), 4096).error().code == Code::corrupt);
  std::string bad = whole;
  bad[bad.size() - 6] = static_cast<char>(bad[bad.size() - 6] ^ 1);  // the checksum
  const File wrong(bad);
  CHECK(read_all(wrong.path(), 4096).error().code == Code::corrupt);
  CHECK(InputStream::open("/no/such/file").error().code == Code::invalid);
  CHECK(InputStream::open(std::filesystem::temp_directory_path()).error().message.find("is a directory") != std::string::npos);
}

}  // namespace
}  // namespace assay
