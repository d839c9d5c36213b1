// The names: which command, word or sign means what.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "scorers/math/token.h"

namespace assay::math {
namespace {

struct Row {
  std::string_view name;
  Tok type;
  std::string_view text;
};

// Names that mean the same with and without a backslash.
constexpr Row kShared[] = {
    {"sqrt", Tok::command, "sqrt"}, {"cbrt", Tok::command, "cbrt"}, {"binom", Tok::command, "binom"},
    {"sin", Tok::func, "sin"}, {"cos", Tok::func, "cos"}, {"tan", Tok::func, "tan"}, {"cot", Tok::func, "cot"},
    {"sec", Tok::func, "sec"}, {"csc", Tok::func, "csc"}, {"cosec", Tok::func, "csc"},
    {"arcsin", Tok::func, "asin"}, {"arccos", Tok::func, "acos"}, {"arctan", Tok::func, "atan"},
    {"arccot", Tok::func, "acot"}, {"asin", Tok::func, "asin"}, {"acos", Tok::func, "acos"},
    {"atan", Tok::func, "atan"}, {"sinh", Tok::func, "sinh"}, {"cosh", Tok::func, "cosh"},
    {"tanh", Tok::func, "tanh"}, {"coth", Tok::func, "coth"}, {"arsinh", Tok::func, "asinh"},
    {"arcosh", Tok::func, "acosh"}, {"artanh", Tok::func, "atanh"}, {"arcsinh", Tok::func, "asinh"},
    {"arccosh", Tok::func, "acosh"}, {"arctanh", Tok::func, "atanh"}, {"asinh", Tok::func, "asinh"},
    {"acosh", Tok::func, "acosh"}, {"atanh", Tok::func, "atanh"}, {"exp", Tok::func, "exp"},
    {"sech", Tok::func, "sech"}, {"csch", Tok::func, "csch"}, {"asec", Tok::func, "asec"}, {"arcsec", Tok::func, "asec"},
    {"acsc", Tok::func, "acsc"}, {"arccsc", Tok::func, "acsc"}, {"acoth", Tok::func, "acoth"},
    {"arcoth", Tok::func, "acoth"}, {"arccoth", Tok::func, "acoth"}, {"asech", Tok::func, "asech"},
    {"arsech", Tok::func, "asech"}, {"acsch", Tok::func, "acsch"}, {"arcsch", Tok::func, "acsch"},
    {"acot", Tok::func, "acot"},
    {"ln", Tok::func, "ln"}, {"log", Tok::func, "log"}, {"lg", Tok::func, "lg"}, {"floor", Tok::func, "floor"},
    {"ceil", Tok::func, "ceil"}, {"gcd", Tok::func, "gcd"}, {"lcm", Tok::func, "lcm"}, {"max", Tok::func, "max"},
    {"min", Tok::func, "min"}, {"abs", Tok::func, "abs"}, {"sgn", Tok::func, "sign"}, {"Re", Tok::func, "re"},
    {"Im", Tok::func, "im"}, {"mod", Tok::mod, ""}, {"pi", Tok::constant, "pi"}, {"infty", Tok::constant, "inf"},
    {"emptyset", Tok::constant, "empty"},
    {"alpha", Tok::symbol, "alpha"}, {"beta", Tok::symbol, "beta"}, {"gamma", Tok::symbol, "gamma"},
    {"delta", Tok::symbol, "delta"}, {"epsilon", Tok::symbol, "epsilon"}, {"zeta", Tok::symbol, "zeta"},
    {"theta", Tok::symbol, "theta"}, {"kappa", Tok::symbol, "kappa"}, {"lambda", Tok::symbol, "lambda"},
    {"sigma", Tok::symbol, "sigma"}, {"phi", Tok::symbol, "phi"}, {"psi", Tok::symbol, "psi"},
    {"omega", Tok::symbol, "omega"}, {"Omega", Tok::symbol, "Omega"}, {"Delta", Tok::symbol, "Delta"},
    {"Gamma", Tok::symbol, "Gamma"}, {"Phi", Tok::symbol, "Phi"}, {"Psi", Tok::symbol, "Psi"},
    {"Sigma", Tok::symbol, "Sigma"}, {"Lambda", Tok::symbol, "Lambda"}, {"Theta", Tok::symbol, "Theta"},
    {"varphi", Tok::symbol, "phi"},
};

constexpr Row kCommands[] = {
    {"frac", Tok::command, "frac"}, {"dfrac", Tok::command, "frac"}, {"tfrac", Tok::command, "frac"},
    {"cfrac", Tok::command, "frac"}, {"rac", Tok::command, "frac"}, {"dbinom", Tok::command, "binom"},
    {"tbinom", Tok::command, "binom"}, {"choose", Tok::command, "choose"}, {"sum", Tok::command, "sum"},
    {"prod", Tok::command, "prod"}, {"int", Tok::command, "int"}, {"oint", Tok::command, "int"},
    {"iint", Tok::command, "int"}, {"lim", Tok::command, "lim"}, {"over", Tok::command, "over"},
    {"char", Tok::command, "char"}, {"operatorname", Tok::command, "operatorname"},
    {"overline", Tok::accent, "bar"}, {"bar", Tok::accent, "bar"}, {"hat", Tok::accent, "hat"},
    {"widehat", Tok::accent, "hat"}, {"vec", Tok::accent, "vec"}, {"overrightarrow", Tok::accent, "vec"},
    {"tilde", Tok::accent, "tilde"}, {"widetilde", Tok::accent, "tilde"}, {"dot", Tok::accent, "dot"},
    {"ddot", Tok::accent, "ddot"}, {"underline", Tok::accent, "underline"}, {"mathcal", Tok::accent, "cal"},
    {"cdot", Tok::times, ""}, {"times", Tok::times, ""}, {"ast", Tok::times, ""}, {"bullet", Tok::times, ""},
    {"div", Tok::slash, ""}, {"slash", Tok::slash, ""}, {"pm", Tok::pm, ""}, {"mp", Tok::mp, ""}, {"bmod", Tok::mod, ""},
    {"pmod", Tok::command, "pmod"}, {"percent", Tok::percent, ""}, {"degree", Tok::degree, ""},
    {"circ", Tok::degree, ""}, {"prime", Tok::prime, ""}, {"colon", Tok::colon, ""},
    {"lparen", Tok::open, ""}, {"rparen", Tok::close, ""}, {"lgroup", Tok::open, ""}, {"rgroup", Tok::close, ""},
    {"lbrack", Tok::open_bracket, ""}, {"rbrack", Tok::close_bracket, ""}, {"lbrace", Tok::open_set, ""},
    {"rbrace", Tok::close_set, ""}, {"lfloor", Tok::open_floor, ""}, {"rfloor", Tok::close_floor, ""},
    {"llcorner", Tok::open_floor, ""}, {"lrcorner", Tok::close_floor, ""}, {"lceil", Tok::open_ceil, ""},
    {"rceil", Tok::close_ceil, ""}, {"ulcorner", Tok::open_ceil, ""}, {"urcorner", Tok::close_ceil, ""},
    {"langle", Tok::open_angle, ""}, {"rangle", Tok::close_angle, ""}, {"vert", Tok::bar, ""},
    {"Vert", Tok::bar, ""}, {"mid", Tok::bar, ""}, {"lvert", Tok::open_bar, ""}, {"rvert", Tok::close_bar, ""},
    {"lVert", Tok::open_bar, ""}, {"rVert", Tok::close_bar, ""},
    {"le", Tok::relation, "l"}, {"leq", Tok::relation, "l"}, {"leqslant", Tok::relation, "l"},
    {"leqq", Tok::relation, "l"}, {"ge", Tok::relation, "g"}, {"geq", Tok::relation, "g"},
    {"geqslant", Tok::relation, "g"}, {"geqq", Tok::relation, "g"}, {"lt", Tok::relation, "<"},
    {"gt", Tok::relation, ">"}, {"ne", Tok::relation, "!"}, {"neq", Tok::relation, "!"},
    {"approx", Tok::relation, "~"}, {"simeq", Tok::relation, "~"}, {"sim", Tok::relation, "~"},
    {"doteq", Tok::relation, "~"}, {"approxeq", Tok::relation, "~"}, {"equiv", Tok::relation, "="},
    {"cong", Tok::relation, "="}, {"eq", Tok::relation, "="}, {"in", Tok::relation, "e"},
    {"cup", Tok::cup, ""}, {"bigcup", Tok::cup, ""}, {"cap", Tok::cap, ""}, {"setminus", Tok::set_minus, ""},
    {"backslash", Tok::set_minus, ""}, {"varnothing", Tok::constant, "empty"},
    {"O", Tok::constant, "empty"}, {"ldots", Tok::ellipsis, ""}, {"cdots", Tok::ellipsis, ""},
    {"dots", Tok::ellipsis, ""}, {"dotsc", Tok::ellipsis, ""}, {"dotsb", Tok::ellipsis, ""},
    {"vdots", Tok::ellipsis, ""}, {"to", Tok::arrow, ""}, {"rightarrow", Tok::arrow, ""},
    {"Rightarrow", Tok::arrow, ""}, {"longrightarrow", Tok::arrow, ""}, {"implies", Tok::arrow, ""},
    {"land", Tok::both, ""}, {"wedge", Tok::both, ""}, {"lor", Tok::both, ""}, {"vee", Tok::both, ""},
    {"begin", Tok::command, "begin"}, {"end", Tok::command, "end"}, {"mathbb", Tok::command, "mathbb"},
    {"eta", Tok::symbol, "eta"}, {"iota", Tok::symbol, "iota"}, {"mu", Tok::symbol, "mu"},
    {"nu", Tok::symbol, "nu"}, {"xi", Tok::symbol, "xi"}, {"rho", Tok::symbol, "rho"},
    {"tau", Tok::symbol, "tau"}, {"upsilon", Tok::symbol, "upsilon"}, {"chi", Tok::symbol, "chi"},
    {"varepsilon", Tok::symbol, "varepsilon"}, {"vartheta", Tok::symbol, "theta"}, {"ell", Tok::symbol, "l"},
    {"Pi", Tok::symbol, "Pi"}, {"Xi", Tok::symbol, "Xi"}, {"Upsilon", Tok::symbol, "Upsilon"},
    {"imath", Tok::constant, "i"}, {"angle", Tok::accent, "angle"}, {"measuredangle", Tok::accent, "angle"},
    {"triangle", Tok::accent, "triangle"}, {"square", Tok::word, "square"}, {"partial", Tok::symbol, "d"},
    {"euro", Tok::currency, ""}, {"pounds", Tok::currency, ""}, {"ne", Tok::relation, "!"},
    {"arg", Tok::func, "arg"}, {"det", Tok::func, "det"}, {"cosec", Tok::func, "csc"},
    {"lbracket", Tok::open_bracket, ""}, {"rbracket", Tok::close_bracket, ""}, {"lnot", Tok::word, "not"},
    {"forall", Tok::word, "for all"}, {"exists", Tok::word, "exists"}, {"therefore", Tok::word, "therefore"},
    {"exponentialE", Tok::constant, "e"}, {"imaginaryI", Tok::constant, "i"}, {"imaginaryJ", Tok::constant, "i"},
    {"jmath", Tok::constant, "i"}, {"varpi", Tok::symbol, "varpi"}, {"varrho", Tok::symbol, "rho"},
    {"varsigma", Tok::symbol, "varsigma"}, {"varkappa", Tok::symbol, "kappa"}, {"top", Tok::symbol, "T"},
    {"iff", Tok::word, "iff"}, {"oplus", Tok::word, "oplus"}, {"bigoplus", Tok::word, "bigoplus"},
};

constexpr Row kWords[] = {
    {"and", Tok::both, ""}, {"or", Tok::both, ""}, {"infinity", Tok::constant, "inf"}, {"oo", Tok::constant, "inf"},
    {"Infinity", Tok::constant, "inf"}, {"ceiling", Tok::func, "ceil"}, {"sign", Tok::func, "sign"},
    {"union", Tok::cup, ""}, {"times", Tok::times, ""}, {"cdot", Tok::times, ""},
    {"rac", Tok::command, "frac"}, {"frac", Tok::command, "frac"},
    {"leq", Tok::relation, "l"}, {"geq", Tok::relation, "g"}, {"deg", Tok::degree, ""},
    {"degrees", Tok::degree, ""}, {"degree", Tok::degree, ""}, {"percent", Tok::percent, ""},
    {"pct", Tok::percent, ""}, {"percentage", Tok::percent, ""}, {"approximately", Tok::word, "approximately"},
};

constexpr std::string_view kTextCommands[] = {"text",   "mathrm", "textbf", "textrm",  "textit",    "mbox",
                                              "textsf", "textnormal", "mathbf", "mathit", "mathsf", "boldsymbol",
                                              "bm", "texttt", "mathtt", "emph", "textsc", "textup", "mathscr", "mathfrak",
                                              "hbox"};
constexpr std::string_view kLayout[] = {
    "left", "right", "mleft", "mright", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl",
    "biggr", "Biggl", "Biggr", "middle", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad",
    "qquad", "enspace", "enskip", "thinspace", "negthinspace", "hfill", "space", "hline", "nonumber", "boxed",
    "fbox", "rm", "bf", "it", "cal", "large", "Large", "small", "tiny", "mathstrut", "strut", "mathord",
    "mathop", "ensuremath", "medspace", "thickspace", "centering", "noindent", "allowbreak", "dfracnone"};
constexpr std::string_view kShortWords[] = {
    "odd", "yes", "no", "all", "not", "the", "is", "are", "to", "of", "for", "if", "any", "so", "we", "it", "in",
    "at", "as", "by", "on", "be", "has", "can", "one", "two", "six", "ten", "per", "cm", "mm", "km", "kg", "ml",
    "mg", "ft", "lb", "lbs", "oz", "mi", "yd", "hr", "hrs", "min", "sec", "mph", "kph", "mb", "gb", "kb", "wpm",
    "usd", "eur", "am", "sq", "cu", "day", "cup", "ton", "pen", "dog", "cat", "box", "men", "man", "boy", "car",
    "hat", "egg", "pie", "way", "ways", "than", "none", "nan", "inf", "dne", "rad", "str", "but", "hz", "pm",
    "its", "his", "her", "bag", "jar", "can", "kgs", "cms", "bus", "who", "how", "red", "set", "sum", "out",
    "nor", "yen", "st", "nd", "rd", "th", "such", "there", "from", "least", "most", "point", "line"};

using Table = std::unordered_map<std::string_view, Meaning>;

Table make_table(bool commands) {
  Table t;
  for (const Row& r : kShared) t.emplace(r.name, Meaning{r.type, r.text});
  if (commands) {
    for (const Row& r : kCommands) t.emplace(r.name, Meaning{r.type, r.text});
  } else {
    for (const Row& r : kWords) t.emplace(r.name, Meaning{r.type, r.text});
  }
  return t;
}

Meaning look_up(const Table& table, std::string_view name) {
  const auto it = table.find(name);
  return it == table.end() ? Meaning{} : it->second;
}

struct Sign {
  char32_t c;
  Tok type;
  std::string_view text;
};
constexpr Sign kSigns[] = {
    {U'\u2212', Tok::minus, ""}, {U'\u2013', Tok::minus, ""}, {U'\u2014', Tok::minus, ""}, {U'\u2010', Tok::minus, ""},
    {U'\u2011', Tok::minus, ""}, {U'\uFF0D', Tok::minus, ""}, {U'\uFE63', Tok::minus, ""}, {U'\uFF0B', Tok::plus, ""},
    {U'\u00D7', Tok::times, ""}, {U'\u00B7', Tok::times, ""}, {U'\u22C5', Tok::times, ""}, {U'\u2219', Tok::times, ""},
    {U'\u2217', Tok::times, ""}, {U'\u2062', Tok::times, ""}, {U'\u2022', Tok::times, ""}, {U'\u00F7', Tok::slash, ""},
    {U'\u2044', Tok::slash, ""}, {U'\u2215', Tok::slash, ""}, {U'\uFF0F', Tok::slash, ""},
    {U'\u221A', Tok::command, "sqrt"}, {U'\u221B', Tok::command, "cbrt"}, {U'\u03C0', Tok::constant, "pi"},
    {U'\U0001D70B', Tok::constant, "pi"}, {U'\u221E', Tok::constant, "inf"}, {U'\u2205', Tok::constant, "empty"},
    {U'\u00D8', Tok::constant, "empty"}, {U'\u2264', Tok::relation, "l"}, {U'\u2A7D', Tok::relation, "l"},
    {U'\u2265', Tok::relation, "g"}, {U'\u2A7E', Tok::relation, "g"}, {U'\u2260', Tok::relation, "!"},
    {U'\u2248', Tok::relation, "~"}, {U'\u2245', Tok::relation, "~"}, {U'\u2208', Tok::relation, "e"},
    {U'\u2261', Tok::relation, "="}, {U'\uFF1D', Tok::relation, "="}, {U'\u222A', Tok::cup, ""},
    {U'\u2229', Tok::cap, ""}, {U'\u2216', Tok::set_minus, ""}, {U'\u00B1', Tok::pm, ""}, {U'\u2213', Tok::mp, ""},
    {U'\u00B0', Tok::degree, ""}, {U'\u00BA', Tok::degree, ""}, {U'\u2032', Tok::prime, ""},
    {U'\u2026', Tok::ellipsis, ""}, {U'\u22EF', Tok::ellipsis, ""}, {U'\u2192', Tok::arrow, ""},
    {U'\u21D2', Tok::arrow, ""}, {U'\u230A', Tok::open_floor, ""}, {U'\u230B', Tok::close_floor, ""},
    {U'\u2308', Tok::open_ceil, ""}, {U'\u2309', Tok::close_ceil, ""}, {U'\u27E8', Tok::open_angle, ""},
    {U'\u27E9', Tok::close_angle, ""}, {U'\u3008', Tok::open_angle, ""}, {U'\u3009', Tok::close_angle, ""},
    {U'\uFF08', Tok::open, ""}, {U'\uFF09', Tok::close, ""}, {U'\uFF0C', Tok::comma, ""}, {U'\u3001', Tok::comma, ""},
    {U'\uFF1B', Tok::semicolon, ""}, {U'\uFF1A', Tok::colon, ""}, {U'\u2236', Tok::colon, ""},
    {U'\uFF05', Tok::percent, ""}, {U'\u20AC', Tok::currency, ""}, {U'\u00A3', Tok::currency, ""},
    {U'\u00A5', Tok::currency, ""}, {U'\u20B9', Tok::currency, ""}, {U'\uFFE5', Tok::currency, ""},
    {U'\u2211', Tok::command, "sum"}, {U'\u220F', Tok::command, "prod"}, {U'\u222B', Tok::command, "int"},
    {U'\u211D', Tok::named_set, "R"}, {U'\u2115', Tok::named_set, "N"}, {U'\u2124', Tok::named_set, "Z"},
    {U'\u211A', Tok::named_set, "Q"}, {U'\u2102', Tok::named_set, "C"}, {U'\u2223', Tok::bar, ""},
    {U'\uFF5C', Tok::bar, ""}, {U'\u2220', Tok::accent, "angle"}, {U'\u25B3', Tok::accent, "triangle"},
    {U'\u03B1', Tok::symbol, "alpha"}, {U'\u03B2', Tok::symbol, "beta"}, {U'\u03B3', Tok::symbol, "gamma"},
    {U'\u03B4', Tok::symbol, "delta"}, {U'\u03B5', Tok::symbol, "epsilon"}, {U'\u03B8', Tok::symbol, "theta"},
    {U'\u03BB', Tok::symbol, "lambda"}, {U'\u03BC', Tok::symbol, "mu"}, {U'\u03C1', Tok::symbol, "rho"},
    {U'\u03C3', Tok::symbol, "sigma"}, {U'\u03C4', Tok::symbol, "tau"}, {U'\u03C6', Tok::symbol, "phi"},
    {U'\u03D5', Tok::symbol, "phi"}, {U'\u03C8', Tok::symbol, "psi"}, {U'\u03C9', Tok::symbol, "omega"},
    {U'\u0394', Tok::symbol, "Delta"}, {U'\u03A9', Tok::symbol, "Omega"}, {U'\u0190', Tok::symbol, "epsilon"},
    {U'\u2113', Tok::symbol, "l"}, {U'\u4E00', Tok::number, "1"}, {U'\u4E8C', Tok::number, "2"},
    {U'\u4E09', Tok::number, "3"}, {U'\u56DB', Tok::number, "4"}, {U'\u4E94', Tok::number, "5"},
    {U'\u516D', Tok::number, "6"}, {U'\u4E03', Tok::number, "7"}, {U'\u516B', Tok::number, "8"},
    {U'\u4E5D', Tok::number, "9"}, {U'\u5341', Tok::number, "10"},
};

}  // namespace

Meaning command_meaning(std::string_view name) {
  static const Table table = make_table(true);
  return look_up(table, name);
}

Meaning name_meaning(std::string_view letters) {
  static const Table table = make_table(false);
  return look_up(table, letters);
}

Meaning unicode_meaning(char32_t c) {
  for (const Sign& s : kSigns) {
    if (s.c == c) return {s.type, s.text};
  }
  return {};
}

bool is_text_command(std::string_view name) {
  return std::find(std::begin(kTextCommands), std::end(kTextCommands), name) != std::end(kTextCommands);
}

bool is_layout_command(std::string_view name) {
  static const std::unordered_set<std::string_view> all(std::begin(kLayout), std::end(kLayout));
  return all.count(name) > 0;
}

bool is_short_word(std::string_view letters) {
  static const std::unordered_set<std::string_view> all(std::begin(kShortWords), std::end(kShortWords));
  std::string lower;
  for (const char c : letters) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return all.count(lower) > 0;
}

}  // namespace assay::math
