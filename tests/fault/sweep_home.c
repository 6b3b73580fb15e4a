/*
 * sweep_home.c: the home of a sweep, as files in memory that are written anew
 * before each run.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

/* One type with checks of each kind: few plugins are few calls. */
static const char policy_text[] =
    "version: 1\n"
    "store: store\n"
    "pepper: pepper\n"
    "plugins: %s\n"
    "roles:\n"
    "  administrator: { may: [ generate, delete, list, accounts ],"
    " users: [ root, \"%s\" ] }\n"
    "packages:\n"
    "  growth: [ \"ucd.*\" ]\n"
    "  essential: [ ucd.upsert ]\n"
    "default_package: growth\n"
    "types:\n"
    "  ucd:\n"
    "    title: Unified Customer Database\n"
    "    plugin: ucd\n"
    "    prefix: ucd\n"
    "    limit: 50\n"
    "    imported: true\n"
    "    apis:\n"
    "      upsert: { on: POST /api/user/v1/upsert,"
    " checks: [ rate: { limit: 25000, per: 1m } ] }\n"
    "      export: POST /api/raw/v1/export\n"
    "    options: { token_header: X-REQUEST-TOKEN,"
    " account_header: X-PARTNER-NAME }\n"
    "    checks: [ entitlement ]\n";

static const char wrong_text[] = "  mail: { plugin: ucd, prefix: ucd }\n";

static void
join(char *out, const char *dir, const char *name)
{
	int	 n = snprintf(out, SWEEP_PATH, "%s/%s", dir, name);

	if (n < 0 || n >= SWEEP_PATH)
		errx(1, "%s/%s: too long", dir, name);
}

/* The store notices a journal that was written at another time. */
static void
put_file(const char *path, const char *p, size_t n, unsigned mode,
    const struct timespec *times)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd == -1 || write(fd, p, n) != (ssize_t)n ||
	    fchmod(fd, mode) == -1 || futimens(fd, times) == -1)
		err(1, "%s", path);
	close(fd);
}

/* ------------------------------------------------------------------- made */

static void
make_key(struct sweep_home *h, struct lk *lk, const struct lk_operator *op,
    const char *account, const char *name, struct sweep_key *out)
{
	struct lk_generate	 g = { .size = sizeof g, .type = "ucd",
				    .account = account };
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	char			 text[1024];
	int			 n;

	if (lk_generate(lk, op, &g, out->token, &key, NULL, 0, &e) != 0)
		errx(1, "%s", e.text);
	strcpy(out->id, key.id);
	join(out->headers + 1, h->dir, name);
	out->headers[0] = '@';
	n = snprintf(text, sizeof text, "X-PARTNER-NAME: %s\n"
	    "X-REQUEST-TOKEN: %s\n", account, out->token);
	put_file(out->headers + 1, text, (size_t)n, 0600, NULL);
}

/* As somebody keeps it, who puts it back one day: ending lives in it. */
static void
copy_journal(struct sweep_home *h)
{
	static char	 p[1 << 16];
	char		 path[SWEEP_PATH];
	ssize_t		 n;
	int		 fd;

	join(path, h->store, "journal");
	join(h->copy, h->dir, "copy");
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    (n = read(fd, p, sizeof p)) == -1)
		err(1, "%s", path);
	close(fd);
	put_file(h->copy, p, (size_t)n, 0600, NULL);
}

int
sweep_count_key(void *arg, const struct lk_key *key)
{
	(void)key;
	++*(size_t *)arg;
	return 0;
}

static int
keep_nothing(void *arg, const char *token, const struct lk_key *key)
{
	(void)arg;
	(void)token;
	(void)key;
	return 0;
}

/* Its successor is one more. */
static void
spend_key(struct lk *lk, const struct lk_operator *op, const char *id)
{
	struct lk_rotate	 o = { .size = sizeof o, .id = id };
	struct lk_error		 e = { 0 };

	if (lk_rotate(lk, op, &o, keep_nothing, NULL, &e) != 0)
		errx(1, "%s", e.text);
}

