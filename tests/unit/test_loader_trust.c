/*
 * test_loader_trust.c: who may write a plugin, and what becomes of one
 * that is loaded.
 *
 * A constructor runs inside dlopen: the plugin of these tests has one that
 * makes a file, so that it is seen whether dlopen was reached.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

/* outer/inner/subject.so, each copy with octets of its own. */
struct place {
	char	 outer[64], inner[128], path[256], marker[128];
};

static void
place_make(struct place *p, const char *file)
{
	static int	 copies;
	char		 tail[32];

	folder_make(p->outer);
	snprintf(p->inner, sizeof(p->inner), "%s/inner", p->outer);
	assert_int_equal(mkdir(p->inner, 0700), 0);
	plugin_put(p->inner, file, "subject", p->path);
	snprintf(tail, sizeof(tail), "copy %06d", ++copies);
	file_append(p->path, tail);
	snprintf(p->marker, sizeof(p->marker), "%s/marker", p->outer);
	setenv("LK_TEST_MARKER", p->marker, 1);
}

static void
place_remove(struct place *p)
{
	unsetenv("LK_TEST_MARKER");
	folder_remove(p->inner);
	folder_remove(p->outer);
}

static int
load(const struct place *p, const struct lk_build **b, struct lk_error *e)
{
	const struct lk_want	 w = { p->inner, "subject", 0, NULL,
				     "policy.yaml:7" };

	memset(e, 0, sizeof(*e));
	return lk_build_load(&w, b, e);
}

