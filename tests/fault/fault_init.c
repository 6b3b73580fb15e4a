/*
 * The power goes while latchkey init makes a home: policy, pepper, store, and
 * the folders above them.
 *
 * What it does to a real folder is recorded; each state of it is made in
 * another real folder, since nothing but the store goes through base/io.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "fault.h"
#include "latchkey.h"
#include "mirror.h"
#include "recover.h"
#include "cuts.h"
#include "token/pepper.h"

#define SEED		20261125
#define HOME		"/srv/keys/home"	/* none of it is there       */

static char		 recorded[128], rebuilt[128];
static struct record	 record;

void
syslog(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

static int
broken(const char *what, const struct lk_error *e, char *why, size_t n)
{
	snprintf(why, n, "%s: %.200s", what, e->text);
	return -1;
}

/* Its store opens with its pepper, and may be written. */
static int
check_store(const char *home, const char *store, char *why, size_t n)
{
	struct lk_store_options	 o = { .dir = store, .write = 1 };
	struct lk_pepper	*p = NULL;
	struct lk_store		*s = NULL;
	struct lk_batch		*b;
	struct lk_error		 e = { 0 };
	char			 path[512];
	uint8_t			 check[LK_MAC_SIZE];
	int			 r;

	snprintf(path, sizeof path, "%s/pepper", home);
	if ((r = lk_pepper_load(path, &p, &e)) != 0)
		return broken("pepper", &e, why, n);
	if ((r = lk_pepper_journal(p, &o.mac, check, &e)) == 0) {
		o.check = check;
		r = lk_store_open(&o, &s, &e);
	}
	if (r == 0 && (r = lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e)) == 0)
		lk_batch_abandon(&b);
	lk_store_close(&s);
	lk_pepper_free(&p);
	return r == 0 ? 0 : broken("store", &e, why, n);
}

static int
check_home(const char *home, char *why, size_t n)
{
	struct lk_error	 e = { 0 };
	char		 path[512], store[512];

	snprintf(path, sizeof path, "%s/policy.yaml", home);
	if (lk_home_store(path, store, sizeof store, &e) != 0)
		return broken("policy", &e, why, n);
	return check_store(home, store, why, n);
}

/* After a yes the home is whole; before, init makes it so, or says that it is
 * there, and it is. */
static int
come_back(const struct model *m, char *why, size_t n)
{
	struct lk_error	 e = { 0 };
	char		 home[256], made[512];
	int		 r;

	snprintf(home, sizeof home, "%s" HOME, rebuilt);
	if (!m->made) {
		r = lk_home_init(home, NULL, NULL, made, sizeof made, &e);
		if (r != 0 && r != LK_ECONFIG)
			return broken("init again", &e, why, n);
	}
	return check_home(home, why, n);
}

/* What cuts.c asks, of a home. */
enum verdict
recover(const struct model *m, int garbage, int more, char *why, size_t n)
{
	int	 r;

	(void)more;
	mirror_clear(rebuilt);
	mirror_out(rebuilt);
	r = come_back(m, why, n);
	return r == 0 ? HOLDS : garbage ? STOPPED : BROKEN;
}

static void
make_home(void)
{
	struct lk_error	 e = { 0 };
	char		 home[256], made[512];
	int		 r;

	snprintf(home, sizeof home, "%s" HOME, recorded);
	vfs_clear();
	record.name = "init";
	disk_take(&record.start);
	tape_start(&record.tape);
	record.tape.between = MIRROR_FRAMES;
	mirror(recorded);
	r = lk_home_init(home, NULL, NULL, made, sizeof made, &e);
	mirror(NULL);
	must(r == 0, e.text);
	tape_mark(&record.tape, MARK_MADE, 0);
	tape_stop(&record.tape);
}

static void
folder(char *out, size_t n)
{
	const char	*tmp = getenv("TMPDIR");

	snprintf(out, n, "%s/lkinit.XXXXXX", tmp != NULL && strlen(tmp) < 64 ?
	    tmp : "/tmp");
	must(mkdtemp(out) != NULL, "no folder");
}

static void
try_sites(struct seen *seen)
{
	struct counts	 c;
	int		 i;

	for (i = 0; i < sites.n; i++) {
		cuts_try(&record, seen, i, 1, SEED, &c);
		fault_point(c.broken > 0, "without %s: %s", sites.v[i].name,
		    c.broken > 0 ? c.why : "nothing breaks");
	}
}

int
main(void)
{
	unsigned long	 most = fault_states(1000, 20000);
	struct counts	 c;
	struct seen	*seen = seen_new();

	umask(022);
	folder(recorded, sizeof recorded);
	folder(rebuilt, sizeof rebuilt);
	vfs_start();
	make_home();
	cuts_try(&record, seen, ALL_SITES, most, SEED, &c);
	fault_point(c.broken == 0, "init: %d operations, %lu states, %lu "
	    "broken%s%s", record.tape.n, c.states, c.broken, c.broken > 0 ?
	    ": " : "", c.why);
	try_sites(seen);
	seen_free(seen);
	mirror_clear(recorded);
	mirror_clear(rebuilt);
	rmdir(recorded);
	rmdir(rebuilt);
	return fault_end();
}
