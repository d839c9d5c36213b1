#include <stdlib.h>

#include "scorers/math/exact/internal.h"

#if __has_include(<flint/ca.h>)
#include <flint/ca.h>
#else
#include <calcium/ca.h>
#endif

/* Calcium cannot be interrupted: what it is given must be small. */
#define MAX_STEPS 160
#define MAX_TRANSCENDENTAL 10
#define MAX_RADICALS 14

static int worth_trying(const exact_tape* t) {
  int functions = 0;
  int radicals = 0;
  if (t->count > MAX_STEPS) return 0;
  for (int i = 0; i < t->count; ++i) {
    switch (t->steps[i].op) {
      case EXACT_LITERAL: case EXACT_PI: case EXACT_I: case EXACT_ADD: case EXACT_SUB: case EXACT_MUL: case EXACT_DIV:
      case EXACT_NEG: case EXACT_ABS: break;
      case EXACT_POW: case EXACT_SQRT: case EXACT_ROOT: ++radicals; break;
      case EXACT_E: case EXACT_EXP: case EXACT_LN: case EXACT_SIN: case EXACT_COS: case EXACT_TAN: case EXACT_ASIN:
      case EXACT_ACOS: case EXACT_ATAN: case EXACT_SINH: case EXACT_COSH: case EXACT_TANH: ++functions; break;
      case EXACT_FLOOR: case EXACT_CEIL: case EXACT_FACTORIAL: case EXACT_BINOMIAL: case EXACT_GCD: case EXACT_LCM:
      case EXACT_MOD: case EXACT_MIN: case EXACT_MAX: break; /* of rationals */
      default: return 0;
    }
  }
  return functions <= MAX_TRANSCENDENTAL && radicals <= MAX_RADICALS;
}

static int small(const fmpq_t q) {
  return fmpz_bits(fmpq_numref(q)) <= 2000 && fmpz_bits(fmpq_denref(q)) <= 2000;
}

static void hyperbolic(ca_t out, const ca_t x, int op, ca_ctx_t ctx) {
  ca_t p;
  ca_t m;
  ca_init(p, ctx);
  ca_init(m, ctx);
  ca_exp(p, x, ctx);
  ca_inv(m, p, ctx);
  if (op == EXACT_SINH) {
    ca_sub(out, p, m, ctx);
    ca_div_ui(out, out, 2, ctx);
  } else if (op == EXACT_COSH) {
    ca_add(out, p, m, ctx);
    ca_div_ui(out, out, 2, ctx);
  } else {
    ca_t s;
    ca_init(s, ctx);
    ca_add(s, p, m, ctx);
    ca_sub(out, p, m, ctx);
    ca_div(out, out, s, ctx);
    ca_clear(s, ctx);
  }
  ca_clear(p, ctx);
  ca_clear(m, ctx);
}

/* The principal power; of a negative number with an integer exponent the integer one. */
static exact_verdict power(ca_t out, const ca_t a, const ca_t b, ca_ctx_t ctx) {
  fmpq_t q;
  fmpq_init(q);
  exact_verdict v = EXACT_EQUAL;
  if (ca_get_fmpq(q, b, ctx)) {
    if (fmpz_bits(fmpq_numref(q)) > 12 || fmpz_bits(fmpq_denref(q)) > 6) {
      v = EXACT_OVER_LIMIT;
    } else {
      ca_pow_fmpq(out, a, q, ctx);
    }
  } else {
    ca_pow(out, a, b, ctx);
  }
  fmpq_clear(q);
  return v;
}

static exact_verdict root(ca_t out, const ca_t a, const ca_t b, ca_ctx_t ctx) {
  fmpq_t q;
  fmpq_init(q);
  exact_verdict v = EXACT_UNKNOWN;
  if (ca_get_fmpq(q, b, ctx) && fmpz_is_one(fmpq_denref(q)) && fmpz_sgn(fmpq_numref(q)) > 0 &&
      fmpz_cmp_ui(fmpq_numref(q), 12) <= 0) {
    const int odd = fmpz_is_odd(fmpq_numref(q));
    fmpz_one(fmpq_denref(q));
    fmpq_inv(q, q);
    const truth_t negative = odd ? ca_check_is_negative_real(a, ctx) : T_FALSE;
    v = EXACT_EQUAL;
    if (negative == T_TRUE) {
      ca_neg(out, a, ctx);
      ca_pow_fmpq(out, out, q, ctx);
      ca_neg(out, out, ctx);
    } else {
      ca_pow_fmpq(out, a, q, ctx);
    }
  }
  fmpq_clear(q);
  return v;
}

