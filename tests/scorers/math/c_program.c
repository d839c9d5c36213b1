/* libassay as a program in C uses it. Exits with 0 when every verdict is the expected one. */
#include "scorers/math/c_api.h"

#include <stdio.h>
#include <string.h>

struct row {
  const char* gold;
  const char* prediction;
  const char* options;
  int verdict;
};

int main(void) {
  static const struct row rows[] = {
      {"\\frac{1}{2}", "so it is \\boxed{0.5}.", NULL, ASSAY_TRUE},
      {"\\frac{1}{2}", "\\boxed{\\frac{2}{3}}", NULL, ASSAY_FALSE},
      {"1/2004!", "1/2006!", NULL, ASSAY_FALSE},
      {"2", "9^{9^{9^9}}", NULL, ASSAY_UNDECIDED_AT_FAULT},
      {"1", "1", "{\"no_such_policy\": true}", ASSAY_BAD_OPTIONS},
  };
  int wrong = 0;
  for (unsigned long i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    const struct row* r = &rows[i];
    char reason[256] = "";
    const int verdict = assay_math_grade(r->gold, strlen(r->gold), r->prediction, strlen(r->prediction), r->options,
                                         reason, sizeof reason);
    if (verdict == r->verdict && reason[0] != '\0') continue;
    printf("%s against %s: %d, expected %d (%s)\n", r->prediction, r->gold, verdict, r->verdict, reason);
    ++wrong;
  }
  return wrong;
}
