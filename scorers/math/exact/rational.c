#include <stdlib.h>
#include <string.h>

#include <flint/arith.h>
#include <flint/fmpz_vec.h>

#include "scorers/math/exact/internal.h"

int exact_literal(fmpq_t out, const exact_tape* tape, const exact_step* step) {
  const char* digits = tape->literals[step->a];
  const size_t size = strlen(digits);
  if (size == 0 || size > EXACT_MAX_BITS / 3 || step->b < 0 || (size_t)step->b > EXACT_MAX_BITS / 3) return 0;
  if (fmpz_set_str(fmpq_numref(out), digits, 10) != 0) return 0;
  fmpz_one(fmpq_denref(out));
  if (step->b > 0) {
    fmpz_set_ui(fmpq_denref(out), 10);
    fmpz_pow_ui(fmpq_denref(out), fmpq_denref(out), (ulong)step->b);
    fmpq_canonicalise(out);
  }
  return 1;
}

static slong bits_of(const fmpq_t x) {
  const slong n = (slong)fmpz_bits(fmpq_numref(x));
  const slong d = (slong)fmpz_bits(fmpq_denref(x));
  return n > d ? n : d;
}

static exact_verdict power(fmpq_t out, const fmpq_t base, const fmpq_t exponent) {
  if (!fmpz_is_one(fmpq_denref(exponent))) {
    if (fmpq_is_zero(base)) {
      if (fmpq_sgn(exponent) <= 0) return EXACT_UNDEFINED;
      fmpq_zero(out);
      return EXACT_EQUAL;
    }
    if (fmpq_is_one(base)) {
      fmpq_one(out);
      return EXACT_EQUAL;
    }
    /* A root that comes out even, of a positive number. */
    if (fmpq_sgn(base) < 0 || fmpz_cmp_ui(fmpq_denref(exponent), 64) > 0) return EXACT_UNKNOWN;
    const ulong k = fmpz_get_ui(fmpq_denref(exponent));
    fmpq_t root;
    fmpq_t whole;
    fmpq_init(root);
    fmpq_init(whole);
    exact_verdict v = EXACT_UNKNOWN;
    if (fmpz_root(fmpq_numref(root), fmpq_numref(base), (slong)k) &&
        fmpz_root(fmpq_denref(root), fmpq_denref(base), (slong)k)) {
      fmpz_set(fmpq_numref(whole), fmpq_numref(exponent));
      v = power(out, root, whole);
    }
    fmpq_clear(root);
    fmpq_clear(whole);
    return v;
  }
  const fmpz* e = fmpq_numref(exponent);
  if (fmpz_is_zero(e)) {
    if (fmpq_is_zero(base)) return EXACT_UNDEFINED;
    fmpq_one(out);
    return EXACT_EQUAL;
  }
  if (fmpq_is_zero(base)) {
    if (fmpz_sgn(e) < 0) return EXACT_UNDEFINED;
    fmpq_zero(out);
    return EXACT_EQUAL;
  }
  if (fmpz_is_one(fmpq_denref(base)) && fmpz_is_pm1(fmpq_numref(base))) {
    const int minus = fmpz_sgn(fmpq_numref(base)) < 0 && fmpz_is_odd(e);
    fmpq_set_si(out, minus ? -1 : 1, 1);
    return EXACT_EQUAL;
  }
  if (fmpz_bits(e) > 20) return EXACT_OVER_LIMIT;
  const slong n = fmpz_get_si(e);
  const slong size = n < 0 ? -n : n;
  if (bits_of(base) * size > EXACT_MAX_BITS) return EXACT_OVER_LIMIT;
  fmpq_pow_si(out, base, n);
  return EXACT_EQUAL;
}

static exact_verdict binomial(fmpq_t out, const fmpq_t n, const fmpq_t k) {
  if (!fmpz_is_one(fmpq_denref(n)) || !fmpz_is_one(fmpq_denref(k))) return EXACT_UNKNOWN;
  if (fmpq_sgn(n) < 0 || fmpq_sgn(k) < 0) return EXACT_UNKNOWN;
  if (fmpz_cmp(fmpq_numref(k), fmpq_numref(n)) > 0) {
    fmpq_zero(out);
    return EXACT_EQUAL;
  }
  if (fmpz_cmp_ui(fmpq_numref(n), 20000) > 0) {
    fmpz_t least;
    fmpz_init(least);
    fmpz_sub(least, fmpq_numref(n), fmpq_numref(k));
    if (fmpz_cmp(fmpq_numref(k), least) < 0) fmpz_set(least, fmpq_numref(k));
    const int small = fmpz_cmp_ui(least, 2000) <= 0 && fmpz_bits(fmpq_numref(n)) <= 60;
    fmpz_clear(least);
    if (!small) return EXACT_OVER_LIMIT;
  }
  fmpz_bin_uiui(fmpq_numref(out), fmpz_get_ui(fmpq_numref(n)), fmpz_get_ui(fmpq_numref(k)));
  fmpz_one(fmpq_denref(out));
  return EXACT_EQUAL;
}

