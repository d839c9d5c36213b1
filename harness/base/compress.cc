#include "harness/base/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "harness/base/check.h"
#include "harness/base/format.h"

namespace assay {
namespace {

struct FreeCompressor {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};
struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

}  // namespace

std::string zstd_compress(std::string_view text, int level) {
  // A context holds tables of some hundred kilobytes: making one for each text would cost more
  // than compressing it.
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  CHECK_THAT_HOLDS(context != nullptr, "there is memory for a compression context");
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t n = ZSTD_compressCCtx(context.get(), out.data(), out.size(), text.data(), text.size(), level);
  CHECK_THAT_HOLDS(!ZSTD_isError(n), "compressing into a buffer of the bound's size cannot fail");
  out.resize(n);
  return out;
}

std::string zstd_compress_against(std::string_view text, std::string_view reference, int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  CHECK_THAT_HOLDS(context != nullptr, "there is memory for a compression context");
  ZSTD_CCtx* c = context.get();
  ZSTD_CCtx_reset(c, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);  // tells another reference
  ZSTD_CCtx_refPrefix(c, reference.data(), reference.size());
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t n = ZSTD_compress2(c, out.data(), out.size(), text.data(), text.size());
  CHECK_THAT_HOLDS(!ZSTD_isError(n), "compressing into a buffer of the bound's size cannot fail");
  out.resize(n);
  return out;
}

namespace {

// The size that a frame states, if that is no more than is allowed.
Result<std::size_t> stated_size(std::string_view frame, std::size_t max_size) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return Error{Code::corrupt, "compressed text: expected a zstd frame that states its size"};
  }
  if (size > max_size) {
    return Error{Code::corrupt, format("compressed text: claims {} bytes, at most {} are allowed", size, max_size)};
  }
  return static_cast<std::size_t>(size);
}

}  // namespace

Result<std::string> zstd_decompress(std::string_view frame, std::size_t max_size) {
  return zstd_decompress_against(frame, {}, max_size);
}

Result<std::string> zstd_decompress_against(std::string_view frame, std::string_view reference, std::size_t max_size) {
  const auto size = stated_size(frame, max_size);
  if (!size) return size.error();
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  CHECK_THAT_HOLDS(context != nullptr, "there is memory for a decompression context");
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  ZSTD_DCtx_refPrefix(context.get(), reference.data(), reference.size());  // of this frame alone
  std::string out(*size, '\0');
  const std::size_t n = ZSTD_decompressDCtx(context.get(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(n) || n != out.size()) return Error{Code::corrupt, "compressed text: damaged zstd frame"};
  return out;
}

std::string gzip_compress(std::string_view text) {
  z_stream z{};
  constexpr int kGzipWindow = 15 + 16;
  CHECK_THAT_HOLDS(deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                   "there is memory for a compression context");
  std::string out;
  std::array<char, 1 << 14> buffer;
  int rc = Z_OK;
  while (rc != Z_STREAM_END) {
    if (z.avail_in == 0 && !text.empty()) {  // zlib counts in 32 bits
      const std::size_t n = std::min<std::size_t>(text.size(), 1U << 30);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // which zlib does not write to
      z.avail_in = static_cast<uInt>(n);
      text.remove_prefix(n);
    }
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    rc = deflate(&z, text.empty() ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - z.avail_out);
  }
  deflateEnd(&z);
  return out;
}

struct InputStream::Impl {
  std::string path;
  std::unique_ptr<std::FILE, CloseFile> file;
  std::array<unsigned char, 1 << 16> buffer;
  std::size_t begin = 0, end = 0;  // what of `buffer` is not used yet
  bool file_ended = false;
  bool gzip = false;
  bool in_member = false;  // between a member's header and its end
  z_stream zlib{};

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (gzip) inflateEnd(&zlib);
  }

  Result<void> fill() {
    begin = 0;
    end = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (end == buffer.size()) return {};
    if (std::ferror(file.get())) {
      return Error{Code::unavailable, format("{}: cannot read: {}", path, std::strerror(errno))};
    }
    file_ended = true;
    return {};
  }

  Result<std::size_t> read_plain(char* out, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      if (begin == end) {
        if (file_ended) break;
        if (auto r = fill(); !r) return r.error();
        continue;
      }
      const std::size_t n = std::min(size - done, end - begin);
      std::memcpy(out + done, buffer.data() + begin, n);
      begin += n;
      done += n;
    }
    return done;
  }

  Result<std::size_t> read_gzip(char* out, std::size_t size) {
    size = std::min<std::size_t>(size, INT_MAX);
    zlib.next_out = reinterpret_cast<Bytef*>(out);
    zlib.avail_out = static_cast<uInt>(size);
    while (zlib.avail_out > 0) {
      if (begin == end) {
        if (file_ended) {
          if (in_member) return Error{Code::corrupt, format("{}: the gzip data ends too early", path)};
          break;
        }
        if (auto r = fill(); !r) return r.error();
        continue;
      }
      if (!in_member) {
        // Padding of zeros after the last member is legal on tapes and block devices.
        if (buffer[begin] == 0) {
          ++begin;
          continue;
        }
        inflateReset(&zlib);
        in_member = true;
      }
      zlib.next_in = buffer.data() + begin;
      zlib.avail_in = static_cast<uInt>(end - begin);
      const int rc = inflate(&zlib, Z_NO_FLUSH);
      begin = end - zlib.avail_in;
      if (rc == Z_STREAM_END) {
        in_member = false;
      } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
        return Error{Code::corrupt, format("{}: damaged gzip data ({})", path, zlib.msg ? zlib.msg : "bad stream")};
      }
    }
    return size - zlib.avail_out;
  }
};

InputStream::InputStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InputStream::~InputStream() = default;

Result<std::unique_ptr<InputStream>> InputStream::open(const std::filesystem::path& path) {
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return invalid(format("{}: is a directory, expected a file", path.string()));
  auto impl = std::make_unique<Impl>();
  impl->path = path.string();
  impl->file.reset(std::fopen(path.c_str(), "rb"));
  if (!impl->file) return invalid(format("{}: cannot open: {}", impl->path, std::strerror(errno)));
  if (auto r = impl->fill(); !r) return r.error();
  if (impl->end >= 2 && impl->buffer[0] == 0x1f && impl->buffer[1] == 0x8b) {
    CHECK_THAT_HOLDS(inflateInit2(&impl->zlib, 15 + 16) == Z_OK, "there is memory for a decompression context");
    impl->gzip = true;
    impl->in_member = true;
  }
  return std::unique_ptr<InputStream>(new InputStream(std::move(impl)));
}

Result<std::size_t> InputStream::read(char* out, std::size_t size) {
  return impl_->gzip ? impl_->read_gzip(out, size) : impl_->read_plain(out, size);
}

}  // namespace assay
