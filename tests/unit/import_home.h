/*
 * import_home.h: a home with types that take tokens of other systems, and
 * imports of texts; cmocka is included before it.
 */
#ifndef IMPORT_HOME_H
#define IMPORT_HOME_H

#include <sys/mman.h>
#include <sys/stat.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snapshot.h"

/* SHA-256s of nothing in particular, told apart by their last digits. */
#define SHA(x)	"0123456789abcdef0123456789abcdef0123456789abcdef"	\
		"0123456789abcd" x

static const char	 import_policy[] =
    "version: 1\nstore: store\npepper: pepper\nplugins: %s\n"
    "roles:\n"
    "  administrator: { may: [ generate, delete, list, accounts ], "
    "users: [ \"%s\" ] }\n"
    "  maker: { may: [ generate ], users: [ nobody ] }\n"
    "packages: { growth: [ \"*\" ], essential: [ open.* ] }\n"
    "default_package: growth\n"
    "types:\n"
    "  ucd: { plugin: ucd, prefix: ucd, limit: 3, imported: true, "
    "within: [ 10.0.0.0/8 ] }\n"
    "  open: { plugin: ucd, prefix: opn, imported: true }\n"
    "  own: { plugin: ucd, prefix: own, limit: 2 }\n";

struct import_home {
	char			 top[64];
	char			 dir[96];
	struct lk		*lk;
	struct lk_operator	 op;
	/* Of the last import. */
	struct lk_imported	 n;
	struct lk_error		 e;
	struct lk_error		 found;	/* the last bad record               */
};

static inline void
import_die(const struct import_home *h)
{
	fprintf(stderr, "%s\n", h->e.text);
	exit(1);
}

static inline void
import_home_policy(const struct import_home *h)
{
	const struct passwd	*pw = getpwuid(geteuid());
	char			 path[128];
	FILE			*f;

	snprintf(path, sizeof path, "%s/policy.yaml", h->dir);
	if ((f = fopen(path, "w")) == NULL)
		import_die(h);
	fprintf(f, import_policy, getenv("LATCHKEY_PLUGINS"),
	    pw != NULL ? pw->pw_name : "root");
	if (fclose(f) != 0)
		import_die(h);
}

/* pepper: a folder whose pepper it gets, or NULL. */
static inline void
import_home_make(struct import_home *h, const char *pepper)
{
	char	 path[512];

	memset(h, 0, sizeof *h);
	snprintf(h->top, sizeof h->top, "/tmp/latchkey-import.XXXXXX");
	if (mkdtemp(h->top) == NULL)
		import_die(h);
	snprintf(h->dir, sizeof h->dir, "%s/h", h->top);
	if (pepper != NULL) {
		snprintf(path, sizeof path, "mkdir -m 755 '%s' && cp -pR "
		    "'%s' '%s/pepper'", h->dir, pepper, h->dir);
		if (system(path) != 0)
			import_die(h);
	}
	umask(022);
	if (lk_operator_self(&h->op, &h->e) != 0 ||
	    lk_home_init(h->dir, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof path, &h->e) != 0)
		import_die(h);
	import_home_policy(h);
	snprintf(path, sizeof path, "%s/policy.yaml", h->dir);
	if (lk_open(path, 0, &h->lk, &h->e) != 0)
		import_die(h);
}

static inline void
import_home_remove(struct import_home *h)
{
	char	 command[128];

	lk_close(&h->lk);
	snprintf(command, sizeof command, "rm -r '%s'", h->top);
	if (system(command) != 0)
		import_die(h);
}

static inline void
import_found(void *arg, const struct lk_error *e, const char *source)
{
	struct import_home	*h = arg;

	(void)source;
	h->found = *e;
}

/* n octets, as a file. */
static inline int
import_octets(struct import_home *h, const char *p, size_t n, unsigned flags)
{
	struct lk_import	 o = { .size = sizeof o, .name = "f" };
	int			 r;

	o.fd = memfd_create("import", 0);
	assert_true(o.fd != -1);
	assert_int_equal(write(o.fd, p, n), n);
	assert_int_equal(lseek(o.fd, 0, SEEK_SET), 0);
	o.flags = flags;
	o.finding = import_found;
	o.finding_arg = h;
	memset(&h->e, 0, sizeof h->e);
	memset(&h->found, 0, sizeof h->found);
	r = lk_import(h->lk, &h->op, &o, &h->n, &h->e);
	close(o.fd);
	return r;
}

static inline int
import_text(struct import_home *h, const char *text, unsigned flags)
{
	return import_octets(h, text, strlen(text), flags);
}

#endif