static void
make_keys(struct sweep_home *h, int old)
{
	struct lk_filter	 all = { .size = sizeof all };
	struct lk_rewritten	 w = { .size = sizeof w };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	const char		*gone = h->gone.id, *off = h->off.id;

	if (lk_operator_self(&op, &e) != 0 ||
	    lk_open(h->policy, 0, &lk, &e) != 0)
		errx(1, "%s", e.text);
	make_key(h, lk, &op, "acme", "gone", &h->gone);
	if (old && (lk_delete(lk, &op, &gone, 1, &e) != 0 ||
	    lk_pepper_rotate(lk, &op, NULL, NULL, &w, &e) != 0))
		errx(1, "%s", e.text);
	make_key(h, lk, &op, "acme", "live", &h->live);
	make_key(h, lk, &op, "acme", "ending", &h->ending);
	make_key(h, lk, &op, "acme", "off", &h->off);
	make_key(h, lk, &op, "acme", "spent", &h->spent);
	make_key(h, lk, &op, SWEEP_ACCOUNT, "last", &h->last);
	spend_key(lk, &op, h->spent.id);
	copy_journal(h);
	if ((!old && lk_delete(lk, &op, &gone, 1, &e) != 0) ||
	    lk_disable(lk, &op, &off, 1, &e) != 0 ||
	    lk_list(lk, &op, &all, sweep_count_key, &h->keys, &e) != 0)
		errx(1, "%s", e.text);
	lk_close(&lk);
}

static struct sweep_home	*taking;

static int
take(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct sweep_home	*h = taking;
	struct sweep_file	*f = &h->file[h->nfiles];
	int			 fd;

	(void)ftw;
	if (type != FTW_F)
		return 0;
	if (h->nfiles == SWEEP_FILES || strlen(path) >= strlen(h->home) +
	    sizeof f->name)
		errx(1, "%s: too many files", path);
	strcpy(f->name, path + strlen(h->home) + 1);
	f->n = (size_t)st->st_size;
	f->mode = st->st_mode & 07777;
	f->times[0] = st->st_atim;
	f->times[1] = st->st_mtim;
	f->p = malloc(f->n + 1);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 || f->p == NULL ||
	    read(fd, f->p, f->n) != (ssize_t)f->n)
		err(1, "%s", path);
	close(fd);
	h->nfiles++;
	return 0;
}

void
sweep_home_take(struct sweep_home *h)
{
	while (h->nfiles != 0)
		free(h->file[--h->nfiles].p);
	taking = h;
	if (nftw(h->home, take, 8, FTW_PHYS) != 0)
		err(1, "%s", h->home);
}

static void
make_home(struct sweep_home *h, int old)
{
	const char		*plugins = getenv("LATCHKEY_PLUGINS");
	const char		*tmp = getenv("TMPDIR");
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	char			 home[SWEEP_PATH], text[4096];
	int			 n;

	memset(h, 0, sizeof *h);
	/* In memory nobody waits for a disk. */
	if (tmp == NULL || strlen(tmp) > 64)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(h->dir, sizeof h->dir, "%s/lksweep.XXXXXX", tmp);
	if (mkdtemp(h->dir) == NULL)
		err(1, "%s", h->dir);
	join(h->home, h->dir, "home");
	join(h->policy, h->home, "policy.yaml");
	join(h->store, h->home, "store");
	if (lk_home_init(h->home, NULL, plugins, home, sizeof home, &e) != 0 ||
	    lk_operator_self(&op, &e) != 0)
		errx(1, "%s", e.text);
	n = snprintf(text, sizeof text, policy_text, plugins, op.name);
	put_file(h->policy, text, (size_t)n, 0644, NULL);
	make_keys(h, old);
	sweep_home_take(h);
}

void
sweep_home_make(struct sweep_home *h)
{
	make_home(h, 0);
}

void
sweep_home_make_old(struct sweep_home *h)
{
	make_home(h, 1);
}

