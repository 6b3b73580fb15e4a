/*
 * crc32.c: CRC-32/ISO-HDLC: the thirty digits of a token by multiplication
 * without carries where the processor can, all else by slices of eight octets.
 *
 * slices[k][n] is what octet n becomes when k zero octets follow it.  That is
 * linear: the entry of n is the sum (exclusive or) of the entries of n's bits.
 * So eight numbers make a table, and the compiler unfolds it: nothing is set up
 * when the program runs.  Source: Kounavis and Berry, 2005 (slicing-by-8).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#if defined(__x86_64__)
#include <wmmintrin.h>
#endif

#include "token/token.h"

#define BIT(n, i, v)	((n) >> (i) & 1 ? (v) : 0U)
#define ONE(n, a, b, c, d, e, f, g, h)					\
	BIT(n, 0, a) ^ BIT(n, 1, b) ^ BIT(n, 2, c) ^ BIT(n, 3, d) ^	\
	BIT(n, 4, e) ^ BIT(n, 5, f) ^ BIT(n, 6, g) ^ BIT(n, 7, h)
#define FOUR(n, ...)							\
	ONE((n), __VA_ARGS__), ONE((n) + 1, __VA_ARGS__),		\
	ONE((n) + 2, __VA_ARGS__), ONE((n) + 3, __VA_ARGS__)
#define SIXTEEN(n, ...)							\
	FOUR((n), __VA_ARGS__), FOUR((n) + 4, __VA_ARGS__),		\
	FOUR((n) + 8, __VA_ARGS__), FOUR((n) + 12, __VA_ARGS__)
#define SIXTY_FOUR(n, ...)						\
	SIXTEEN((n), __VA_ARGS__), SIXTEEN((n) + 16, __VA_ARGS__),	\
	SIXTEEN((n) + 32, __VA_ARGS__), SIXTEEN((n) + 48, __VA_ARGS__)
#define SLICE(...) {							\
	SIXTY_FOUR(0, __VA_ARGS__), SIXTY_FOUR(64, __VA_ARGS__),	\
	SIXTY_FOUR(128, __VA_ARGS__), SIXTY_FOUR(192, __VA_ARGS__) }

/* The reflected polynomial 0xedb88320, octets 1, 2, 4 ... 128. */
static const uint32_t	 slices[8][256] = {
	SLICE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832,
	    0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320),
	SLICE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08,
	    0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b),
	SLICE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8,
	    0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80),
	SLICE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef,
	    0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b),
	SLICE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1,
	    0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092),
	SLICE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d,
	    0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8),
	SLICE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67,
	    0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2),
	SLICE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5,
	    0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da),
};

static uint32_t
word(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static uint32_t
eight(uint32_t crc, const unsigned char *p)
{
	uint32_t	 a = crc ^ word(p), b = word(p + 4);

	return slices[7][a & 255] ^ slices[6][a >> 8 & 255] ^
	    slices[5][a >> 16 & 255] ^ slices[4][a >> 24] ^
	    slices[3][b & 255] ^ slices[2][b >> 8 & 255] ^
	    slices[1][b >> 16 & 255] ^ slices[0][b >> 24];
}

static uint32_t
four(uint32_t crc, const unsigned char *p)
{
	uint32_t	 a = crc ^ word(p);

	return slices[3][a & 255] ^ slices[2][a >> 8 & 255] ^
	    slices[1][a >> 16 & 255] ^ slices[0][a >> 24];
}

#if defined(__x86_64__)
#define CAN_MULTIPLY	(__builtin_cpu_supports("pclmul"))

/* Remainders of powers of x, and what divides by the polynomial, reflected. */
#define X_128_LOW	0x1751997d0
#define X_128_HIGH	0x0ccaa009e
#define X_64		0x163cd6124
#define POLYNOMIAL	0x1db710641
#define DIVIDES		0x1f7011641

/*
 * Two blocks of sixteen octets, of which the first begins with two zeros, as
 * they change nothing; the ones that a CRC begins with are added behind them.
 * Source: Gopal et al., Fast CRC Computation for Generic Polynomials Using
 * PCLMULQDQ, 2009.
 */
__attribute__((target("pclmul"))) static uint32_t
thirty(const unsigned char *p)
{
	const __m128i	 low = _mm_set_epi32(0, -1, 0, -1);
	const __m128i	 ones = _mm_set_epi64x(0, 0xffffffff0000);
	__m128i		 a, b, k, q;

	a = _mm_loadu_si128((const __m128i *)(const void *)p);
	b = _mm_loadu_si128((const __m128i *)(const void *)(p + 14));
	a = _mm_xor_si128(_mm_slli_si128(a, 2), ones);
	k = _mm_set_epi64x(X_128_HIGH, X_128_LOW);
	a = _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(a, k, 0x00),
	    _mm_clmulepi64_si128(a, k, 0x11)), b);
	a = _mm_xor_si128(_mm_srli_si128(a, 8),
	    _mm_clmulepi64_si128(a, k, 0x10));
	k = _mm_set_epi64x(0, X_64);
	a = _mm_xor_si128(_mm_srli_si128(a, 4),
	    _mm_clmulepi64_si128(_mm_and_si128(a, low), k, 0x00));
	k = _mm_set_epi64x(DIVIDES, POLYNOMIAL);
	q = _mm_clmulepi64_si128(_mm_and_si128(a, low), k, 0x10);
	q = _mm_clmulepi64_si128(_mm_and_si128(q, low), k, 0x00);
	a = _mm_srli_si128(_mm_xor_si128(a, q), 4);
	return (uint32_t)_mm_cvtsi128_si32(a);
}
#else
#define CAN_MULTIPLY	0
#define thirty(p)	0U
#endif

uint32_t
lk_crc32(const void *data, size_t n)
{
	const unsigned char	*p = data;
	uint32_t		 crc = 0xffffffffU;

	if (n == LK_TOKEN_RANDOM && CAN_MULTIPLY)
		return ~thirty(p);
	for (; n >= 8; n -= 8, p += 8)
		crc = eight(crc, p);
	if (n >= 4) {
		crc = four(crc, p);
		n -= 4;
		p += 4;
	}
	while (n-- > 0)
		crc = slices[0][(crc ^ *p++) & 255] ^ crc >> 8;
	return ~crc;
}
