/*
 * store_home.h: a store in a folder of its own, for tests; cmocka is included
 * before it.
 *
 * Key n has the id K followed by n in eleven digits, a digest made of n, the
 * type ucd and the account acme.
 */
#ifndef STORE_HOME_H
#define STORE_HOME_H

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/text.h"
#include "store/state.h"
#include "store/store.h"
#include "token/digest.h"

#define HOME_KEY	"a key of thirty-two octets, just so"
#define HOME_CHECK	"0123456789abcdef"

#define GONE		0		/* home_state: no such key           */
#define UNKNOWABLE	-1

struct home {
	char		 dir[128];	/* of the test                       */
	char		 store[160];
	char		 journal[192];
	char		 state[192];
	const struct lk_io *io;
	int64_t		(*clock)(void);
	int		 wait;
};

/* Vouched for, of another boot, or no state at all. */
enum vouch { VOUCHED, OLD_BOOT, NO_STATE };

static inline int
no_sync(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return 0;
}

/* These tests write often and lose no power.  h->io = NULL syncs. */
static inline void
home_hurry(struct home *h)
{
	static struct lk_io	 io;

	io = lk_io_system;
	io.fsync = no_sync;
	io.fdatasync = no_sync;
	h->io = &io;
}

static inline int
home_remove_one(const char *path, const struct stat *st, int flag,
    struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void
home_remove(struct home *h)
{
	nftw(h->dir, home_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
home_options(const struct home *h, int write, int keyed,
    struct lk_store_options *o)
{
	struct lk_error	 e = { 0 };

	memset(o, 0, sizeof *o);
	o->dir = h->store;
	o->write = write;
	o->io = h->io;
	o->clock = h->clock;
	o->wait = h->wait;
	if (!keyed)
		return;
	o->check = (const uint8_t *)HOME_CHECK;
	assert_int_equal(lk_hmac_new(HOME_KEY, 32, &o->mac, &e), 0);
}

/* A folder and no store yet. */
static inline void
home_dir(struct home *h)
{
	const char	*tmp = getenv("TMPDIR");
	struct lk_error	 e = { 0 };

	memset(h, 0, sizeof *h);
	snprintf(h->dir, sizeof h->dir, "%s/lkstore.XXXXXX",
	    tmp != NULL && strlen(tmp) < 64 ? tmp : "/tmp");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->store, sizeof h->store, "%s/store", h->dir);
	snprintf(h->journal, sizeof h->journal, "%s/journal", h->store);
	snprintf(h->state, sizeof h->state, "%s/state", h->store);
	home_hurry(h);
	assert_int_equal(lk_digest_init(&e), 0);
}

static inline void
home_make(struct home *h)
{
	struct lk_store_options	 o;
	struct lk_error		 e = { 0 };

	home_dir(h);
	home_options(h, 1, 1, &o);
	if (lk_store_make(&o, 0700, 0640, (gid_t)-1, &e) != 0)
		fail_msg("%s", e.text);
}

/* No index is there: who comes reads the journal. */
static inline void
home_forget(const struct home *h)
{
	char	 pattern[192];
	glob_t	 g;
	size_t	 i;

	snprintf(pattern, sizeof pattern, "%s/index.*", h->store);
	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (i = 0; i < g.gl_pathc; i++)
		assert_int_equal(unlink(g.gl_pathv[i]), 0);
	globfree(&g);
}

static inline struct lk_store *
home_open(const struct home *h, int write, int keyed)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };

	home_options(h, write, keyed, &o);
	if (lk_store_open(&o, &s, &e) != 0)
		fail_msg("%s", e.text);
	return s;
}

static inline void
key_id(unsigned n, char id[LK_KEYID_LEN + 1])
{
	snprintf(id, LK_KEYID_LEN + 1, "K%011u", n % 1000000000);
}

static inline void
key_digest(unsigned n, uint8_t d[LK_DIGEST_SIZE])
{
	assert_int_equal(lk_sha256(&n, sizeof n, d), 0);
}

static inline int
key_put(struct lk_batch *b, unsigned n, const struct lk_net *nets, size_t k,
    struct lk_error *e)
{
	char			 id[LK_KEYID_LEN + 1];
	struct lk_new_key	 key = {
		.id = id, .type = "ucd", .account = "acme",
		.label = "L\xc3\xbc",
		.hint = "ucd_\xe2\x80\xa6" "9aZ2", .pepper = 1,
		.addresses = nets, .naddresses = k,
	};

	key_id(n, id);
	key_digest(n, key.digest);
	return lk_batch_generate(b, &key, e);
}

