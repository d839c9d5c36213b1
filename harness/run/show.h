// `assay show`: one attempt as people read it: prompt, trace, answer with the scored part marked, calls,
// scores and why.
//
// Everything a model, a server or a data file said is escaped, so that no terminal acts on it.
// Threads: any. Time is linear in the texts.
#pragma once

#include <iosfwd>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/api/response.h"
#include "harness/store/store.h"

namespace assay {

struct ShowOptions {
  bool color = false;
  std::size_t width = 0;  // columns of the terminal; 0: lines are not wrapped
  bool calls = false;     // of each call: endpoint, request id, price row, bounds, batch
  bool full = false;      // long texts whole, every response, the sample's metadata
};

void show_attempt(const AttemptDetail&, std::ostream&, const ShowOptions&);

// The bytes of each of an attempt's exchanges as they went over the wire, unescaped: for a file or a pipe. Each is
// headed by one line: "== step 0 draw 0 try 0 sent 123 bytes to URL", "== ... received 456 bytes".
void show_raw(const AttemptDetail&, std::ostream&);

// One text, indented, wrapped and escaped; `mark` is reversed in colour, else stands between ⟦ and ⟧.
// Unless full, the middle of a long text is left out, never the mark.
void show_text(std::string_view untrusted, std::optional<Span> mark, std::ostream&, const ShowOptions&);

}  // namespace assay
