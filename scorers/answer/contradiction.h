// Does what follows an option take it back? "(B)? No: (A)", "(B) is wrong", "(B) but also (A)", "(B)" with
// another option's text. Part of choices.
//
// Fails closed: an answer that could be read as two options is none. What is allowed to follow: the option's
// own text, "not (A)" directly behind it, a reason (from "because", "since", ... on) and further sentences,
// which may name other options only where they deny them.
//
// Pure; linear in the text for a bounded number of options; threads: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::answer {

// `rest` stands behind option `own`; `options` are the texts of all in lower case, empty where unknown.
bool contradicted(std::string_view rest, std::size_t own, const std::vector<std::string>& options);

}  // namespace assay::answer
