#include <stdlib.h>
#include <string.h>

#include "scorers/math/exact/internal.h"

#if __has_include(<flint/acb_hypgeom.h>)
#include <flint/acb_hypgeom.h>
#else
#include <acb_hypgeom.h>
#endif

/* Where an argument may be this large in binary digits before exp, a power or a gamma function of it is refused. */
#define MAX_EXPONENT_BITS 60

/* The exponent or index as an integer. */
static int integer_of(fmpz_t out, const acb_t x) { return arb_get_unique_fmpz(out, acb_realref(x)); }

static int small_enough(const acb_t x, long bits) {
  mag_t m;
  mag_init(m);
  acb_get_mag(m, x);
  const int small = mag_cmp_2exp_si(m, bits) < 0;
  mag_clear(m);
  return small;
}

static exact_verdict power(acb_t out, const acb_t a, const acb_t b, long bits) {
  if (acb_is_int(b) && small_enough(b, 62)) {
    fmpz_t e;
    fmpz_init(e);
    const int exact = integer_of(e, b);
    if (exact) {
      if (acb_is_zero(a) && fmpz_sgn(e) <= 0) {
        fmpz_clear(e);
        return EXACT_UNDEFINED;
      }
      if (acb_contains_zero(a) && fmpz_sgn(e) < 0) {
        fmpz_clear(e);
        return EXACT_UNKNOWN;
      }
      acb_pow_fmpz(out, a, e, bits + (long)fmpz_bits(e));
    }
    fmpz_clear(e);
    if (exact) return EXACT_EQUAL;
  }
  if (acb_is_zero(a)) {
    if (!arb_is_positive(acb_realref(b))) return EXACT_UNDEFINED;
    acb_zero(out);
    return EXACT_EQUAL;
  }
  if (acb_contains_zero(a)) return EXACT_UNKNOWN;
  if (!small_enough(b, MAX_EXPONENT_BITS)) return EXACT_OVER_LIMIT;
  acb_pow(out, a, b, bits);
  return EXACT_EQUAL;
}

static exact_verdict root(acb_t out, const acb_t a, const acb_t index, long bits) {
  if (!acb_is_int(index) || !small_enough(index, 20)) {
    acb_t inverse;
    acb_init(inverse);
    acb_inv(inverse, index, bits);
    const exact_verdict v = acb_contains_zero(index) ? EXACT_UNDEFINED : power(out, a, inverse, bits);
    acb_clear(inverse);
    return v;
  }
  fmpz_t k;
  fmpz_init(k);
  exact_verdict v = EXACT_UNKNOWN;
  if (integer_of(k, index) && fmpz_sgn(k) > 0) {
    const ulong n = fmpz_get_ui(k);
    if (n % 2 == 1 && acb_is_real(a) && arb_is_negative(acb_realref(a))) {
      acb_neg(out, a);
      acb_root_ui(out, out, n, bits);
      acb_neg(out, out);
    } else {
      acb_root_ui(out, a, n, bits);
    }
    v = EXACT_EQUAL;
  }
  fmpz_clear(k);
  return v;
}

static exact_verdict whole(acb_t out, const acb_t a, int up, long bits) {
  if (!acb_is_real(a)) return EXACT_UNKNOWN;
  arb_t t;
  arb_init(t);
  if (up) {
    arb_ceil(t, acb_realref(a), bits);
  } else {
    arb_floor(t, acb_realref(a), bits);
  }
  const int one = arb_is_int(t);
  acb_set_arb(out, t);
  arb_clear(t);
  return one ? EXACT_EQUAL : EXACT_UNKNOWN;
}

static exact_verdict gamma_of(acb_t out, const acb_t a, long bits) {
  if (!small_enough(a, 40)) return EXACT_OVER_LIMIT;
  acb_t t;
  acb_init(t);
  acb_add_ui(t, a, 1, bits);
  if (small_enough(t, 12)) {
    acb_gamma(out, t, bits);
  } else if (acb_is_real(t) && arb_is_positive(acb_realref(t))) {
    acb_lgamma(out, t, bits + 40);
    acb_exp(out, out, bits);
  } else {
    acb_clear(t);
    return EXACT_OVER_LIMIT;
  }
  acb_clear(t);
  return EXACT_EQUAL;
}

