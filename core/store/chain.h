/*
 * chain.h: the MACs that tie each line of the journal to the one before.
 *
 *	mac = HMAC(key, MAC before (16 octets) || all octets since the end of
 *	    the last line with a MAC, up to and with the ":" before this MAC)
 *
 * cut to 128 bits.  Before the first MAC stand 16 zeros and the octets start
 * at offset 0, so the first MAC covers the journal's first line as well.  A
 * line without a MAC is covered by the next one that has one.
 *
 * After a damaged line the MAC before the next one is not known for certain.
 * There are two candidates: what the damaged line states and what its octets
 * give.  A line that follows from either is sound; one that does not is damage
 * as well, since nothing vouches for what it says.
 */
#ifndef LK_STORE_CHAIN_H
#define LK_STORE_CHAIN_H

#include "line.h"

/* Where a chain is: values, so that it can be kept and gone back to. */
struct lk_link {
	uint8_t		 mac[2][LK_MAC_SIZE];	/* candidates                */
	int		 n;			/* of them, 0..2             */
	int		 sure;			/* mac[0] it is              */
	uint64_t	 span;			/* offset after the last MAC */
	uint64_t	 bare;			/* LK_BARE and the CRC-32C of
						 * what was passed since; 0:
						 * not known                 */
};

/* It is known. */
#define LK_BARE		((uint64_t)1 << 32)

struct lk_chain {
	struct lk_hmac	*key;		/* borrowed; NULL: not checked       */
	struct lk_link	 at;
	struct lk_buf	 span;		/* room for a MAC, octets since it   */
};

#define LK_CHAIN_NONE	((struct lk_chain){ .span = LK_BUF_NONE })

/* The link before the first line. */
void	lk_link_first(struct lk_link *at);

/* Go to a link; what lies behind it is then handed to lk_chain_pass. */
void	lk_chain_start(struct lk_chain *c, struct lk_hmac *key,
	    const struct lk_link *at);
void	lk_chain_free(struct lk_chain *c);
/* Octets that have no MAC (yet): a first line, an unsigned one. */
void	lk_chain_pass(struct lk_chain *c, const char *p, size_t n);
void	lk_link_pass(struct lk_link *at, const char *p, size_t n);
/*
 * Does a parsed, signed line (n octets, without newline) follow?  1 yes, or
 * there is no key; 0 no; LK_EUNAVAIL, LK_ENOMEM.
 */
int	lk_chain_check(struct lk_chain *c, const struct lk_line *l,
	    const char *p);
/* It does: go on behind it; next is the offset after its newline. */
void	lk_chain_accept(struct lk_chain *c, const struct lk_line *l,
	    uint64_t next);
/* A damaged line, n octets without newline: leave its candidates. */
int	lk_chain_lose(struct lk_chain *c, const char *p, size_t n,
	    uint64_t next);
/*
 * Sign the n octets at p, which end in ":", into mac, and go on behind them.
 * 0, LK_EUNAVAIL, LK_ENOMEM.
 */
int	lk_chain_sign(struct lk_chain *c, const char *p, size_t n,
	    uint8_t mac[LK_MAC_SIZE]);

#endif
