// Server-sent events (WHATWG HTML, section 9.2) out of bytes that may be cut anywhere.
//
//   SseParser parser([](std::string_view data) { ...; return true; });
//   parser.feed(chunk);          // any number of times
//   parser.finish();             // the stream ended
//
// Only the data of an event is handed on: comments, `event`, `id` and `retry` are read past. Lines
// end in LF, CR LF or CR; a byte order mark at the start is no part of the stream.
// Threads: one at a time. Memory: one event. Time: linear.
// Errors: Code::corrupt for an event larger than the bound; Code::cancelled when the reader of
// events says so. After an error nothing more is handed on.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace assay {

class SseParser {
 public:
  // Called with the data of each event, its lines joined by LF. False stops the parser.
  using OnEvent = std::function<bool(std::string_view data)>;
  explicit SseParser(OnEvent on_event, std::size_t max_event = std::size_t{8} << 20);

  Result<void> feed(std::string_view bytes);
  // The data of an event that the stream ended within, or empty. The standard drops it; but some
  // servers leave out the blank line behind their last event, so the caller decides.
  std::string finish();

 private:
  bool take_line(std::string_view line);
  bool dispatch();
  Result<void> fail(Error error);

  OnEvent on_event_;
  const std::size_t max_event_;
  std::string line_;  // the part of a line that has come so far
  std::string data_;  // of the event at hand
  bool has_data_ = false;
  bool after_cr_ = false;  // a LF that comes next belongs to the CR before it
  bool at_start_ = true;   // no line has ended yet
  bool stopped_ = false;
  Error why_;
};

}  // namespace assay
