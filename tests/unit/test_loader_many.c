/*
 * test_loader_many.c: 64 builds a process, each under a name of its own, then a
 * restart is asked for.  A program of its own, since the table is for ever.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

static char	 dir[64], path[256];
static const struct lk_build	*builds[LK_BUILDS_MAX + 1];

/* Build i, installed by rename as each is. */
static int
install(int i, struct lk_error *e)
{
	struct lk_want	 w = { dir, "subject", LK_PLUGIN_TYPE, NULL, NULL };
	char		 fresh[256], tail[32];

	plugin_put(dir, i % 2 ? "subject" : "subject_two", "fresh", fresh);
	snprintf(tail, sizeof(tail), "build %d", i);
	file_append(fresh, tail);
	snprintf(path, sizeof(path), "%s/subject.so", dir);
	assert_int_equal(rename(fresh, path), 0);
	memset(e, 0, sizeof(*e));
	return lk_build_load(&w, &builds[i], e);
}

static int
open_descriptors(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* Each is its own code, and its descriptor stays. */
static void
test_all_fit(void **state)
{
	struct lk_error	 e;
	int		 i, before = open_descriptors();

	(void)state;
	for (i = 0; i < LK_BUILDS_MAX; i++) {
		if (install(i, &e) != 0)
			fail_msg("build %d: %s", i, e.text);
		assert_string_equal(lk_build_table(builds[i])->version,
		    i % 2 ? "1.0" : "2.0");
		if (i > 0)
			assert_ptr_not_equal(lk_build_table(builds[i])->verify,
			    lk_build_table(builds[i - 1])->verify);
	}
	assert_int_equal(open_descriptors() - before, LK_BUILDS_MAX);
}

static void
test_one_too_many(void **state)
{
	struct lk_error	 e;
	int		 before = open_descriptors();

	(void)state;
	assert_int_equal(install(LK_BUILDS_MAX, &e), LK_ECONFIG);
	assert_null(builds[LK_BUILDS_MAX]);
	assert_non_null(strstr(e.text, "64 builds of plugins are loaded"));
	assert_non_null(strstr(e.text, "restart this process"));
	assert_int_equal(open_descriptors(), before);
}

/* What is loaded is still to be had. */
static void
test_old_one_again(void **state)
{
	struct lk_error	 e;
	int		 r = install(3, &e);

	(void)state;
	folder_remove(dir);
	assert_int_equal(r, 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	folder_make(dir);
	TABLE_TEST(&t, test_all_fit);
	TABLE_TEST(&t, test_one_too_many);
	TABLE_TEST(&t, test_old_one_again);
	return table_run(&t, "loader/many");
}
