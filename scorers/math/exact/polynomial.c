#include <stdlib.h>
#include <string.h>

#include <flint/fmpq_mpoly.h>

#include "scorers/math/exact/internal.h"

/* Each value is a fraction of two polynomials that are not reduced: a gcd could cost far more than the answer. */
#define MAX_TERMS 1500
#define MAX_DEGREE 400

typedef struct {
  fmpq_mpoly_struct n;
  fmpq_mpoly_struct d;
} fraction;

static void init(fraction* f, const fmpq_mpoly_ctx_t ctx) {
  fmpq_mpoly_init(&f->n, ctx);
  fmpq_mpoly_init(&f->d, ctx);
  fmpq_mpoly_one(&f->d, ctx);
}
static void clear(fraction* f, const fmpq_mpoly_ctx_t ctx) {
  fmpq_mpoly_clear(&f->n, ctx);
  fmpq_mpoly_clear(&f->d, ctx);
}

static int times(fmpq_mpoly_struct* out, const fmpq_mpoly_struct* a, const fmpq_mpoly_struct* b,
                 const fmpq_mpoly_ctx_t ctx) {
  const slong x = fmpq_mpoly_length(a, ctx);
  const slong y = fmpq_mpoly_length(b, ctx);
  if (x * y > 40000 || x > MAX_TERMS || y > MAX_TERMS) return 0;
  if (x > 0 && y > 0 && fmpq_mpoly_total_degree_si(a, ctx) + fmpq_mpoly_total_degree_si(b, ctx) > MAX_DEGREE) return 0;
  fmpq_mpoly_mul(out, a, b, ctx);
  return fmpq_mpoly_length(out, ctx) <= MAX_TERMS;
}

static int multiply(fraction* out, const fraction* a, const fraction* b, const fmpq_mpoly_ctx_t ctx) {
  return times(&out->n, &a->n, &b->n, ctx) && times(&out->d, &a->d, &b->d, ctx);
}

static int add(fraction* out, const fraction* a, const fraction* b, int minus, const fmpq_mpoly_ctx_t ctx) {
  if (fmpq_mpoly_equal(&a->d, &b->d, ctx)) {
    if (minus) {
      fmpq_mpoly_sub(&out->n, &a->n, &b->n, ctx);
    } else {
      fmpq_mpoly_add(&out->n, &a->n, &b->n, ctx);
    }
    fmpq_mpoly_set(&out->d, &a->d, ctx);
    return fmpq_mpoly_length(&out->n, ctx) <= MAX_TERMS;
  }
  fmpq_mpoly_t x;
  fmpq_mpoly_t y;
  fmpq_mpoly_init(x, ctx);
  fmpq_mpoly_init(y, ctx);
  int ok = times(x, &a->n, &b->d, ctx) && times(y, &b->n, &a->d, ctx) && times(&out->d, &a->d, &b->d, ctx);
  if (ok) {
    if (minus) {
      fmpq_mpoly_sub(&out->n, x, y, ctx);
    } else {
      fmpq_mpoly_add(&out->n, x, y, ctx);
    }
    ok = fmpq_mpoly_length(&out->n, ctx) <= MAX_TERMS;
  }
  fmpq_mpoly_clear(x, ctx);
  fmpq_mpoly_clear(y, ctx);
  return ok;
}

