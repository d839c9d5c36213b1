/* A straight-line program over numbers: what the doors to FLINT, Arb and Calcium evaluate. Step i gives value i from
 * values of earlier steps; the last step's value is the result. No loops and no recursion, so that a program's cost is
 * known before it runs.
 *
 * Ownership: the caller's, for the length of a call. Threads: any; the doors keep no state between calls.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

enum exact_op {
  EXACT_LITERAL,  /* a: index of a literal, digits; b: how many of them stand behind the point */
  EXACT_SYMBOL,   /* a: index of a symbol */
  EXACT_PI,
  EXACT_E,
  EXACT_I,
  EXACT_ADD, EXACT_SUB, EXACT_MUL, EXACT_DIV, EXACT_POW, /* of steps a and b */
  EXACT_NEG,                                             /* of step a, as all that follow */
  EXACT_SQRT, EXACT_ROOT,                                /* the real root of a negative number where b is odd */
  EXACT_EXP, EXACT_LN, EXACT_SIN, EXACT_COS, EXACT_TAN, EXACT_ASIN, EXACT_ACOS, EXACT_ATAN, EXACT_SINH, EXACT_COSH,
  EXACT_TANH, EXACT_ASINH, EXACT_ACOSH, EXACT_ATANH, EXACT_ABS, EXACT_FLOOR, EXACT_CEIL, EXACT_FACTORIAL,
  EXACT_BINOMIAL, EXACT_GCD, EXACT_LCM, EXACT_MOD, EXACT_MIN, EXACT_MAX, EXACT_RE, EXACT_IM, EXACT_SIGN
};

typedef struct {
  int op;
  int a;
  int b;
} exact_step;

typedef struct {
  const exact_step* steps;
  int count;
  const char* const* literals; /* NUL-terminated digits */
  int symbols;                 /* how many there are; at most EXACT_MAX_SYMBOLS */
} exact_tape;

#define EXACT_MAX_SYMBOLS 12
#define EXACT_MAX_BITS 340000 /* of an exact integer: about 100,000 digits */

/* A rational value for each symbol, the same in every run. */
typedef struct {
  long numerator;
  long denominator;
} exact_point;

typedef enum {
  EXACT_EQUAL = 1,      /* proven */
  EXACT_UNEQUAL = 2,    /* proven */
  EXACT_UNKNOWN = 3,    /* this door cannot tell */
  EXACT_OVER_LIMIT = 4, /* would cost too much; decided before the work was done */
  EXACT_UNDEFINED = 5   /* no value: a division by zero, 0^0 */
} exact_verdict;

/* Exact rational arithmetic. points: one a symbol, or null where there are no symbols. */
exact_verdict exact_compare_rational(const exact_tape* x, const exact_tape* y, const exact_point* points);

/* Rigorous complex balls of `bits` bits: EXACT_UNEQUAL where they are disjoint, EXACT_EQUAL where they overlap, which
 * proves nothing. `real` is set when both values are real, and every step towards them. */
exact_verdict exact_compare_balls(const exact_tape* x, const exact_tape* y, const exact_point* points, long bits,
                                  int* real);

/* Rational functions over Q in the symbols. */
exact_verdict exact_compare_polynomials(const exact_tape* x, const exact_tape* y);
/* Are the two proportional, x = c y with a rational constant c? Stores its sign in `sign`. */
exact_verdict exact_proportional(const exact_tape* x, const exact_tape* y, int* sign);
/* A linear polynomial p x + q of the one symbol: stores the sign of p, and -q/p as "n/d" (at most `size` bytes). */
exact_verdict exact_root_of_linear(const exact_tape* x, int* sign, char* root, unsigned long size);

/* Algebraic and elementary numbers, by Calcium. No symbols. */
exact_verdict exact_compare_elementary(const exact_tape* x, const exact_tape* y);

/* -1, 0, 1: how two real values compare, when that can be told; EXACT_UNKNOWN otherwise. */
exact_verdict exact_order(const exact_tape* x, const exact_tape* y, int* order);
/* Does x, rounded or cut to `places` digits behind the point, give y? y is a literal step. Error: EXACT_UNKNOWN. */
exact_verdict exact_rounds_to(const exact_tape* x, const exact_tape* y, long places, int* rational);

#ifdef __cplusplus
}
#endif
