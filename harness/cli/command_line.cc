#include "harness/cli/command_line.h"

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

}  // namespace

void remember_command_line(int argc, char** argv) {
  std::string text = "assay";
  for (int i = 1; i < argc; ++i) {
    text += ' ';
    text += without_credentials(argv[i]);
  }
  remembered() = text;
}

std::string command_line() { return remembered(); }

}  // namespace assay
