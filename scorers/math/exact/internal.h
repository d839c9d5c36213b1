/* Shared by the doors; not for other folders. */
#pragma once

#include <flint/flint.h>
#include <flint/fmpq.h>
#include <flint/fmpz.h>
#if __has_include(<flint/ca.h>)
#include <flint/arb.h>
#include <flint/acb.h>
#else
#include <arb.h>
#include <acb.h>
#endif

#include "scorers/math/exact/tape.h"

#if defined(__GNUC__) && !defined(__clang__)
/* gcc 12 takes a member that FLINT passes as an array of one for too small to be read: a false alarm. */
#pragma GCC diagnostic ignored "-Wstringop-overread"
#endif

/* The literal of a step as a rational. Returns 0 when it is no number or has too many digits. */
int exact_literal(fmpq_t out, const exact_tape* tape, const exact_step* step);
/* Values of the steps of a tape in exact rationals. On success out is the last. */
exact_verdict exact_rational_value(fmpq_t out, const exact_tape* tape, const exact_point* points);
/* Values in balls. `real`, if not null, is set when every step on the way is real. */
exact_verdict exact_ball_value(acb_t out, const exact_tape* tape, const exact_point* points, long bits, int* real);
