/*
 * A reload takes all of a new policy or nothing of it, and says which.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include "reload_home.h"

static struct lk	*lk;
static char		 token[LK_TOKEN_MAX + 1];

static int
setup(void **state)
{
	if (home_make(state) != 0)
		return -1;
	lk = home_open(0);
	key_make(lk, "ucd", token);
	return 0;
}

static int
teardown(void **state)
{
	lk_close(&lk);
	return home_remove(state);
}

/* With its key verified before and after; generation and health say how. */
static void
reload(const char *refused)
{
	struct lk_health	 was, is;
	struct lk_error		 e = { 0 };
	int			 r;

	assert_int_equal(lk_health(lk, &was), 0);
	r = lk_reload(lk, &e);
	assert_int_equal(lk_health(lk, &is), 0);
	if (refused == NULL) {
		if (r != 0)
			fail_msg("%s", e.text);
		assert_int_equal(is.generation, was.generation + 1);
		assert_int_equal(is.degraded, 0);
		assert_int_equal(is.why.text[0], '\0');
		return;
	}
	assert_int_equal(r, LK_ECONFIG);
	assert_int_equal(e.code, LK_ECONFIG);
	if (strstr(e.text, refused) == NULL)
		fail_msg("not \"%s\": %s", refused, e.text);
	assert_int_equal(is.generation, was.generation);
	assert_int_equal(is.refused, was.refused + 1);
	assert_int_not_equal(is.degraded, 0);
	assert_string_equal(is.why.text, e.text);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* ---------------------------------------------------------------- refused */

#define TYPE(plugin, prefix, more)					\
	"types:\n  ucd: { plugin: " plugin ", prefix: " prefix		\
	", apis: { upsert: POST /upsert }" more " }\n"

static const struct refusal {
	const char	*name;
	const char	*policy, *says;
} refusals[] = {
	{ "no YAML",		"types: [", "" },
	{ "an unknown key",	TYPE("ucd", "ucd", ", checsk: [ ]"),
	    "checks" },
	{ "no such plugin",	TYPE("ucdd", "ucd", ""), "ucdd.so" },
	{ "an option of no plugin",
	    TYPE("ucd", "ucd", ", options: { tokn_header: X }"),
	    "did you mean token_header" },
	{ "two findings",
	    TYPE("ucdd", "ucd", ", checks: [ nothing ]"), "; line 10: " },
	{ "a plugin that makes no token",
	    TYPE("answers", "ucd", ", options: { answer: 0 }"),
	    "answers fails its self-test: it makes no token" },
	{ "a plugin that makes other tokens",
	    TYPE("answers", "ucd", ", options: { answer: 798642630 }"),
	    "answers fails its self-test: what it makes is no token of" },
	{ "a prefix that changed",	TYPE("ucd", "new", ""),
	    "the prefix of ucd is new now, but 1 key of it had another" },
	{ "a type that went",
	    "types:\n  other: { plugin: ucd, prefix: other, "
	    "apis: { upsert: POST /other } }\n",
	    "1 key of type ucd" },
	{ "another store",	NULL, "a process keeps its store" },
};

static void
test_refused(void **state)
{
	const struct refusal	*c = *state;
	char			 command[512];

	plugin_install("answers", "");
	if (c->policy != NULL)
		policy_put(c->policy);
	else {
		snprintf(command, sizeof(command), "cp -r %s/store %s/copy && "
		    "sed -i 's/^store: store/store: copy/' %s", home.dir,
		    home.dir, home.policy);
		assert_int_equal(system(command), 0);
	}
	reload(c->says);
	/* And once more: nothing was taken of it. */
	reload(c->says);
	policy_put(sound);
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* A package that an account has went; after it got another one, it may go. */
static void
test_package(void **state)
{
	static const char	 without[] =
		"packages:\n  all: [ \"*\" ]\ndefault_package: all\n"
		TYPE("ucd", "ucd", "");
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };

	(void)state;
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(lk_account_set(lk, &op, "acme", "none", &e), 0);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_NOT_ENTITLED);
	policy_put(without);
	assert_int_equal(lk_reload(lk, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "account acme has the package none"));
	assert_int_equal(lk_account_set(lk, &op, "acme", "all", &e), 0);
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* So is the default one, as long as an account that was given none has keys
 * and a check asks for it. */
static void
test_default_package(void **state)
{
	static const char	 without[] = "packages:\n  all: [ \"*\" ]\n"
		TYPE("ucd", "ucd", ", checks: [ entitlement ]");
	static const char	 open[] =
		"types:\n  ucd: { plugin: ucd, prefix: ucd, apis: { upsert: "
		"POST /upsert } }\n";
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };

	(void)state;
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
	policy_put(without);
	assert_int_equal(lk_reload(lk, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "1 account with keys (acme is one) has "
	    "no package"));
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
	/* Where nobody asks for a package, none is missed. */
	policy_put(open);
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
	policy_put(sound);
	reload(NULL);
	assert_int_equal(lk_account_set(lk, &op, "acme", "all", &e), 0);
	policy_put(without);
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* ------------------------------------------------------------------ taken */

static void
test_taken(void **state)
{
	(void)state;
	assert_int_equal(ask(lk, "/insert", token), LK_REASON_NO_ROUTE);
	policy_put("packages:\n  all: [ \"*\" ]\ndefault_package: all\n"
	    "types:\n  ucd: { plugin: ucd, prefix: ucd, apis: { insert: POST "
	    "/insert }, checks: [ entitlement ] }\n");
	reload(NULL);
	assert_int_equal(ask(lk, "/insert", token), LK_REASON_ALLOWED);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_NO_ROUTE);
}

