#include "harness/base/digest.h"

#include <openssl/evp.h>

#include "harness/base/check.h"

namespace assay {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Looking the algorithm up by name costs more than hashing a prompt, so it is looked up once.
const EVP_MD* algorithm() {
  static const EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

}  // namespace

std::string Digest::hex() const {
  std::string out;
  out.reserve(64);
  for (const std::uint8_t b : bytes) {
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

std::optional<Digest> Digest::from_hex(std::string_view hex) {
  if (hex.size() != 64) return std::nullopt;
  Digest digest;
  for (std::size_t i = 0; i < 32; ++i) {
    const int high = nibble(hex[2 * i]);
    const int low = nibble(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

struct DigestBuilder::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
};

DigestBuilder::DigestBuilder() : impl_(std::make_unique<Impl>()) {
  const bool ready = impl_->context != nullptr && EVP_DigestInit_ex(impl_->context, algorithm(), nullptr) == 1;
  CHECK_THAT_HOLDS(ready, "SHA-256 is available");
}

DigestBuilder::~DigestBuilder() = default;

DigestBuilder& DigestBuilder::bytes(std::string_view raw) {
  EVP_DigestUpdate(impl_->context, raw.data(), raw.size());
  return *this;
}

DigestBuilder& DigestBuilder::add(std::string_view field, std::string_view value) {
  for (const std::string_view part : {field, value}) {
    std::array<char, 8> length{};
    for (int i = 0; i < 8; ++i) length[static_cast<std::size_t>(i)] = static_cast<char>(part.size() >> (8 * i));
    bytes({length.data(), length.size()});
    bytes(part);
  }
  return *this;
}

DigestBuilder& DigestBuilder::add(std::string_view field, std::int64_t value) {
  return add(field, std::to_string(value));
}

Digest DigestBuilder::finish() {
  Digest digest;
  unsigned int size = 0;
  const int done = EVP_DigestFinal_ex(impl_->context, digest.bytes.data(), &size);
  CHECK_THAT_HOLDS(done == 1 && size == 32, "SHA-256 gives 32 bytes");
  return digest;
}

Digest sha256(std::string_view text) { return DigestBuilder().bytes(text).finish(); }

}  // namespace assay
