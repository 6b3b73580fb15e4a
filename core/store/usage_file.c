/*
 * usage_file.c: the file itself: map it, make it, notice that it is another.
 *
 * Maps are kept until the end, since others may be in them; so there are
 * LK_USAGE_MAPS of them at most.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/guard.h"
#include "base/log.h"
#include "store/state.h"
#include "store/usage_inner.h"

#define MAGIC		0x3165676173756b6cULL	/* lkusage1, low octet first */
#define FORM		1
#define LINE		64
#define LINES_MAX	(1U << 28)	/* of either table: 16 GiB           */

#define W_MAGIC		0
#define W_VERSION	1
#define W_SETS		2
#define W_LINES		3
#define W_CRC		7

/* ------------------------------------------------------------------- header */

static size_t
size_of(uint64_t sets, uint64_t lines)
{
	size_t	 n = (size_t)((1 + sets + lines) * LINE);

	return (n + LK_USAGE_PAGE - 1) / LK_USAGE_PAGE * LK_USAGE_PAGE;
}

/* 16 octets a key for last used and 4 for buckets, half each where it is small;
 * what is left of the last page goes to the sets. */
size_t
lk_usage_plan(uint64_t nkeys, uint32_t *sets, uint32_t *lines)
{
	uint64_t	 s = nkeys / 4 + 1, l = nkeys / 16 + 1;
	size_t		 size;

	if (l < LK_USAGE_MIN / LINE / 2)
		l = LK_USAGE_MIN / LINE / 2;
	if (s < LK_USAGE_MIN / LINE / 2 - 1)
		s = LK_USAGE_MIN / LINE / 2 - 1;
	if (s > LINES_MAX - LINE)
		s = LINES_MAX - LINE;
	if (l > LINES_MAX)
		l = LINES_MAX;
	size = size_of(s, l);
	*lines = (uint32_t)l;
	*sets = (uint32_t)(size / LINE - 1 - l);
	return size;
}

void
lk_usage_head(uint64_t w[LK_LINE_WORDS], uint32_t sets, uint32_t lines)
{
	memset(w, 0, LINE);
	w[W_MAGIC] = MAGIC;
	w[W_VERSION] = FORM;
	w[W_SETS] = sets;
	w[W_LINES] = lines;
	w[W_CRC] = lk_crc32c(w, W_CRC * sizeof(*w));
}

/* Judged in a copy, so that nobody changes it meanwhile. */
static int
head_read(struct lk_usage_map *m)
{
	uint64_t	 w[LK_LINE_WORDS];
	int		 i;

	for (i = 0; i < LK_LINE_WORDS; i++)
		w[i] = atomic_load_explicit(&m->words[i],
		    memory_order_relaxed);
	if (w[W_MAGIC] != MAGIC || w[W_VERSION] != FORM ||
	    w[W_CRC] != lk_crc32c(w, W_CRC * sizeof(*w)) ||
	    w[W_SETS] == 0 || w[W_SETS] > LINES_MAX ||
	    w[W_LINES] == 0 || w[W_LINES] > LINES_MAX ||
	    size_of(w[W_SETS], w[W_LINES]) != m->size)
		return -1;
	m->sets = (uint32_t)w[W_SETS];
	m->lines = (uint32_t)w[W_LINES];
	return 0;
}

/* --------------------------------------------------------------------- maps */

void
lk_usage_unmap(const struct lk_usage_file *u, struct lk_usage_map **mp)
{
	struct lk_usage_map	*m = *mp;

	*mp = NULL;
	if (m == NULL)
		return;
	if (m->memory)
		free((void *)(uintptr_t)m->words);
	else if (m->words != NULL)
		u->io->unmap(u->io->ctx, (void *)(uintptr_t)m->words, m->size);
	free(m);
}

static int
map_memory(struct lk_usage_map **out)
{
	struct lk_usage_map	*m;
	void			*p;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return LK_ENOMEM;
	m->size = lk_usage_plan(0, &m->sets, &m->lines);
	m->memory = 1;
	if (posix_memalign(&p, LINE, m->size) != 0) {
		free(m);
		return LK_ENOMEM;
	}
	memset(p, 0, m->size);
	m->words = p;
	*out = m;
	return 0;
}