static exact_verdict one_step(ca_ptr v, int i, const exact_tape* tape, ca_ctx_t ctx) {
  const exact_step* s = &tape->steps[i];
  ca_ptr out = v + i;
  const ca_struct* a = v + (s->a >= 0 && s->a < i ? s->a : 0);
  const ca_struct* b = v + (s->b >= 0 && s->b < i ? s->b : 0);
  switch (s->op) {
    case EXACT_LITERAL: {
      fmpq_t q;
      fmpq_init(q);
      const int ok = exact_literal(q, tape, s) && small(q);
      if (ok) ca_set_fmpq(out, q, ctx);
      fmpq_clear(q);
      return ok ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    }
    case EXACT_PI: ca_pi(out, ctx); break;
    case EXACT_E: ca_one(out, ctx); ca_exp(out, out, ctx); break;
    case EXACT_I: ca_i(out, ctx); break;
    case EXACT_ADD: ca_add(out, a, b, ctx); break;
    case EXACT_SUB: ca_sub(out, a, b, ctx); break;
    case EXACT_MUL: ca_mul(out, a, b, ctx); break;
    case EXACT_DIV: ca_div(out, a, b, ctx); break;
    case EXACT_POW: return power(out, a, b, ctx);
    case EXACT_NEG: ca_neg(out, a, ctx); break;
    case EXACT_SQRT: ca_sqrt(out, a, ctx); break;
    case EXACT_ROOT: return root(out, a, b, ctx);
    case EXACT_ABS: ca_abs(out, a, ctx); break;
    case EXACT_EXP: ca_exp(out, a, ctx); break;
    case EXACT_LN: ca_log(out, a, ctx); break;
    case EXACT_SIN: ca_sin_cos(out, NULL, a, ctx); break;
    case EXACT_COS: ca_sin_cos(NULL, out, a, ctx); break;
    case EXACT_TAN: ca_tan(out, a, ctx); break;
    case EXACT_ASIN: ca_asin(out, a, ctx); break;
    case EXACT_ACOS: ca_acos(out, a, ctx); break;
    case EXACT_ATAN: ca_atan(out, a, ctx); break;
    case EXACT_SINH: case EXACT_COSH: case EXACT_TANH: hyperbolic(out, a, s->op, ctx); break;
    default: {
      fmpq_t q;
      fmpq_init(q);
      const exact_tape part = {tape->steps, i + 1, tape->literals, tape->symbols};
      const exact_verdict r = exact_rational_value(q, &part, NULL);
      const int ok = r == EXACT_EQUAL && small(q);
      if (ok) ca_set_fmpq(out, q, ctx);
      fmpq_clear(q);
      return ok ? EXACT_EQUAL : EXACT_UNKNOWN;
    }
  }
  return CA_IS_SPECIAL(out) ? EXACT_UNKNOWN : EXACT_EQUAL;
}

static exact_verdict value(ca_t out, const exact_tape* tape, ca_ctx_t ctx) {
  ca_ptr v = calloc((size_t)tape->count, sizeof(ca_struct));
  if (v == NULL) return EXACT_OVER_LIMIT;
  exact_verdict verdict = EXACT_EQUAL;
  int made = 0;
  for (int i = 0; i < tape->count && verdict == EXACT_EQUAL; ++i) {
    ca_init(v + i, ctx);
    ++made;
    verdict = one_step(v, i, tape, ctx);
  }
  if (verdict == EXACT_EQUAL) ca_set(out, v + tape->count - 1, ctx);
  for (int i = 0; i < made; ++i) ca_clear(v + i, ctx);
  free(v);
  return verdict;
}

exact_verdict exact_compare_elementary(const exact_tape* x, const exact_tape* y) {
  if (!worth_trying(x) || !worth_trying(y)) return EXACT_UNKNOWN;
  ca_ctx_t ctx;
  ca_ctx_init(ctx);
  ca_ctx_set_option(ctx, CA_OPT_PREC_LIMIT, 512);
  ca_ctx_set_option(ctx, CA_OPT_QQBAR_DEG_LIMIT, 24);
  ca_ctx_set_option(ctx, CA_OPT_LLL_PREC, 128);
  ca_ctx_set_option(ctx, CA_OPT_POW_LIMIT, 12);
  ca_ctx_set_option(ctx, CA_OPT_GROEBNER_LENGTH_LIMIT, 40);
  ca_ctx_set_option(ctx, CA_OPT_GROEBNER_POLY_LENGTH_LIMIT, 200);
  ca_ctx_set_option(ctx, CA_OPT_GROEBNER_POLY_BITS_LIMIT, 2000);
  ca_ctx_set_option(ctx, CA_OPT_VIETA_LIMIT, 4);
  ca_t a;
  ca_t b;
  ca_init(a, ctx);
  ca_init(b, ctx);
  exact_verdict v = value(a, x, ctx);
  if (v == EXACT_EQUAL) v = value(b, y, ctx);
  if (v == EXACT_EQUAL) {
    const truth_t t = ca_check_equal(a, b, ctx);
    v = t == T_TRUE ? EXACT_EQUAL : t == T_FALSE ? EXACT_UNEQUAL : EXACT_UNKNOWN;
  }
  ca_clear(a, ctx);
  ca_clear(b, ctx);
  ca_ctx_clear(ctx);
  return v;
}
