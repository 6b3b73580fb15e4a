/*
 * main.c: the table of verbs, and what holds for each of them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/link.h"
#include "cli/verbs.h"

const struct lk_verb *const lk_verbs[] = {
	&lk_verb_init,
	&lk_verb_types,
	&lk_verb_generate,
	&lk_verb_list,
	&lk_verb_show,
	&lk_verb_delete,
	&lk_verb_rotate,
	&lk_verb_disable,
	&lk_verb_enable,
	&lk_verb_prune,
	&lk_verb_import,
	&lk_verb_export,
	&lk_verb_verify,
	&lk_verb_scan,
	&lk_verb_account_set,
	&lk_verb_account_list,
	&lk_verb_account_delete,
	&lk_verb_policy_check,
	&lk_verb_policy_explain,
	&lk_verb_reload,
	&lk_verb_plugin_list,
	&lk_verb_plugin_show,
	&lk_verb_plugin_check,
	&lk_verb_plugin_pin,
	&lk_verb_pepper_status,
	&lk_verb_pepper_rotate,
	&lk_verb_pepper_retire,
	&lk_verb_store_check,
	&lk_verb_store_compact,
	&lk_verb_store_log,
	&lk_verb_store_rebuild,
	&lk_verb_store_repair,
	&lk_verb_store_restore,
	&lk_verb_help,
	NULL
};

const struct lk_opt lk_opts_common[] = {
	{ "home", "DIR", "folder of policy.yaml, pepper and store" },
	{ "json", NULL, "one JSON object on standard output" },
	{ "help", NULL, "show how it is used", 'h' },
	{ NULL }
};

const struct lk_opt lk_opts_remote[] = {
	{ "server", "URL", "latchkeyd that does it: https://HOST, or "
	    "unix:/PATH" },
	{ "token-file", "FILE", "holds the token of an operator, for a "
	    "server" },
	{ "server-ca", "FILE", "certificates that a server may have, instead "
	    "of the system's" },
	{ "timeout", "TIME", "how long latchkeyd may take; 45s when not "
	    "given" },
	{ NULL }
};

/*
 * A descriptor that is closed would be given to the next file that is opened:
 * the journal could become standard output.  What stands in for it fails every
 * write to standard output, so that a token that cannot be shown is noticed.
 */
static void
fill_descriptors(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int		 fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", flags[fd]) != fd)
			_exit(EX_IOERR);
}

/* A core file would hold a token, or the pepper. */
static void
harden(void)
{
	const struct rlimit none = { 0, 0 };

	fill_descriptors();
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	(void)lk_guard();
	umask(077);
}

/* An option of lk_opts_remote, given to a verb that is done here. */
static int
check_where(struct lk_cli *c)
{
	const struct lk_opt	*o;

	for (o = lk_opts_remote; o->name != NULL; o++)
		if (lk_args_has(c, o->name))
			break;
	if (LK_MAY_BE_REMOTE(lk_where(c->verb))) {
		if (o->name == NULL || lk_args_has(c, "server") ||
		    (strcmp(o->name, "timeout") == 0 &&
		    lk_where(c->verb) == LK_WHERE_EITHER))
			return 0;
		return lk_say(c, LK_EUSAGE, "--%s goes with --server",
		    o->name);
	}
	if (o->name == NULL)
		return 0;
	return lk_say(c, LK_EPERM, "%s is not done by latchkeyd, so it takes "
	    "no --%s: run it on the machine of the store, as the user who owns "
	    "that", c->verb->name, o->name);
}

static int
run(struct lk_cli *c)
{
	int	 r;

	if (c->version) {
		printf("latchkey %s\n", lk_version());
		return 0;
	}
	if (c->group != NULL)
		return lk_help_words(c, &c->group, 1);
	if (c->verb == NULL && !c->help) {
		lk_help_overview(stderr);
		return c->json ? lk_say(c, LK_EUSAGE, "no verb was given "
		    "(latchkey --help)") : EX_USAGE;
	}
	if (c->verb == NULL) {
		lk_help_overview(stdout);
		return 0;
	}
	if (c->help) {
		lk_help_verb(stdout, c->verb);
		return 0;
	}
	return (r = check_where(c)) != 0 ? r : c->verb->run(c);
}

int
main(int argc, char **argv)
{
	static struct lk_cli c = { .calls = &lk_calls_here };
	int		 r, done;

	harden();
	lk_ending_watch();
	setlocale(LC_CTYPE, "");
	if ((r = lk_args_parse(&c, argc, argv)) == 0)
		r = run(&c);
	lk_close(&c.lk);
	lk_link_end();
	done = lk_say_done(&c);
	lk_ending_now(r != 0 ? r : done);
}
