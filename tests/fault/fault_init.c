/*
 * The power goes while latchkey init makes a home: policy, pepper, store, and
 * the folders above them.
 *
 * What it does to a real folder is recorded; each state of it is made in
 * another real folder, since nothing but the store goes through base/io.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

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
static int		 own_sites;	/* of an init that is not killed     */

#undef syslog
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

/* Not inlined, so that places in the code are the same each time. */
static int __attribute__((noinline))
init_recorded(struct lk_error *e)
{
	char	 home[256], made[512];

	snprintf(home, sizeof home, "%s" HOME, recorded);
	return lk_home_init(home, NULL, NULL, made, sizeof made, e);
}

static void
record_start(void)
{
	mirror_clear(recorded);
	memset(&record, 0, sizeof record);
	vfs_clear();
	record.name = "init";
	disk_take(&record.start);
	tape_start(&record.tape);
	record.tape.between = MIRROR_FRAMES;
	mirror(recorded);
}

static void
record_end(int made)
{
	mirror(NULL);
	if (made)
		tape_mark(&record.tape, MARK_MADE, 0);
	tape_stop(&record.tape);
}

static void
make_home(void)
{
	struct lk_error	 e = { 0 };

	record_start();
	must(init_recorded(&e) == 0, e.text);
	record_end(1);
}

/* One init is killed before an operation, another does all of it again, and
 * after its yes the power goes.  It may also say that there is a policy. */
static void
make_home_twice(int operation)
{
	struct lk_error	 e = { 0 };
	jmp_buf		 where;
	int		 r;

	record_start();
	mirror_kill(operation, &where);
	if (setjmp(where) == 0)
		(void)init_recorded(&e);
	mirror_kill(0, NULL);
	mirror(recorded);
	r = init_recorded(&e);
	must(r == 0 || r == LK_ECONFIG, e.text);
	record_end(r == 0);
	record.from = record.tape.n;
}

/* Syncs of what one left that was killed; children write to it. */
struct late {
	struct site	 site;
	int		 caught;
};
static struct late	*late;

/* The same place in the code: what was synced before does not matter. */
static int
same_site(const struct site *a, const struct site *b)
{
	return a->caller[0] == b->caller[0] && a->caller[1] == b->caller[1] &&
	    strcmp(a->file, b->file) == 0;
}

/* 1 when it was asked about without a kill. */
static int
is_known(const struct site *x)
{
	int	 i;

	for (i = 0; i < own_sites; i++)
		if (same_site(&sites.v[i], x))
			return 1;
	return 0;
}

static void
try_late_sites(void)
{
	struct counts	 c;
	struct late	*x;
	int		 i;

	for (i = own_sites; i < sites.n; i++) {
		if (is_known(&sites.v[i]))
			continue;
		for (x = late; x->site.name[0] != '\0' &&
		    !same_site(&x->site, &sites.v[i]); x++)
			;
		if (x->site.name[0] == '\0')
			x->site = sites.v[i];
		cuts_try(&record, seen_new(), i, 0, SEED, &c);
		x->caught |= c.broken > 0;
	}
}

/* In a child, for what the killed one had is never given back. */
static int
try_killed(int operation)
{
	struct counts	 c;
	pid_t		 pid;
	int		 status = 1;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		make_home_twice(operation);
		cuts_try(&record, seen_new(), ALL_SITES, 0, SEED, &c);
		if (c.broken > 0)
			fault_note("killed before operation %d: %s", operation,
			    c.why);
		else
			try_late_sites();
		fflush(stdout);
		_exit(c.broken > 0);
	}
	must(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	return status == 0;
}

static void
try_kills(int operations)
{
	int	 i, good = 0, n = 0;

	late = mmap(NULL, SITES_MAX * sizeof *late, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(late != MAP_FAILED, "no memory");
	own_sites = sites.n;
	for (i = 1; i <= operations; i++) {
		if (!mirror_syncs[i] && !fault_full())
			continue;
		good += try_killed(i);
		n++;
	}
	fault_point(good == n, "killed before each of %d operations, made "
	    "again, and the power goes", n);
	for (i = 0; late[i].site.name[0] != '\0'; i++)
		fault_point(late[i].caught, "without %s, after a kill: %s",
		    late[i].site.name, late[i].caught ? "it breaks" :
		    "nothing breaks");
}

static void
folder(char *out, size_t n)
{
	const char	*tmp = getenv("TMPDIR");

	if (tmp == NULL || strlen(tmp) > 64)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(out, n, "%s/lkinit.XXXXXX", tmp);
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
	try_kills(mirror_count);
	seen_free(seen);
	mirror_clear(recorded);
	mirror_clear(rebuilt);
	rmdir(recorded);
	rmdir(rebuilt);
	return fault_end();
}
