#include "harness/base/line_reader.h"

#include <cstring>
#include <vector>

#include "harness/base/format.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {
constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

Error line_error(const std::filesystem::path& path, std::uint64_t line, std::string_view message) {
  return invalid(format("{}:{}: {}", printable(path.string()), line, printable(message)));
}

struct LineReader::Impl {
  std::filesystem::path path;
  std::unique_ptr<InputStream> in;
  std::size_t max_line = 0;
  std::vector<char> buffer = std::vector<char>(kBufferBytes);
  std::size_t begin = 0;      // of what is not yet given out
  std::size_t end = 0;
  std::uint64_t position = 0;  // decoded bytes before buffer[begin]
  std::string carried;        // a line that did not fit in one buffer
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  bool done = false;

  // False at the end of the file.
  Result<bool> fill() {
    auto n = in->read(buffer.data(), buffer.size());
    if (!n) {
      done = true;
      return n.error();
    }
    begin = 0;
    end = *n;
    return *n > 0;
  }

  Result<std::optional<std::string_view>> next();
  std::string_view finished(std::string_view text) const {
    if (line == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }
};

Result<std::optional<std::string_view>> LineReader::Impl::next() {
  using Line = std::optional<std::string_view>;
  if (done) return Line();
  carried.clear();
  offset = position;
  ++line;
  while (true) {
    if (begin == end) {
      auto more = fill();
      if (!more) return more.error();
      if (!*more) {
        done = true;
        if (position == offset) {
          --line;
          return Line();
        }
        return Line(finished(carried));
      }
    }
    const char* start = buffer.data() + begin;
    const auto* found = static_cast<const char*>(std::memchr(start, '\n', end - begin));
    const std::size_t size = found != nullptr ? static_cast<std::size_t>(found - start) : end - begin;
    if (carried.size() + size > max_line) {
      done = true;
      return line_error(path, line, format("a line of more than {} bytes", max_line));
    }
    const std::string_view part(start, size);
    begin += size + (found != nullptr ? 1 : 0);
    position += size + (found != nullptr ? 1 : 0);
    if (found != nullptr && carried.empty()) return Line(finished(part));
    carried += part;
    if (found != nullptr) return Line(finished(carried));
  }
}

LineReader::LineReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open(const std::filesystem::path& path, std::size_t max_line) {
  auto in = InputStream::open(path);
  if (!in) return in.error();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->in = std::move(*in);
  impl->max_line = max_line;
  return LineReader(std::move(impl));
}

Result<std::optional<std::string_view>> LineReader::next() { return impl_->next(); }
std::uint64_t LineReader::line() const { return impl_->line; }
std::uint64_t LineReader::offset() const { return impl_->offset; }

Result<JsonlReader> JsonlReader::open(const std::filesystem::path& path) {
  auto lines = LineReader::open(path);
  if (!lines) return lines.error();
  return JsonlReader(std::move(*lines), path.string());
}

Result<std::optional<Json>> JsonlReader::next() {
  while (true) {
    auto line = lines_.next();
    if (!line) return line.error();
    if (!line->has_value()) return std::optional<Json>();
    text_ = **line;
    if (text_.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto value = parse_json(text_);
    if (!value) return error(value.error().message);
    return std::optional<Json>(std::move(*value));
  }
}

Error JsonlReader::error(std::string_view message) const { return line_error(name_, lines_.line(), message); }

}  // namespace assay
