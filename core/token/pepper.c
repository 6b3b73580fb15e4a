/*
 * pepper.c: load the folder of peppers, and what is derived from them.
 *
 * The raw octets are wiped as soon as the keyed digests stand.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trust.h"
#include "token/pepper.h"

#define VERSION_DIGITS	9		/* of a file's name */
#define DERIVE_MAX	128		/* octets of what derive digests */

/* Labels: what one key of the pepper signs is nothing to another. */
static const char	 label_check[] = "latchkey key check";
static const char	 label_journal[] = "latchkey journal mac";
static const char	 label_sign[] = "sign";
static const char	 label_foreign[] = "sha256";

struct lk_pepper {
	size_t	 n;			/* live versions, the highest first */
	size_t	 current;		/* of v                             */
	struct {
		unsigned	 version;
		struct lk_hmac	*hmac;
	} v[LK_PEPPERS_MAX];
};

/* 1, 2, … without sign or leading zero.  The version, or 0. */
static unsigned
version_parse(const char *name)
{
	size_t		 n = strlen(name);

	if (n == 0 || n > VERSION_DIGITS || name[0] == '0' ||
	    strspn(name, "0123456789") != n)
		return 0;
	return (unsigned)strtoul(name, NULL, 10);
}

/* ------------------------------------------------------------------ load */

/* One octet repeated is no secret, however long. */
static int
is_constant(const struct lk_secret *s)
{
	return lk_equal(s->p, s->p + 1, s->n - 1);
}

/* Read up to one octet more than may be, to see that there is none. */
static int
read_secret(int fd, struct lk_secret *s, const char *path, struct lk_error *e)
{
	size_t	 have = 0;
	ssize_t	 got;

	if (lk_secret_alloc(LK_PEPPER_MAX + 1, s) != 0)
		return lk_fail(e, LK_ENOMEM, "no memory for the pepper");
	while (have < s->n) {
		got = read(fd, s->p + have, s->n - have);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return lk_fail_errno(e, LK_EIO, "%s", path);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	s->n = have;
	if (have < LK_PEPPER_MIN || have > LK_PEPPER_MAX)
		return lk_fail_at(e, LK_ECONFIG, path, 0, 0, "%s has %s%zu "
		    "octets, a pepper has %d to %d: put back the file that "
		    "the keys were made with", path,
		    have > LK_PEPPER_MAX ? "more than " : "",
		    have > LK_PEPPER_MAX ? (size_t)LK_PEPPER_MAX : have,
		    LK_PEPPER_MIN, LK_PEPPER_MAX);
	if (is_constant(s))
		return lk_fail_at(e, LK_ECONFIG, path, 0, 0, "%s is one octet "
		    "repeated, which is no secret: put back the file that the "
		    "keys were made with", path);
	return 0;
}

/* That the name leads to the file itself, and to the one that was opened. */
static int
check_no_link(int dir, const char *name, int fd, const char *path,
    struct lk_error *e)
{
	struct stat	 named, opened;

	if (fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == -1 ||
	    fstat(fd, &opened) == -1)
		return lk_fail_errno(e, LK_EIO, "%s", path);
	if (named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
		return 0;
	return lk_fail_at(e, LK_ECONFIG, path, 0, 0, "%s is a symbolic link, "
	    "a pepper is a file of its own: put the file there", path);
}

static int
load_file(const char *dir_path, int dir, const char *name,
    struct lk_hmac **out, struct lk_error *e)
{
	struct lk_secret	 s = LK_SECRET_NONE;
	char			 path[PATH_MAX];
	int			 fd = -1, r;

	if (snprintf(path, sizeof path, "%s/%s", dir_path, name) >=
	    (int)sizeof path)
		return lk_fail(e, LK_ECONFIG, "the pepper's path is too long");
	if ((r = lk_trust_open(path, LK_TRUST_PRIVATE, &fd, e)) != 0)
		goto out;
	if ((r = check_no_link(dir, name, fd, path, e)) != 0)
		goto out;
	if ((r = read_secret(fd, &s, path, e)) != 0)
		goto out;
	r = lk_hmac_new(s.p, s.n, out, e);
out:
	lk_secret_free(&s);
	if (fd != -1)
		close(fd);
	return r;
}

/* The highest version stays first. */
static void
insert(struct lk_pepper *p, unsigned version, struct lk_hmac *hmac)
{
	size_t	 i = p->n++;

	for (; i > 0 && p->v[i - 1].version < version; i--)
		p->v[i] = p->v[i - 1];
	p->v[i].version = version;
	p->v[i].hmac = hmac;
}

static int
load_entry(struct lk_pepper *p, const char *dir_path, DIR *d,
    const char *name, struct lk_error *e)
{
	struct lk_hmac	*hmac = NULL;
	unsigned	 version;
	int		 r;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strncmp(name, LK_PEPPER_NEW, sizeof LK_PEPPER_NEW - 1) == 0)
		return 0;
	if ((version = version_parse(name)) == 0)
		return lk_fail_at(e, LK_ECONFIG, dir_path, 0, 0, "%s/%s is "
		    "named by no version (1, 2, ...): move it elsewhere",
		    dir_path, name);
	if (p->n == LK_PEPPERS_MAX)
		return lk_fail_at(e, LK_ECONFIG, dir_path, 0, 0, "%s holds "
		    "more than %d peppers: move those elsewhere that no key "
		    "is under", dir_path, LK_PEPPERS_MAX);
	r = load_file(dir_path, dirfd(d), name, &hmac, e);
	/* It was listed a moment ago, so this is no home without a pepper. */
	if (r == LK_ENOTFOUND)
		return lk_fail_at(e, LK_ECONFIG, dir_path, 0, 0, "%s/%s leads "
		    "to no file: put the pepper there", dir_path, name);
	if (r == 0)
		insert(p, version, hmac);
	return r;
}

static int
open_failed(const char *path, struct lk_error *e)
{
	static const struct {
		int		 err, code;
		const char	*mend;
	} why[] = {
		{ ENOENT,  LK_ECONFIG, "put back the one that the keys were "
		    "made with (latchkey init makes one in a new home)" },
		{ ENOTDIR, LK_ECONFIG, "the pepper is a folder of files 1, "
		    "2, ..." },
		{ EACCES,  LK_EPERM, "run this as its owner, or in the "
		    "verifiers' group" },
		{ ENOMEM,  LK_ENOMEM, "no memory" },
	};
	int		 err = errno, code = LK_EIO;
	const char	*mend = "the folder of peppers cannot be read";
	char		 words[128];
	size_t		 i;

	for (i = 0; i < sizeof why / sizeof why[0]; i++) {
		if (why[i].err == err) {
			code = why[i].code;
			mend = why[i].mend;
		}
	}
	return lk_fail_at(e, code, path, 0, 0, "%s: %s: %s", path,
	    strerror_r(err, words, sizeof words), mend);
}

int
lk_pepper_load(const char *path, struct lk_pepper **out, struct lk_error *e)
{
	struct lk_pepper	*p = NULL;
	struct dirent		*entry;
	DIR			*d = NULL;
	int			 r = 0;

	*out = NULL;
	if ((d = opendir(path)) == NULL)
		return open_failed(path, e);
	if ((p = calloc(1, sizeof *p)) == NULL) {
		r = lk_fail(e, LK_ENOMEM, "no memory for the pepper");
		goto out;
	}
	errno = 0;
	while ((entry = readdir(d)) != NULL) {
		if ((r = load_entry(p, path, d, entry->d_name, e)) != 0)
			goto out;
		errno = 0;
	}
	if (errno != 0) {
		r = lk_fail_errno(e, LK_EIO, "%s", path);
		goto out;
	}
	if (p->n == 0) {
		r = lk_fail_at(e, LK_ECONFIG, path, 0, 0, "%s holds no "
		    "pepper: put back the one that the keys were made with, "
		    "or make one with latchkey init", path);
		goto out;
	}
	*out = p;
	p = NULL;			/* handed over */
out:
	lk_pepper_free(&p);
	closedir(d);
	return r;
}

void
lk_pepper_free(struct lk_pepper **pp)
{
	struct lk_pepper	*p = *pp;
	size_t			 i;

	*pp = NULL;
	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++)
		lk_hmac_free(&p->v[i].hmac);
	free(p);
}

