/*
 * main.c: latchkey-plugin-check FILE.so [OPTIONS-FILE [SIGN-COMMAND]]
 *
 * latchkey(1) starts it and shows what it prints: lines of a verdict (pass,
 * fault, note), the check and what was seen, parted by tabs.  An OPTIONS-FILE
 * of "" is none.  Exit: 0 it conforms, 1 it does not, 64 or more: not asked.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>
#include <sys/resource.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "base/trust.h"
#include "conform/child.h"
#include "policy/policy.h"
#include "token/digest.h"

#define EXAMPLES_MAX	64		/* options that may be made up       */

const struct lk_check lk_checks[] = {
	{ "constructors", LK_FOR_ALL,	0, lk_check_constructors },
	{ "load",	LK_FOR_ALL,	0, lk_check_load },
	{ "configure",	LK_FOR_ALL,	0, lk_check_configure },
	{ "settings",	LK_FOR_ALL,	0, lk_check_options },
	{ "mint",	LK_FOR_TYPE,	0, lk_check_mint },
	{ "usage",	LK_FOR_TYPE,	0, lk_check_usage },
	{ "round trip",	LK_FOR_TYPE,	0, lk_check_round },
	{ "foreign",	LK_FOR_TYPE,	0, lk_check_foreign },
	{ "cut",	LK_FOR_TYPE,	0, lk_check_cut },
	{ "mutated",	LK_FOR_TYPE,	0, lk_check_mutated },
	{ "large",	LK_FOR_TYPE,	0, lk_check_large },
	{ "random",	LK_FOR_TYPE,	0, lk_check_random },
	{ "record",	LK_FOR_TYPE,	0, lk_check_record },
	{ "condition",	LK_FOR_CHECK,	0, lk_check_condition },
	{ "services",	LK_FOR_ALL,	0, lk_check_services },
	{ "memory",	LK_FOR_ALL,	0, lk_check_memory },
	{ "leaks",	LK_FOR_ALL,	0, lk_check_leak },
	{ "threads",	LK_FOR_ALL,	1, lk_check_threads },
	{ NULL, 0, 0, NULL },
};

void
lk_run_tell(struct lk_run *r, enum lk_verdict v, const char *check,
    const char *fmt, ...)
{
	static const char *const	 names[] = { "pass", "fault", "note" };
	char				 text[1024];
	va_list				 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	lk_text_tidy(text, sizeof(text));
	printf("%s\t%s\t%s\n", names[v], check, text);
	r->passed += v == LK_CONFORMS;
	r->faults += v == LK_FAULT;
	r->remarks += v == LK_REMARK;
}

/* ------------------------------------------------------------------ options */

static const char *
example(const struct lk_option *o, char out[64])
{
	int64_t	 n = o->min > 0 || (o->max < 1 && o->max != 0) ? o->min : 1;

	switch (o->kind) {
	case LK_OPTION_INTEGER:
		snprintf(out, 64, "%lld", (long long)n);
		return out;
	case LK_OPTION_DURATION:
		snprintf(out, 64, "%llds", (long long)n);
		return out;
	case LK_OPTION_BOOLEAN:
		return "true";
	case LK_OPTION_NETS:
		return "127.0.0.1";
	case LK_OPTION_HEADER:
		return "X-Example";
	case LK_OPTION_CHOICE:
		snprintf(out, 64, "%.*s", (int)strcspn(o->choices, " "),
		    o->choices);
		return out;
	default:
		snprintf(out, 64, "%.*s", n < 60 ? (int)n : 60, "example-"
		    "example-example-example-example-example-example-exampl");
		return out;
	}
}

/* What it must be given, made up where nobody gave it. */
static void
make_up(struct lk_run *r, struct lk_settings *s)
{
	static struct lk_setting	 v[EXAMPLES_MAX];
	static char			 text[EXAMPLES_MAX][64];
	struct lk_option		 o;
	size_t				 i;

	s->v = v;
	for (i = 0; i < r->table.noptions && s->n < EXAMPLES_MAX; i++) {
		lk_look_option(r, i, &o);
		if (!o.required)
			continue;
		v[s->n].name = (char *)(uintptr_t)o.name;
		v[s->n].value = (char *)(uintptr_t)example(&o, text[s->n]);
		lk_run_tell(r, LK_REMARK, "options", "%s: %s is made up, since "
		    "it must be given (--options FILE)", o.name,
		    v[s->n].value);
		s->n++;
		r->made_up = 1;
	}
}

static void
say_finding(void *arg, const struct lk_error *f, const char *line)
{
	(void)arg;
	(void)line;
	fprintf(stderr, "%s:%u:%u: %s\n", f->file, f->line, f->column,
	    f->text);
}

