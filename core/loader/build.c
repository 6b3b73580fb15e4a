/*
 * build.c: the table of loaded builds, the one global of the library.
 *
 *	file -> trusted -> hashed -> pinned -> same inode loaded? --+
 *	  same SHA-256 loaded? -------------------------------------+
 *	  ELF of this machine -> fewer than 64?                     |
 *	  dlopen -> the symbol -----------------------------------> handshake
 *
 * A build is never unloaded: threads may still run in it, and its thread-key
 * destructors would run in unmapped code.  One that fails its handshake stays
 * as well, so that asking for it again loads nothing.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "loader/build.h"
#include "loader/value.h"

static struct {
	pthread_mutex_t	 lock;
	size_t		 n;
	struct lk_build	*v[LK_BUILDS_MAX];
} builds = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t	 once = PTHREAD_ONCE_INIT;

/*
 * A child has only the thread that forked: a lock that another held would be
 * held for ever.  Not taken before the fork as in digest.c, since the thread
 * that forks may be in a plugin, and then has one of these.  A plugin that
 * another thread was in goes on from wherever that was.
 */
static void
locks_renew(void)
{
	size_t	 i;

	pthread_mutex_init(&builds.lock, NULL);
	for (i = 0; i < builds.n; i++)
		pthread_mutex_init(builds.v[i]->enter, NULL);
}

static void
fork_watch(void)
{
	pthread_atfork(NULL, NULL, locks_renew);
}

static void
build_free(struct lk_build *b)
{
	if (b == NULL)
		return;
	lk_file_close(&b->file);
	free(b->enter);
	free(b->options);
	free(b->path);
	free(b);
}

/* A build of f that is ready to be opened; takes the descriptor over. */
static struct lk_build *
build_new(const char *path, struct lk_file *f)
{
	struct lk_build	*b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return NULL;
	b->file.fd = -1;
	b->path = strdup(path);
	b->enter = malloc(sizeof(*b->enter));
	if (b->path == NULL || b->enter == NULL ||
	    pthread_mutex_init(b->enter, NULL) != 0) {
		build_free(b);
		return NULL;
	}
	b->file = *f;
	f->fd = -1;
	return b;
}

/*
 * The descriptor of a loaded build is open, so its inode is never given to
 * another file: the same inode with other octets was written in place, and
 * what runs is the mapping of the old octets, or worse, of both.  That is asked
 * first: they may be the octets of another build that is loaded.
 */
static int
find(const struct lk_want *w, const char *path, const struct lk_file *f,
    struct lk_build **out, struct lk_error *e)
{
	const struct lk_file	*have;
	size_t			 i;

	*out = NULL;
	for (i = 0; i < builds.n; i++) {
		have = &builds.v[i]->file;
		if (have->dev == f->dev && have->ino == f->ino &&
		    strcmp(have->sha256, f->sha256) != 0)
			return lk_refuse(e, LK_ECONFIG, w, path, "is loaded, "
			    "and its octets were changed in place: install it "
			    "by rename (install(1) or mv), then restart");
	}
	for (i = 0; i < builds.n && *out == NULL; i++)
		if (strcmp(builds.v[i]->file.sha256, f->sha256) == 0)
			*out = builds.v[i];
	return 0;
}

static int
load_new(const struct lk_want *w, const char *path, struct lk_file *f,
    struct lk_build **out, struct lk_error *e)
{
	struct lk_build	*b = NULL;
	int		 r;

	if ((r = lk_file_elf(w, path, f, e)) != 0)
		return r;
	if (builds.n == LK_BUILDS_MAX)
		return lk_refuse(e, LK_ECONFIG, w, path, "%d builds of plugins "
		    "are loaded, and none is ever unloaded: restart this "
		    "process", LK_BUILDS_MAX);
	if ((b = build_new(path, f)) == NULL)
		return lk_refuse(e, LK_ENOMEM, w, path, "no memory");
	if ((r = lk_build_open(w, builds.n + 1, b, e)) != 0)
		goto out;
	*out = builds.v[builds.n] = b;
	atomic_signal_fence(memory_order_release);	/* see locks_renew */
	builds.n++;
	b = NULL;			/* it stays for ever */
out:
	build_free(b);
	return r;
}

static int
copy_options(struct lk_build *b)
{
	size_t	 i;

	b->options = calloc(b->table.noptions + 1, sizeof(*b->options));
	if (b->options == NULL)
		return -1;
	for (i = 0; i < b->table.noptions; i++)
		lk_option_at(&b->table, i, &b->options[i]);
	return 0;
}

/*
 * Each caller wants a name and a kind of its own, so hands are shaken each
 * time; the copy is made once.
 */
static int
shake(const struct lk_want *w, const char *path, struct lk_build *b,
    struct lk_error *e)
{
	struct lk_plugin	 table;
	int			 r;

