/*
 * reload: have the daemons of this home read the policy again.
 *
 * A policy with faults is told here, all of it, and no daemon is bothered.
 * They try it once more on their own, and say in their log what came of it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/finding.h"
#include "cli/json_out.h"
#include "cli/verbs.h"

#define PID_FILES	"/run/latchkey/*.pid"
#define DAEMON		"latchkeyd\n"	/* as the kernel names it            */

static const struct lk_opt opts[] = {
	{ "pid", "FILE", "where a daemon wrote its number, instead of "
	    PID_FILES, 0, 1 },
	{ NULL }
};

/* Those that were told. */
struct told {
	struct lk_out	 pids;
	unsigned	 n;
};

static int
read_line(const char *path, char *out, size_t size)
{
	FILE	*f = fopen(path, "re");
	char	*line;

	if (f == NULL)
		return -1;
	line = fgets(out, (int)size, f);
	fclose(f);
	return line != NULL ? 0 : -1;
}

/* The number in a file, if it is that of a daemon now: the signal would end
 * any other program.  0: it is of none. */
static pid_t
daemon_of(const char *file)
{
	char	 text[32], path[64], name[32], *end;
	long	 pid;

	if (read_line(file, text, sizeof(text)) != 0)
		return 0;
	pid = strtol(text, &end, 10);
	if (pid < 2 || pid > 1 << 22 || (*end != '\n' && *end != '\0'))
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (read_line(path, name, sizeof(name)) != 0 ||
	    strcmp(name, DAEMON) != 0)
		return 0;
	return (pid_t)pid;
}

static int
tell(struct lk_cli *c, const char *file, struct told *t)
{
	pid_t	 pid = daemon_of(file);

	if (pid == 0)
		return 0;
	if (kill(pid, SIGHUP) == -1)
		return errno == ESRCH ? 0 : lk_say(c, LK_EPERM, "latchkeyd "
		    "(%ld, %s) cannot be told: %s", (long)pid, file,
		    strerror(errno));
	t->n++;
	lk_out_int(&t->pids, NULL, pid);
	if (!c->json)
		printf("latchkeyd (%ld) reads %s again\n", (long)pid,
		    c->policy);
	return 0;
}

static int
tell_given(struct lk_cli *c, struct told *t)
{
	const char	*file;
	size_t		 at = 0;
	int		 r = 0;

	while (r == 0 && (file = lk_args_next(c, "pid", &at)) != NULL)
		r = tell(c, file, t);
	return r;
}

static int
tell_found(struct lk_cli *c, struct told *t)
{
	glob_t	 g;
	size_t	 i;
	int	 r = 0;

	if (glob(PID_FILES, 0, NULL, &g) != 0)
		return 0;
	for (i = 0; i < g.gl_pathc && r == 0; i++)
		r = tell(c, g.gl_pathv[i], t);
	globfree(&g);
	return r;
}

/* With its store, which keys and accounts must still fit. */
static int
check(struct lk_cli *c)
{
	struct lk_findings	 fs = { .to = stderr,
				    .kinds = { "error", "note" } };
	struct lk_error		 e = { 0 };
	char			 store[PATH_MAX];
	int			 r;

	if (lk_home_store(c->policy, store, sizeof(store), &e) != 0)
		store[0] = '\0';	/* the check says why */
	r = lk_policy_check(c->policy, NULL, store[0] != '\0' ? store : NULL,
	    lk_finding, &fs, &e);
	if (r == 0)
		return 0;
	if (fs.errors == 0)
		return lk_say_error(c, &e);
	return lk_say(c, LK_ECONFIG, "%zu error%s in %s: nobody was told to "
	    "read it", fs.errors, fs.errors == 1 ? "" : "s", c->policy);
}

static int
run(struct lk_cli *c)
{
	struct told	 t = { LK_OUT_NONE, 0 };
	struct lk_out	 j = LK_OUT_NONE;
	int		 r;

	if ((r = lk_enter_home(c)) != 0 || (r = check(c)) != 0)
		return r;
	lk_out_open(&t.pids, NULL, '[');
	r = lk_args_has(c, "pid") ? tell_given(c, &t) : tell_found(c, &t);
	lk_out_close(&t.pids, ']');
	if (r == 0 && t.n == 0)
		r = lk_say(c, LK_EUNAVAIL, "%s is sound, but no latchkeyd is "
		    "running that could read it again (%s); of systemd's: "
		    "systemctl reload 'latchkeyd-*.service'", c->policy,
		    lk_args_has(c, "pid") ? "--pid" : PID_FILES);
	if (r != 0 || !c->json) {
		lk_out_free(&t.pids);
		return r;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_raw(&j, "told", &t.pids);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

const struct lk_verb lk_verb_reload = {
	.name = "reload",
	.synopsis = "[--pid FILE]...",
	.summary = "have the daemons read the policy again, if it is sound",
	.example = "latchkey reload",
	.opts = opts,
	.run = run,
};