/* gcd(a/b, c/d) = gcd(a, c) / lcm(b, d); lcm the other way round. */
static void gcd_lcm(fmpq_t out, const fmpq_t x, const fmpq_t y, int lcm) {
  fmpz_t n;
  fmpz_t d;
  fmpz_init(n);
  fmpz_init(d);
  if (lcm) {
    fmpz_lcm(n, fmpq_numref(x), fmpq_numref(y));
    fmpz_gcd(d, fmpq_denref(x), fmpq_denref(y));
  } else {
    fmpz_gcd(n, fmpq_numref(x), fmpq_numref(y));
    fmpz_lcm(d, fmpq_denref(x), fmpq_denref(y));
  }
  fmpq_set_fmpz_frac(out, n, d);
  fmpz_clear(n);
  fmpz_clear(d);
}

static void floor_of(fmpz_t out, const fmpq_t x) { fmpz_fdiv_q(out, fmpq_numref(x), fmpq_denref(x)); }

static exact_verdict root_of(fmpq_t out, const fmpq_t x, const fmpq_t index) {
  if (!fmpz_is_one(fmpq_denref(index)) || fmpz_cmp_ui(fmpq_numref(index), 2) < 0 ||
      fmpz_cmp_ui(fmpq_numref(index), 64) > 0) {
    return EXACT_UNKNOWN;
  }
  const slong k = fmpz_get_si(fmpq_numref(index));
  if (fmpq_sgn(x) < 0 && k % 2 == 0) return EXACT_UNKNOWN;
  fmpq_t r;
  fmpq_init(r);
  const int exact = fmpz_root(fmpq_numref(r), fmpq_numref(x), k) && fmpz_root(fmpq_denref(r), fmpq_denref(x), k);
  if (exact) fmpq_set(out, r);
  fmpq_clear(r);
  return exact ? EXACT_EQUAL : EXACT_UNKNOWN;
}