static exact_verdict power(fraction* out, const fraction* a, const fraction* b, const fmpq_mpoly_ctx_t ctx) {
  fmpq_t e;
  fmpq_t f;
  fmpq_init(e);
  fmpq_init(f);
  exact_verdict v = EXACT_UNKNOWN;
  if (fmpq_mpoly_is_fmpq(&b->n, ctx) && fmpq_mpoly_is_fmpq(&b->d, ctx)) {
    fmpq_mpoly_get_fmpq(e, &b->n, ctx);
    fmpq_mpoly_get_fmpq(f, &b->d, ctx);
    fmpq_div(e, e, f);
    if (fmpz_is_one(fmpq_denref(e)) && fmpz_bits(fmpq_numref(e)) < 30) {
      const slong n = fmpz_get_si(fmpq_numref(e));
      const ulong size = (ulong)(n < 0 ? -n : n);
      const slong terms = fmpq_mpoly_length(&a->n, ctx) + fmpq_mpoly_length(&a->d, ctx) - 1;
      const slong degree = fmpq_mpoly_is_zero(&a->n, ctx) ? 0 : fmpq_mpoly_total_degree_si(&a->n, ctx);
      const slong below = fmpq_mpoly_total_degree_si(&a->d, ctx);
      const slong coefficient = (slong)fmpz_bits(fmpq_numref(a->n.content)) + (slong)fmpz_bits(fmpq_denref(a->n.content)) +
                                labs(fmpz_mpoly_max_bits(a->n.zpoly)) +
                                (slong)fmpz_bits(fmpq_numref(a->d.content)) +
                                labs(fmpz_mpoly_max_bits(a->d.zpoly));
      const int large = size > 10000 || coefficient * (slong)size > EXACT_MAX_BITS;
      /* The number of terms of a power is at most C(terms + n - 1, n). */
      double most = 1;
      for (ulong i = 1; i <= size && most < 1e9 && !large; ++i) most = most * (double)(terms - 1 + (slong)i) / (double)i;
      if (n == 0 && fmpq_mpoly_is_zero(&a->n, ctx)) {
        v = EXACT_UNDEFINED;
      } else if (n < 0 && fmpq_mpoly_is_zero(&a->n, ctx)) {
        v = EXACT_UNDEFINED;
      } else if (large || most > MAX_TERMS || (degree + below) * (slong)size > MAX_DEGREE) {
        v = EXACT_OVER_LIMIT;
      } else if (fmpq_mpoly_pow_ui(n < 0 ? &out->d : &out->n, &a->n, size, ctx) &&
                 fmpq_mpoly_pow_ui(n < 0 ? &out->n : &out->d, &a->d, size, ctx)) {
        v = EXACT_EQUAL;
      }
    }
  }
  fmpq_clear(e);
  fmpq_clear(f);
  return v;
}

/* gcd and lcm of polynomials, as primitive ones over Q: gcd(2y, x) = 1. Of constants: as of rationals. */
static exact_verdict gcd_lcm(fraction* out, const fraction* a, const fraction* b, int lcm, const fmpq_mpoly_ctx_t ctx) {
  if (!fmpq_mpoly_is_one(&a->d, ctx) || !fmpq_mpoly_is_one(&b->d, ctx)) return EXACT_UNKNOWN;
  if (fmpq_mpoly_is_fmpq(&a->n, ctx) && fmpq_mpoly_is_fmpq(&b->n, ctx)) return EXACT_UNKNOWN;
  if (fmpq_mpoly_length(&a->n, ctx) > 20 || fmpq_mpoly_length(&b->n, ctx) > 20 ||
      fmpq_mpoly_is_zero(&a->n, ctx) || fmpq_mpoly_is_zero(&b->n, ctx)) {
    return EXACT_OVER_LIMIT;
  }
  if (fmpq_mpoly_total_degree_si(&a->n, ctx) > 20 || fmpq_mpoly_total_degree_si(&b->n, ctx) > 20) return EXACT_OVER_LIMIT;
  if (!fmpq_mpoly_gcd(&out->n, &a->n, &b->n, ctx)) return EXACT_UNKNOWN; /* monic */
  if (!lcm) return EXACT_EQUAL;
  fmpq_mpoly_t product;
  fmpq_mpoly_init(product, ctx);
  int ok = times(product, &a->n, &b->n, ctx);
  if (ok) {
    ok = fmpq_mpoly_divides(product, product, &out->n, ctx);
    if (ok) fmpq_mpoly_make_monic(&out->n, product, ctx);
  }
  fmpq_mpoly_clear(product, ctx);
  return ok ? EXACT_EQUAL : EXACT_UNKNOWN;
}