static int
remember(void *arg, const struct lk_plugin_info *info)
{
	if (strcmp(info->name, "ucd") == 0)
		memcpy(arg, info->sha256, sizeof(info->sha256));
	return 0;
}

/* The new code runs, under the same name. */
static void
test_build(void **state)
{
	char	 was[65] = "", is[65] = "";

	(void)state;
	assert_int_equal(lk_plugins(lk, remember, was, NULL), 0);
	plugin_install("ucd", "another build");
	reload(NULL);
	assert_int_equal(lk_plugins(lk, remember, is, NULL), 0);
	assert_string_not_equal(was, is);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* As shipped, wherever the process went. */
static void
test_relative(void **state)
{
	struct lk_error	 e = { 0 };
	char		 was[LK_PATH_MAX];

	(void)state;
	lk_close(&lk);
	assert_non_null(getcwd(was, sizeof(was)));
	assert_int_equal(chdir(home.dir), 0);
	if (lk_open("policy.yaml", 0, &lk, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(chdir("/"), 0);
	reload(NULL);
	assert_int_equal(chdir(was), 0);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* A plugin that was missing at start is an error of its type until it is
 * there. */
static void
test_degraded(void **state)
{
	struct lk_health	 h;
	char			 path[128];

	(void)state;
	lk_close(&lk);
	snprintf(path, sizeof(path), "%s/ucd.so", home.plugins);
	assert_int_equal(unlink(path), 0);
	lk = home_open(0);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_PLUGIN_FAULT);
	assert_int_equal(lk_health(lk, &h), 0);
	assert_int_equal(h.generation, 1);
	assert_int_not_equal(h.degraded, 0);
	assert_non_null(strstr(h.why.text, "ucd.so"));
	plugin_install("ucd", "");
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
}

/* ----------------------------------------------------------------- pepper */

static void
rotate(struct lk *other)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };

	assert_int_equal(lk_operator_self(&op, &e), 0);
	if (lk_pepper_rotate(other, &op, NULL, NULL, &w, &e) != 0)
		fail_msg("%s", e.text);
}

/* Whoever rotates and retires, keys under both go on, and those that were
 * deleted for it do not come back. */
static void
test_pepper(void **state)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk		*other = home_open(0);
	char			 new[LK_TOKEN_MAX + 1], path[128], away[128];

	(void)state;
	rotate(other);
	reload(NULL);
	key_make(lk, "ucd", new);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
	assert_int_equal(ask(other, PATH_UPSERT, new), LK_REASON_ALLOWED);
	snprintf(path, sizeof(path), "%s/pepper/2", home.dir);
	snprintf(away, sizeof(away), "%s/away", home.root);
	assert_int_equal(rename(path, away), 0);
	reload("holds no pepper that the journal is under");
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(lk_pepper_retire(other, &op, LK_DELETE_KEYS, &w, &e),
	    0);
	reload(NULL);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_UNKNOWN);
	assert_int_equal(ask(lk, PATH_UPSERT, new), LK_REASON_ALLOWED);
	lk_close(&other);
}

