#include "harness/cli/new_store.h"

#include <system_error>

namespace assay {

Result<std::unique_ptr<NewStore>> NewStore::open(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool existed = std::filesystem::exists(path, ignored);
  auto store = Store::open(path, StoreMode::read_write);
  if (!store) return store.error();
  return std::unique_ptr<NewStore>(new NewStore(path, existed, std::move(*store)));
}

NewStore::~NewStore() {
  if (existed_) return;
  auto runs = store_->runs();
  if (!runs || !runs->empty()) return;
  store_.reset();
  std::error_code ignored;
  for (const char* ending : {"", "-wal", "-shm"}) {
    std::filesystem::remove(std::filesystem::path(path_) += ending, ignored);
  }
}

}  // namespace assay