static void
says(const struct lk_error *e, const char *text)
{
	if (strstr(e->text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e->text, text);
}

/* -------------------------------------------------------------------- trust */

static const struct trust_case {
	const char	*name;
	mode_t		 outer, inner, file;
	const char	*says;		/* NULL: it loads                    */
} trust_cases[] = {
	{ "nobody else", 0700, 0700, 0600, NULL },
	{ "others may read", 0755, 0755, 0644, NULL },
	{ "file: all may write", 0755, 0755, 0666,
	  "subject.so has mode 0666: all may write it, only its owner should: "
	  "chmod go-w /tmp/" },
	{ "folder: all may write", 0755, 0777, 0644,
	  "inner has mode 0777: all may write it, only its owner should: chmod "
	  "go-w /tmp/" },
	{ "folder: sticky", 0755, 01777, 0644,
	  "inner has mode 1777: all may " },
	{ "below a folder that all may write", 0777, 0755, 0644,
	  "has mode 0777: all may write it" },
};

static void
test_trust(void **state)
{
	const struct trust_case	*c = *state;
	const struct lk_build	*b = NULL;
	struct lk_error		 e;
	struct place		 p;
	int			 r, ran;

	place_make(&p, "constructor");
	chmod(p.path, c->file);
	chmod(p.inner, c->inner);
	chmod(p.outer, c->outer);
	r = load(&p, &b, &e);
	chmod(p.outer, 0700);
	ran = access(p.marker, F_OK) == 0;
	place_remove(&p);
	assert_int_equal(r, c->says == NULL ? 0 : LK_ECONFIG);
	assert_int_equal(ran, c->says == NULL);
	if (c->says == NULL)
		return;
	assert_null(b);
	says(&e, c->says);
	says(&e, "(policy.yaml:7)");
	says(&e, p.path);
}

/* A pin that does not match keeps the constructor from running too. */
static void
test_pin_before_constructor(void **state)
{
	struct lk_want		 w = { NULL, "subject", 0, NULL, NULL };
	const struct lk_build	*b;
	struct lk_error		 e;
	struct place		 p;
	int			 r, ran;

	(void)state;
	place_make(&p, "constructor");
	w.dir = p.inner;
	w.pin = "0000000000000000000000000000000000000000000000000000000000000"
	    "000";
	r = lk_build_load(&w, &b, &e);
	ran = access(p.marker, F_OK) == 0;
	place_remove(&p);
	assert_int_equal(r, LK_ECONFIG);
	assert_int_equal(ran, 0);
}

/* ------------------------------------------------------------ loaded builds */

static void
test_replaced_by_rename(void **state)
{
	const struct lk_build	*one, *two, *back;
	struct lk_error		 e;
	struct place		 p;
	char			 fresh[256];

	(void)state;
	place_make(&p, "subject");
	assert_int_equal(load(&p, &one, &e), 0);
	plugin_put(p.inner, "subject_two", "fresh", fresh);
	assert_int_equal(rename(fresh, p.path), 0);
	assert_int_equal(load(&p, &two, &e), 0);
	assert_ptr_not_equal(one, two);
	assert_string_equal(lk_build_table(one)->version, "1.0");
	assert_string_equal(lk_build_table(two)->version, "2.0");
	/* It is new code and not only a new table. */
	assert_ptr_not_equal(lk_build_table(one)->verify,
	    lk_build_table(two)->verify);
	assert_string_not_equal(lk_build_sha256(one), lk_build_sha256(two));
	assert_int_equal(load(&p, &back, &e), 0);
	assert_ptr_equal(two, back);
	place_remove(&p);
}

static void
test_changed_in_place(void **state)
{
	const struct lk_build	*b;
	struct lk_error		 e;
	struct place		 p;
	int			 r;

	(void)state;
	place_make(&p, "subject");
	assert_int_equal(load(&p, &b, &e), 0);
	file_append(p.path, "in place");
	r = load(&p, &b, &e);
	place_remove(&p);
	assert_int_equal(r, LK_ECONFIG);
	assert_null(b);
	says(&e, "octets were changed in place: install it by rename");
	says(&e, "(policy.yaml:7)");
}

/* Give to the tail of from: behind what is mapped, or we would crash. */
static void
tail_copy(const char *from, const char *to)
{
	struct stat	 st;
	char		 tail[6];
	int		 fd = open(from, O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	st.st_size -= (off_t)sizeof(tail);
	assert_int_equal(pread(fd, tail, sizeof(tail), st.st_size),
	    sizeof(tail));
	close(fd);
	file_poke(to, st.st_size, tail, sizeof(tail));
}

/* Octets that are loaded from elsewhere make it no better. */
static void
test_changed_to_another(void **state)
{
	const struct lk_build	*b;
	struct lk_error		 e;
	struct place		 p, q;
	int			 r;

	(void)state;
	place_make(&p, "subject");
	place_make(&q, "subject");
	assert_int_equal(load(&p, &b, &e), 0);
	assert_int_equal(load(&q, &b, &e), 0);
	tail_copy(q.path, p.path);
	r = load(&p, &b, &e);
	place_remove(&q);
	place_remove(&p);
	assert_int_equal(r, LK_ECONFIG);
	assert_null(b);
	says(&e, "octets were changed in place: install it by rename");
}

/* The same octets are one build, wherever they are. */
static void
test_same_octets(void **state)
{
	const struct lk_build	*one, *two;
	struct lk_error		 e;
	struct place		 p;
	char			 other[64], path[256];

	(void)state;
	place_make(&p, "subject");
	assert_int_equal(load(&p, &one, &e), 0);
	folder_make(other);
	snprintf(path, sizeof(path), "%s/subject.so", other);
	file_copy(p.path, path);
	assert_int_equal(lk_build_load_path(path, 0, &two, &e), 0);
	assert_ptr_equal(one, two);
	assert_string_equal(lk_build_path(one), p.path);
	folder_remove(other);
	place_remove(&p);
}

/* One build that passes under its own name does not under another. */
static void
test_same_octets_other_name(void **state)
{
	const struct lk_build	*b;
	struct lk_error		 e;
	struct place		 p;
	char			 path[256];
	int			 r;

	(void)state;
	place_make(&p, "subject");
	assert_int_equal(load(&p, &b, &e), 0);
	snprintf(path, sizeof(path), "%s/rate.so", p.inner);
	file_copy(p.path, path);
	r = lk_build_load_path(path, 0, &b, &e);
	place_remove(&p);
	assert_int_equal(r, LK_ECONFIG);
	says(&e, "the plugin in it is subject 1.0: install it as subject.so");
}

/* Loaded although stdio was closed: the program may reopen its first three. */
static void
test_stdio_closed(void **state)
{
	const struct lk_build	*b;
	struct lk_error		 e;
	struct place		 p;
	int			 saved, r, taken;

	(void)state;
	place_make(&p, "subject");
	saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	close(STDIN_FILENO);
	r = load(&p, &b, &e);
	taken = fcntl(STDIN_FILENO, F_GETFD) != -1;
	if (saved != -1) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	place_remove(&p);
	assert_int_equal(r, 0);
	assert_int_equal(taken, 0);
}

/* The descriptor that path is open under, or -1. */
static int
descriptor_of(const char *path)
{
	struct stat	 want, st;
	int		 fd;

	assert_int_equal(stat(path, &want), 0);
	for (fd = 0; fd < 512; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == want.st_dev &&
		    st.st_ino == want.st_ino)
			return fd;
	return -1;
}

/*
 * A program that closes what it does not know gives the number of a loaded
 * build to the next one: ld.so would take that for the one it has.
 */
static void
test_number_reused(void **state)
{
	const struct lk_build	*one, *two;
	struct lk_error		 e;
	struct place		 p, q;
	int			 fd;

	(void)state;
	place_make(&p, "subject");
	place_make(&q, "subject_two");
	assert_int_equal(load(&p, &one, &e), 0);
	fd = descriptor_of(p.path);
	assert_int_equal(close(fd), 0);
	assert_int_equal(load(&q, &two, &e), 0);
	assert_int_equal(descriptor_of(q.path), fd);
	place_remove(&q);
	place_remove(&p);
	assert_string_equal(lk_build_table(two)->version, "2.0");
	assert_ptr_not_equal(lk_build_table(one)->verify,
	    lk_build_table(two)->verify);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_trust, trust_cases);
	TABLE_TEST(&t, test_pin_before_constructor);
	TABLE_TEST(&t, test_replaced_by_rename);
	TABLE_TEST(&t, test_changed_in_place);
	TABLE_TEST(&t, test_changed_to_another);
	TABLE_TEST(&t, test_same_octets);
	TABLE_TEST(&t, test_same_octets_other_name);
	TABLE_TEST(&t, test_stdio_closed);
	TABLE_TEST(&t, test_number_reused);
	return table_run(&t, "loader/trust");
}
