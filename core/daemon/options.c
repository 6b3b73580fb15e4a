/*
 * options.c: the command line of latchkeyd.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/options.h"
#include "latchkey.h"

static const struct option longs[] = {
	{ "verify", no_argument, NULL, 'v' },
	{ "admin", no_argument, NULL, 'a' },
	{ "both", no_argument, NULL, 'b' },
	{ "home", required_argument, NULL, 'H' },
	{ "policy", required_argument, NULL, 'p' },
	{ "pid", required_argument, NULL, 'P' },
	{ "check", no_argument, NULL, 'c' },
	{ "verifier", required_argument, NULL, 'u' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static const char help[] =
    "usage: latchkeyd --verify | --admin | --both\n"
    "           [--home DIR | --policy FILE] [--pid FILE | --check]\n"
    "           [--verifier USER]\n\n"
    "Tells a gateway whether a key may do what it asks for, and lets\n"
    "operators manage keys over HTTP.\n\n"
    "  --verify       answer gateways (/auth); the store is read alone\n"
    "  --admin        answer operators (/v1); run it as the store's owner\n"
    "  --both         the two of them, each in a process of its own\n"
    "  --home DIR     folder of policy.yaml, pepper and store\n"
    "  --policy FILE  the policy, where it is not in a home\n"
    "  --pid FILE     holds its number, for latchkey reload\n"
    "  --verifier USER  who answers gateways for --both, started by root: one\n"
    "                 who may only read the store\n"
    "  --check        serve nobody: say what a start or a reload would meet\n"
    "  -h, --help     show this\n"
    "  --version      show the version\n\n"
    "Where it listens, and for whom, is in the policy under \"daemon\":\n"
    "see latchkey.yaml(5), and latchkeyd(8).\n\n"
    "example:\n"
    "  latchkeyd --verify --home /etc/latchkey\n";

static int
wrong(const char *text)
{
	fprintf(stderr, "latchkeyd: %s (latchkeyd --help)\n", text);
	return EX_USAGE;
}

/* The policy of --policy or of the home.  -1: go on. */
static int
find_policy(const char *home, const char *policy, struct lk_options *o)
{
	char		 dir[LK_POLICY_LEN];
	struct lk_error	 e = { 0 };
	int		 n, r;

	if (policy != NULL) {
		n = snprintf(o->policy, sizeof(o->policy), "%s", policy);
	} else {
		if ((r = lk_home_find(home, dir, sizeof(dir), &e)) != 0) {
			fprintf(stderr, "latchkeyd: %s\n", e.text);
			return lk_exit_status(r);
		}
		n = snprintf(o->policy, sizeof(o->policy), "%s/policy.yaml",
		    dir);
	}
	if (n < 0 || (size_t)n >= sizeof(o->policy))
		return wrong("the path of the policy is too long");
	return -1;
}

static int
take_duty(struct lk_options *o, int c)
{
	enum lk_duty	 duty = c == 'v' ? LK_DUTY_VERIFY :
	    c == 'a' ? LK_DUTY_ADMIN : LK_DUTY_BOTH;

	if (o->duty != LK_DUTY_NONE && o->duty != duty)
		return -1;
	o->duty = duty;
	return 0;
}

int
lk_options_parse(int argc, char **argv, struct lk_options *o)
{
	const char	*home = NULL, *policy = NULL;
	int		 c;

	memset(o, 0, sizeof(*o));
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'v':
		case 'a':
		case 'b':
			if (take_duty(o, c) == -1)
				return wrong("it takes one of --verify, "
				    "--admin and --both");
			break;
		case 'H':
			home = optarg;
			break;
		case 'p':
			policy = optarg;
			break;
		case 'P':
			o->pid = optarg;
			break;
		case 'c':
			o->check = 1;
			break;
		case 'u':
			o->verifier = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		case 'V':
			printf("latchkeyd %s\n", lk_version());
			return 0;
		default:
			return EX_USAGE;
		}
	}
	if (optind < argc)
		return wrong("it takes options alone");
	if (o->duty == LK_DUTY_NONE)
		return wrong("say with --verify, --admin or --both what it is "
		    "to do");
	if (o->verifier != NULL && o->duty != LK_DUTY_BOTH)
		return wrong("--verifier is of --both: run --verify as that "
		    "user");
	if (o->check && o->pid != NULL)
		return wrong("either --pid or --check");
	if (home != NULL && policy != NULL)
		return wrong("either --home or --policy");
	return find_policy(home, policy, o);
}
