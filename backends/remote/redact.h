// Takes secrets out of what servers and libraries write, before anything is cut, stored or shown.
//
//   const Redactor redactor({key});
//   redactor.clean(text);                          // "[key]" stands where the key stood
//   StreamRedactor stream(redactor);
//   out += stream.feed(bytes); ... out += stream.finish();
//
// A secret is found as it is, with any of its characters escaped as in a JSON string (`\/`, `\u002f`, also
// several times over) or in a URL (`%2F`), and within base64 (RFC 4648, both alphabets, at any offset: as in a
// Basic header). Secrets under eight bytes ("EMPTY") are none.
//
// Threads: const and callable from any thread; a StreamRedactor belongs to one stream. Time: linear in the text
// times the number of secrets.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class Redactor {
 public:
  explicit Redactor(const std::vector<std::string>& secrets);
  void clean(std::string& text) const;
  // The same for a text that may have been cut within a secret: half of one at its end goes too.
  void clean_cut(std::string& text) const;
  bool empty() const { return needles_.empty(); }

 private:
  friend class StreamRedactor;
  enum class Fit { none, more, whole };  // more: the text ends within a secret
  struct Match {
    Fit fit = Fit::none;
    std::size_t size = 0;
  };
  // What the end of a text is, where it may be the beginning of a secret.
  enum class Tail { text, open, cut };  // open: more comes; cut: more would have come
  Match match(std::string_view text, Tail tail) const;
  // Appends `text` to `out` without its secrets; of an open text as much as is certain. Returns how much that was.
  std::size_t copy(std::string_view text, Tail tail, std::string& out) const;
  void replace(std::string& text, Tail tail) const;
  static Match character(std::string_view text, char c);
  static Match needle_at(std::string_view text, std::string_view needle);

  std::vector<std::string> needles_;
  std::array<bool, 256> starts_{};  // bytes that a needle may begin with
};

// Holds back the bytes at the end of a piece that may be the beginning of a secret.
class StreamRedactor {
 public:
  explicit StreamRedactor(const Redactor& redactor) : redactor_(redactor) {}
  std::string_view feed(std::string_view bytes);  // valid until the next call
  std::string finish();                           // what was held back; half a secret counts as one

 private:
  const Redactor& redactor_;
  std::string held_;
  std::string out_;
};

}  // namespace assay
