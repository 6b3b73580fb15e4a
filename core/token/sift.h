/*
 * sift.h: find tokens in octets of any kind, by prefix and checksum; and what
 * may be what a caller signs with, by its form alone: a key id, ".", and 64
 * digits of hex.
 *
 * A token is found wherever it stands: what lies next to it, be it more letters
 * and digits, does not hide it, since its checksum tells where it ends.  It has
 * to be there octet by octet: not in UTF-16, base64 or what is compressed.
 *
 * Reads no clock, file or global; safe from any thread.
 */
#ifndef LK_TOKEN_SIFT_H
#define LK_TOKEN_SIFT_H

#include "token/token.h"

/* Octets before a place that a token with digits from there on may have; a key
 * id and a dot are as many. */
#define LK_SIFT_BEFORE	(LK_PREFIX_MAX + 1)

#define LK_SIGNED_HEX		64	/* digits of a secret                */
#define LK_SIGNED_SIZE		(LK_KEYID_LEN + 1 + LK_SIGNED_HEX)

/* What is looked for: longer prefixes before shorter ones. */
struct lk_sift_prefix {
	const char	*p;		/* n octets of [a-z0-9]              */
	size_t		 n;
};

/*
 * lk_sift_next: the next token of n octets at p.
 *
 * *at  the first place where its digits may begin: 0 at first.  Afterwards the
 *      place to go on from; what is told once is not told again.
 * out  the token by the longest of the prefixes, borrowed from p; others of
 *      them may end where it ends: see lk_sift_shorter.  Without a prefix, its
 *      text is KEYID.HEX, and whether it is one the store alone knows.
 *
 * 1, or 0: there is none up to *at.  When more octets follow, those from
 * *at - LK_SIFT_BEFORE on belong before them.
 */
int	lk_sift_next(const char *p, size_t n, size_t *at,
	    const struct lk_sift_prefix *set, size_t nset,
	    struct lk_token *out);
/*
 * The same digits under the next shorter prefix, where what stands before them
 * ends in several: of "ucd_..." ucd is told first, then cd.  1, 0.
 */
int	lk_sift_shorter(const struct lk_sift_prefix *set, size_t nset,
	    struct lk_token *t);
/* 1 when n octets begin with a key id, a dot and 64 digits of hex, else 0. */
int	lk_sift_signed(const char *p, size_t n);
/* Newlines in n octets. */
uint64_t lk_sift_lines(const char *p, size_t n);

#endif