	if (b->theirs == NULL)
		return lk_refuse(e, LK_ECONFIG, w, path, "%s", b->fault);
	if ((r = lk_handshake(b->theirs, w, path, &table, e)) != 0)
		return r;
	if (b->shaken)
		return 0;
	b->table = table;
	if (copy_options(b) != 0)
		return lk_refuse(e, LK_ENOMEM, w, path, "no memory");
	b->shaken = 1;
	return 0;
}

static int
load(const struct lk_want *w, const char *path, const struct lk_build **out,
    struct lk_error *e)
{
	struct lk_build	*b = NULL;
	struct lk_file	 f;
	int		 r;

	*out = NULL;
	pthread_once(&once, fork_watch);
	if ((r = lk_file_open(w, path, &f, e)) != 0)
		return r;
	pthread_mutex_lock(&builds.lock);
	if ((r = find(w, path, &f, &b, e)) == 0 && b == NULL)
		r = load_new(w, path, &f, &b, e);
	if (r == 0)
		r = shake(w, path, b, e);
	pthread_mutex_unlock(&builds.lock);
	if (r == 0)
		*out = b;
	lk_file_close(&f);
	return r;
}

/* [a-z0-9_]{1,32}: no path can hide in it. */
static int
name_check(const char *name, size_t n, struct lk_error *e)
{
	if (n >= 1 && n <= LK_NAME_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") >= n)
		return 0;
	return lk_fail(e, LK_ECONFIG, "%.*s is no name of a plugin: 1 to %d of "
	    "a-z, 0-9 and _", (int)(n < 64 ? n : 64), name, LK_NAME_MAX);
}

int
lk_build_load(const struct lk_want *w, const struct lk_build **out,
    struct lk_error *e)
{
	char	*path = NULL;
	int	 r;

	*out = NULL;
	if ((r = name_check(w->name, strlen(w->name), e)) != 0)
		return r;
	if (asprintf(&path, "%s/%s.so", w->dir, w->name) == -1)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = load(w, path, out, e);
	free(path);
	return r;
}

/* NAME of a path that ends in NAME.so; out of LK_NAME_MAX + 1 octets. */
static int
name_of(const char *path, char *out, struct lk_error *e)
{
	const char	*base = strrchr(path, '/');
	size_t		 n;

	base = base != NULL ? base + 1 : path;
	n = strlen(base);
	if (n < 4 || strcmp(base + n - 3, ".so") != 0)
		return lk_fail(e, LK_ECONFIG, "%s: a plugin's file is NAME.so",
		    path);
	n -= 3;
	if (name_check(base, n, e) != 0)
		return LK_ECONFIG;
	memcpy(out, base, n);
	out[n] = '\0';
	return 0;
}

int
lk_build_load_path(const char *path, uint32_t kind,
    const struct lk_build **out, struct lk_error *e)
{
	char		 name[LK_NAME_MAX + 1];
	struct lk_want	 w = { NULL, name, kind, NULL, NULL };

	*out = NULL;
	if (name_of(path, name, e) != 0)
		return LK_ECONFIG;
	return load(&w, path, out, e);
}

static int
hash_path(const struct lk_want *w, const char *path, char out[LK_SHA256_HEX],
    struct lk_error *e)
{
	struct lk_file	 f;
	int		 r;

	if ((r = lk_file_open(w, path, &f, e)) == 0)
		r = lk_file_elf(w, path, &f, e);
	memcpy(out, f.sha256, LK_SHA256_HEX);
	lk_file_close(&f);
	return r;
}

int
lk_build_hash(const struct lk_want *w, char out[LK_SHA256_HEX],
    struct lk_error *e)
{
	char	*path = NULL;
	int	 r;

	if ((r = name_check(w->name, strlen(w->name), e)) != 0)
		return r;
	if (asprintf(&path, "%s/%s.so", w->dir, w->name) == -1)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = hash_path(w, path, out, e);
	free(path);
	return r;
}

int
lk_build_hash_path(const char *path, char *name, char out[LK_SHA256_HEX],
    struct lk_error *e)
{
	const struct lk_want	 w = { NULL, NULL, 0, NULL, NULL };

	if (name_of(path, name, e) != 0)
		return LK_ECONFIG;
	return hash_path(&w, path, out, e);
}

const struct lk_plugin *
lk_build_table(const struct lk_build *b)
{
	return &b->table;
}

const char *
lk_build_path(const struct lk_build *b)
{
	return b->path;
}

const char *
lk_build_sha256(const struct lk_build *b)
{
	return b->file.sha256;
}

const struct lk_option *
lk_build_options(const struct lk_build *b, size_t *n)
{
	*n = b->table.noptions;
	return b->options;
}