/* ------------------------------------------------------------------- use */

static int
has_value(struct lk_hmac *hmac, const uint8_t check[LK_MAC_SIZE])
{
	uint8_t	 d[LK_DIGEST_SIZE];
	int	 r;

	if ((r = lk_hmac(hmac, label_check, sizeof label_check - 1, d)) != 0)
		return r;
	return memcmp(d, check, LK_MAC_SIZE) == 0;
}

int
lk_pepper_choose(struct lk_pepper *p, const uint8_t check[LK_MAC_SIZE])
{
	size_t	 i;
	int	 r = 0;

	for (i = 0; i < p->n && r == 0; i++)
		if ((r = has_value(p->v[i].hmac, check)) == 1)
			p->current = i;
	return r;
}

int
lk_pepper_choose_version(struct lk_pepper *p, unsigned version)
{
	size_t	 i;

	for (i = 0; i < p->n; i++) {
		if (p->v[i].version != version)
			continue;
		p->current = i;
		return 1;
	}
	return 0;
}

unsigned
lk_pepper_current(const struct lk_pepper *p)
{
	return p->v[p->current].version;
}

unsigned
lk_pepper_older(const struct lk_pepper *p)
{
	return p->current + 1 < p->n ? p->v[p->current + 1].version : 0;
}

unsigned
lk_pepper_before(const struct lk_pepper *p)
{
	unsigned	 older = lk_pepper_older(p);

	return older != 0 && older + 1 == lk_pepper_current(p) ? older : 0;
}

