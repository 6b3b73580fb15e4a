/*
 * plugin check: does a plugin keep what plugin.h asks of it?  The run is that
 * of latchkey-plugin-check, a program of its own: what it tells is shown here.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "cli/beside.h"
#include "cli/json_out.h"
#include "cli/plugin_out.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

#define HELPER		"latchkey-plugin-check"

extern char	**environ;

static const struct lk_opt opts[] = {
	{ "options", "FILE", "its options, in YAML, as a policy has them" },
	{ "sign", "COMMAND", "for types whose callers sign: prints the headers "
	    "of a request, by $TOKEN $METHOD $TARGET $BODY" },
	{ "plugins", "DIR", "folder of plugins instead of the policy's" },
	{ NULL }
};

/* What was told so far. */
struct telling {
	struct lk_out	*json;		/* NULL: text                        */
	size_t		 passed, faults, notes;
};

/* ------------------------------------------------------------------- lines */

static const char *
colour(const char *verdict)
{
	if (strcmp(verdict, "fault") == 0)
		return "\033[31m";
	return strcmp(verdict, "note") == 0 ? "\033[36m" : "\033[32m";
}

static void
tell(struct telling *t, const char *verdict, const char *check,
    const char *text)
{
	t->passed += strcmp(verdict, "pass") == 0;
	t->faults += strcmp(verdict, "fault") == 0;
	t->notes += strcmp(verdict, "note") == 0;
	if (t->json != NULL) {
		lk_out_open(t->json, NULL, '{');
		lk_out_str(t->json, "check", check);
		lk_out_str(t->json, "verdict", verdict);
		lk_out_str(t->json, "text", text);
		lk_out_close(t->json, '}');
		return;
	}
	printf("%s%-5s%s  %-12s  ", lk_say_colour(STDOUT_FILENO,
	    colour(verdict)), verdict, lk_say_colour(STDOUT_FILENO,
	    "\033[0m"), check);
	lk_text_put(stdout, text);
	putchar('\n');
	fflush(stdout);
}

static void
tell_all(struct telling *t, FILE *f)
{
	char	 line[2048], *rest, *verdict, *check;

	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		verdict = strsep(&rest, "\t");
		check = strsep(&rest, "\t");
		if (rest != NULL)
			tell(t, verdict, check, rest);
	}
}

/* ------------------------------------------------------------------ program */

/* Start it, its output in *f.  0, or an errno. */
static int
start(const char *path, char *const argv[], pid_t *pid, FILE **f)
{
	posix_spawn_file_actions_t	 a;
	int				 fds[2], r;

	if (pipe(fds) == -1)
		return errno;
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addclose(&a, fds[0]);
	posix_spawn_file_actions_adddup2(&a, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&a, fds[1]);
	r = posix_spawn(pid, path, &a, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&a);
	close(fds[1]);
	if (r == 0 && (*f = fdopen(fds[0], "r")) == NULL)
		r = errno;
	if (r != 0)
		close(fds[0]);
	return r;
}

static int
ended(pid_t pid)
{
	int	 status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

/* Why there was no run. */
static int
not_run(struct lk_cli *c, int status)
{
	switch (status) {
	case EX_NOINPUT:
		return lk_say(c, LK_ENOTFOUND, "--options: no such file");
	case EX_DATAERR:
		return lk_say(c, LK_EDATA, "--options takes a mapping of "
		    "options, such as { token_header: X-API-KEY }");
	default:
		return lk_say(c, LK_EUNAVAIL, "the run ended by itself "
		    "(status %d)", status);
	}
}

/* --------------------------------------------------------------------- verb */

/* A path as it is; a name in the folder of plugins. */
static const char *
file_of(struct lk_cli *c, struct lk_plugin_pin *pin)
{
	const char	*word = c->words[0];
	size_t		 n = strlen(word);

	if (strchr(word, '/') != NULL ||
	    (n > 3 && strcmp(word + n - 3, ".so") == 0))
		return word;
	(void)lk_plugin_pin(lk_plugin_policy(c), lk_args_value(c, "plugins"),
	    word, pin, NULL);
	return pin->path;
}

static int
summary(struct lk_cli *c, struct telling *t, const char *file)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (c->json) {
		lk_out_open(&j, NULL, '{');
		lk_out_str(&j, "file", file);
		lk_out_bool(&j, "sound", t->faults == 0);
		lk_out_int(&j, "passed", (int64_t)t->passed);
		lk_out_int(&j, "faults", (int64_t)t->faults);
		lk_out_int(&j, "notes", (int64_t)t->notes);
		lk_out_raw(&j, "checks", t->json);
		lk_out_close(&j, '}');
		return lk_out_print(&j);
	}
	lk_text_put(stdout, file);
	printf(": %s, %zu passed, %zu fault%s, %zu note%s\n",
	    t->faults == 0 ? "sound" : "not sound", t->passed, t->faults,
	    t->faults == 1 ? "" : "s", t->notes, t->notes == 1 ? "" : "s");
	return 0;
}

static int
run(struct lk_cli *c)
{
	struct lk_out	 list = LK_OUT_NONE;
	struct telling	 t = { .json = c->json ? &list : NULL };
	struct lk_plugin_pin pin;
	char		 path[PATH_MAX], *options, *sign;
	const char	*file = file_of(c, &pin), *program;
	FILE		*f = NULL;
	pid_t		 pid;
	int		 r, done;

	if (access(file, F_OK) == -1)
		return lk_say(c, LK_ENOTFOUND, "no plugin %s", file);
	options = lk_args_value(c, "options");
	sign = lk_args_value(c, "sign");
	program = lk_beside(HELPER, path, sizeof(path));
	r = start(program, (char *const[]){ (char *)(uintptr_t)program,
	    (char *)(uintptr_t)file, options != NULL ? options :
	    (char[]){ "" }, sign != NULL ? sign : (char[]){ "" }, NULL },
	    &pid, &f);
	if (r != 0)
		return lk_say(c, LK_EUNAVAIL, "%s cannot be started: %s",
		    program, strerror(r));
	lk_out_open(&list, NULL, '[');
	tell_all(&t, f);
	lk_out_close(&list, ']');
	fclose(f);
	if ((r = ended(pid)) > 1) {
		lk_out_free(&list);
		return not_run(c, r);
	}
	done = summary(c, &t, file);
	lk_out_free(&list);
	return r != 0 ? r : done;
}

const struct lk_verb lk_verb_plugin_check = {
	.name = "plugin check",
	.synopsis = "FILE.so [--options FILE] [--sign COMMAND] [--plugins DIR]",
	.summary = "try a plugin out, in processes of its own, against all "
	    "that plugin.h asks of it",
	.example = "latchkey plugin check ./sms.so",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
