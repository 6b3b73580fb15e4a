/*
 * boundary.c: N calls of a type plugin's verify, as the core makes them or,
 * with nothing between, as the compiler would if it were no plugin.  What the
 * second takes less is the price of the boundary; boundary.sh counts it.
 *
 *	bench_boundary PLUGINS plugin|inline N
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "loader/loader.h"

static struct lk_credential	 credential = {
	.size = sizeof(credential), .token = { "a token", 7 },
};
static struct lk_record		 record = {
	.size = sizeof(record), .key_id = { "000000000000", LK_KEYID_LEN },
};

static struct lk_instance *
configured(const char *plugins)
{
	const struct lk_want	 want = { plugins, "ucd", LK_PLUGIN_TYPE, NULL,
				     NULL };
	const struct lk_place	 nowhere = { 0, 0 };
	const struct lk_build	*b;
	struct lk_instance	*i;
	struct lk_error		 e;

	if (lk_build_load(&want, &b, &e) != 0 ||
	    lk_instance_new(b, NULL, NULL, nowhere, &lk_setup_services, NULL,
	    &i, &e) != 0)
		errx(1, "%s", e.text);
	return i;
}

/* What the compiler may not look through. */
static void
hide(void)
{
	__asm__ volatile("" : : : "memory");
}

static unsigned long
through_plugin(struct lk_instance *i, unsigned long n)
{
	struct lk_answer	 a;
	unsigned long		 passed = 0;

	for (; n > 0; n--) {
		hide();
		passed += lk_instance_verify(i, NULL, &credential, &record,
		    &a) == LK_PASS;
	}
	return passed;
}

static unsigned long
in_line(unsigned long n)
{
	struct lk_answer	 a;
	unsigned long		 passed = 0;

	for (; n > 0; n--) {
		hide();
		passed += lk_plugin_verify_bearer(NULL, NULL, &credential,
		    &record, &a) == LK_PASS;
	}
	return passed;
}

int
main(int argc, char **argv)
{
	struct lk_instance	*i;
	unsigned long		 n, passed;

	if (argc != 4)
		errx(1, "usage: bench_boundary PLUGINS plugin|inline N");
	n = strtoul(argv[3], NULL, 10);
	i = configured(argv[1]);
	passed = strcmp(argv[2], "plugin") == 0 ? through_plugin(i, n) :
	    in_line(n);
	lk_instance_free(&i);
	if (passed != n)
		errx(1, "%lu of %lu passed", passed, n);
	return 0;
}
