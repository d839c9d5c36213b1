#include "backends/remote/sse.h"

#include <utility>

#include "harness/base/format.h"

namespace assay {

SseParser::SseParser(OnEvent on_event, std::size_t max_event)
    : on_event_(std::move(on_event)), max_event_(max_event) {}

Result<void> SseParser::fail(Error error) {
  stopped_ = true;
  why_ = std::move(error);
  line_.clear();
  data_.clear();
  return why_;
}

Result<void> SseParser::feed(std::string_view bytes) {
  if (stopped_) return why_;
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() + data_.size() > max_event_) {
      return fail({Code::corrupt, format("a server-sent event is larger than {} bytes", max_event_)});
    }
    if (end == std::string_view::npos) {
      line_ += part;
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    bool goes_on = false;
    if (line_.empty()) {
      goes_on = take_line(part);
    } else {
      line_ += part;
      goes_on = take_line(line_);
      line_.clear();
    }
    if (!goes_on) return fail({Code::cancelled, "stopped by the reader of events"});
  }
  return {};
}

bool SseParser::take_line(std::string_view line) {
  if (std::exchange(at_start_, false) && line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);
  if (line.empty()) return dispatch();
  const std::size_t colon = line.find(':');
  if (line.substr(0, colon) != "data") return true;
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (has_data_) data_ += '\n';
  data_ += value;
  has_data_ = true;
  return true;
}

bool SseParser::dispatch() {
  if (!std::exchange(has_data_, false)) return true;
  const bool goes_on = on_event_(data_);
  data_.clear();
  return goes_on;
}

std::string SseParser::finish() {
  if (stopped_) return {};
  if (!line_.empty()) {
    const std::string line = std::exchange(line_, {});
    take_line(line);
  }
  stopped_ = true;
  why_ = {Code::cancelled, "the stream has ended"};
  has_data_ = false;
  return std::exchange(data_, {});
}

}  // namespace assay