static exact_verdict one_step(fmpq* v, int i, const exact_tape* tape, const exact_point* points) {
  const exact_step* s = &tape->steps[i];
  fmpq* out = v + i;
  const fmpq* a = v + (s->a >= 0 && s->a < i ? s->a : 0);
  const fmpq* b = v + (s->b >= 0 && s->b < i ? s->b : 0);
  switch (s->op) {
    case EXACT_LITERAL: return exact_literal(out, tape, s) ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    case EXACT_SYMBOL:
      if (points == NULL || s->a >= tape->symbols) return EXACT_UNKNOWN;
      fmpq_set_si(out, points[s->a].numerator, (ulong)points[s->a].denominator);
      return EXACT_EQUAL;
    case EXACT_ADD: fmpq_add(out, a, b); break;
    case EXACT_SUB: fmpq_sub(out, a, b); break;
    case EXACT_MUL:
      if (bits_of(a) + bits_of(b) > EXACT_MAX_BITS) return EXACT_OVER_LIMIT;
      fmpq_mul(out, a, b);
      break;
    case EXACT_DIV:
      if (fmpq_is_zero(b)) return EXACT_UNDEFINED;
      if (bits_of(a) + bits_of(b) > EXACT_MAX_BITS) return EXACT_OVER_LIMIT;
      fmpq_div(out, a, b);
      break;
    case EXACT_POW: return power(out, a, b);
    case EXACT_NEG: fmpq_neg(out, a); break;
    case EXACT_SQRT: {
      if (fmpq_sgn(a) < 0) return EXACT_UNKNOWN;
      if (!fmpz_is_square(fmpq_numref(a)) || !fmpz_is_square(fmpq_denref(a))) return EXACT_UNKNOWN;
      fmpz_sqrt(fmpq_numref(out), fmpq_numref(a));
      fmpz_sqrt(fmpq_denref(out), fmpq_denref(a));
      break;
    }
    case EXACT_ROOT: return root_of(out, a, b);
    case EXACT_ABS: fmpq_abs(out, a); break;
    case EXACT_FLOOR: floor_of(fmpq_numref(out), a); fmpz_one(fmpq_denref(out)); break;
    case EXACT_CEIL: fmpz_cdiv_q(fmpq_numref(out), fmpq_numref(a), fmpq_denref(a)); fmpz_one(fmpq_denref(out)); break;
    case EXACT_FACTORIAL:
      if (!fmpz_is_one(fmpq_denref(a)) || fmpq_sgn(a) < 0) return EXACT_UNKNOWN;
      if (fmpz_cmp_ui(fmpq_numref(a), 25000) > 0) return EXACT_OVER_LIMIT;
      fmpz_fac_ui(fmpq_numref(out), fmpz_get_ui(fmpq_numref(a)));
      fmpz_one(fmpq_denref(out));
      break;
    case EXACT_BINOMIAL: return binomial(out, a, b);
    case EXACT_GCD: gcd_lcm(out, a, b, 0); break;
    case EXACT_LCM:
      if (bits_of(a) + bits_of(b) > EXACT_MAX_BITS) return EXACT_OVER_LIMIT;
      gcd_lcm(out, a, b, 1);
      break;
    case EXACT_MOD: { /* a - b floor(a/b) */
      if (fmpq_is_zero(b)) return EXACT_UNDEFINED;
      if (bits_of(a) + bits_of(b) > EXACT_MAX_BITS) return EXACT_OVER_LIMIT;
      fmpq_t q;
      fmpz_t whole;
      fmpq_init(q);
      fmpz_init(whole);
      fmpq_div(q, a, b);
      floor_of(whole, q);
      fmpq_mul_fmpz(q, b, whole);
      fmpq_sub(out, a, q);
      fmpz_clear(whole);
      fmpq_clear(q);
      break;
    }
    case EXACT_MIN: fmpq_set(out, fmpq_cmp(a, b) <= 0 ? a : b); break;
    case EXACT_MAX: fmpq_set(out, fmpq_cmp(a, b) >= 0 ? a : b); break;
    case EXACT_RE: fmpq_set(out, a); break;
    case EXACT_IM: fmpq_zero(out); break;
    case EXACT_SIGN: fmpq_set_si(out, fmpq_sgn(a), 1); break;
    case EXACT_EXP:
      if (!fmpq_is_zero(a)) return EXACT_UNKNOWN;
      fmpq_one(out);
      break;
    case EXACT_LN:
      if (fmpq_is_zero(a)) return EXACT_UNDEFINED;
      if (!fmpq_is_one(a)) return EXACT_UNKNOWN;
      fmpq_zero(out);
      break;
    default: return EXACT_UNKNOWN;
  }
  return bits_of(out) > 2 * EXACT_MAX_BITS ? EXACT_OVER_LIMIT : EXACT_EQUAL;
}

exact_verdict exact_rational_value(fmpq_t out, const exact_tape* tape, const exact_point* points) {
  if (tape->count <= 0) return EXACT_UNKNOWN;
  fmpq small[32];
  memset(small, 0, sizeof small);
  const int heap = tape->count > 32;
  fmpq* v = heap ? malloc(sizeof(fmpq) * (size_t)tape->count) : small;
  if (v == NULL) return EXACT_OVER_LIMIT;
  exact_verdict verdict = EXACT_EQUAL;
  slong total = 0;
  int made = 0;
  for (int i = 0; i < tape->count && verdict == EXACT_EQUAL; ++i) {
    fmpq_init(v + i);
    ++made;
    verdict = one_step(v, i, tape, points);
    if (verdict == EXACT_EQUAL) total += bits_of(v + i);
    /* At a point a ball will do where exact numbers grow long. */
    if (total > (points != NULL ? EXACT_MAX_BITS / 4 : 8 * EXACT_MAX_BITS)) verdict = EXACT_OVER_LIMIT;
  }
  if (verdict == EXACT_EQUAL) fmpq_set(out, v + tape->count - 1);
  for (int i = 0; i < made; ++i) fmpq_clear(v + i);
  if (heap) free(v);
  return verdict;
}

exact_verdict exact_compare_rational(const exact_tape* x, const exact_tape* y, const exact_point* points) {
  fmpq_t a;
  fmpq_t b;
  fmpq_init(a);
  fmpq_init(b);
  exact_verdict v = exact_rational_value(a, x, points);
  if (v == EXACT_EQUAL) v = exact_rational_value(b, y, points);
  if (v == EXACT_EQUAL) v = fmpq_equal(a, b) ? EXACT_EQUAL : EXACT_UNEQUAL;
  fmpq_clear(a);
  fmpq_clear(b);
  return v;
}
