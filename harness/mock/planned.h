// What a request of a model asks for, and what is going to be answered: what every dialect's reader gives and every
// dialect's writer gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/mock/options.h"
#include "harness/mock/text.h"

namespace assay::mock {

struct Asked {
  std::string model;
  std::string last_text;          // of the last message: what --echo gives back and --replay looks up
  std::int64_t input_tokens = 0;  // as text.h counts
  std::optional<std::int64_t> max_tokens;  // of one choice, reasoning among them
  std::uint32_t choices = 1;
  bool stream = false;
  bool stream_usage = false;
};

enum class Finish : std::uint8_t { stop, length, content_filter };

struct Choice {
  Text reasoning;
  Text content;
  std::string refusal;
  Finish finish = Finish::stop;
};

struct Planned {
  std::uint64_t key = 0;  // of this body and its occurrence; what ids are made of
  std::string model;
  std::vector<Choice> choices;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;     // of all choices, reasoning among them
  std::int64_t reasoning_tokens = 0;
  ReasoningAs reasoning_as = ReasoningAs::reasoning_content;
  bool usage = true;         // is told
  bool stream_usage = false;  // is told at the end of a stream
  bool fails = false;         // an error object in the middle of the stream, or instead of the body
  bool done_event = true;
  double latency_s = 0;           // to the first byte
  double seconds_per_token = 0;
  std::int64_t event_tokens = 16;  // of a stream
};

}  // namespace assay::mock
