#include "harness/cli/command_line.h"

#include <cctype>

namespace assay {
namespace {

std::string& remembered() {
  static std::string text;
  return text;
}

// "https://user:password@host/x" -> "https://***@host/x"
std::string without_credentials(const std::string& argument) {
  const auto scheme = argument.find("://");
  if (scheme == std::string::npos) return argument;
  const auto start = scheme + 3;
  const auto end = argument.find('/', start);
  const auto at = argument.rfind('@', end == std::string::npos ? argument.size() : end);
  if (at == std::string::npos || at < start) return argument;
  return argument.substr(0, start) + "***" + argument.substr(at);
}

// "headers={...}" -> "headers=***": an option's value may be a secret when its name says so. Keys do not belong on
// a command line, but a record of the run must not be where one is found later.
std::string without_secret(const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos) return argument;
  std::string name = argument.substr(0, equals);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* word : {"key", "token", "secret", "password", "authorization", "headers"}) {
    if (name.find(word) != std::string::npos && name.find("max_tokens") == std::string::npos &&
        name.find("max-tokens") == std::string::npos) {
      return argument.substr(0, equals) + "=***";
    }
  }
  return argument;
}

}  // namespace

void remember_command_line(int argc, char** argv) {
  std::string text = "assay";
  for (int i = 1; i < argc; ++i) {
    text += ' ';
    text += without_secret(without_credentials(argv[i]));
  }
  remembered() = text;
}

std::string command_line() { return remembered(); }

}  // namespace assay
