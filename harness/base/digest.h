// SHA-256 digests (FIPS 180-4), the identity of everything that must compare equal across
// databases and machines. The one door to OpenSSL's libcrypto.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
  std::string hex() const;                                  // 64 lower-case digits
  std::string short_hex() const { return hex().substr(0, 12); }  // for people
  static std::optional<Digest> from_hex(std::string_view hex);
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

Digest sha256(std::string_view text);

// Builds a digest over named fields. Every field is length-prefixed, so ("ab","c") and ("a","bc")
// differ. Order matters. Not thread-safe; one use.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(const DigestBuilder&) = delete;
  DigestBuilder& operator=(const DigestBuilder&) = delete;

  DigestBuilder& add(std::string_view field, std::string_view value);
  DigestBuilder& add(std::string_view field, std::int64_t value);
  DigestBuilder& bytes(std::string_view raw);  // no prefix: for plain SHA-256 of a stream
  Digest finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