int
lk_usage_map_fd(const struct lk_usage_file *u, int fd, const struct stat *st,
    struct lk_usage_map **out)
{
	struct lk_usage_map	*m;
	void			*p;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return LK_ENOMEM;
	p = u->io->map(u->io->ctx, fd, (size_t)st->st_size,
	    PROT_READ | PROT_WRITE);
	if (p == MAP_FAILED) {
		free(m);
		return LK_EUNAVAIL;
	}
	m->words = p;
	m->size = (size_t)st->st_size;
	m->dev = st->st_dev;
	m->ino = st->st_ino;
	if (head_read(m) != 0) {
		lk_usage_unmap(u, &m);
		return LK_EDAMAGE;
	}
	*out = m;
	return 0;
}

/* A file of ours that may have any content, but no other form. */
static int
judge(const struct lk_usage_file *u, int fd, uid_t owner, struct stat *st)
{
	if (u->io->fstat(u->io->ctx, fd, st) != 0)
		return LK_EUNAVAIL;
	if (!S_ISREG(st->st_mode) || st->st_uid != owner ||
	    (st->st_mode & S_IWOTH) != 0 || st->st_size < LK_USAGE_MIN ||
	    st->st_size > (off_t)size_of(LINES_MAX, LINES_MAX) ||
	    st->st_size % LK_USAGE_PAGE != 0)
		return LK_EDAMAGE;
	if (st->st_blocks * 512 < st->st_size &&
	    u->io->fallocate(u->io->ctx, fd, 0, 0, st->st_size) != 0 &&
	    errno != EOPNOTSUPP)
		return LK_EUNAVAIL;
	return 0;
}

int
lk_usage_map_name(const struct lk_usage_file *u, int dir, uid_t owner,
    struct lk_usage_map **out)
{
	struct stat	 st;
	int		 fd, r;

	/* O_NONBLOCK: a FIFO must not keep us before it is judged. */
	fd = u->io->open(u->io->ctx, dir, LK_USAGE_NAME,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd == -1 && errno == ENOENT)
		return LK_ENOTFOUND;
	if (fd == -1)
		return errno == ELOOP || errno == EISDIR || errno == ENXIO ?
		    LK_EDAMAGE : LK_EUNAVAIL;
	if ((r = judge(u, fd, owner, &st)) == 0)
		r = lk_usage_map_fd(u, fd, &st, out);
	u->io->close(u->io->ctx, fd);
	return r;
}

/* --------------------------------------------------------------------- open */

static void
tell(struct lk_usage_file *u, const char *why)
{
	if (u->told)
		return;
	u->told = 1;
	lk_log(LOG_WARNING, "%s %s: when keys are used is not recorded, and "
	    "rates are counted by this process alone", u->path, why);
}

static const char *
reason(int r)
{
	switch (r) {
	case LK_ENOTFOUND:
		return "is missing (the next writer makes it)";
	case LK_EDAMAGE:
		return "is of no known form (the next writer makes a new one)";
	case LK_EIO:
		return "cannot be made";
	default:
		return "cannot be opened to write, or mapped";
	}
}

/* Map what has the name; make it where that is our affair.  nkeys 0, from NULL:
 * only if there is none. */
