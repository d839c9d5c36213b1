/* Mathematical grading for programs in other languages: one C function.
 *
 *   char reason[256];
 *   int v = assay_math_grade("\\frac{1}{2}", 11, "\\boxed{0.5}", 11, NULL, reason, sizeof reason);   -> ASSAY_TRUE
 *
 * Threads: any number at once. Ownership: nothing is kept. Errors: ASSAY_BAD_OPTIONS, with the reason's text.
 * Bounds: as math::grade(); no signal, no thread, no file.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

enum assay_verdict {
  ASSAY_FALSE = 0,
  ASSAY_TRUE = 1,
  ASSAY_UNDECIDED = 2,          /* the expected answer or the comparison is over a limit: nobody's wrong answer */
  ASSAY_UNDECIDED_AT_FAULT = 3, /* the prediction is over a limit or has no value: not correct */
  ASSAY_BAD_OPTIONS = -1
};

/* options: a JSON object of policies (docs/math-scoring.md), or null. `reason` receives one line, cut to `reason_size`
 * and NUL-terminated; it may be null. The texts need no NUL. */
int assay_math_grade(const char* gold, unsigned long gold_size, const char* prediction, unsigned long prediction_size,
                     const char* options, char* reason, unsigned long reason_size);

#ifdef __cplusplus
}
#endif
