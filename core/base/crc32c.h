/*
 * crc32c.h: CRC-32C, which every piece of the index and of `state` carries.
 *
 * For what happens by accident: a bit that flipped, a store that was torn.
 * Against somebody who may write to the file it does nothing.
 */
#ifndef LK_BASE_CRC32C_H
#define LK_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32C (Castagnoli), reflected, as in iSCSI (RFC 3720), of n octets.  By the
 * processor's own instruction where it has one.
 */
uint32_t lk_crc32c(const void *p, size_t n);
/* Of n octets behind those that crc is of; of none it is 0. */
uint32_t lk_crc32c_more(uint32_t crc, const void *p, size_t n);
/* The same of n words of 8 octets as they lie in memory. */
static inline uint32_t
lk_crc32c_words(const uint64_t *w, size_t n)
{
#if defined(__x86_64__) && defined(__GNUC__)
	uint64_t	 crc = 0xffffffff;
	size_t		 i;

	if (__builtin_cpu_supports("sse4.2")) {
		for (i = 0; i < n; i++)
			__asm__("crc32q %1, %0" : "+r"(crc) : "rm"(w[i]));
		return ~(uint32_t)crc;
	}
#endif
	return lk_crc32c(w, n * sizeof *w);
}

/* The same of a cache line of them, without a loop. */
static inline uint32_t
lk_crc32c_line(const uint64_t w[8])
{
#if defined(__x86_64__) && defined(__GNUC__)
	uint64_t	 crc = 0xffffffff;

	if (__builtin_cpu_supports("sse4.2")) {
		__asm__("crc32q %1, %0\n\tcrc32q %2, %0\n\t"
		    "crc32q %3, %0\n\tcrc32q %4, %0\n\t"
		    "crc32q %5, %0\n\tcrc32q %6, %0\n\t"
		    "crc32q %7, %0\n\tcrc32q %8, %0"
		    : "+&r"(crc)
		    : "rm"(w[0]), "rm"(w[1]), "rm"(w[2]), "rm"(w[3]),
		    "rm"(w[4]), "rm"(w[5]), "rm"(w[6]), "rm"(w[7]));
		return ~(uint32_t)crc;
	}
#endif
	return lk_crc32c(w, 8 * sizeof *w);
}

#endif
