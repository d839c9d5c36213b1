// Texts of answers, and how this server counts tokens: four bytes are one, rounded up; of a request each message
// counts four more. It is an estimate and says so; what matters is that every usage and the ledger agree on it.
//
// Generated text is words of four bytes with their space, one token each, some of them with a letter of two bytes.
// A Text can be cut anywhere between two of its tokens without cutting a character.
// Threads: any; const after construction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace assay::mock {

inline std::int64_t tokens_of(std::string_view text) { return static_cast<std::int64_t>((text.size() + 3) / 4); }

// Appends `text` as the inside of a JSON string. Bytes above 0x7f are left as they are.
void append_escaped(std::string& out, std::string_view text);

class Text {
 public:
  Text() = default;
  Text(std::uint64_t key, std::int64_t tokens) : key_(key), tokens_(tokens) {}  // generated
  explicit Text(std::string_view given) : given_(std::make_shared<const std::string>(given)), tokens_(tokens_of(given)) {}

  std::int64_t tokens() const { return tokens_; }
  void cut(std::int64_t tokens);         // keeps at most so many
  void spoil() { spoiled_ = true; }      // its start becomes bytes that are not UTF-8
  // Appends tokens [from, to), escaped for JSON.
  void append(std::string& out, std::int64_t from, std::int64_t to) const;

 private:
  std::uint64_t key_ = 0;
  std::shared_ptr<const std::string> given_;  // shared by copies of one recorded answer
  std::int64_t tokens_ = 0;
  bool spoiled_ = false;
};

}  // namespace assay::mock
