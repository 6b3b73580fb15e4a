/*
 * buf.h: a growing text, and the one escape of the journal.
 *
 * A buffer that could not grow keeps failed set and takes nothing more, so a
 * run of appends is checked once, at its end.
 */
#ifndef LK_BASE_BUF_H
#define LK_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct lk_buf {
	char	*p;		/* ended by NUL once anything was appended   */
	size_t	 n;		/* octets, without that NUL                  */
	size_t	 cap;
	int	 failed;
};

#define LK_BUF_NONE	((struct lk_buf){ NULL, 0, 0, 0 })

void	lk_buf_add(struct lk_buf *b, const void *p, size_t n);
void	lk_buf_str(struct lk_buf *b, const char *s);
void	lk_buf_fmt(struct lk_buf *b, const char *fmt, ...) LK_PRINTF(2, 3);
void	lk_buf_number(struct lk_buf *b, uint64_t v);	/* in decimal */
void	lk_buf_reset(struct lk_buf *b);	/* n = 0, failed = 0, memory kept */
void	lk_buf_free(struct lk_buf *b);	/* wipes, frees, LK_BUF_NONE */

/*
 * Percent-escape for a field of a line: every octet but 0x21..0x7e without
 * ':' and '%' becomes %XX with upper-case digits.
 */
void	lk_buf_escape(struct lk_buf *b, const char *p, size_t n);
/*
 * The reverse, strict: an octet that needs no escape but has one, a broken
 * escape or a raw octet that needs one is refused, so that one text has one
 * form.  out of n octets is enough; *out_len octets, no NUL is added.
 * 0, or LK_ESYNTAX.
 */
int	lk_unescape(const char *p, size_t n, char *out, size_t *out_len);

/* base64url without padding (RFC 4648, 5).  out: 4 * ((n + 2) / 3) + 1. */
size_t	lk_base64url(const void *p, size_t n, char *out);
/* Exactly out_len octets in canonical form.  0, or LK_ESYNTAX. */
int	lk_base64url_decode(const char *p, size_t n, void *out, size_t out_len);

#endif
