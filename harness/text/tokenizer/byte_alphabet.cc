#include "harness/text/tokenizer/byte_alphabet.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "harness/base/utf8.h"

namespace assay {
namespace {

constexpr bool stands_for_itself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

struct Alphabet {
  std::array<std::uint16_t, 256> written{};   // the character of a byte
  std::array<std::int16_t, 0x200> byte_of{};  // of a character; -1 where it is of no byte
};

constexpr Alphabet make_alphabet() {
  Alphabet out;
  for (auto& byte : out.byte_of) byte = -1;
  std::uint16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint16_t written = stands_for_itself(byte) ? static_cast<std::uint16_t>(byte) : next++;
    out.written[byte] = written;
    out.byte_of[written] = static_cast<std::int16_t>(byte);
  }
  return out;
}
constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

std::optional<std::string> bytes_from_alphabet(std::string_view written) {
  std::string out;
  out.reserve(written.size());
  for (std::size_t at = 0; at < written.size();) {
    const CodePoint p = decode_utf8(written, at);
    if (!p.valid || p.value >= kAlphabet.byte_of.size()) return std::nullopt;
    const std::int16_t byte = kAlphabet.byte_of[p.value];
    if (byte < 0) return std::nullopt;
    out += static_cast<char>(static_cast<unsigned char>(byte));
    at += p.size;
  }
  return out;
}

std::string bytes_to_alphabet(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) append_utf8(out, kAlphabet.written[static_cast<unsigned char>(c)]);
  return out;
}

std::optional<unsigned char> byte_of_spelling(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
  const std::size_t high = kDigits.find(text[3]);
  const std::size_t low = kDigits.find(text[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned char>(16 * high + low);
}

}  // namespace assay
