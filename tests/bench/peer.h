/*
 * peer.h: what else could hold the keys, and is asked for the same record.
 *
 * A peer is one constant of struct peer.  Those that take a library are modules
 * that bench.sh compiles where the library is installed; each has the constant
 * under the name bench_peer.  A call that fails says why on standard error.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE	32		/* octets                            */

#define RECORD_ACTIVE	1

/* A key as every peer keeps it: all that a decision tells or asks for. */
struct record {
	char		 key_id[12];	/* the text fields end in NUL where  */
	char		 type[12];	/* they are not full                 */
	char		 account[12];
	uint32_t	 state;		/* RECORD_ACTIVE, or it is refused   */
	int64_t		 created, not_before, expires;	/* 0: never          */
};

struct peer {
	const char	*name;		/* in the table, and of its folder   */
	size_t		 max_keys;	/* 0: any; with more it is left out  */
	/* Empty, in a folder of its own; 0 or -1. */
	int		(*open)(const char *dir, size_t keys, void **ctx);
	/* Keys come in the order of their digests; 0 or -1. */
	int		(*put)(void *ctx, const uint8_t *digest,
			    const struct record *r);
	/* No more keys: make it durable, open it as a verifier would. */
	int		(*freeze)(void *ctx);
	/* 1 found, 0 not there, -1 */
	int		(*get)(void *ctx, const uint8_t *digest,
			    struct record *out);
	void		(*close)(void *ctx);
	/* Octets that it holds; NULL: the files of its folder. */
	double		(*octets)(void *ctx);
};

extern const struct peer bench_peer;	/* of a module */

#endif
