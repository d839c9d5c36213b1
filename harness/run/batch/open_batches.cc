#include "harness/run/batch/open_batches.h"

#include "harness/base/format.h"
#include "harness/base/utf8.h"
#include "harness/run/batch/batch_desk.h"

namespace assay {
namespace {

constexpr double kBatchDays = 3;  // providers promise a day; a batch that expired goes again

Result<void> open_one(Session& session, Model& model) {
  BatchBackend* provider = model.backend->batches();
  if (provider == nullptr) {
    constexpr auto kNone = "--batch: model '{}': backend '{}' has no batch endpoint, or does not know of one "
                           "(option batches: true)";
    return invalid(format(kNone, printable(model.entry.name), printable(model.entry.backend)));
  }
  auto book = Batches::open(session.store().path());
  if (!book) return book.error();
  BatchOptions options;
  options.run_id = session.run_id;
  options.model_entry = model.entry.name;
  options.poll = std::chrono::milliseconds(static_cast<std::int64_t>(session.options().batch_poll_s * 1000));
  options.gather = std::min(options.gather, options.poll);
  options.failed = [&session](Error e) { session.pool().submit([&session, e = std::move(e)] { session.fail(e); }); };
  auto desk = std::make_unique<BatchDesk>(*provider, std::move(*book), std::move(options));
  if (auto started = desk->start(); !started) return started;
  model.batch = desk.get();
  model.info.max_choices = 1;  // an item has one
  session.batches.push_back(std::move(desk));
  return {};
}

}  // namespace

Result<void> open_batches(Session& session, bool wanted) {
  if (!wanted) {
    auto book = Batches::open(session.store().path());
    if (!book) return book.error();
    auto left = (*book)->open_ones(session.run_id, "");
    if (!left) return left.error();
    if (left->empty()) return {};
  }
  for (const auto& model : session.work.models) {
    if (auto opened = open_one(session, *model); !opened) return opened;
  }
  session.attempt_deadline_s = kBatchDays * 86400;
  return {};
}

Result<void> close_batches(Session& session, bool whole, bool finished) {
  Result<void> out;
  for (const auto& b : session.batches) {
    if (auto closed = b->close(whole, finished); !closed) out = closed;
  }
  return out;
}

std::string left_with_providers(Session& session) {
  std::uint64_t requests = 0;
  for (const auto& b : session.batches) requests += b->out();
  if (requests == 0) return {};
  return format("{} requests are with their provider in batches", requests);
}

}  // namespace assay