static exact_verdict one_step(fraction* v, int i, const exact_tape* tape, const fmpq_mpoly_ctx_t ctx) {
  const exact_step* s = &tape->steps[i];
  fraction* out = v + i;
  const fraction* a = v + (s->a >= 0 && s->a < i ? s->a : 0);
  const fraction* b = v + (s->b >= 0 && s->b < i ? s->b : 0);
  switch (s->op) {
    case EXACT_LITERAL: {
      fmpq_t q;
      fmpq_init(q);
      const int ok = exact_literal(q, tape, s);
      if (ok) fmpq_mpoly_set_fmpq(&out->n, q, ctx);
      fmpq_clear(q);
      return ok ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    }
    case EXACT_SYMBOL:
      if (s->a >= tape->symbols) return EXACT_UNKNOWN;
      fmpq_mpoly_gen(&out->n, s->a, ctx);
      return EXACT_EQUAL;
    case EXACT_ADD: return add(out, a, b, 0, ctx) ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    case EXACT_SUB: return add(out, a, b, 1, ctx) ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    case EXACT_MUL: return multiply(out, a, b, ctx) ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    case EXACT_DIV:
      if (fmpq_mpoly_is_zero(&b->n, ctx)) return EXACT_UNDEFINED;
      return times(&out->n, &a->n, &b->d, ctx) && times(&out->d, &a->d, &b->n, ctx) ? EXACT_EQUAL : EXACT_OVER_LIMIT;
    case EXACT_POW: return power(out, a, b, ctx);
    case EXACT_NEG:
      fmpq_mpoly_neg(&out->n, &a->n, ctx);
      fmpq_mpoly_set(&out->d, &a->d, ctx);
      return EXACT_EQUAL;
    case EXACT_GCD:
    case EXACT_LCM:
      if (!fmpq_mpoly_is_fmpq(&a->n, ctx) || !fmpq_mpoly_is_fmpq(&b->n, ctx)) {
        return gcd_lcm(out, a, b, s->op == EXACT_LCM, ctx);
      }
      __attribute__((fallthrough));
    default: {
      /* Functions of constants. */
      fmpq_t q;
      fmpq_init(q);
      const exact_tape part = {tape->steps, i + 1, tape->literals, tape->symbols};
      const exact_verdict r = exact_rational_value(q, &part, NULL);
      if (r == EXACT_EQUAL) fmpq_mpoly_set_fmpq(&out->n, q, ctx);
      fmpq_clear(q);
      return r;
    }
  }
}

static exact_verdict value(fraction* out, const exact_tape* tape, const fmpq_mpoly_ctx_t ctx) {
  fraction* v = malloc(sizeof(fraction) * (size_t)tape->count);
  if (v == NULL) return EXACT_OVER_LIMIT;
  exact_verdict verdict = EXACT_EQUAL;
  int made = 0;
  slong terms = 0;
  for (int i = 0; i < tape->count && verdict == EXACT_EQUAL; ++i) {
    init(v + i, ctx);
    ++made;
    verdict = one_step(v, i, tape, ctx);
    if (verdict == EXACT_EQUAL && fmpq_mpoly_is_fmpq(&v[i].d, ctx) && !fmpq_mpoly_is_one(&v[i].d, ctx)) {
      fmpq_t d;
      fmpq_init(d);
      fmpq_mpoly_get_fmpq(d, &v[i].d, ctx);
      fmpq_mpoly_scalar_div_fmpq(&v[i].n, &v[i].n, d, ctx);
      fmpq_mpoly_one(&v[i].d, ctx);
      fmpq_clear(d);
    }
    terms += fmpq_mpoly_length(&v[i].n, ctx) + fmpq_mpoly_length(&v[i].d, ctx);
    if (terms > 20 * MAX_TERMS) verdict = EXACT_OVER_LIMIT;
  }
  if (verdict == EXACT_EQUAL) {
    fmpq_mpoly_swap(&out->n, &v[tape->count - 1].n, ctx);
    fmpq_mpoly_swap(&out->d, &v[tape->count - 1].d, ctx);
  }
  for (int i = 0; i < made; ++i) clear(v + i, ctx);
  free(v);
  return verdict;
}

/* Both values cross-multiplied, so that x = y where n = m. */
static exact_verdict cross(fmpq_mpoly_struct* n, fmpq_mpoly_struct* m, const exact_tape* x, const exact_tape* y,
                           const fmpq_mpoly_ctx_t ctx) {
  fraction a;
  fraction b;
  init(&a, ctx);
  init(&b, ctx);
  exact_verdict v = value(&a, x, ctx);
  if (v == EXACT_EQUAL) v = value(&b, y, ctx);
  if (v == EXACT_EQUAL && !(times(n, &a.n, &b.d, ctx) && times(m, &b.n, &a.d, ctx))) v = EXACT_OVER_LIMIT;
  clear(&a, ctx);
  clear(&b, ctx);
  return v;
}

