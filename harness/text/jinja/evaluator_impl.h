// The evaluator's guards, for its two sources.
#pragma once

#include <string>
#include <utility>

#include "harness/base/format.h"
#include "harness/text/jinja/evaluator.h"
#include "harness/text/jinja/limits.h"

namespace assay::jinja {

class Evaluator::Deeper {
 public:
  explicit Deeper(Evaluator& owner) : owner_(owner) {
    if (++owner_.depth_ > kMaxEvaluationDepth) owner_.machine_.fail("the template is nested too deep");
  }
  ~Deeper() { --owner_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  Evaluator& owner_;
};

class Evaluator::Capture {
 public:
  explicit Capture(Evaluator& owner) : owner_(owner), before_(std::exchange(owner.out_, &text_)) {}
  ~Capture() { owner_.out_ = before_; }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  std::string take() { return std::move(text_); }

 private:
  Evaluator& owner_;
  std::string text_;
  std::string* before_;
};

class Evaluator::Inner {
 public:
  Inner(Evaluator& owner, std::shared_ptr<Scope> parent) : owner_(owner), before_(owner.scope_) {
    owner_.scope_ = std::make_shared<Scope>();
    owner_.scope_->parent = std::move(parent);
  }
  explicit Inner(Evaluator& owner) : Inner(owner, owner.scope_) {}
  ~Inner() { owner_.scope_ = std::move(before_); }
  Inner(const Inner&) = delete;
  Inner& operator=(const Inner&) = delete;

 private:
  Evaluator& owner_;
  std::shared_ptr<Scope> before_;
};

}  // namespace assay::jinja
