/*
 * peer_cdb.c: a constant database, mapped (tinycdb).
 */
#include <cdb.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

struct ctx {
	struct cdb_make	 make;
	struct cdb	 cdb;
	int		 fd;
};

static int
cdb_peer_open(const char *dir, size_t keys, void **ctx)
{
	struct ctx	*c = calloc(1, sizeof(*c));
	char		 path[4096];

	(void)keys;
	snprintf(path, sizeof(path), "%s/cdb", dir);
	if (c == NULL || (c->fd = open(path, O_RDWR | O_CREAT | O_EXCL,
	    0600)) == -1 || cdb_make_start(&c->make, c->fd) != 0) {
		warn("%s", path);
		return -1;
	}
	*ctx = c;
	return 0;
}

static int
cdb_peer_put(void *ctx, const uint8_t *digest, const struct record *r)
{
	struct ctx	*c = ctx;

	if (cdb_make_add(&c->make, digest, DIGEST_SIZE, r, sizeof(*r)) == 0)
		return 0;
	warn("cdb");
	return -1;
}

static int
cdb_peer_freeze(void *ctx)
{
	struct ctx	*c = ctx;

	if (cdb_make_finish(&c->make) == 0 && fsync(c->fd) == 0 &&
	    cdb_init(&c->cdb, c->fd) == 0)
		return 0;
	warn("cdb");
	return -1;
}

static int
cdb_peer_get(void *ctx, const uint8_t *digest, struct record *out)
{
	struct ctx	*c = ctx;
	int		 r;

	if ((r = cdb_find(&c->cdb, digest, DIGEST_SIZE)) <= 0)
		return r;
	return cdb_read(&c->cdb, out, sizeof(*out),
	    cdb_datapos(&c->cdb)) == 0 ? 1 : -1;
}

static void
cdb_peer_close(void *ctx)
{
	struct ctx	*c = ctx;

	cdb_free(&c->cdb);
	close(c->fd);
	free(c);
}

const struct peer bench_peer = {
	.name = "cdb",
	.open = cdb_peer_open,
	.put = cdb_peer_put,
	.freeze = cdb_peer_freeze,
	.get = cdb_peer_get,
	.close = cdb_peer_close,
};
