/*
 * A header by its name without case: every length, every octet that is one bit
 * from a letter, every place; as plugin.h says of octets alone.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "call.h"
#include "host.h"
#include "table.h"

#define NAME_MAX_TRIED	40

static const char	 letters[] = "X-Partner-Name0123456789"
			    "abcdefghijklmnopqr";

static int
found(const char *given, size_t n, const char *name)
{
	static struct lk_call	 c;
	struct lk_header	 h = { given, n, "v", 1 };
	struct lk_request	 rq = { .size = sizeof(rq), .headers = &h,
				     .nheaders = 1 };
	struct lk_slice		 value;

	c.request = &rq;
	return lk_host_table()->header(&c, name, &value);
}

static void
test_names(void **state)
{
	char	 name[NAME_MAX_TRIED + 1], given[NAME_MAX_TRIED];
	size_t	 n, at;
	int	 octet;

	(void)state;
	for (n = 1; n <= NAME_MAX_TRIED; n++) {
		memcpy(name, letters, n);
		name[n] = '\0';
		memcpy(given, letters, n);
		assert_int_equal(found(given, n, name), 1);
		for (at = 0; at < n; at++) {
			for (octet = 0; octet < 256; octet++) {
				given[at] = (char)octet;
				assert_int_equal(found(given, n, name),
				    lk_plugin_same(given, name, n));
			}
			given[at] = name[at];
		}
	}
}

/* Each octet against each other one, among equal ones. */
static void
test_octets(void **state)
{
	char	 name[] = "12345678x0", given[] = "12345678x0";
	int	 a, b;

	(void)state;
	for (a = 1; a < 256; a++)
		for (b = 0; b < 256; b++) {
			name[3] = name[8] = (char)a;
			given[3] = given[8] = (char)b;
			assert_int_equal(found(given, 10, name),
			    lk_plugin_same(given, name, 10));
		}
}

static void
test_lengths(void **state)
{
	(void)state;
	assert_int_equal(found("X-Name", 5, "X-Name"), 0);
	assert_int_equal(found("X-Name", 6, "X-Nam"), 0);
	assert_int_equal(found("", 0, "X"), 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_names);
	TABLE_TEST(&t, test_octets);
	TABLE_TEST(&t, test_lengths);
	return table_run(&t, "names of headers");
}