/* --------------------------------------------------------------- who may */

static int
within(void *arg, const struct lk_type *t)
{
	struct lk_error	 e = { 0 };

	(void)t;
	*(int *)arg = lk_reload(lk, &e);
	return 0;
}

static void
test_usage(void **state)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk_health	 h;
	struct lk		*other;
	int			 r = 0;

	(void)state;
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(lk_types(lk, &op, within, &r, &e), 0);
	assert_int_equal(r, LK_EUSAGE);
	assert_int_equal(lk_reload(NULL, &e), LK_EUSAGE);
	assert_int_equal(lk_health(NULL, &h), LK_EUSAGE);
	assert_int_equal(lk_health(lk, NULL), LK_EUSAGE);
	other = home_open(LK_LIST_ONLY);
	assert_int_equal(lk_reload(other, &e), LK_EUSAGE);
	lk_close(&other);
}

/* What a child of a process with a call under way does is its own. */
static void
test_fork(void **state)
{
	struct lk_error	 e = { 0 };
	int		 status;
	pid_t		 pid;

	(void)state;
	policy_put(sound);
	if ((pid = fork()) == 0)
		_exit(lk_reload(lk, &e) != 0 ||
		    ask(lk, PATH_UPSERT, token) != LK_REASON_ALLOWED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	reload(NULL);
}

/* ---------------------------------------------------------------- at most */

/* Builds are never unloaded: this one is the last test of its process. */
static void
test_builds(void **state)
{
	struct lk_error	 e = { 0 };
	char		 behind[32];
	int		 i, r = 0;

	(void)state;
	for (i = 0; i < 80 && r == 0; i++) {
		snprintf(behind, sizeof(behind), "build %d", i);
		plugin_install("ucd", behind);
		r = lk_reload(lk, &e);
	}
	assert_int_equal(r, LK_ECONFIG);
	if (strstr(e.text, "64 builds of plugins are loaded") == NULL ||
	    strstr(e.text, "restart this process") == NULL)
		fail_msg("%s", e.text);
	assert_true(i > 40 && i <= 64);
	assert_int_equal(ask(lk, PATH_UPSERT, token), LK_REASON_ALLOWED);
	/* One that is loaded is none too many. */
	plugin_install("ucd", "build 0");
	reload(NULL);
}

int
main(void)
{
	struct table	 t = { 0 };
	size_t		 i;

	TABLE_ROWS(&t, test_refused, refusals);
	TABLE_TEST(&t, test_package);
	TABLE_TEST(&t, test_default_package);
	TABLE_TEST(&t, test_taken);
	TABLE_TEST(&t, test_build);
	TABLE_TEST(&t, test_relative);
	TABLE_TEST(&t, test_degraded);
	TABLE_TEST(&t, test_pepper);
	TABLE_TEST(&t, test_usage);
	TABLE_TEST(&t, test_fork);
	TABLE_TEST(&t, test_builds);
	for (i = 0; i < t.n; i++) {
		t.tests[i].setup_func = setup;
		t.tests[i].teardown_func = teardown;
	}
	return table_run(&t, "reload");
}