/* A file of options, as they stand in a policy.  0, or an exit status. */
static int
read_options(const char *path, struct lk_policy **p)
{
	struct lk_report	 rep = { say_finding, NULL, 0 };
	struct lk_error		 e = { 0 };
	char			*text = NULL;
	size_t			 n = 0;
	int			 fd, r;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return EX_NOINPUT;
	}
	if ((r = lk_read_all(fd, LK_POLICY_MAX, &text, &n, &e)) == 0)
		r = lk_settings_read(path, text, n, &rep, p, &e);
	close(fd);
	free(text);
	if (r != 0 && rep.errors == 0)
		fprintf(stderr, "%s: %s\n", path, e.text);
	return r != 0 ? EX_DATAERR : 0;
}

/* --------------------------------------------------------------------- sign */

/* What the command of the caller signs: the request of lk_decide_good. */
static void
sign(struct lk_run *r)
{
	struct lk_board	*b = r->board;
	FILE		*f;
	size_t		 n;

	if (r->sign == NULL || b->token[0][0] == '\0')
		return;
	setenv("TOKEN", b->token[0], 1);
	setenv("METHOD", "POST", 1);
	setenv("TARGET", "/v1/conform", 1);
	setenv("BODY", "{\"conform\": true}", 1);
	b->when = lk_clock_now();
	fflush(stdout);
	if ((f = popen(r->sign, "re")) != NULL) {
		n = fread(b->sign, 1, sizeof(b->sign) - 1, f);
		b->sign[n] = '\0';
		if (pclose(f) != 0 || n == 0)
			lk_run_tell(r, LK_FAULT, "sign", "the command that "
			    "signs failed, or gave no headers");
	}
	unsetenv("TOKEN");
}

/* ---------------------------------------------------------------------- run */

static void
run_checks(struct lk_run *r)
{
	const struct lk_check	*k;
	unsigned		 kind = r->table.kind == LK_PLUGIN_TYPE ?
				     LK_FOR_TYPE : LK_FOR_CHECK;
	unsigned		 faults;

	for (k = lk_checks; k->name != NULL && !r->over; k++) {
		if ((k->kinds & kind) == 0 ||
		    (k->fn == lk_check_constructors && r->bare == -1))
			continue;
		faults = r->faults;
		lk_child_run(r, k);
		/* Without these nothing else can be asked. */
		if (r->faults != faults && (k->fn == lk_check_constructors ||
		    k->fn == lk_check_load ||
		    k->fn == lk_check_configure || k->fn == lk_check_mint))
			r->over = 1;
		if (k->fn == lk_check_mint)
			sign(r);
	}
	if (r->over && k->name != NULL)
		lk_run_tell(r, LK_REMARK, "left out", "the other checks: mend "
		    "what was found first");
}

static int
run(struct lk_run *r, const char *options)
{
	struct lk_settings	 made = { NULL, 0 };
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	int			 bad;

	if (options[0] != '\0' && (bad = read_options(options, &p)) != 0)
		return bad;
	if (lk_digest_init(&e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return EX_UNAVAILABLE;
	}
	lk_json_init();
	if (lk_look(r) == 0) {
		if (p == NULL)
			make_up(r, &made);
		r->settings = p != NULL ? &p->types[0].options : &made;
		r->bare = lk_load_bare(r);
		run_checks(r);
	}
	lk_image_free(&r->image);
	lk_file_close(&r->file);
	lk_policy_free(&p);
	return r->faults != 0;
}

/* NAME of NAME.so. */
static void
name_of(const char *path, char *out, size_t size)
{
	const char	*base = strrchr(path, '/');
	size_t		 n;

	base = base != NULL ? base + 1 : path;
	n = strlen(base);
	if (n > 3 && strcmp(base + n - 3, ".so") == 0)
		n -= 3;
	snprintf(out, size, "%.*s", n < size ? (int)n : 0, base);
}

int
main(int argc, char **argv)
{
	static struct lk_run	 r;
	static char		 real[PATH_MAX];
	int			 status;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: latchkey-plugin-check FILE.so "
		    "[OPTIONS-FILE [SIGN-COMMAND]]\n");
		return EX_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	r.path = argv[1];
	r.real = realpath(argv[1], real) != NULL ? real : argv[1];
	r.sign = argc > 3 && argv[3][0] != '\0' ? argv[3] : NULL;
	name_of(argv[1], r.name, sizeof(r.name));
	r.file.fd = -1;
	r.board = mmap(NULL, sizeof(*r.board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.board == MAP_FAILED)
		return EX_OSERR;
	status = run(&r, argc > 2 ? argv[2] : "");
	return fflush(stdout) == 0 ? status : EX_IOERR;
}