static exact_verdict binomial(acb_t out, const acb_t n, const acb_t k, long bits) {
  if (!small_enough(n, 40) || !small_enough(k, 40)) return EXACT_OVER_LIMIT;
  acb_t x;
  acb_t y;
  acb_init(x);
  acb_init(y);
  exact_verdict v = EXACT_EQUAL;
  acb_sub(x, n, k, bits + 60);
  const int positive = acb_is_real(n) && acb_is_real(k) && arb_is_nonnegative(acb_realref(k)) &&
                       arb_is_nonnegative(acb_realref(x));
  if (positive) { /* exp(lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)) */
    acb_add_ui(x, x, 1, bits + 60);
    acb_lgamma(x, x, bits + 60);
    acb_add_ui(y, k, 1, bits + 60);
    acb_lgamma(y, y, bits + 60);
    acb_add(x, x, y, bits + 60);
    acb_add_ui(y, n, 1, bits + 60);
    acb_lgamma(y, y, bits + 60);
    acb_sub(x, y, x, bits + 60);
    acb_exp(out, x, bits);
  } else if (small_enough(n, 12) && small_enough(k, 12)) {
    acb_add_ui(x, x, 1, bits);
    acb_rgamma(x, x, bits);
    acb_add_ui(y, k, 1, bits);
    acb_rgamma(y, y, bits);
    acb_mul(x, x, y, bits);
    acb_add_ui(y, n, 1, bits);
    acb_gamma(y, y, bits);
    acb_mul(out, x, y, bits);
  } else {
    v = EXACT_OVER_LIMIT;
  }
  acb_clear(x);
  acb_clear(y);
  return v;
}

static exact_verdict least_or_most(acb_t out, const acb_t a, const acb_t b, int most, long bits) {
  if (!acb_is_real(a) || !acb_is_real(b)) return EXACT_UNKNOWN;
  if (most) {
    arb_max(acb_realref(out), acb_realref(a), acb_realref(b), bits);
  } else {
    arb_min(acb_realref(out), acb_realref(a), acb_realref(b), bits);
  }
  arb_zero(acb_imagref(out));
  return EXACT_EQUAL;
}

static exact_verdict modulo(acb_t out, const acb_t a, const acb_t b, long bits) {
  if (acb_contains_zero(b)) return EXACT_UNKNOWN;
  acb_t q;
  acb_init(q);
  acb_div(q, a, b, bits);
  const exact_verdict v = whole(q, q, 0, bits);
  acb_mul(q, q, b, bits);
  acb_sub(out, a, q, bits);
  acb_clear(q);
  return v;
}

static exact_verdict elementary(acb_t out, int op, const acb_t a, long bits) {
  switch (op) {
    case EXACT_EXP:
    case EXACT_SINH:
    case EXACT_COSH:
      if (!small_enough(a, MAX_EXPONENT_BITS)) return EXACT_OVER_LIMIT;
      if (op == EXACT_EXP) acb_exp(out, a, bits);
      if (op == EXACT_SINH) acb_sinh(out, a, bits);
      if (op == EXACT_COSH) acb_cosh(out, a, bits);
      return EXACT_EQUAL;
    case EXACT_LN:
      if (acb_is_zero(a)) return EXACT_UNDEFINED;
      acb_log(out, a, bits);
      return EXACT_EQUAL;
    case EXACT_SIN:
    case EXACT_COS:
    case EXACT_TAN:
      if (!small_enough(a, 4000)) return EXACT_OVER_LIMIT;
      if (op == EXACT_SIN) acb_sin(out, a, bits);
      if (op == EXACT_COS) acb_cos(out, a, bits);
      if (op == EXACT_TAN) acb_tan(out, a, bits);
      return EXACT_EQUAL;
    case EXACT_ASIN: acb_asin(out, a, bits); return EXACT_EQUAL;
    case EXACT_ACOS: acb_acos(out, a, bits); return EXACT_EQUAL;
    case EXACT_ATAN: acb_atan(out, a, bits); return EXACT_EQUAL;
    case EXACT_TANH: acb_tanh(out, a, bits); return EXACT_EQUAL;
    case EXACT_ASINH: acb_asinh(out, a, bits); return EXACT_EQUAL;
    case EXACT_ACOSH: acb_acosh(out, a, bits); return EXACT_EQUAL;
    case EXACT_ATANH: acb_atanh(out, a, bits); return EXACT_EQUAL;
    default: return EXACT_UNKNOWN;
  }
}

static exact_verdict literal(acb_t out, const exact_tape* tape, const exact_step* s, long bits) {
  fmpq_t q;
  fmpq_init(q);
  const int ok = exact_literal(q, tape, s);
  if (ok) acb_set_fmpq(out, q, bits);
  fmpq_clear(q);
  return ok ? EXACT_EQUAL : EXACT_OVER_LIMIT;
}

