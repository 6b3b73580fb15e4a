#include "table.h"

#include <dirent.h>

#include "store/fs.h"
#include "store_home.h"

static void
test_crc(void **state)
{
	static const uint8_t	 zeros[32];

	(void)state;
	/* Source: RFC 3720, B.4, and the check value of CRC-32C. */
	assert_int_equal(lk_crc32c("123456789", 9), 0xe3069283);
	assert_int_equal(lk_crc32c(zeros, sizeof zeros), 0x8a9136aa);
	assert_int_equal(lk_crc32c("", 0), 0);
}

static void
test_boot_id(void **state)
{
	uint8_t	 a[LK_BOOT_SIZE], b[LK_BOOT_SIZE], none[LK_BOOT_SIZE] = { 0 };

	(void)state;
	lk_boot_id(a);
	lk_boot_id(b);
	assert_memory_equal(a, b, sizeof a);
	assert_memory_not_equal(a, none, sizeof a);
}

static void
open_state(const struct home *h, struct lk_folder *f, struct lk_state *s)
{
	struct lk_error	 e = { 0 };

	assert_int_equal(lk_folder_open(&lk_io_system, h->store, 1, f, &e), 0);
	if (lk_state_open(f, 1, s, &e) != 0)
		fail_msg("%s", e.text);
}

static void
test_copies(void **state)
{
	struct home	 h;
	struct lk_folder f;
	struct lk_state	 s;
	struct lk_ack	 a = { 0 }, got;
	unsigned	 i;

	(void)state;
	home_make(&h);
	open_state(&h, &f, &s);
	assert_int_equal(lk_state_read(&s, &got), 1);
	assert_int_equal(got.seq, 1);
	for (i = 2; i < 100; i++) {
		a.length = i * 7;
		a.time = i;
		a.cut = i % 3;
		memset(a.mac, (int)i, sizeof a.mac);
		lk_state_ack(&s, &a);
		assert_int_equal(lk_state_stamp(&s), i);
		assert_int_equal(lk_state_read(&s, &got), 1);
		assert_int_equal(got.seq, i);
		assert_int_equal(got.length, i * 7);
		assert_int_equal(got.time, i);
		assert_int_equal(got.cut, i % 3);
		assert_memory_equal(got.mac, a.mac, sizeof a.mac);
	}
	lk_state_hold(&s, 4711);
	assert_int_equal(lk_state_holder(&s), 4711);
	lk_state_close(&s);
	lk_folder_close(&f);
	home_remove(&h);
}

/* Each bit of the newest copy flipped: the one before it counts, and never
 * something in between. */
static void
test_flips(void **state)
{
	struct home	 h;
	struct lk_folder f;
	struct lk_state	 s;
	struct lk_ack	 a = { .length = 1000 }, got;
	unsigned	 bit;

	(void)state;
	home_make(&h);
	open_state(&h, &f, &s);
	lk_state_ack(&s, &a);		/* seq 2                             */
	a.length = 2000;
	lk_state_ack(&s, &a);		/* seq 3, in the first copy          */
	for (bit = 0; bit < 16 * 64; bit++) {
		s.words[16 + bit / 64] ^= 1ULL << bit % 64;
		assert_int_equal(lk_state_read(&s, &got), 1);
		assert_int_equal(got.seq, 2);
		assert_int_equal(got.length, 1000);
		s.words[16 + bit / 64] ^= 1ULL << bit % 64;
	}
	assert_int_equal(lk_state_read(&s, &got), 1);
	assert_int_equal(got.length, 2000);
	s.words[16] ^= 1;
	s.words[32] ^= 1;
	assert_int_equal(lk_state_read(&s, &got), -1);
	assert_int_equal(got.length, 0);
	/* The next acknowledgement is a sound one again. */
	lk_state_ack(&s, &a);
	assert_int_equal(lk_state_read(&s, &got), 1);
	lk_state_close(&s);
	lk_folder_close(&f);
	home_remove(&h);
}

/* Killed at any moment of a tight loop, one sound copy is there. */
static void
test_killed(void **state)
{
	struct home	 h;
	struct lk_folder f;
	struct lk_state	 s;
	struct lk_ack	 a = { 0 }, got;
	uint64_t	 last = 0;
	pid_t		 pid;
	int		 i;

	(void)state;
	home_make(&h);
	open_state(&h, &f, &s);
	/* Of a loaded machine a child may get nothing before it is killed. */
	for (i = 0; i < 300 || (last <= 300 && i < 30000); i++) {
		if ((pid = fork()) == 0)
			for (;;) {
				a.length++;
				memset(a.mac, (int)a.length, sizeof a.mac);
				lk_state_ack(&s, &a);
			}
		usleep(200 + (useconds_t)i % 97);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(lk_state_read(&s, &got), 1);
		assert_true(got.seq >= last);
		if (got.length != 42)
			assert_int_equal(got.mac[0], got.length & 0xff);
		last = got.seq;
	}
	assert_true(last > 300);
	lk_state_close(&s);
	lk_folder_close(&f);
	home_remove(&h);
}

static const struct form_case {
	const char	*name;
	size_t		 size;
	int		 octet;		/* flipped, or -1                    */
	const char	*why;
} form_cases[] = {
	{ "of no octets",	0,		-1,	"no known form" },
	{ "a page short",	100,		-1,	"no known form" },
	{ "an octet long",	4097,		-1,	"no known form" },
	{ "another magic",	4096,		0,	"no known form" },
	{ "another version",	4096,		9,	"newer" },
};