exact_verdict exact_compare_polynomials(const exact_tape* x, const exact_tape* y) {
  fmpq_mpoly_ctx_t ctx;
  fmpq_mpoly_ctx_init(ctx, x->symbols > 0 ? x->symbols : 1, ORD_DEGREVLEX);
  fmpq_mpoly_t n;
  fmpq_mpoly_t m;
  fmpq_mpoly_init(n, ctx);
  fmpq_mpoly_init(m, ctx);
  exact_verdict v = cross(n, m, x, y, ctx);
  if (v == EXACT_EQUAL) v = fmpq_mpoly_equal(n, m, ctx) ? EXACT_EQUAL : EXACT_UNEQUAL;
  fmpq_mpoly_clear(n, ctx);
  fmpq_mpoly_clear(m, ctx);
  fmpq_mpoly_ctx_clear(ctx);
  return v;
}

exact_verdict exact_proportional(const exact_tape* x, const exact_tape* y, int* sign) {
  fmpq_mpoly_ctx_t ctx;
  fmpq_mpoly_ctx_init(ctx, x->symbols > 0 ? x->symbols : 1, ORD_DEGREVLEX);
  fmpq_mpoly_t n;
  fmpq_mpoly_t m;
  fmpq_t p;
  fmpq_t q;
  fmpq_mpoly_init(n, ctx);
  fmpq_mpoly_init(m, ctx);
  fmpq_init(p);
  fmpq_init(q);
  exact_verdict v = cross(n, m, x, y, ctx);
  if (v == EXACT_EQUAL) {
    v = EXACT_UNEQUAL;
    if (fmpq_mpoly_is_zero(n, ctx) || fmpq_mpoly_is_zero(m, ctx)) {
      if (fmpq_mpoly_is_zero(n, ctx) && fmpq_mpoly_is_zero(m, ctx)) v = EXACT_EQUAL;
      *sign = 1;
    } else {
      fmpq_mpoly_get_term_coeff_fmpq(p, n, 0, ctx);
      fmpq_mpoly_get_term_coeff_fmpq(q, m, 0, ctx);
      *sign = fmpq_sgn(p) * fmpq_sgn(q);
      fmpq_mpoly_scalar_mul_fmpq(n, n, q, ctx);
      fmpq_mpoly_scalar_mul_fmpq(m, m, p, ctx);
      if (fmpq_mpoly_equal(n, m, ctx)) v = EXACT_EQUAL;
    }
  }
  fmpq_clear(p);
  fmpq_clear(q);
  fmpq_mpoly_clear(n, ctx);
  fmpq_mpoly_clear(m, ctx);
  fmpq_mpoly_ctx_clear(ctx);
  return v;
}

exact_verdict exact_root_of_linear(const exact_tape* x, int* sign, char* root, unsigned long size) {
  fmpq_mpoly_ctx_t ctx;
  fmpq_mpoly_ctx_init(ctx, 1, ORD_DEGREVLEX);
  fraction a;
  fmpq_t p;
  fmpq_t q;
  fmpq_t d;
  init(&a, ctx);
  fmpq_init(p);
  fmpq_init(q);
  fmpq_init(d);
  exact_verdict v = x->symbols == 1 ? value(&a, x, ctx) : EXACT_UNKNOWN;
  if (v == EXACT_EQUAL) {
    v = EXACT_UNKNOWN;
    if (fmpq_mpoly_is_fmpq(&a.d, ctx) && !fmpq_mpoly_is_zero(&a.n, ctx) &&
        fmpq_mpoly_total_degree_si(&a.n, ctx) == 1) {
      const ulong one[1] = {1};
      const ulong zero[1] = {0};
      fmpq_mpoly_get_coeff_fmpq_ui(p, &a.n, one, ctx);
      fmpq_mpoly_get_coeff_fmpq_ui(q, &a.n, zero, ctx);
      fmpq_mpoly_get_fmpq(d, &a.d, ctx);
      *sign = fmpq_sgn(p) * fmpq_sgn(d);
      fmpq_div(q, q, p);
      fmpq_neg(q, q);
      if (fmpz_sizeinbase(fmpq_numref(q), 10) + fmpz_sizeinbase(fmpq_denref(q), 10) + 4 < size) {
        fmpq_get_str(root, 10, q);
        v = EXACT_EQUAL;
      }
    }
  }
  fmpq_clear(p);
  fmpq_clear(q);
  fmpq_clear(d);
  clear(&a, ctx);
  fmpq_mpoly_ctx_clear(ctx);
  return v;
}
