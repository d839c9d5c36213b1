// GPT-2's printable alphabet: how byte-level vocabularies write bytes, one character a byte. Printable
// Latin-1 bytes stand for themselves, the other 68 for U+0100 on, in order (a space is U+0120).
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

// The bytes that `written` means; nullopt when a character is not of the alphabet.
std::optional<std::string> bytes_from_alphabet(std::string_view written);
std::string bytes_to_alphabet(std::string_view bytes);

// SentencePiece's spelling of a byte, "<0x0A>"; nullopt for anything else.
std::optional<unsigned char> byte_of_spelling(std::string_view text);

}  // namespace assay
