// A store to write into, which leaves no empty file behind when nothing came of it.
#pragma once

#include <filesystem>
#include <memory>

#include "harness/base/result.h"
#include "harness/store/store.h"

namespace assay {

// Opens or creates the store. When it was created here and holds no run at destruction, its files
// are removed again, so that wrong input leaves nothing behind.
class NewStore {
 public:
  static Result<std::unique_ptr<NewStore>> open(const std::filesystem::path& path);
  ~NewStore();
  NewStore(const NewStore&) = delete;
  NewStore& operator=(const NewStore&) = delete;

  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }

 private:
  NewStore(std::filesystem::path path, bool existed, std::unique_ptr<Store> store)
      : path_(std::move(path)), existed_(existed), store_(std::move(store)) {}

  std::filesystem::path path_;
  bool existed_;
  std::unique_ptr<Store> store_;
};

}  // namespace assay
