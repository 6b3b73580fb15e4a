#include <string.h>

#include "crc32c.h"

#define POLYNOMIAL	0x82f63b78u	/* reflected                         */
#define NIBBLE		0x105ec76fu	/* the remainder of 1                */

/*
 * By half octets: a table that stays in one cache line, for processors that
 * have no instruction for it.  T[i] is the remainder of the half octet i.
 */
static const uint32_t	 T[16] = {
	0x00000000, NIBBLE, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t
plain(uint32_t crc, const uint8_t *b, size_t n)
{
	while (n-- > 0) {
		crc ^= *b++;
		crc = crc >> 4 ^ T[crc & 15];
		crc = crc >> 4 ^ T[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
#define HAVE_INSTRUCTION	(__builtin_cpu_supports("sse4.2"))

__attribute__((target("sse4.2"))) static uint32_t
fast(uint32_t crc, const uint8_t *b, size_t n)
{
	uint64_t	 wide = crc, word;

	for (; n >= sizeof word; n -= sizeof word, b += sizeof word) {
		memcpy(&word, b, sizeof word);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	for (crc = (uint32_t)wide; n > 0; n--)
		crc = __builtin_ia32_crc32qi(crc, *b++);
	return crc;
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define HAVE_INSTRUCTION	1

static uint32_t
fast(uint32_t crc, const uint8_t *b, size_t n)
{
	uint64_t	 word;

	for (; n >= sizeof word; n -= sizeof word, b += sizeof word) {
		memcpy(&word, b, sizeof word);
		crc = __crc32cd(crc, word);
	}
	while (n-- > 0)
		crc = __crc32cb(crc, *b++);
	return crc;
}
#else
#define HAVE_INSTRUCTION	0
#define fast			plain
#endif

uint32_t
lk_crc32c_more(uint32_t crc, const void *p, size_t n)
{
	if (HAVE_INSTRUCTION)
		return ~fast(~crc, p, n);
	return ~plain(~crc, p, n);
}

uint32_t
lk_crc32c(const void *p, size_t n)
{
	return lk_crc32c_more(0, p, n);
}
