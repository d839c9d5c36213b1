#include "tasks/row_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/base/compress.h"
#include "harness/base/format.h"
#include "harness/base/line_reader.h"
#include "harness/base/utf8.h"
#include "tasks/csv.h"
#include "tasks/exact_numbers.h"
#include "tasks/json_records.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxDocumentBytes = std::size_t{256} << 20;  // of a json or csv file, unpacked

// A file that is read at offsets, by any thread.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  void reset(int fd) { fd_ = fd; }

  bool read(std::uint64_t offset, char* out, std::size_t size) const {
    std::size_t done = 0;
    while (done < size) {
      const ssize_t n = ::pread(fd_, out + done, size - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  int fd_ = -1;
};

Result<std::string> read_document(const fs::path& path) {
  auto in = InputStream::open(path);
  if (!in) return in.error();
  std::string text;
  std::string buffer(std::size_t{1} << 16, '\0');
  while (true) {
    const auto n = (*in)->read(buffer.data(), buffer.size());
    if (!n) return n.error();
    if (*n == 0) return text;
    text.append(buffer, 0, *n);
    if (text.size() > kMaxDocumentBytes) {
      return invalid(format("{}: larger than {} MB; use JSON Lines", printable(path.string()), kMaxDocumentBytes >> 20));
    }
  }
}

}  // namespace

struct RowStore::Impl {
  fs::path path;
  OpenFile file;
  bool plain = false;               // rows are read from `file`; otherwise from `packed`
  std::vector<JsonRecord> places;   // offset is meaningless when packed
  std::vector<std::string> packed;  // zstd frames

  Result<void> open_plain() {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return invalid(format("{}: cannot be read: {}", printable(path.string()), std::strerror(errno)));
    file.reset(fd);
    unsigned char magic[2] = {0, 0};
    plain = !file.read(0, reinterpret_cast<char*>(magic), 2) || magic[0] != 0x1F || magic[1] != 0x8B;
    return {};
  }

  void add(std::uint64_t offset, std::string_view text, std::uint64_t line) {
    places.push_back({offset, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(line)});
    if (!plain) packed.push_back(zstd_compress(text));
  }

  Result<void> index_lines(std::uint64_t limit) {
    auto reader = LineReader::open(path);
    if (!reader) return reader.error();
    while (places.size() < limit) {
      auto line = reader->next();
      if (!line) return line.error();
      if (!line->has_value()) break;
      if ((*line)->find_first_not_of(" \t\r") == std::string_view::npos) continue;
      // The reader drops a byte order mark, whose three bytes the offset does not know of.
      std::uint64_t offset = reader->offset();
      if (plain && reader->line() == 1) {
        char mark[3] = {0, 0, 0};
        if (file.read(0, mark, 3) && std::string_view(mark, 3) == "\xEF\xBB\xBF") offset = 3;
      }
      add(offset, **line, reader->line());
    }
    return {};
  }

  Result<void> index_json(const DataLayout& layout, std::uint64_t limit) {
    auto text = read_document(path);
    if (!text) return text.error();
    auto records = json_records(*text, layout.records);
    if (!records) return invalid(format("{}: {}", printable(path.string()), printable(records.error().message)));
    for (const JsonRecord& r : *records) {
      if (places.size() >= limit) break;
      add(r.offset, std::string_view(*text).substr(r.offset, r.size), r.line);
    }
    return {};
  }

  // Fields of a csv may hold line breaks, so its rows are kept as JSON.
  Result<void> index_csv(std::uint64_t limit) {
    auto text = read_document(path);
    if (!text) return text.error();
    plain = false;
    return read_csv(*text, path, [&](const Json& row, std::uint64_t line) {
      add(0, dump_json(row), line);
      return places.size() < limit;
    });
  }

  Result<std::string> text(std::size_t i) const {
    if (!plain) return zstd_decompress(packed[i], places[i].size);
    std::string out(places[i].size, '\0');
    if (!file.read(places[i].offset, out.data(), out.size())) {
      return line_error(path, places[i].line, "the file changed while it was in use");
    }
    return out;
  }
};

RowStore::RowStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowStore::~RowStore() = default;

Result<std::unique_ptr<RowStore>> RowStore::open(const fs::path& path, const DataLayout& layout, std::uint64_t limit) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  if (auto opened = impl->open_plain(); !opened) return opened.error();
  Result<void> indexed;
  if (limit > 0) {
    switch (layout.format) {
      case DataFormat::jsonl: indexed = impl->index_lines(limit); break;
      case DataFormat::json: indexed = impl->index_json(layout, limit); break;
      case DataFormat::csv: indexed = impl->index_csv(limit); break;
    }
  }
  if (!indexed) return indexed.error();
  return std::unique_ptr<RowStore>(new RowStore(std::move(impl)));
}

std::size_t RowStore::size() const { return impl_->places.size(); }

Result<Json> RowStore::row(std::size_t i) const {
  auto text = impl_->text(i);
  if (!text) return text.error();
  auto value = parse_json(*text);
  if (!value) return error(i, value.error().message);
  if (!value->is_object()) return error(i, format("expected an object, got {}", value->type_name()));
  if (const std::string exact = with_exact_numbers(*text); !exact.empty()) value = parse_json(exact);
  if (!value) return error(i, value.error().message);
  return std::move(*value);
}

Error RowStore::error(std::size_t i, std::string_view message) const {
  return line_error(impl_->path, impl_->places[i].line, message);
}

Result<DataFormat> format_of(const fs::path& path) {
  std::string name = path.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return DataFormat::jsonl;
  if (name.ends_with(".json")) return DataFormat::json;
  if (name.ends_with(".csv")) return DataFormat::csv;
  return invalid("expected `format: jsonl`, `json` or `csv`, since the file's name does not end in one of them");
}

}  // namespace assay
