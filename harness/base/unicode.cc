#include "harness/base/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>

#include "harness/base/check.h"
#include "harness/base/utf8.h"

namespace assay {
namespace {

const icu::Normalizer2& normalizer(Normalization form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = nullptr;
  switch (form) {
    case Normalization::nfc:
      found = icu::Normalizer2::getNFCInstance(status);
      break;
    case Normalization::nfd:
      found = icu::Normalizer2::getNFDInstance(status);
      break;
    case Normalization::nfkc:
      found = icu::Normalizer2::getNFKCInstance(status);
      break;
    case Normalization::nfkd:
      found = icu::Normalizer2::getNFKDInstance(status);
      break;
  }
  CHECK_THAT_HOLDS(U_SUCCESS(status) && found != nullptr, "ICU has its normalisation data");
  return *found;
}

// Bytes of `text` from `from` on that are valid UTF-8, at most what ICU's 32-bit lengths take.
std::size_t valid_length(std::string_view text, std::size_t from) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  std::size_t at = from;
  while (at < text.size() && at - from < kMost) {
    const CodePoint p = decode_utf8(text, at);
    if (!p.valid) break;
    at += p.size;
  }
  return at - from;
}

}  // namespace

namespace internal {

std::uint8_t class_from_icu(char32_t c) {
  using namespace char_class;
  if (c > 0x10FFFF) return 0;
  const auto point = static_cast<UChar32>(c);
  const std::uint32_t category = U_GET_GC_MASK(point);
  std::uint8_t out = 0;
  if ((category & U_GC_L_MASK) != 0) out = kLetter;
  if ((category & U_GC_N_MASK) != 0) out = kNumber;
  if ((category & U_GC_M_MASK) != 0) out = kMark;
  if ((category & U_GC_P_MASK) != 0) out = kPunctuation;
  if ((category & U_GC_S_MASK) != 0) out = kSymbol;
  if (out == 0 && u_isUWhiteSpace(point)) out = kSpace;
  return out;
}

}  // namespace internal

bool is_word_character(char32_t c) {
  if (c > 0x10FFFF) return false;
  const auto point = static_cast<UChar32>(c);
  const std::uint32_t category = U_GET_GC_MASK(point);
  return (category & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 || u_isUAlphabetic(point) ||
         u_hasBinaryProperty(point, UCHAR_JOIN_CONTROL);
}

std::string normalize(std::string_view text, Normalization form) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return std::string(text);
  const icu::Normalizer2& forms = normalizer(form);
  std::string out;
  out.reserve(text.size());
  icu::StringByteSink<std::string> sink(&out);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = valid_length(text, at);
    if (length > 0) {
      UErrorCode status = U_ZERO_ERROR;
      forms.normalizeUTF8(0, icu::StringPiece(text.data() + at, static_cast<std::int32_t>(length)), sink,
                          nullptr, status);
      CHECK_THAT_HOLDS(U_SUCCESS(status), "valid UTF-8 can be normalised");
      at += length;
    } else {
      const std::size_t bad = decode_utf8(text, at).size;
      out.append(text.substr(at, bad));
      at += bad;
    }
  }
  return out;
}

namespace {

void append_in_case(std::string_view text, LetterCase to, std::string& out) {
  icu::StringByteSink<std::string> sink(&out);
  const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
  constexpr std::uint32_t kFirstOnly = U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_LOWERCASE;
  UErrorCode status = U_ZERO_ERROR;
  switch (to) {
    case LetterCase::lower:
      icu::CaseMap::utf8ToLower("", 0, piece, sink, nullptr, status);
      break;
    case LetterCase::upper:
      icu::CaseMap::utf8ToUpper("", 0, piece, sink, nullptr, status);
      break;
    case LetterCase::title:
      icu::CaseMap::utf8ToTitle("", kFirstOnly, nullptr, piece, sink, nullptr, status);
      break;
  }
  CHECK_THAT_HOLDS(U_SUCCESS(status), "ICU maps the case of valid text");
}

}  // namespace

std::string change_case(std::string_view text, LetterCase to) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = valid_length(text, at);
    if (length > 0) {
      append_in_case(text.substr(at, length), to, out);
      at += length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

int script_of(char32_t c) {
  if (c < 0x80) return USCRIPT_LATIN;
  if (c > 0x10FFFF) return -1;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
  switch (script) {
    case USCRIPT_COMMON: case USCRIPT_INHERITED: case USCRIPT_UNKNOWN: case USCRIPT_INVALID_CODE:
      return -1;
    case USCRIPT_HIRAGANA: case USCRIPT_KATAKANA: case USCRIPT_BOPOMOFO:
      return USCRIPT_HAN;
    default:
      return U_SUCCESS(status) ? static_cast<int>(script) : -1;
  }
}

std::string script_name(int script) {
  const char* name = uscript_getName(static_cast<UScriptCode>(script));
  return name == nullptr ? std::string() : std::string(name);
}

int script_named(std::string_view name) {
  const std::string text(name);
  const std::int32_t script = u_getPropertyValueEnum(UCHAR_SCRIPT, text.c_str());
  return script == UCHAR_INVALID_CODE ? -1 : script;
}

}  // namespace assay
