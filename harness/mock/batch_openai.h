// OpenAI's files and batches: a batch's requests go through the same endpoints, limits, faults and ledger as
// any other, all of them at the moment at which it is done (MockOptions::batch_s after it was made). Sources:
// platform.openai.com/docs/api-reference/batch, .../files.
//
// Threads: the server's.
#pragma once

#include "harness/mock/answer.h"
#include "harness/mock/context.h"
#include "harness/mock/http_request.h"

namespace assay::mock {

Answer upload_file(const MockRequest& request, Context& context);
Answer file_content(const MockRequest& request, Context& context);  // /v1/files/ID/content
Answer make_batch(const MockRequest& request, Context& context);
Answer list_batches(const MockRequest& request, Context& context);
Answer show_batch(const MockRequest& request, Context& context);    // /v1/batches/ID
Answer cancel_batch(const MockRequest& request, Context& context);  // /v1/batches/ID/cancel

}  // namespace assay::mock