static exact_verdict one_step(acb_ptr v, int i, const exact_tape* tape, const exact_point* points, long bits) {
  const exact_step* s = &tape->steps[i];
  acb_ptr out = v + i;
  const acb_struct* a = v + (s->a >= 0 && s->a < i ? s->a : 0);
  const acb_struct* b = v + (s->b >= 0 && s->b < i ? s->b : 0);
  switch (s->op) {
    case EXACT_LITERAL: return literal(out, tape, s, bits);
    case EXACT_SYMBOL: {
      if (points == NULL || s->a >= tape->symbols) return EXACT_UNKNOWN;
      fmpq_t q;
      fmpq_init(q);
      fmpq_set_si(q, points[s->a].numerator, (ulong)points[s->a].denominator);
      acb_set_fmpq(out, q, bits);
      fmpq_clear(q);
      return EXACT_EQUAL;
    }
    case EXACT_PI: acb_const_pi(out, bits); break;
    case EXACT_E: acb_one(out); acb_exp(out, out, bits); break;
    case EXACT_I: acb_onei(out); break;
    case EXACT_ADD: acb_add(out, a, b, bits); break;
    case EXACT_SUB: acb_sub(out, a, b, bits); break;
    case EXACT_MUL: acb_mul(out, a, b, bits); break;
    case EXACT_DIV:
      if (acb_is_zero(b)) return EXACT_UNDEFINED;
      if (acb_contains_zero(b)) return EXACT_UNKNOWN;
      acb_div(out, a, b, bits);
      break;
    case EXACT_POW: return power(out, a, b, bits);
    case EXACT_NEG: acb_neg(out, a); break;
    case EXACT_SQRT: acb_sqrt(out, a, bits); break;
    case EXACT_ROOT: return root(out, a, b, bits);
    case EXACT_ABS:
      acb_abs(acb_realref(out), a, bits);
      arb_zero(acb_imagref(out));
      break;
    case EXACT_FLOOR: return whole(out, a, 0, bits);
    case EXACT_CEIL: return whole(out, a, 1, bits);
    case EXACT_FACTORIAL: return gamma_of(out, a, bits);
    case EXACT_BINOMIAL: return binomial(out, a, b, bits);
    case EXACT_MOD: return modulo(out, a, b, bits);
    case EXACT_MIN: return least_or_most(out, a, b, 0, bits);
    case EXACT_MAX: return least_or_most(out, a, b, 1, bits);
    case EXACT_RE: acb_set_arb(out, acb_realref(a)); break;
    case EXACT_IM: acb_set_arb(out, acb_imagref(a)); break;
    case EXACT_SIGN:
      if (!acb_is_real(a) || arb_contains_zero(acb_realref(a))) return EXACT_UNKNOWN;
      acb_set_si(out, arb_is_positive(acb_realref(a)) ? 1 : -1);
      break;
    case EXACT_GCD:
    case EXACT_LCM: { /* of rationals */
      fmpq_t q;
      fmpq_init(q);
      const exact_tape part = {tape->steps, i + 1, tape->literals, tape->symbols};
      const exact_verdict r = exact_rational_value(q, &part, points);
      if (r == EXACT_EQUAL) acb_set_fmpq(out, q, bits);
      fmpq_clear(q);
      return r;
    }
    default: return elementary(out, s->op, a, bits);
  }
  return EXACT_EQUAL;
}

exact_verdict exact_ball_value(acb_t out, const exact_tape* tape, const exact_point* points, long bits, int* real) {
  acb_ptr v = _acb_vec_init(tape->count);
  exact_verdict verdict = EXACT_EQUAL;
  int all_real = 1;
  for (int i = 0; i < tape->count && verdict == EXACT_EQUAL; ++i) {
    verdict = one_step(v, i, tape, points, bits);
    if (verdict == EXACT_EQUAL && !arb_contains_zero(acb_imagref(v + i))) all_real = 0;
    if (verdict == EXACT_EQUAL && !acb_is_finite(v + i)) verdict = EXACT_UNKNOWN;
  }
  if (verdict == EXACT_EQUAL) acb_set(out, v + tape->count - 1);
  _acb_vec_clear(v, tape->count);
  if (real != NULL) *real = all_real;
  return verdict;
}

