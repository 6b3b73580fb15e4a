/*
 * test_image.c: a plugin that is read from its file alone, as it is and spoiled
 * in thousands of ways: what its octets say is judged before it is followed.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include "conform/image.h"
#include "loader/build.h"
#include "plugin_file.h"

#define ROUNDS		6000
#define FILE_MAX	(4 << 20)	/* octets of a plugin                */

/* A plugin in memory, and a file that it is written to. */
struct spoiled {
	char		*octets, *copy;
	size_t		 size;
	struct lk_file	 file;
};

static void
spoiled_open(struct spoiled *s, const char *name)
{
	char	 path[512];
	ssize_t	 n;
	int	 fd;

	memset(s, 0, sizeof(*s));
	snprintf(path, sizeof(path), "%s/%s.so", plugin_folder(0), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	s->octets = malloc(FILE_MAX);
	s->copy = malloc(FILE_MAX);
	assert_non_null(s->octets);
	assert_non_null(s->copy);
	n = read(fd, s->octets, FILE_MAX);
	assert_true(n > 0 && n < FILE_MAX);
	s->size = (size_t)n;
	close(fd);
	s->file.fd = memfd_create("spoiled", MFD_CLOEXEC);
	assert_int_not_equal(s->file.fd, -1);
	s->file.size = n;
}

static void
spoiled_close(struct spoiled *s)
{
	close(s->file.fd);
	free(s->octets);
	free(s->copy);
}

/* All that a reader may ask of an image.  The number of its exports. */
static size_t
walk(const struct lk_image *m)
{
	size_t	 i, n = 0, octets = 0;

	for (i = 0; i < m->nsyms; i++) {
		octets += strlen(lk_image_name(m, &m->syms[i]));
		n += lk_image_exports(&m->syms[i]) != 0;
		octets += lk_image_imports(&m->syms[i]) != 0;
	}
	assert_true(octets < m->span + m->nsyms * m->nnames);
	return n;
}

/* Judge the copy as the conformance run does.  1 it was taken, 0 refused. */
static int
take(struct spoiled *s)
{
	const struct lk_want	 w = { NULL, NULL, 0, NULL, NULL };
	struct lk_image		 m;
	const Elf64_Sym		*table;
	struct lk_error		 e = { 0 };
	int			 taken = 0;

	assert_int_equal(pwrite(s->file.fd, s->copy, s->size, 0), s->size);
	if (lk_file_elf(&w, "spoiled", &s->file, &e) != 0)
		return 0;
	if (lk_image_read(&s->file, &m, &e) == 0) {
		walk(&m);
		table = lk_image_symbol(&m, "lk_plugin_v1");
		taken = table != NULL && lk_image_at(&m, table->st_value,
		    table->st_size) != NULL;
	} else
		assert_int_not_equal(e.text[0], '\0');
	lk_image_free(&m);
	return taken;
}

static uint64_t
roll(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void
test_as_it_is(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_image	 m;
	struct spoiled	 s;

	(void)state;
	spoiled_open(&s, "ucd");
	memcpy(s.copy, s.octets, s.size);
	assert_int_equal(take(&s), 1);
	assert_int_equal(lk_image_read(&s.file, &m, &e), 0);
	assert_false(m.exec_stack);
	assert_false(m.text_relocs);
	assert_non_null(lk_image_symbol(&m, "lk_plugin_v1"));
	assert_null(lk_image_symbol(&m, "lk_plugin_v2"));
	assert_null(lk_image_at(&m, m.span, 1));
	assert_null(lk_image_at(&m, UINT64_MAX, 2));
	assert_non_null(lk_image_at(&m, m.span - 1, 1));
	lk_image_free(&m);
	spoiled_close(&s);
}

/* A few octets at once, most of them where the headers and tables are. */
static void
test_spoiled(void **state)
{
	static const uint64_t	 values[] = { 0, 1, 0xff, 0x7f, 0x80 };
	uint64_t		 seed = 0x6c6b706c2026ULL;
	size_t			 at, i, k, n, taken = 0;
	struct spoiled		 s;

	(void)state;
	spoiled_open(&s, "ucd");
	for (i = 0; i < ROUNDS; i++) {
		memcpy(s.copy, s.octets, s.size);
		for (k = 0, n = 1 + roll(&seed) % 6; k < n; k++) {
			at = roll(&seed) % (i % 4 == 0 ? s.size : i % 4 == 1 ?
			    1024 : 16384);
			if (at < s.size)
				s.copy[at] = (char)(roll(&seed) % 2 == 0 ?
				    values[roll(&seed) % 5] : roll(&seed));
		}
		taken += (size_t)take(&s);
	}
	/* It looked at what was spoiled: some are refused, and not all. */
	assert_true(taken > 0 && taken < ROUNDS);
	spoiled_close(&s);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_as_it_is);
	TABLE_TEST(&t, test_spoiled);
	return table_run(&t, "image");
}