/* ---------------------------------------------------------------- put back */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* What the run before made. */
static void
remove_others(const struct sweep_home *h, const char *sub)
{
	char		 dir[SWEEP_PATH], path[SWEEP_PATH], *name;
	struct dirent	*d;
	size_t		 i;
	DIR		*dp;

	join(dir, h->home, sub);
	if ((dp = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while ((d = readdir(dp)) != NULL) {
		join(path, dir, d->d_name);
		name = path + strlen(h->home) + 1 + (*sub == '.' ? 2 : 0);
		for (i = 0; i < h->nfiles; i++)
			if (strcmp(h->file[i].name, name) == 0)
				break;
		if (i == h->nfiles && d->d_name[0] != '.' &&
		    d->d_type == DT_REG)
			unlink(path);
	}
	closedir(dp);
}

/* A line in the middle is changed; or a piece of one was left at the end. */
static void
put_journal(const struct sweep_file *f, const char *path,
    enum sweep_start start)
{
	static const char	 piece[] = "9:9:17:gener";
	char			*p = malloc(f->n + sizeof piece), *at;
	size_t			 n = f->n;

	if (p == NULL)
		err(1, "%s", path);
	memcpy(p, f->p, n);
	if (start == START_TORN) {
		memcpy(p + n, piece, sizeof piece - 1);
		n += sizeof piece - 1;
	} else if ((at = memmem(p, n, "acme", 4)) != NULL)
		memcpy(at, "acne", 4);
	put_file(path, p, n, f->mode, f->times);
	free(p);
}

void
sweep_home_put(const struct sweep_home *h, enum sweep_start start)
{
	const struct sweep_file	*f;
	char			 path[SWEEP_PATH];
	size_t			 i;
	int			 fd;

	if (start == START_NOTHING) {
		nftw(h->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
		return;
	}
	if (mkdir(h->home, 0755) == 0) {
		join(path, h->home, "pepper");
		if (mkdir(path, 0700) == -1 || mkdir(h->store, 0700) == -1)
			err(1, "%s", h->home);
	}
	remove_others(h, ".");
	remove_others(h, "store");
	remove_others(h, "pepper");
	for (i = 0; i < h->nfiles; i++) {
		f = &h->file[i];
		join(path, h->home, f->name);
		if (strcmp(f->name, "store/journal") == 0 &&
		    (start == START_DAMAGED || start == START_TORN))
			put_journal(f, path, start);
		else
			put_file(path, f->p, f->n, f->mode,
			    start == START_TOUCHED ? NULL : f->times);
	}
	if (start != START_WRONG)
		return;
	fd = open(h->policy, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd == -1 || write(fd, wrong_text, sizeof wrong_text - 1) == -1)
		err(1, "%s", h->policy);
	close(fd);
}

static int
same_file(const struct sweep_file *f, const char *path)
{
	static char	 p[1 << 18];
	ssize_t		 n;
	int		 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, p, sizeof p);
	close(fd);
	return n == (ssize_t)f->n && memcmp(p, f->p, f->n) == 0;
}

int
sweep_home_same(const struct sweep_home *h)
{
	char		 path[SWEEP_PATH];
	struct dirent	*d;
	size_t		 i, n = 0, mine = 0;
	DIR		*dp;

	for (i = 0; i < h->nfiles; i++) {
		join(path, h->home, h->file[i].name);
		if (!same_file(&h->file[i], path))
			return 0;
		mine += strncmp(h->file[i].name, "store/", 6) == 0;
	}
	if ((dp = opendir(h->store)) == NULL)
		return 0;
	while ((d = readdir(dp)) != NULL)
		n += d->d_name[0] != '.';
	closedir(dp);
	return n == mine;
}

void
sweep_home_remove(struct sweep_home *h)
{
	size_t	 i;

	for (i = 0; i < h->nfiles; i++)
		free(h->file[i].p);
	nftw(h->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
sweep_home_word(const struct sweep_home *h, const char *w)
{
	const struct {
		const char	*name, *is;
	} words[] = {
		{ "@live.id", h->live.id }, { "@live.token", h->live.token },
		{ "@live.headers", h->live.headers },
		{ "@gone.id", h->gone.id }, { "@gone.token", h->gone.token },
		{ "@gone.headers", h->gone.headers },
		{ "@ending.id", h->ending.id },
		{ "@ending.token", h->ending.token },
		{ "@off.id", h->off.id },
		{ "@store", h->store }, { "@copy", h->copy },
		{ "@plugins", getenv("LATCHKEY_PLUGINS") },
	};
	size_t	 i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].name, w) == 0)
			return words[i].is;
	return w;
}