exact_verdict exact_compare_balls(const exact_tape* x, const exact_tape* y, const exact_point* points, long bits,
                                  int* real) {
  acb_t a;
  acb_t b;
  acb_init(a);
  acb_init(b);
  int first = 0;
  int second = 0;
  exact_verdict v = exact_ball_value(a, x, points, bits, &first);
  exact_verdict w = exact_ball_value(b, y, points, bits, &second);
  if (v == EXACT_EQUAL && w == EXACT_EQUAL) {
    *real = first && second;
    v = acb_overlaps(a, b) ? EXACT_EQUAL : EXACT_UNEQUAL;
  } else {
    *real = 0;
    /* One side has no value here: that is no reason to say anything. */
    v = v == EXACT_EQUAL ? w : v;
  }
  acb_clear(a);
  acb_clear(b);
  return v;
}

exact_verdict exact_order(const exact_tape* x, const exact_tape* y, int* order) {
  exact_verdict result = EXACT_UNKNOWN;
  fmpq_t p;
  fmpq_t q;
  fmpq_init(p);
  fmpq_init(q);
  if (exact_rational_value(p, x, NULL) == EXACT_EQUAL && exact_rational_value(q, y, NULL) == EXACT_EQUAL) {
    *order = fmpq_cmp(p, q);
    result = EXACT_EQUAL;
  }
  fmpq_clear(p);
  fmpq_clear(q);
  if (result == EXACT_EQUAL) return result;
  acb_t a;
  acb_t b;
  acb_init(a);
  acb_init(b);
  for (long bits = 64; bits <= 256 && result != EXACT_EQUAL; bits *= 4) {
    if (exact_ball_value(a, x, NULL, bits, NULL) != EXACT_EQUAL || exact_ball_value(b, y, NULL, bits, NULL) != EXACT_EQUAL) break;
    if (!arb_contains_zero(acb_imagref(a)) || !arb_contains_zero(acb_imagref(b))) break;
    if (arb_lt(acb_realref(a), acb_realref(b)) || arb_gt(acb_realref(a), acb_realref(b))) {
      *order = arb_lt(acb_realref(a), acb_realref(b)) ? -1 : 1;
      result = EXACT_EQUAL;
    } else if (bits == 256) {
      *order = 0;
      result = EXACT_EQUAL;
    }
  }
  acb_clear(a);
  acb_clear(b);
  return result;
}

/* |x - y| <= half a unit of the last place, or x cut there is y. */
exact_verdict exact_rounds_to(const exact_tape* x, const exact_tape* y, long places, int* rational) {
  exact_verdict result = EXACT_UNKNOWN;
  fmpq_t q;
  fmpq_t exact;
  fmpq_init(q);
  fmpq_init(exact);
  *rational = exact_rational_value(exact, x, NULL) == EXACT_EQUAL;
  if (places >= 0 && places < 4000 && exact_rational_value(q, y, NULL) == EXACT_EQUAL) {
    acb_t a;
    arb_t d;
    arb_t unit;
    acb_init(a);
    arb_init(d);
    arb_init(unit);
    const long bits = 128 + 4 * places;
    exact_verdict v = EXACT_EQUAL;
    if (*rational) {
      acb_set_fmpq(a, exact, bits);
    } else {
      v = exact_ball_value(a, x, NULL, bits, NULL);
    }
    if (v == EXACT_EQUAL && arb_contains_zero(acb_imagref(a))) {
      arb_set_ui(unit, 10);
      arb_pow_ui(unit, unit, (ulong)places, bits);
      arb_mul(d, acb_realref(a), unit, bits); /* in units of the last place */
      arb_t scaled;
      arb_init(scaled);
      arb_set_fmpq(scaled, q, bits);
      arb_mul(scaled, scaled, unit, bits);
      const int negative = fmpq_sgn(q) < 0;
      arb_sub(d, d, scaled, bits);
      if (negative) arb_neg(d, d);
      /* d: how far |x| exceeds |y|, in units. Rounded: |d| <= 1/2. Cut: 0 <= d < 1. */
      arb_set_d(scaled, -0.5 - 1e-9);
      const int above = arb_gt(d, scaled);
      arb_one(scaled);
      const int below = arb_lt(d, scaled);
      result = above && below ? EXACT_EQUAL : EXACT_UNEQUAL;
      arb_clear(scaled);
    }
    acb_clear(a);
    arb_clear(d);
    arb_clear(unit);
  }
  fmpq_clear(q);
  fmpq_clear(exact);
  return result;
}
