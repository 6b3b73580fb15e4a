/*
 * octets.h: control octets, eight at a time.
 */
#ifndef LK_DAEMON_OCTETS_H
#define LK_DAEMON_OCTETS_H

#include <stdint.h>
#include <string.h>

#define LK_EACH(octet)	(0x0101010101010101U * (octet))

/* Not 0: one of the eight is below 0x20, or is 0x7f. */
static inline uint64_t
lk_octets_control(uint64_t w)
{
	uint64_t	 del = w ^ LK_EACH(0x7f);

	return (((w - LK_EACH(0x20)) & ~w) | ((del - LK_EACH(1)) & ~del)) &
	    LK_EACH(0x80);
}

/* 1: none of n octets is a control octet. */
static inline int
lk_octets_plain(const char *p, size_t n)
{
	uint64_t	 w, hit = 0;

	for (; n >= sizeof(w); p += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		hit |= lk_octets_control(w);
	}
	w = LK_EACH(' ');
	memcpy(&w, p, n);
	return (hit | lk_octets_control(w)) == 0;
}

#endif