static int
find(const struct lk_usage_file *u, uint64_t nkeys,
    const struct lk_usage_map *from, struct lk_usage_map **out)
{
	const struct lk_io	*io = u->io;
	struct stat		 st;
	int			 dir, r;

	dir = io->open(io->ctx, AT_FDCWD, u->dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (dir == -1)
		return LK_EUNAVAIL;
	if (io->fstat(io->ctx, dir, &st) != 0)
		r = LK_EUNAVAIL;
	else if (from != NULL)
		r = lk_usage_make(u, dir, &st, nkeys, from, out);
	else {
		r = lk_usage_map_name(u, dir, st.st_uid, out);
		if (u->write && (r == LK_ENOTFOUND || r == LK_EDAMAGE))
			r = lk_usage_make(u, dir, &st, nkeys, NULL, out);
	}
	io->close(io->ctx, dir);
	return r;
}

static void
publish(struct lk_usage_file *u, struct lk_usage_map *m)
{
	m->older = lk_usage_now(u);
	u->maps++;
	atomic_store_explicit(&u->map, m, memory_order_release);
}

/* What is counted from now on: the file, or else memory.  0 or LK_ENOMEM. */
static int
attach(struct lk_usage_file *u)
{
	struct lk_usage_map	*m = NULL, *now = lk_usage_now(u);
	int			 r;

	if ((r = find(u, 0, NULL, &m)) == 0) {
		publish(u, m);
		return 0;
	}
	if (r != LK_EAGAIN)
		tell(u, reason(r));
	if (now != NULL && now->memory)
		return 0;
	if ((r = map_memory(&m)) == 0)
		publish(u, m);
	return r;
}

int
lk_usage_open(const struct lk_io *io, const char *dir, int write,
    struct lk_usage_file **out)
{
	struct lk_usage_file	*u;
	int		 r;

	*out = NULL;
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return LK_ENOMEM;
	u->io = io;
	u->dir = dir;
	u->write = write;
	if (asprintf(&u->path, "%s/%s", dir, LK_USAGE_NAME) == -1) {
		u->path = NULL;
		r = LK_ENOMEM;
	} else
		r = attach(u);
	if (r != 0)
		lk_usage_close(&u);
	*out = u;
	return r;
}

void
lk_usage_close(struct lk_usage_file **up)
{
	struct lk_usage_file		*u = *up;
	struct lk_usage_map	*m, *older;

	*up = NULL;
	if (u == NULL)
		return;
	for (m = atomic_load(&u->map); m != NULL; m = older) {
		older = m->older;
		lk_usage_unmap(u, &m);
	}
	free(u->path);
	free(u);
}

/* ------------------------------------------------------------- look and fit */

/* One at a time; who was forked from the middle of it does not wait for ever.
 * The file may then be mapped once more than is needed, and no worse. */
static int
enter(struct lk_usage_file *u)
{
	pid_t	 holder = 0, self = getpid();

	while (!atomic_compare_exchange_strong(&u->busy, &holder, self))
		if (holder == self)
			return 0;
	if (u->maps < LK_USAGE_MAPS)
		return 1;
	atomic_store(&u->busy, 0);
	return 0;
}

static void
leave(struct lk_usage_file *u)
{
	atomic_store(&u->busy, 0);
}

/* 1 when there is something else to be mapped. */
static int
changed(const struct lk_usage_file *u, const struct lk_usage_map *m,
    struct stat *st)
{
	if (u->io->stat(u->io->ctx, AT_FDCWD, u->path, st) != 0) {
		st->st_ino = 0;
		return errno == ENOENT && u->write;
	}
	if (!m->memory)
		return st->st_dev != m->dev || st->st_ino != m->ino ||
		    (size_t)st->st_size < m->size || lk_guard_hit(m->words);
	return u->tried != st->st_ino ||
	    u->tried_at.tv_sec != st->st_ctim.tv_sec ||
	    u->tried_at.tv_nsec != st->st_ctim.tv_nsec;
}

void
lk_usage_look(struct lk_usage_file *u)
{
	struct stat	 st;

	if (!changed(u, lk_usage_now(u), &st) || !enter(u))
		return;
	u->tried = st.st_ino;
	u->tried_at = st.st_ctim;
	(void)attach(u);
	leave(u);
}

void
lk_usage_fit(struct lk_usage_file *u, uint64_t nkeys)
{
	struct lk_usage_map	*m = lk_usage_now(u), *bigger = NULL;

	/* A third more than there was room for, since to copy takes time. */
	if (!u->write || m->memory || nkeys / 16 * 3 <= m->sets || !enter(u))
		return;
	if (find(u, nkeys, m, &bigger) == 0)
		publish(u, bigger);
	leave(u);
}

int
lk_usage_shared(const struct lk_usage_file *u)
{
	return !lk_usage_now(u)->memory;
}

size_t
lk_usage_size(const struct lk_usage_file *u)
{
	return lk_usage_now(u)->size;
}