static void
test_form(void **state)
{
	const struct form_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			*p, buf[4097] = { 0 };
	size_t			 n;
	int			 write;

	home_make(&h);
	p = slurp(h.state, &n);
	memcpy(buf, p, n);
	free(p);
	if (c->octet >= 0)
		buf[c->octet] = (char)(buf[c->octet] ^ 1);
	spill(h.state, buf, c->size);
	for (write = 0; write < 2; write++) {
		home_options(&h, write, 1, &o);
		assert_int_equal(lk_store_open(&o, &s, &e), LK_EDAMAGE);
		assert_non_null(strstr(e.text, c->why));
	}
	home_remove(&h);
}

/* Files of the store whose name starts so. */
static unsigned
count_named(const struct home *h, const char *stem)
{
	struct dirent	*d;
	unsigned	 n = 0;
	DIR		*dir = opendir(h->store);

	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL)
		n += strncmp(d->d_name, stem, strlen(stem)) == 0;
	closedir(dir);
	return n;
}

/* Delete key 1 by a store opened for that; newer: it must be refused. */
static void
delete_beside(const struct home *h, int newer)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };

	home_options(h, 1, 0, &o);
	o.remove = 1;
	assert_int_equal(lk_store_open(&o, &s, &e), newer ? LK_EDAMAGE : 0);
	assert_int_equal(count_named(h, "state.bad."), 0);
	if (!newer) {
		must_delete(s, 1, 2);
		assert_int_equal(count_named(h, "state.bad."), 1);
		assert_int_equal(home_state(h, 1), LK_STATE_DELETED);
		assert_int_equal(home_state(h, 2), LK_STATE_ACTIVE);
	}
	lk_store_close(&s);
}

/* Removing power must succeed with the fewest dependencies. */
static void
test_form_delete(void **state)
{
	const struct form_case	*c = *state;
	struct lk_store		*s;
	struct home		 h;
	char			*p, buf[4097] = { 0 };
	size_t			 n;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	p = slurp(h.state, &n);
	memcpy(buf, p, n);
	free(p);
	if (c->octet >= 0)
		buf[c->octet] = (char)(buf[c->octet] ^ 1);
	spill(h.state, buf, c->size);
	delete_beside(&h, strcmp(c->why, "newer") == 0);
	home_remove(&h);
}

static void
test_link_delete(void **state)
{
	struct lk_store	*s;
	struct stat	 st;
	struct home	 h;
	char		 path[256];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	snprintf(path, sizeof path, "%s/elsewhere", h.dir);
	assert_int_equal(rename(h.state, path), 0);
	assert_int_equal(symlink(path, h.state), 0);
	delete_beside(&h, 0);
	assert_int_equal(lstat(h.state, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	home_remove(&h);
}

static const struct fs_case {
	const char		*name;
	unsigned long		 magic;
	const char		*want;
	enum lk_fs_verdict	 verdict;
} fs_cases[] = {
	{ "ext4",	0xef53,		"ext4",		LK_FS_FINE },
	{ "xfs",	0x58465342,	"xfs",		LK_FS_FINE },
	{ "tmpfs",	0x01021994,	"tmpfs",	LK_FS_FINE },
	{ "overlay",	0x794c7630,	"overlay",	LK_FS_OVERLAY },
	{ "btrfs",	0x9123683e,	"btrfs",	LK_FS_NOTE },
	{ "zfs",	0x2fc12fc1,	"zfs",		LK_FS_NOTE },
	{ "nfs",	0x6969,		"nfs",		LK_FS_REFUSED },
	{ "cifs, sign-extended", 0xffffffffff534d42, "cifs", LK_FS_REFUSED },
	{ "smb2",	0xfe534d42,	"smb2",		LK_FS_REFUSED },
	{ "fuse",	0x65735546,	"fuse",		LK_FS_REFUSED },
	{ "9p",		0x01021997,	"9p",		LK_FS_REFUSED },
	{ "ceph",	0x00c36400,	"ceph",		LK_FS_REFUSED },
	{ "gfs2",	0x01161970,	"gfs2",		LK_FS_REFUSED },
	{ "proc is not known", 0x9fa0,	NULL,		LK_FS_REFUSED },
};

static unsigned long	 fake_magic;

static int
fake_statfs(void *ctx, int fd, struct statfs *st)
{
	(void)ctx;
	(void)fd;
	memset(st, 0, sizeof *st);
	st->f_type = (__fsword_t)fake_magic;
	return 0;
}

static void
test_fs(void **state)
{
	const struct fs_case	*c = *state;
	struct lk_io		 io = lk_io_system;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	enum lk_fs_verdict	 v;
	struct home		 h;
	const char		*name;
	int			 r;

	name = lk_fs_judge(c->magic, &v);
	assert_int_equal(v, c->verdict);
	if (c->want != NULL)
		assert_string_equal(name, c->want);
	else
		assert_null(name);
	home_make(&h);
	io.fstatfs = fake_statfs;
	fake_magic = c->magic;
	h.io = &io;
	home_options(&h, 0, 1, &o);
	r = lk_store_open(&o, &s, &e);
	if (c->verdict == LK_FS_REFUSED) {
		assert_int_equal(r, LK_EUNAVAIL);
		assert_non_null(strstr(e.text, c->want ? c->want : "0x9fa0"));
	} else
		assert_int_equal(r, 0);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_crc);
	TABLE_TEST(&t, test_boot_id);
	TABLE_TEST(&t, test_copies);
	TABLE_TEST(&t, test_flips);
	TABLE_TEST(&t, test_killed);
	TABLE_ROWS(&t, test_form, form_cases);
	TABLE_ROWS(&t, test_form_delete, form_cases);
	TABLE_TEST(&t, test_link_delete);
	TABLE_ROWS(&t, test_fs, fs_cases);
	return table_run(&t, "store_state");
}
