/*
 * digits.h: base62 digits, sixteen octets at once: GNU C's vectors, which each
 * processor has or gets.  For the files of this folder alone.
 */
#ifndef LK_TOKEN_DIGITS_H
#define LK_TOKEN_DIGITS_H

#include <stdint.h>
#include <string.h>

typedef unsigned char lk_vec __attribute__((vector_size(16)));
typedef uint64_t lk_halves __attribute__((vector_size(16)));

/* 1 when each octet is 0xff. */
static inline int
lk_vec_all(lk_vec v)
{
	lk_halves	 h = (lk_halves)v;

	return (h[0] & h[1]) == UINT64_MAX;
}

/* Sixteen octets: 0xff for each that is a digit, else 0. */
static inline lk_vec
lk_vec_digits(const char *in)
{
	lk_vec	 v, letter;

	memcpy(&v, in, sizeof v);
	letter = (v | 0x20) - 'a';
	return (lk_vec)((v - '0' < 10) | (letter < 26));
}

static inline int
lk_is_digit(char c)
{
	unsigned char	 u = (unsigned char)c;

	return (unsigned char)(u - '0') < 10 ||
	    (unsigned char)((u | 0x20) - 'a') < 26;
}

#endif
