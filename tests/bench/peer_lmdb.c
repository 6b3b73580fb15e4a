/*
 * peer_lmdb.c: one database, one read transaction that is reset and renewed for
 * each look-up, as one must who wants to see what others delete.
 */
#include <err.h>
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

struct ctx {
	MDB_env	*env;
	MDB_txn	*txn;
	MDB_dbi	 dbi;
	char	 path[4096];
};

static int
fail(int r)
{
	if (r != 0)
		warnx("LMDB: %s", mdb_strerror(r));
	return r != 0 ? -1 : 0;
}

static int
start(struct ctx *c, size_t map, unsigned flags, unsigned txn_flags)
{
	int	 r;

	if ((r = mdb_env_create(&c->env)) != 0 ||
	    (r = mdb_env_set_mapsize(c->env, map)) != 0 ||
	    (r = mdb_env_open(c->env, c->path, MDB_NOSUBDIR | flags,
	    0600)) != 0 ||
	    (r = mdb_txn_begin(c->env, NULL, txn_flags, &c->txn)) != 0)
		return r;
	return mdb_dbi_open(c->txn, NULL, 0, &c->dbi);
}

static int
lmdb_open(const char *dir, size_t keys, void **ctx)
{
	struct ctx	*c = calloc(1, sizeof(*c));

	if (c == NULL)
		return fail(ENOMEM);
	snprintf(c->path, sizeof(c->path), "%s/lmdb", dir);
	*ctx = c;
	return fail(start(c, ((size_t)1 << 24) + keys * 256, 0, 0));
}

/* They come in order, so the pages are as full as they can be. */
static int
lmdb_put(void *ctx, const uint8_t *digest, const struct record *r)
{
	struct ctx	*c = ctx;
	MDB_val		 key = { DIGEST_SIZE, NULL }, value;
	uint8_t		 k[DIGEST_SIZE];
	struct record	 v = *r;

	memcpy(k, digest, sizeof(k));
	key.mv_data = k;
	value.mv_size = sizeof(v);
	value.mv_data = &v;
	return fail(mdb_put(c->txn, c->dbi, &key, &value, MDB_APPEND));
}

static int
lmdb_freeze(void *ctx)
{
	struct ctx	*c = ctx;
	int		 r;

	r = mdb_txn_commit(c->txn);
	c->txn = NULL;
	if (r != 0)
		return fail(r);
	mdb_env_close(c->env);
	c->env = NULL;
	if ((r = start(c, 0, MDB_RDONLY | MDB_NOTLS, MDB_RDONLY)) == 0)
		mdb_txn_reset(c->txn);
	return fail(r);
}

static int
lmdb_get(void *ctx, const uint8_t *digest, struct record *out)
{
	struct ctx	*c = ctx;
	MDB_val		 key = { DIGEST_SIZE, NULL }, value;
	uint8_t		 k[DIGEST_SIZE];
	int		 r;

	memcpy(k, digest, sizeof(k));
	key.mv_data = k;
	if ((r = mdb_txn_renew(c->txn)) != 0)
		return fail(r);
	r = mdb_get(c->txn, c->dbi, &key, &value);
	if (r == 0)
		memcpy(out, value.mv_data, sizeof(*out));
	mdb_txn_reset(c->txn);
	return r == 0 ? 1 : r == MDB_NOTFOUND ? 0 : fail(r);
}

static void
lmdb_close(void *ctx)
{
	struct ctx	*c = ctx;

	mdb_txn_abort(c->txn);
	mdb_env_close(c->env);
	free(c);
}

const struct peer bench_peer = {
	.name = "LMDB",
	.open = lmdb_open,
	.put = lmdb_put,
	.freeze = lmdb_freeze,
	.get = lmdb_get,
	.close = lmdb_close,
};
