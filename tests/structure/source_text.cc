#include "tests/structure/source_text.h"

#include <cctype>

namespace assay::structure {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Blanks [from, to) but for line ends.
void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to && i < text.size(); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

bool on_include_line(std::string_view text, std::size_t at) {
  std::size_t begin = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  const std::string_view line = text.substr(begin, at - begin);
  const std::size_t hash = line.find_first_not_of(" \t");
  return hash != std::string_view::npos && line[hash] == '#' && line.find("include", hash) != std::string_view::npos;
}

// The end of the literal that opens with text[at] == quote: past its closing quote or at the line's end.
std::size_t literal_end(std::string_view text, std::size_t at, char quote) {
  std::size_t i = at + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return i < text.size() ? i + 1 : text.size();
}

// The end of the raw string whose quote stands at `at`.
std::size_t raw_end(std::string_view text, std::size_t at) {
  const std::size_t open = text.find('(', at);
  if (open == std::string_view::npos) return text.size();
  std::string close(1, ')');
  close.append(text.substr(at + 1, open - at - 1)).push_back('"');
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

}  // namespace

std::string code_only(std::string_view text) {
  std::string out(text);
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    if (text.substr(i, 2) == "//") {
      end = text.find('\n', i);
      if (end == std::string_view::npos) end = text.size();
      blank(out, i, end);
    } else if (text.substr(i, 2) == "/*") {
      end = text.find("*/", i + 2);
      end = end == std::string_view::npos ? text.size() : end + 2;
      blank(out, i, end);
    } else if (text[i] == '"' && !on_include_line(text, i)) {
      const bool raw = i > 0 && text[i - 1] == 'R' && (i < 2 || !is_word(text[i - 2]));
      end = raw ? raw_end(text, i) : literal_end(text, i, '"');
      blank(out, i + 1, end - 1);
    } else if (text[i] == '"') {
      end = literal_end(text, i, '"');
    } else if (text[i] == '\'' && (i == 0 || !is_word(text[i - 1]))) {  // 1'000 is a number
      end = literal_end(text, i, '\'');
      blank(out, i + 1, end - 1);
    }
    i = end;
  }
  return out;
}

std::vector<Include> includes_of(std::string_view code) {
  std::vector<Include> out;
  std::size_t line_number = 0;
  std::size_t begin = 0;
  while (begin < code.size()) {
    ++line_number;
    std::size_t end = code.find('\n', begin);
    if (end == std::string_view::npos) end = code.size();
    const std::string_view line = code.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string_view::npos || line[hash] != '#') continue;
    const std::size_t word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string_view::npos || line.substr(word, 7) != "include") continue;
    const std::size_t open = line.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    if (close == std::string_view::npos) continue;
    out.push_back({line_number, std::string(line.substr(open + 1, close - open - 1)), line[open] == '<'});
  }
  return out;
}

std::vector<std::size_t> calls_of(std::string_view code, std::string_view name) {
  std::vector<std::size_t> out;
  std::size_t line = 1;
  std::size_t counted = 0;
  for (std::size_t at = code.find(name); at != std::string_view::npos; at = code.find(name, at + 1)) {
    const bool whole = at == 0 || !is_word(code[at - 1]);
    const bool member = at > 0 && (code[at - 1] == '.' || code[at - 1] == '>');
    const std::size_t next = code.find_first_not_of(" \t", at + name.size());
    if (!whole || member || next == std::string_view::npos || code[next] != '(') continue;
    for (; counted < at; ++counted) line += code[counted] == '\n' ? 1 : 0;
    out.push_back(line);
  }
  return out;
}

}  // namespace assay::structure