/* A batch of keys from..to-1.  What the first call that fails returns. */
static inline int
keys_add(struct lk_store *s, unsigned from, unsigned to, struct lk_error *e)
{
	struct lk_batch	*b;
	int		 r;

	if ((r = lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, e)) != 0)
		return r;
	for (; from < to && r == 0; from++)
		r = key_put(b, from, NULL, 0, e);
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static inline int
keys_delete(struct lk_store *s, unsigned from, unsigned to, struct lk_error *e)
{
	char		 id[LK_KEYID_LEN + 1];
	struct lk_batch	*b;
	int		 r;

	if ((r = lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0, &b, e)) !=
	    0)
		return r;
	for (; from < to && r == 0; from++) {
		key_id(from, id);
		r = lk_batch_delete(b, id, e);
	}
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static inline void
must_add(struct lk_store *s, unsigned from, unsigned to)
{
	struct lk_error	 e = { 0 };

	if (keys_add(s, from, to, &e) != 0)
		fail_msg("add %u..%u: %s", from, to, e.text);
}

static inline void
must_delete(struct lk_store *s, unsigned from, unsigned to)
{
	struct lk_error	 e = { 0 };

	if (keys_delete(s, from, to, &e) != 0)
		fail_msg("delete %u..%u: %s", from, to, e.text);
}

/* LK_STATE_*, GONE or UNKNOWABLE. */
static inline int
key_state(struct lk_store *s, unsigned n)
{
	uint8_t		 d[LK_DIGEST_SIZE];
	struct lk_found	 f;
	int		 r;

	key_digest(n, d);
	r = lk_store_by_digest(s, d, &f);
	return r == 1 ? f.state : r;
}

/* The same for a reader that opens the store for it. */
static inline int
home_state(const struct home *h, unsigned n)
{
	struct lk_store	*s = home_open(h, 0, 1);
	int		 r = key_state(s, n);

	lk_store_close(&s);
	return r;
}

static inline char *
slurp(const char *path, size_t *n)
{
	struct stat	 st;
	char		*p;
	int		 fd = open(path, O_RDONLY);

	if (fd == -1 || fstat(fd, &st) != 0)
		fail_msg("%s cannot be read", path);
	p = malloc((size_t)st.st_size + 1);
	assert_non_null(p);
	assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	p[st.st_size] = '\0';
	*n = (size_t)st.st_size;
	return p;
}

/* In place: the file stays the same one. */
static inline void
spill(const char *path, const void *p, size_t n)
{
	int	 fd = open(path, O_WRONLY | O_CREAT, 0640);

	assert_true(fd != -1);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	/* Not O_TRUNC: ext4 would sync what follows it. */
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	close(fd);
}

/* The offset of line n (from 1) of a text; its length with the newline. */
static inline size_t
line_at(const char *text, size_t size, unsigned n, size_t *len)
{
	const char	*p = text, *nl;

	for (;;) {
		nl = memchr(p, '\n', size - (size_t)(p - text));
		assert_non_null(nl);
		if (--n == 0)
			break;
		p = nl + 1;
	}
	if (len != NULL)
		*len = (size_t)(nl + 1 - p);
	return (size_t)(p - text);
}

/* Bring a state that vouches to what the row is about. */
static inline void
home_vouch(const struct home *h, enum vouch v)
{
	uint64_t	*w;
	size_t		 n;
	char		*p;
	int		 copy;

	if (v == NO_STATE)
		assert_int_equal(unlink(h->state), 0);
	if (v != OLD_BOOT)
		return;
	p = slurp(h->state, &n);
	assert_int_equal(n, LK_STATE_SIZE);
	for (copy = 16; copy <= 32; copy += 16) {
		w = (uint64_t *)(void *)p + copy;
		if (w[0] == 0)
			continue;
		w[4] ^= 1;		/* the boot id                       */
		w[15] = lk_crc32c(w, 15 * sizeof *w);
	}
	spill(h->state, p, n);
	free(p);
}

/* What a child found; a failed assertion must not go on in it. */
static inline int
reap(pid_t pid)
{
	int	 status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline struct lk_store *
child_open(const struct home *h, int write)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };

	home_options(h, write, 1, &o);
	if (lk_store_open(&o, &s, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		_exit(99);
	}
	return s;
}

/* What examine said: the first fault, and how many. */
struct findings {
	unsigned	 faults, notes;
	unsigned	 line;
	char		 text[768];
	char		 all[4096];
};

static inline void
findings_take(void *arg, const struct lk_error *f, const char *source)
{
	struct findings	*x = arg;
	size_t		 n = strlen(x->all);

	(void)source;
	snprintf(x->all + n, sizeof x->all - n, "%s%s:%u: %s\n",
	    f->code == LK_NOTE ? "note " : "", f->file, f->line, f->text);
	if (f->code == LK_NOTE) {
		x->notes++;
		return;
	}
	if (x->faults++ == 0) {
		x->line = f->line;
		snprintf(x->text, sizeof x->text, "%s", f->text);
	}
}

static inline int
home_examine(const struct home *h, struct findings *x)
{
	struct lk_store_options	 o;
	struct lk_error		 e = { 0 };

	memset(x, 0, sizeof *x);
	home_options(h, 0, 1, &o);
	return lk_store_examine(&o, findings_take, x, &e);
}

#endif
