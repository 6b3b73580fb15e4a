/*
 * reload_home.h: a home with a policy and plugins that tests change while a
 * handle is open.
 */
#ifndef RELOAD_HOME_H
#define RELOAD_HOME_H

#include <sys/stat.h>

#include <unistd.h>

#include "plugin_file.h"

#define PATH_UPSERT	"/upsert"

/* All of it, below /tmp. */
static struct reload_home {
	char		 root[64], dir[96], policy[128], plugins[96];
} home;

/* One that our types and checks fit. */
static const char	 sound[] =
	"packages:\n  all: [ \"*\" ]\n  none: [ other.upsert ]\n"
	"default_package: all\n"
	"types:\n"
	"  ucd:\n    plugin: ucd\n    prefix: ucd\n"
	"    apis: { upsert: POST /upsert }\n"
	"    checks: [ entitlement ]\n"
	"  other:\n    plugin: ucd\n    prefix: other\n"
	"    options: { token_header: X-OTHER, account_header: none }\n"
	"    apis: { upsert: POST /other }\n";

/* The policy is head, then what comes behind it; others see it whole. */
static inline void
policy_put(const char *text)
{
	char	 new[160];
	FILE	*f;

	snprintf(new, sizeof(new), "%s.new", home.policy);
	assert_non_null(f = fopen(new, "w"));
	fprintf(f, "version: 1\nstore: store\npepper: pepper\nplugins: %s\n"
	    "roles:\n  administrator:\n"
	    "    may: [ generate, delete, list, accounts ]\n"
	    "    users: [ root, \"%u\" ]\n%s", home.plugins,
	    (unsigned)geteuid(), text);
	fclose(f);
	assert_int_equal(chmod(new, 0644), 0);
	assert_int_equal(rename(new, home.policy), 0);
}

/* A copy of one of ours takes its place, as install(1) does it; octets behind
 * it make another build of it. */
static inline void
plugin_install(const char *name, const char *behind)
{
	char	 from[512], new[128], to[128];

	snprintf(from, sizeof(from), "%s/%s.so", plugin_folder(0), name);
	if (access(from, R_OK) != 0)
		snprintf(from, sizeof(from), "%s/%s.so", plugin_folder(1),
		    name);
	snprintf(new, sizeof(new), "%.95s/new", home.plugins);
	snprintf(to, sizeof(to), "%.95s/%.20s.so", home.plugins, name);
	file_copy(from, new);
	if (behind[0] != '\0')
		file_append(new, behind);
	assert_int_equal(rename(new, to), 0);
}

static inline int
home_make(void **state)
{
	struct lk_error	 e = { 0 };
	char		 out[LK_PATH_MAX];

	(void)state;
	memset(&home, 0, sizeof(home));
	strcpy(home.root, "/tmp/latchkey-reload.XXXXXX");
	if (mkdtemp(home.root) == NULL)
		return -1;
	snprintf(home.dir, sizeof(home.dir), "%s/home", home.root);
	snprintf(home.policy, sizeof(home.policy), "%s/policy.yaml",
	    home.dir);
	snprintf(home.plugins, sizeof(home.plugins), "%s/plugins", home.root);
	assert_int_equal(mkdir(home.plugins, 0755), 0);
	plugin_install("ucd", "");
	plugin_install("entitlement", "");
	plugin_install("address", "");
	plugin_install("rate", "");
	if (lk_home_init(home.dir, NULL, home.plugins, out, sizeof(out),
	    &e) != 0)
		fail_msg("%s", e.text);
	policy_put(sound);
	return 0;
}

static inline int
home_remove(void **state)
{
	char	 command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", home.root);
	return system(command);
}

static inline struct lk *
home_open(unsigned flags)
{
	struct lk_error	 e = { 0 };
	struct lk	*lk = NULL;

	if (lk_open(home.policy, flags, &lk, &e) != 0)
		fail_msg("%s", e.text);
	return lk;
}

static inline void
key_make(struct lk *lk, const char *type, char *token)
{
	struct lk_operator	 op;
	struct lk_generate	 g = { .size = sizeof(g), .type = type,
				     .account = "acme" };
	struct lk_error		 e = { 0 };

	assert_int_equal(lk_operator_self(&op, &e), 0);
	if (lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e) != 0)
		fail_msg("%s", e.text);
}

/* The reason that a request with a token of ucd gets. */
static inline uint32_t
ask(struct lk *lk, const char *path, const char *token)
{
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, "acme", 4 },
		{ "X-REQUEST-TOKEN", 15, token, strlen(token) },
	};
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = path, .headers = h,
				     .nheaders = 2 };
	struct lk_decision	 d;

	assert_int_equal(lk_verify(lk, &rq, &d), 0);
	return d.reason;
}

#endif
