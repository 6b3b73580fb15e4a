/*
 * A store on an overlay: files of its lower layer, and what a copy-up leaves.
 */
#include "table.h"

#include "store_home.h"

static int
fake_statfs(void *ctx, int fd, struct statfs *st)
{
	(void)ctx;
	(void)fd;
	memset(st, 0, sizeof *st);
	st->f_type = 0x794c7630;
	return 0;
}

/* A map of another file stands for the lower layer of an overlay. */
static const char	*lower;

static void *
map_lower(void *ctx, int fd, size_t n, int prot)
{
	void	*p;
	int	 other;

	(void)ctx;
	if (lower == NULL || prot & 2)	/* PROT_WRITE                        */
		return lk_io_system.map(NULL, fd, n, prot);
	other = open(lower, O_RDONLY);
	p = lk_io_system.map(NULL, other, n, prot);
	close(other);
	return p;
}

static void
overlay_home(struct home *h, struct lk_io *io, char *path, size_t size)
{
	struct lk_store	*s;
	char		*p;
	size_t		 n;

	home_make(h);
	*io = *h->io;
	io->fstatfs = fake_statfs;
	io->map = map_lower;
	h->io = io;
	lower = NULL;
	s = home_open(h, 1, 1);		/* its upper layer                   */
	must_add(s, 1, 3);
	lk_store_close(&s);
	snprintf(path, size, "%s/lower", h->dir);
	p = slurp(h->state, &n);
	spill(path, p, n);
	free(p);
	lower = path;
}

/* The refusal copies the files up; the next try must be refused all the same,
 * and one to delete too, until somebody says that readers were restarted. */
static void
test_overlay(void **state)
{
	struct lk_io		 io;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			 path[256], mark[256];
	int			 keyed;

	(void)state;
	overlay_home(&h, &io, path, sizeof path);
	snprintf(mark, sizeof mark, "%s/lower", h.store);
	home_options(&h, 1, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), LK_EUNAVAIL);
	assert_non_null(strstr(e.text, "overlay"));
	lower = NULL;			/* copied up                         */
	for (keyed = 0; keyed < 2; keyed++) {
		e.text[0] = '\0';
		home_options(&h, 1, keyed, &o);
		assert_int_equal(lk_store_open(&o, &s, &e), LK_EUNAVAIL);
		assert_non_null(strstr(e.text, "overlay"));
		assert_non_null(strstr(e.text, mark));
	}
	assert_int_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	assert_int_equal(unlink(mark), 0);
	s = home_open(&h, 1, 1);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	home_remove(&h);
}

/* Of a file system that is no overlay, a file of that name is nobody's. */
static void
test_mark_elsewhere(void **state)
{
	struct home	 h;
	struct lk_store	*s;
	char		 mark[256];

	(void)state;
	home_make(&h);
	snprintf(mark, sizeof mark, "%s/lower", h.store);
	spill(mark, "", 0);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	home_remove(&h);
}

/* A reader whose map is of the lower file finds out within two seconds. */
static void
test_copied_up(void **state)
{
	struct lk_io		 io;
	struct lk_store		*reader, *s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			 path[256];
	int			 i;

	(void)state;
	overlay_home(&h, &io, path, sizeof path);
	reader = home_open(&h, 0, 1);
	lower = NULL;
	s = home_open(&h, 1, 1);
	must_delete(s, 1, 2);
	for (i = 0; i < 25 && key_state(reader, 1) != LK_STATE_DELETED; i++) {
		usleep(100000);
		assert_int_equal(lk_store_refresh(reader, &e), 0);
	}
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	must_delete(s, 2, 3);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 2), LK_STATE_DELETED);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_overlay);
	TABLE_TEST(&t, test_mark_elsewhere);
	TABLE_TEST(&t, test_copied_up);
	return table_run(&t, "store_overlay");
}
