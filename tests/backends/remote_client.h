// Asks remote backends in tests, and waits for their replies.
#pragma once

#include <memory>
#include <string>

#include "harness/api/backend.h"

namespace assay::test {

inline constexpr const char* kCanary = "sk-/canary/-0123456789abcdef";

// A backend of the catalog with the canary as its key, without proxies unless the options say so. Fails the test when
// it cannot be made.
std::unique_ptr<Backend> remote(const std::string& id, const std::string& base_url,
                                Json options = Json::object(), double timeout_s = 20);
std::unique_ptr<Backend> remote(const std::string& id, BackendOptions options);

Request request();  // "What is 9 plus 9?", with an id of its own

BackendReply ask(Backend& backend, Request r = request());

// Everything of a reply that is stored or shown.
std::string everything(const BackendReply& reply);

}  // namespace assay::test
