// assay completion bash|zsh: a script generated from the parser itself, so that it is never out of
// date. Names of tasks and backends are asked for when TAB is pressed.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/format.h"
#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"

namespace assay {
namespace {

std::vector<std::string> words_after(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// "run) words='...' ;;" lines, with nested subcommands as "data pull".
std::string cases(const CLI::App& root) {
  std::string out;
  for (const CLI::App* sub : root.get_subcommands(nullptr)) {
    out += format("    {}) words='{}' ;;\n", sub->get_name(), joined(words_after(*sub)));
  }
  return out;
}

std::string bash_script(const CLI::App& root) {
  return format(
      R"sh(# bash completion for assay; put it in ~/.bashrc:  source <(assay completion bash)
_assay() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" words=''
  case "$prev" in
    --task|--tasks) COMPREPLY=($(compgen -W "$(assay list tasks --names 2>/dev/null)" -- "$cur")); return ;;
    --backend) COMPREPLY=($(compgen -W "$(assay list backends --names 2>/dev/null)" -- "$cur")); return ;;
    --db|--output|--data-dir|--task-file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "${{COMP_WORDS[1]}}" in
{}    *) words='{}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur"))
}}
complete -o filenames -F _assay assay
)sh",
      cases(root), joined(words_after(root)));
}

std::string zsh_script(const CLI::App& root) {
  return "#compdef assay\n# zsh completion for assay; put it in ~/.zshrc:  source <(assay completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(root);
}

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  app.footer("Example:\n  source <(assay completion bash)");
  app.callback([&app, shell, &exit_code] {
    const CLI::App& root = root_app(app);
    std::fputs((*shell == "bash" ? bash_script(root) : zsh_script(root)).c_str(), stdout);
    exit_code = kExitOk;
  });
}

}  // namespace assay
