// A chat-completions server for tests: it answers, well or badly, by the last part of the path, /v1/<mode>.
#pragma once

#include <string>

#include "tests/support/http_server.h"

namespace assay::test {

extern const std::string kWholeAnswer;  // what mode "whole" answers

// Threads: any. `mode` is a name of the table in openai_server.cc, or a status to answer with.
void serve_openai(const std::string& mode, Peer& peer, const ServedRequest& request);

}  // namespace assay::test
