#include "scorers/answer/contradiction.h"

#include "harness/base/regex.h"
#include "scorers/answer/ascii.h"

namespace assay::answer {
namespace {

constexpr std::size_t kMaxRest = 2000;
constexpr std::size_t kTelling = 4;  // bytes; shorter texts turn up in any sentence

bool is_word(char c) { return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; }

// Does `text` begin with `option`, and not with a longer word?
bool begins_with(std::string_view text, std::string_view option) {
  if (option.empty() || text.substr(0, option.size()) != option) return false;
  return text.size() == option.size() || !is_word(option.back()) || !is_word(text[option.size()]);
}

bool holds(std::string_view text, std::string_view option) {
  for (std::size_t at = text.find(option); at != std::string_view::npos; at = text.find(option, at + 1)) {
    if ((at == 0 || !is_word(text[at - 1])) && begins_with(text.substr(at), option)) return true;
  }
  return false;
}

std::string_view without_marks(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n*_`\"')]}.:,;-(=>");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

// The longest option that `text` begins with; their number where none.
std::size_t option_at(std::string_view text, const std::vector<std::string>& options) {
  std::size_t best = options.size();
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!begins_with(text, options[i])) continue;
    if (best == options.size() || options[i].size() > options[best].size()) best = i;
  }
  return best;
}

struct Letters {
  bool own = false;
  bool other = false;
};

// Letters in brackets, "(a)", as far as there are such options.
Letters letters_in(std::string_view text, std::size_t own, std::size_t options) {
  static const Regex re = Regex::constant(R"((?:^|[^a-z0-9])[(\[]\s*([a-z])\s*[)\]])");
  Letters out;
  std::size_t from = 0;
  while (const auto match = re.find(text, from)) {
    from = match->end();
    const auto letter = static_cast<std::size_t>(match->text(1)[0] - 'a');
    if (letter == own) out.own = true;
    if (letter != own && (options == 0 || letter < options)) out.other = true;
  }
  return out;
}

// Without "not (A)" or "rather than red" at its start, where that is another option.
std::string_view without_exclusion(std::string_view text, std::size_t own,
                                   const std::vector<std::string>& options) {
  static const Regex lead =
      Regex::constant(R"(^[\s*_"'`)\]}.,;:-]*(?:and\s+)?(?:not|rather than|instead of)\s+(?:option\s+)?)");
  static const Regex letter = Regex::constant(R"(^[(\[]?([a-z])(?:[)\]]|$|[^a-z0-9'\s]))");
  const auto match = lead.find(text);
  if (!match) return text;
  const std::string_view behind = text.substr(match->end());
  if (const auto found = letter.find(behind)) {
    const auto index = static_cast<std::size_t>(found->text(1)[0] - 'a');
    return index == own ? text : behind.substr(found->end());
  }
  const std::size_t option = option_at(behind, options);
  return option == options.size() || option == own ? text : behind.substr(options[option].size());
}

bool denies(std::string_view text) {
  static const Regex re = Regex::constant(
      R"(\b(?:not|never|no|nor|neither|wrong|incorrect|false|cannot|contradict\w*|eliminat\w*|exclud\w*|)"
      R"(ruled|violat\w*|impossible|invalid|unlike|\w+n't)\b)");
  return re.contains(text);
}

// The clause with the option itself.
bool head_contradicts(std::string_view head, std::size_t own, const std::vector<std::string>& options) {
  static const Regex other_way = Regex::constant(
      R"((?:\?|\bvs\b|\bversus\b|\bbut\b|\balso\b|\beither\b|\bmaybe\b|\bor\s+\(?[a-z]\b\)?(?:\W|$)|)"
      "(?:->|=>|\xE2\x86\x92)\\s*[a-z]\\W*$)");
  static const Regex denied = Regex::constant(
      R"(^\W*(?:(?:is|was|seems|can|could|must|would|should)\s+)+(?:\w+\s+)?(?:not|wrong|incorrect|false)\b|)"
      R"(^\W*(?:\w+n't|cannot|no|not|wrong|incorrect|false)\b)");
  if (letters_in(head, own, options.size()).other || other_way.contains(head)) return true;
  // Where the options are unknown, a "not" may be a word of the option's own text.
  if (options.empty()) return denied.contains(head);
  if (denies(head)) return true;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string& option = options[i];
    if (i == own || option.size() < kTelling || options[own].find(option) != std::string::npos) continue;
    if (holds(head, option)) return true;
  }
  return false;
}

// One further sentence, or a reason.
bool sentence_contradicts(std::string_view sentence, bool reason, std::size_t own,
                          const std::vector<std::string>& options) {
  static const Regex retracts = Regex::constant(
      R"(\b(?:wait|actually|sorry|oops|correction|alternatively|second thought)\b|^\W*no\b|\?\W*no\b)");
  if (retracts.contains(sentence)) return true;
  const Letters letters = letters_in(sentence, own, options.size());
  const bool denied = denies(sentence);
  if (reason) return false;
  return (letters.other && !denied) || (letters.own && denied);
}

}  // namespace

bool contradicted(std::string_view rest, std::size_t own, const std::vector<std::string>& options) {
  static const Regex reason = Regex::constant(R"(\b(?:because|since|as|given|due to)\b)");
  static const Regex stop = Regex::constant(R"([.;!\n](?:\s|$))");
  const std::string low = lower(collapse_space(rest.substr(0, kMaxRest)));
  std::string_view text = low;
  const std::string_view said = without_marks(text);
  const std::size_t named = option_at(said, options);
  const bool any_named = named != options.size();
  const bool own_named = any_named && named == own;
  if (any_named && !own_named) return true;
  if (own_named) text = said.substr(options[own].size());
  text = without_exclusion(text, own, options);
  bool head = true;
  while (!text.empty()) {
    const auto end = stop.find(text);
    const std::string_view sentence = text.substr(0, end ? end->begin() : text.size());
    const auto why = reason.find(sentence);
    const std::string_view claim = sentence.substr(0, why ? why->begin() : sentence.size());
    if (head ? head_contradicts(claim, own, options) : sentence_contradicts(claim, false, own, options))
      return true;
    if (why && sentence_contradicts(sentence.substr(why->begin()), true, own, options)) return true;
    // The full stop of "B. Red" ends no sentence.
    head = head && !own_named && trim(sentence).empty();
    text = end ? text.substr(end->end()) : std::string_view();
  }
  return false;
}

}  // namespace assay::answer
