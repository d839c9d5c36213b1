// A trace as steps, each with its bytes, so that every finding points at text.
//
// Paragraphs (parted by blank lines) are steps; a numbered line ("3.", "Step 3:"), a list item ("-", "*") and
// display mathematics on lines of its own start a step within them. Text of one paragraph and several lines:
// each line is a step. Text of one line: its sentences. Nothing is parted within a code fence or display
// mathematics.
//
// Pure; linear. Threads: any. Spans are in order, do not overlap, and have no white space at either end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/api/response.h"

namespace assay::trace {

enum class StepKind : std::uint8_t { numbered = 1, paragraph = 2, sentence = 3, list_item = 4, display = 5 };

struct TextStep {
  Span span;
  StepKind kind = StepKind::paragraph;
};

std::vector<TextStep> split_steps(std::string_view trace);

// The sentences of a text, by ends of sentences and of lines; abbreviations and decimals do not end one.
std::vector<Span> split_sentences(std::string_view text);

// The step that holds byte `at`, else the last that starts before it; 0 where there is none.
std::uint32_t step_at(const std::vector<TextStep>& steps, std::size_t at);

}  // namespace assay::trace
