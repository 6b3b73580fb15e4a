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
/* The same of n words of 8 octets, in the byte order of the machine. */
uint32_t lk_crc32c_words(const uint64_t *w, size_t n);

#endif
