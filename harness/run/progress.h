// Progress on a console: one line that is rewritten on a terminal, a plain line every few seconds elsewhere.
//
// Colour is used only on a terminal and only when NO_COLOR is unset or empty (no-color.org). Every text that
// is not ours is made printable first.
// Threads: one.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "harness/run/run.h"

namespace assay {

struct ConsoleOptions {
  bool terminal = false;  // rewrite one line
  bool color = false;
  std::size_t width = 80;    // columns of the terminal
  double plain_every_s = 5;  // between plain lines
  bool quiet = false;        // the closing lines only
};

// As the stream is: a terminal or not, its width, NO_COLOR.
ConsoleOptions console_options(std::FILE* stream);

// Writes to `stream`, which is borrowed.
std::unique_ptr<Progress> console_progress(std::FILE* stream, const ConsoleOptions& options);

// The one line, without colour: "120/400 30% | 12.5/s | 2 errors | $0.0123 | ETA 0:22".
std::string progress_line(const Snapshot& snapshot);
// Pico-dollars for people: "$1.2346", "$0.000012"; a lower bound reads ">= $1.23"; "unknown" when none is
// known.
std::string dollars(const KnownSum& cost, std::uint64_t calls);
std::string dollars(std::int64_t pico);

}  // namespace assay
