/*
 * peer_sqlite.c: a table by digest without row ids; one prepared statement,
 * autocommit, write-ahead log, mapped.
 */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

struct ctx {
	sqlite3		*db;
	sqlite3_stmt	*put, *get;
	char		 path[4096];
};

static const char	 setup[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE keys (digest BLOB PRIMARY KEY, id TEXT, type TEXT, "
    "account TEXT, state INTEGER, created INTEGER, not_before INTEGER, "
    "expires INTEGER) WITHOUT ROWID;"
    "BEGIN";
static const char	 finish[] = "COMMIT; PRAGMA wal_checkpoint(TRUNCATE);";
static const char	 map[] = "PRAGMA mmap_size=8589934592;";
static const char	 insert[] = "INSERT INTO keys VALUES (?,?,?,?,?,?,?,?)";
static const char	 query[] = "SELECT id, type, account, state, created, "
			    "not_before, expires FROM keys WHERE digest = ?";

static int
fail(struct ctx *c)
{
	warnx("SQLite: %s", c->db != NULL ? sqlite3_errmsg(c->db) :
	    "no memory");
	return -1;
}

static int
start(struct ctx *c, const char *sql, const char *statement,
    sqlite3_stmt **out)
{
	if (sqlite3_open(c->path, &c->db) != SQLITE_OK ||
	    sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c->db, statement, -1, out, NULL) != SQLITE_OK)
		return fail(c);
	return 0;
}

static int
sqlite_open(const char *dir, size_t keys, void **ctx)
{
	struct ctx	*c = calloc(1, sizeof(*c));

	(void)keys;
	if (c == NULL)
		return -1;
	snprintf(c->path, sizeof(c->path), "%s/sqlite", dir);
	*ctx = c;
	return start(c, setup, insert, &c->put);
}

static void
bind_text(sqlite3_stmt *s, int i, const char *p, size_t max)
{
	sqlite3_bind_text(s, i, p, (int)strnlen(p, max), SQLITE_STATIC);
}

static int
sqlite_put(void *ctx, const uint8_t *digest, const struct record *r)
{
	struct ctx	*c = ctx;
	sqlite3_stmt	*s = c->put;

	sqlite3_bind_blob(s, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
	bind_text(s, 2, r->key_id, sizeof(r->key_id));
	bind_text(s, 3, r->type, sizeof(r->type));
	bind_text(s, 4, r->account, sizeof(r->account));
	sqlite3_bind_int(s, 5, (int)r->state);
	sqlite3_bind_int64(s, 6, r->created);
	sqlite3_bind_int64(s, 7, r->not_before);
	sqlite3_bind_int64(s, 8, r->expires);
	if (sqlite3_step(s) != SQLITE_DONE || sqlite3_reset(s) != SQLITE_OK)
		return fail(c);
	return 0;
}

static int
sqlite_freeze(void *ctx)
{
	struct ctx	*c = ctx;

	sqlite3_finalize(c->put);
	c->put = NULL;
	if (sqlite3_exec(c->db, finish, NULL, NULL, NULL) != SQLITE_OK)
		return fail(c);
	sqlite3_close(c->db);
	c->db = NULL;
	return start(c, map, query, &c->get);
}

static void
text(sqlite3_stmt *s, int i, char *out, size_t size)
{
	size_t	 n = (size_t)sqlite3_column_bytes(s, i);

	memcpy(out, sqlite3_column_text(s, i), n < size ? n : size);
}

static int
sqlite_get(void *ctx, const uint8_t *digest, struct record *out)
{
	struct ctx	*c = ctx;
	sqlite3_stmt	*s = c->get;
	int		 r;

	memset(out, 0, sizeof(*out));
	sqlite3_bind_blob(s, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
	if ((r = sqlite3_step(s)) == SQLITE_ROW) {
		text(s, 0, out->key_id, sizeof(out->key_id));
		text(s, 1, out->type, sizeof(out->type));
		text(s, 2, out->account, sizeof(out->account));
		out->state = (uint32_t)sqlite3_column_int(s, 3);
		out->created = sqlite3_column_int64(s, 4);
		out->not_before = sqlite3_column_int64(s, 5);
		out->expires = sqlite3_column_int64(s, 6);
	}
	sqlite3_reset(s);
	return r == SQLITE_ROW ? 1 : r == SQLITE_DONE ? 0 : fail(c);
}

static void
sqlite_close(void *ctx)
{
	struct ctx	*c = ctx;

	sqlite3_finalize(c->get);
	sqlite3_close(c->db);
	free(c);
}

const struct peer bench_peer = {
	.name = "SQLite",
	.open = sqlite_open,
	.put = sqlite_put,
	.freeze = sqlite_freeze,
	.get = sqlite_get,
	.close = sqlite_close,
};