unsigned
lk_pepper_newer(const struct lk_pepper *p)
{
	return p->current > 0 ? p->v[p->current - 1].version : 0;
}

unsigned
lk_pepper_of(const struct lk_pepper *p, int odd)
{
	size_t	 i;

	for (i = p->current; i < p->n; i++)
		if ((int)(p->v[i].version & 1) == odd)
			return p->v[i].version;
	return 0;
}

int
lk_pepper_same(const struct lk_pepper *a, const struct lk_pepper *b)
{
	uint8_t	 x[LK_DIGEST_SIZE], y[LK_DIGEST_SIZE];
	size_t	 i;

	if (a->n != b->n || a->current != b->current)
		return 0;
	for (i = 0; i < a->n; i++)
		if (a->v[i].version != b->v[i].version ||
		    lk_hmac(a->v[i].hmac, label_check, sizeof label_check - 1,
		    x) != 0 || lk_hmac(b->v[i].hmac, label_check,
		    sizeof label_check - 1, y) != 0 ||
		    memcmp(x, y, sizeof x) != 0)
			return 0;
	return 1;
}

/* The keyed digest of a live version, or NULL. */
static struct lk_hmac *
hmac_of(const struct lk_pepper *p, unsigned version)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].version == version)
			return p->v[i].hmac;
	return NULL;
}

int
lk_pepper_is(const struct lk_pepper *p, unsigned version,
    const uint8_t check[LK_MAC_SIZE])
{
	struct lk_hmac	*hmac = hmac_of(p, version);

	return hmac != NULL ? has_value(hmac, check) : LK_ENOTFOUND;
}

int
lk_pepper_digest(const struct lk_pepper *p, unsigned version,
    const void *token, size_t n, uint8_t out[LK_DIGEST_SIZE])
{
	struct lk_hmac	*hmac = hmac_of(p, version);

	if (hmac != NULL)
		return lk_hmac(hmac, token, n, out);
	memset(out, 0, LK_DIGEST_SIZE);
	return LK_ENOTFOUND;
}

int
lk_pepper_digest_held(const struct lk_pepper *p, const void *token, size_t n,
    uint8_t out[LK_DIGEST_SIZE], struct lk_hmac_slot **held)
{
	return lk_hmac_held(p->v[p->current].hmac, token, n, out, held);
}

/*
 * The label, its NUL, then 32 octets: no token reads so, since none has a NUL,
 * and nothing that is derived begins so.  Without a label whoever may import
 * could give what derive digests for a hash, and read in an export the secret
 * that a key signs with.
 */
int
lk_pepper_foreign(const struct lk_pepper *p, unsigned version,
    const uint8_t sha256[LK_DIGEST_SIZE], uint8_t out[LK_DIGEST_SIZE])
{
	uint8_t	 m[sizeof label_foreign + LK_DIGEST_SIZE];
	int	 r;

	memcpy(m, label_foreign, sizeof label_foreign);
	memcpy(m + sizeof label_foreign, sha256, LK_DIGEST_SIZE);
	r = lk_pepper_digest(p, version, m, sizeof m, out);
	lk_wipe(m, sizeof m);
	return r;
}

int
lk_pepper_derive(const struct lk_pepper *p, unsigned version,
    const char *type, const char *key_id, size_t key_id_len,
    uint8_t out[LK_DIGEST_SIZE])
{
	struct lk_hmac	*hmac = hmac_of(p, version);
	char		 m[DERIVE_MAX];
	size_t		 n = sizeof label_sign, k = strlen(type) + 1;

	memset(out, 0, LK_DIGEST_SIZE);
	if (hmac == NULL)
		return LK_ENOTFOUND;
	if (k > sizeof m - n || key_id_len > sizeof m - n - k)
		return LK_EUNAVAIL;
	/* The NULs part them, so that no two triples make one text. */
	memcpy(m, label_sign, n);
	memcpy(m + n, type, k);
	memcpy(m + n + k, key_id, key_id_len);
	return lk_hmac(hmac, m, n + k + key_id_len, out);
}

int
lk_pepper_journal(const struct lk_pepper *p, struct lk_hmac **mac,
    uint8_t check[LK_MAC_SIZE], struct lk_error *e)
{
	uint8_t	 d[LK_DIGEST_SIZE];
	int	 r;

	*mac = NULL;
	memset(check, 0, LK_MAC_SIZE);
	if ((r = lk_hmac(p->v[p->current].hmac, label_journal,
	    sizeof label_journal - 1, d)) == 0 &&
	    (r = lk_hmac_new(d, sizeof d, mac, e)) != 0)
		goto out;
	if (r == 0)
		r = lk_hmac(p->v[p->current].hmac, label_check,
		    sizeof label_check - 1, d);
	if (r != 0) {
		lk_hmac_free(mac);
		r = lk_fail(e, r, "libgcrypt gives no HMAC-SHA-256");
		goto out;
	}
	memcpy(check, d, LK_MAC_SIZE);
out:
	lk_wipe(d, sizeof d);
	return r;
}
