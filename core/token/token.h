/*
 * token.h: the form of a token: <prefix>_<30 digits><6 digits of their CRC-32>.
 *
 * Pure but for lk_token_mint and lk_keyid_mint, which ask getrandom(2).
 * Source: GitHub's form of 2021; CRC-32/ISO-HDLC as in zlib of the 30 digits
 * alone, in six base62 digits (0-9A-Za-z), most significant first, padded left
 * with 0.
 */
#ifndef LK_TOKEN_TOKEN_H
#define LK_TOKEN_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "latchkey.h"

#define LK_PREFIX_MIN		2	/* octets of [a-z0-9]                */
#define LK_PREFIX_MAX		12
#define LK_TOKEN_RANDOM		30	/* base62 digits                     */
#define LK_TOKEN_CHECK		6
#define LK_TOKEN_DIGITS		(LK_TOKEN_RANDOM + LK_TOKEN_CHECK)

#define LK_FOREIGN_MIN		16	/* octets of one of another system   */
#define LK_FOREIGN_MAX		LK_TOKEN_MAX

/* In place of the hint of a key whose token was never seen here. */
#define LK_HINT_FOREIGN		"(imported)"

/*
 * A parsed token.  Everything is borrowed from the caller's buffer; nothing
 * ends in NUL.
 */
struct lk_token {
	const char	*prefix;	/* prefix_len octets of [a-z0-9]     */
	size_t		 prefix_len;	/* LK_PREFIX_MIN..LK_PREFIX_MAX      */
	const char	*text;		/* the whole of it, what is digested */
	size_t		 text_len;
};

/* A prefix with its underscore, so that sixteen octets are compared at once:
 * octets behind them are masked. */
struct lk_prefix_block {
	size_t		 len;		/* of the prefix                     */
	size_t		 token_len;	/* SIZE_MAX: none has that prefix    */
	unsigned char	 text[16], mask[16];
};

/*
 * lk_token_parse: recognise a token and check its checksum.
 *
 * in    len octets as received, borrowed.
 * out   filled on 0, all zero otherwise.
 *
 * 0            it has the shape and the checksum of a token
 * LK_ESYNTAX   anything else: length, alphabet, no underscore, checksum
 *
 * Reads no clock, file or global; safe from any thread.
 */
int	lk_token_parse(const char *in, size_t len, struct lk_token *out);
/*
 * 1 when it is a token of that prefix, of which all is then known; 0 when
 * lk_token_parse must tell what it is.  block: see lk_prefix_block.
 */
int	lk_token_is(const char *in, size_t len,
	    const struct lk_prefix_block *block);
/* A prefix as lk_token_is takes it; "" is one that no token has. */
void	lk_prefix_block(const char *prefix, struct lk_prefix_block *out);
/*
 * 1 when it may be a token of another system: 16 to 256 octets of 0x21 to 0x7e
 * that have not the form of ours.  What has our form and another checksum is
 * one of ours, mistyped: 0.
 */
int	lk_token_foreign(const char *in, size_t len);
/*
 * Make a token: out of at least prefix + 1 + LK_TOKEN_DIGITS + 1 octets, ended
 * by NUL.  0; LK_EUNAVAIL when getrandom(2) fails or gives too little, out is
 * then all zero; there is no other source.
 */
int	lk_token_mint(const char *prefix, char *out, size_t size,
	    struct lk_error *e);
/* A new key id: LK_KEYID_LEN digits and a NUL.  0 or LK_EUNAVAIL. */
int	lk_keyid_mint(char out[LK_KEYID_LEN + 1], struct lk_error *e);
/* 1 when n octets are a key id. */
int	lk_keyid_valid(const char *p, size_t n);
/* prefix_…last four octets of the text, for lists; LK_HINT_MAX + 1 octets. */
void	lk_token_hint(const char *prefix, const char *text, size_t n,
	    char *out);
/* 0, or LK_EDATA: length, alphabet, or a prefix of another vendor (e says). */
int	lk_prefix_check(const char *prefix, size_t n, struct lk_error *e);

/* base62.h's and crc32.h's calls, here since only tokens use them. */
uint32_t lk_crc32(const void *p, size_t n);	/* CRC-32/ISO-HDLC */
void	lk_base62_u32(uint32_t v, char out[LK_TOKEN_CHECK]);
/* n unbiased digits from getrandom(2); 0 or LK_EUNAVAIL.  No NUL. */
int	lk_base62_random(char *out, size_t n, struct lk_error *e);

#endif
