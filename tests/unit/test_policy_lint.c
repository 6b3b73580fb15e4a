/*
 * Rules that never act or never pass, and rights that nobody has: notes, at
 * their line and column, of a policy that works.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "policy_file.h"

#define HEAD	"version: 1\nstore: s\npepper: p\nplugins: /p\n"
#define ROLES	"roles: { a: { may: [ generate, delete, list, "		\
		"accounts ], users: [ root ] } }\n"

static const struct lint_case {
	const char	*name, *text, *said;
} cases[] = {
	{ "nothing", HEAD ROLES
	    "packages: { all: [ \"t.a\", \"t.*\" ] }\n"
	    "types: { t: { plugin: p, prefix: pp, apis: { a: GET /a, b: GET "
	    "/b }, checks: [ entitlement, rate: { limit: 1, per: 1m }, rate: { "
	    "limit: 1, per: day } ] } }\n", "" },
	{ "an entry that adds nothing", HEAD ROLES
	    "packages: { all: [ \"*\", t.a ] }\n"
	    "types: { t: { plugin: p, prefix: pp, apis: { a: GET /a } } }\n",
	    "6:25 note: \"t.a\" adds nothing: the package holds it by what "
	    "stands before it\n" },
	{ "a check twice", HEAD ROLES
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n    checks:\n"
	    "      - rate: { limit: 1, per: 1m }\n"
	    "      - rate: { limit: 1, per: 1m }\n",
	    "12:9 note: the check \"rate\" says what line 11 says already: one "
	    "of them never acts\n" },
	{ "a check of the type again in its API", HEAD ROLES
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n    apis:\n"
	    "      a: { on: GET /a, checks: [ x ] }\n"
	    "    checks: [ x ]\n",
	    "11:34 note: the check \"x\" says what line 12 says already: one "
	    "of them never acts\n" },
	{ "one of them is observed", HEAD ROLES
	    "types: { t: { plugin: p, prefix: pp, checks: [ x, x: { observe: "
	    "true } ] } }\n", "" },
	{ "an API that no package holds", HEAD ROLES
	    "packages: { some: [ t.a ] }\n"
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n    apis:\n"
	    "      a: GET /a\n      b: GET /b\n"
	    "    checks: [ entitlement ]\n",
	    "13:7 note: no package holds t.b, so the check entitlement (line "
	    "14) never passes there\n" },
	{ "a type without APIs that no package holds", HEAD ROLES
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n"
	    "    checks: [ entitlement ]\n",
	    "7:3 note: no package holds t, so the check entitlement (line 10) "
	    "never passes there\n" },
	{ "a path that hides a method of another", HEAD ROLES
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n    apis:\n"
	    "      a: POST /bt/send\n"
	    "      b: \"GET,POST /bt/{x}\"\n"
	    "      c: PUT /bt/send\n"
	    "      d: \"GET,POST,PUT /bt/all\"\n",
	    "11:7 note: GET /bt/send has no route: this path hides /bt/{x} "
	    "(line 12), and is not for GET\n" },
	{ "one with a segment of any text hides too", HEAD ROLES
	    "types:\n  t:\n    plugin: p\n    prefix: pp\n    apis:\n"
	    "      a: GET /v1/{x}/end\n"
	    "      b: DELETE /{v}/{x}/{y}\n"
	    "      c: DELETE /{v}/{x}\n",
	    "11:7 note: DELETE /v1/{x}/end has no route: this path hides "
	    "/{v}/{x}/{y} (line 12), and is not for DELETE\n" },
	{ "rights that no role gives", HEAD
	    "roles: { a: { may: [ generate, delete ], users: [ root ] }, b: { "
	    "may: [ list, accounts ] } }\n"
	    "types: { t: { plugin: p, prefix: pp } }\n",
	    "5:1 note: nobody may list keys: add list to the \"may\" of a role "
	    "that has users or groups\n"
	    "5:1 note: nobody may change accounts: add accounts to the \"may\" "
	    "of a role that has users or groups\n"
	    "5:61 note: nobody has the role \"b\": give it users or groups\n" },
	{ "nobody who is known here may", HEAD
	    "roles: { a: { may: [ generate, delete, list, accounts ], users: "
	    "[ no-such-user-here ] } }\n"
	    "types: { t: { plugin: p, prefix: pp } }\n",
	    "5:1 note: nobody who is known on this machine may generate keys\n"
	    "5:1 note: nobody who is known on this machine may delete keys\n"
	    "5:1 note: nobody who is known on this machine may list keys\n"
	    "5:1 note: nobody who is known on this machine may change "
	    "accounts\n"
	    "5:67 note: there is no user \"no-such-user-here\" here: nobody "
	    "has the role by it\n" },
};

static void
test_lint(void **state)
{
	const struct lint_case	*c = *state;
	struct lk_buf		 said = LK_BUF_NONE;
	struct lk_report	 rep = { said_add, &said, 0 };
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };

	if (lk_policy_read("/x/policy.yaml", c->text, strlen(c->text), &rep,
	    &p, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(said.n != 0 ? said.p : "", c->said);
	lk_policy_free(&p);
	lk_buf_free(&said);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_lint, cases);
	return table_run(&t, "policy_lint");
}
