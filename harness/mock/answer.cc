#include "harness/mock/answer.h"

#include <utility>

#include "harness/mock/text.h"

namespace assay::mock {
namespace {

class TextBody final : public Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  Next next(std::string& out, double&) override {
    if (std::exchange(done_, true) || text_.empty()) return Next::end;
    out += text_;
    return Next::piece;
  }

 private:
  std::string text_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Body> text_body(std::string text) { return std::make_unique<TextBody>(std::move(text)); }

Answer json_answer(int status, std::string body) {
  Answer out;
  out.status = status;
  out.body = text_body(std::move(body));
  return out;
}

std::string error_body(std::string_view message, std::string_view type, std::string_view code) {
  std::string out = "{\"error\":{\"message\":\"";
  append_escaped(out, message);
  out += "\",\"type\":\"";
  append_escaped(out, type);
  out += "\",\"param\":null,\"code\":\"";
  append_escaped(out, code);
  out += "\"}}";
  return out;
}

}  // namespace assay::mock
