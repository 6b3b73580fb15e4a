#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "journal.h"
#include "state.h"

#define MAGIC		0x3165746174736b6cULL	/* lkstate1, low octet first */
#define VERSION		1

#define W_MAGIC		0
#define W_VERSION	1
#define W_GENERATION	LK_STATE_GENERATION
#define W_TIME		LK_STATE_TIME
#define W_HOLDER	4
#define W_STAMP		5
#define W_SCRATCH	6
#define W_WANTED	7
#define W_COPY		16
#define COPY_WORDS	LK_ACK_WORDS

#define C_SEQ		0
#define C_LENGTH	1
#define C_MAC		2
#define C_BOOT		4
#define C_TIME		7
#define C_CUT		8
#define C_LAST		9
#define C_LINES		10
#define C_SPAN		11
#define C_WRITTEN	12
#define C_BARE		13
#define C_CRC		15

static int
hex(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
lk_boot_id(uint8_t out[LK_BOOT_SIZE])
{
	char	 text[64];
	ssize_t	 n, i;
	int	 fd, nibbles = 0;

	memset(out, 0, LK_BOOT_SIZE);
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	n = lk_io_read_at(&lk_io_system, fd, text, sizeof text, 0);
	close(fd);
	for (i = 0; i < n && nibbles < 2 * LK_BOOT_SIZE; i++) {
		if (hex(text[i]) < 0)
			continue;
		out[nibbles / 2] = (uint8_t)(out[nibbles / 2] << 4 |
		    hex(text[i]));
		nibbles++;
	}
	if (nibbles != 2 * LK_BOOT_SIZE)
		memset(out, 0, LK_BOOT_SIZE);
}

void
lk_ack_pack(const struct lk_ack *a, uint64_t w[LK_ACK_WORDS])
{
	memset(w, 0, COPY_WORDS * sizeof *w);
	w[C_SEQ] = a->seq;
	w[C_LENGTH] = a->length;
	memcpy(&w[C_MAC], a->mac, sizeof a->mac);
	memcpy(&w[C_BOOT], a->boot, sizeof a->boot);
	w[C_TIME] = (uint64_t)a->time;
	w[C_CUT] = a->cut;
	w[C_LAST] = a->last;
	w[C_LINES] = a->lines;
	w[C_SPAN] = a->span;
	w[C_WRITTEN] = a->written;
	w[C_BARE] = a->bare;
	w[C_CRC] = lk_crc32c(w, C_CRC * sizeof *w);
}

int
lk_ack_unpack(const uint64_t w[LK_ACK_WORDS], struct lk_ack *a)
{
	if (w[C_SEQ] == 0 || w[C_CRC] != lk_crc32c(w, C_CRC * sizeof *w))
		return 0;
	a->seq = w[C_SEQ];
	a->length = w[C_LENGTH];
	memcpy(a->mac, &w[C_MAC], sizeof a->mac);
	memcpy(a->boot, &w[C_BOOT], sizeof a->boot);
	a->time = (int64_t)w[C_TIME];
	a->cut = w[C_CUT];
	a->last = w[C_LAST];
	a->lines = w[C_LINES];
	a->span = w[C_SPAN];
	a->written = w[C_WRITTEN];
	a->bare = w[C_BARE];
	return 1;
}

static _Atomic uint64_t *
copy_at(const struct lk_state *s, uint64_t seq)
{
	return &s->words[W_COPY + (seq & 1 ? 0 : COPY_WORDS)];
}

static uint64_t
get(const struct lk_state *s, int word)
{
	return atomic_load_explicit(&s->words[word], memory_order_acquire);
}

static void
put(struct lk_state *s, int word, uint64_t v)
{
	atomic_store_explicit(&s->words[word], v, memory_order_release);
}

static int
read_copy(const struct lk_state *s, uint64_t seq, struct lk_ack *a)
{
	_Atomic uint64_t	*from = copy_at(s, seq);
	uint64_t		 w[COPY_WORDS];
	int			 i;

	for (i = 0; i < COPY_WORDS; i++)
		w[i] = atomic_load_explicit(&from[i], memory_order_acquire);
	return lk_ack_unpack(w, a);
}

/* Did the journal that is open take the place of the one before, though nobody
 * said so in a copy yet? */
static int
is_succeeded(const struct lk_state *s, struct lk_ack *out,
    uint64_t *generation)
{
	uint64_t	 next = atomic_load_explicit(&s->next,
			    memory_order_acquire);

	return next != 0 && lk_state_successor(s, out, generation) &&
	    *generation == next;
}

int
lk_state_read(const struct lk_state *s, struct lk_ack *out)
{
	static const uint8_t	 none[LK_BOOT_SIZE];
	struct lk_ack		 odd, even;
	uint64_t		 generation;
	int			 has_odd, has_even;

	memset(out, 0, sizeof *out);
	if (s->words == NULL)
		return -1;
	if (is_succeeded(s, out, &generation))
		goto found;
	has_odd = read_copy(s, 1, &odd);
	has_even = read_copy(s, 2, &even);
	if (!has_odd && !has_even)
		return -1;
	*out = !has_even || (has_odd && odd.seq > even.seq) ? odd : even;
found:
	return memcmp(s->boot, none, sizeof none) != 0 &&
	    memcmp(s->boot, out->boot, sizeof none) == 0;
}

void
lk_state_ack(struct lk_state *s, struct lk_ack *a)
{
	memcpy(a->boot, s->boot, sizeof a->boot);
	lk_state_copy(s, a);
}

void
lk_state_copy(struct lk_state *s, struct lk_ack *a)
{
	_Atomic uint64_t	*to;
	struct lk_ack		 last;
	uint64_t		 w[COPY_WORDS];
	int			 i;

	lk_state_read(s, &last);
	a->seq = last.seq + 1;
	lk_ack_pack(a, w);
	to = copy_at(s, a->seq);
	for (i = 0; i < COPY_WORDS; i++)
		atomic_store_explicit(&to[i], w[i], memory_order_release);
	put(s, W_TIME, (uint64_t)a->time);
	put(s, W_STAMP, a->seq);
}

void
lk_state_settle(struct lk_state *s)
{
	struct lk_ack	 last;

	if (lk_state_read(s, &last) != -1 && get(s, W_STAMP) != last.seq)
		put(s, W_STAMP, last.seq);
}

uint64_t
lk_state_stamp(const struct lk_state *s)
{
	return s->words == NULL ? 0 : get(s, W_STAMP);
}

uint64_t
lk_state_succeeding(const struct lk_state *s)
{
	struct lk_ack	 a;
	uint64_t	 generation;

	return is_succeeded(s, &a, &generation) ? generation :
	    get(s, W_GENERATION);
}

void
lk_state_set_generation(struct lk_state *s, uint64_t generation)
{
	put(s, W_GENERATION, generation);
}

void
lk_state_disown(struct lk_state *s, uint64_t generation)
{
	uint64_t	 next = generation + 1;

	(void)atomic_compare_exchange_strong(&s->words[W_GENERATION],
	    &generation, next);
}

void
lk_state_hold(struct lk_state *s, pid_t pid)
{
	put(s, W_HOLDER, (uint64_t)pid);
}

pid_t
lk_state_holder(const struct lk_state *s)
{
	return (pid_t)get(s, W_HOLDER);
}

int
lk_state_want(const struct lk_state *s, int wanted)
{
	if (s->words == NULL)
		return 0;
	return atomic_exchange(&s->words[W_WANTED], (uint64_t)wanted) != 0;
}

/* Does what is stored through s show in ro?  Another process may be at it. */
static int
one_map(struct lk_state *s, _Atomic uint64_t *ro)
{
	uint64_t	 want;
	int		 i;

	for (i = 0; i < 16; i++) {
		want = atomic_fetch_add(&s->words[W_SCRATCH], 1) + 1;
		if (atomic_load(&ro[W_SCRATCH]) == want)
			return 1;
	}
	return 0;
}

/* A link, a FIFO or the like has the name. */
static int
is_other_thing(const struct lk_folder *f)
{
	struct stat	 st;

	return f->io->stat(f->io->ctx, f->fd, LK_STATE_NAME, &st) == 0 &&
	    !S_ISREG(st.st_mode);
}

static int
unknown_form(const struct lk_folder *f, struct lk_state *s, struct lk_error *e)
{
	s->odd = 1;
	return lk_fail(e, LK_EDAMAGE, "%s/%s is of no known form: move it "
	    "away, the next writer makes a new one", f->path, LK_STATE_NAME);
}

static int
map(const struct lk_folder *f, int write, struct lk_state *s,
    struct lk_error *e)
{
	struct stat	 st;
	void		*p;
	int		 r;

	r = lk_folder_file(f, LK_STATE_NAME, write ? O_RDWR : O_RDONLY, &s->fd,
	    &st, e);
	if (r != 0) {
		s->odd = is_other_thing(f);
		return r;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	/* Beyond the end of a mapped file lies SIGBUS. */
	if (st.st_size != LK_STATE_SIZE)
		return unknown_form(f, s, e);
	p = f->io->map(f->io->ctx, s->fd, LK_STATE_SIZE,
	    write ? PROT_READ | PROT_WRITE : PROT_READ);
	if (p == MAP_FAILED)
		return lk_fail_errno(e, errno == ENOMEM ? LK_ENOMEM :
		    LK_EUNAVAIL, "%s/%s cannot be mapped", f->path,
		    LK_STATE_NAME);
	s->words = p;
	return 0;
}

static int
judge(const struct lk_folder *f, struct lk_state *s, struct lk_error *e)
{
	if (get(s, W_MAGIC) != MAGIC)
		return unknown_form(f, s, e);
	if (get(s, W_VERSION) != VERSION)
		return lk_fail(e, LK_EDAMAGE, "%s/%s was written by a newer "
		    "latchkey", f->path, LK_STATE_NAME);
	return 0;
}

static int
layer_failed(const struct lk_folder *f, struct lk_error *e)
{
	return lk_fail(e, LK_EUNAVAIL, "%s was made in a lower layer of an "
	    "overlay, and who verifies from it since then would never see what "
	    "is written now: restart whatever verifies from this store, then "
	    "remove %s/%s", f->path, f->path, LK_STATE_LOWER);
}

/* It was in the lower layer until now.  Then the journal may be so too. */
static int
leave_mark(const struct lk_folder *f, struct lk_error *e)
{
	static const char	 text[] = "Restart whatever verifies from this "
				    "store, then remove this file.\n";
	const struct lk_io	*io = f->io;
	int			 fd, r;

	r = lk_folder_write(f, LK_STATE_LOWER, text, sizeof text - 1, 0640,
	    (gid_t)-1, 0, e);
	if (r == 0 && io->fsync(io->ctx, f->fd) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s/%s cannot be synced", f->path,
		    LK_STATE_LOWER);
	if (lk_folder_file(f, LK_JOURNAL_NAME, O_RDWR, &fd, NULL, NULL) == 0)
		io->close(io->ctx, fd);
	return r != 0 ? r : layer_failed(f, e);
}

/* To open a file for writing copies it up, so that the test is had once. */
int
lk_state_layer(const struct lk_folder *f, struct lk_error *e)
{
	struct lk_state	 ro = { .io = f->io, .fd = -1 };
	struct lk_state	 rw = { .io = f->io, .fd = -1 };
	struct stat	 st;
	int		 r = 0;

	if (f->fs != LK_FS_OVERLAY)
		return 0;
	if (f->io->stat(f->io->ctx, f->fd, LK_STATE_LOWER, &st) == 0)
		return layer_failed(f, e);
	/* What else may be wrong with it, lk_state_open says. */
	if (map(f, 0, &ro, NULL) == 0 && judge(f, &ro, NULL) == 0 &&
	    (r = map(f, 1, &rw, e)) == 0 && !one_map(&rw, ro.words))
		r = leave_mark(f, e);
	lk_state_close(&ro);
	lk_state_close(&rw);
	return r;
}

int
lk_state_frozen(const struct lk_folder *f, const struct lk_state *s)
{
	uint64_t	 before = lk_state_stamp(s), now;
	ssize_t		 n;
	int		 fd;

	if (s->words == NULL || lk_folder_file(f, LK_STATE_NAME, O_RDONLY, &fd,
	    NULL, NULL) != 0)
		return 0;
	n = lk_io_read_at(f->io, fd, &now, sizeof now,
	    W_STAMP * sizeof now);
	f->io->close(f->io->ctx, fd);
	return n == sizeof now && now != before && lk_state_stamp(s) == before;
}

int
lk_state_open(const struct lk_folder *f, int write, struct lk_state *out,
    struct lk_error *e)
{
	struct lk_state	 s = { .io = f->io, .fd = -1 };
	int		 r;

	if ((r = map(f, write, &s, e)) == 0)
		r = judge(f, &s, e);
	if (r != 0)
		lk_state_close(&s);
	else
		lk_boot_id(s.boot);
	*out = s;
	return r;
}

void
lk_state_close(struct lk_state *s)
{
	if (s->words != NULL)
		s->io->unmap(s->io->ctx, s->words, LK_STATE_SIZE);
	if (s->fd != -1)
		s->io->close(s->io->ctx, s->fd);
	s->words = NULL;
	s->fd = -1;
}

int
lk_state_make(const struct lk_folder *f, const char *name, mode_t mode,
    gid_t gid, const struct lk_ack *ack, struct lk_error *e)
{
	uint64_t	 w[LK_STATE_SIZE / sizeof(uint64_t)] = { 0 };
	struct lk_ack	 a = *ack;

	w[W_MAGIC] = MAGIC;
	w[W_VERSION] = VERSION;
	w[W_TIME] = (uint64_t)a.time;
	if (a.length != 0) {
		a.seq = 1;
		lk_boot_id(a.boot);
		lk_ack_pack(&a, &w[W_COPY]);
		w[W_STAMP] = 1;
	}
	return lk_folder_write(f, name, w, sizeof w, mode, gid, 0, e);
}
