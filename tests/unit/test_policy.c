/*
 * What a right policy says: the default one, the one of DESIGN.md, and small
 * ones for what those leave out.
 */
#include <sys/stat.h>

#include <unistd.h>

#include "policy_file.h"

#define HEAD								\
	"version: 1\nstore: s\npepper: /p\nplugins: ../q\n"		\
	"roles:\n"							\
	"  admin: { may: [generate, delete], users: [0], "		\
	"groups: [7] }\n"						\
	"  lister: { may: [list], users: [5, 6], groups: [8] }\n"

static struct lk_policy *
read_text(const char *path, const char *text)
{
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	int			 r;

	r = lk_policy_read(path, text, strlen(text), NULL, &p, &e);
	assert_string_equal(e.text, "");
	assert_int_equal(r, 0);
	return p;
}

static int
holds(const struct lk_policy *p, const char *package, const char *type,
    int api)
{
	return lk_policy_package_holds(p, lk_policy_package(p, package),
	    lk_policy_type_by_name(p, type), api);
}

static void
expect_type(const struct lk_policy *p, const char *name, const char *prefix,
    unsigned limit, size_t nchecks, const char *apis)
{
	const struct lk_policy_type	*t = lk_policy_type_by_name(p, name);
	struct lk_buf			 b = LK_BUF_NONE;
	size_t				 i, j;

	assert_non_null(t);
	assert_string_equal(t->plugin, name);
	assert_string_equal(t->prefix, prefix);
	assert_int_equal(t->limit, limit);
	assert_int_equal(t->nchecks, nchecks);
	assert_string_equal(t->checks[0].plugin, "entitlement");
	lk_buf_str(&b, "");
	for (i = 0; i < t->napis; i++) {
		lk_buf_fmt(&b, "%s:", t->apis[i].name);
		for (j = 0; j < t->apis[i].nmethods; j++)
			lk_buf_fmt(&b, " %s", t->apis[i].methods[j]);
		lk_buf_fmt(&b, " %s\n", t->apis[i].pattern);
	}
	assert_string_equal(b.p, apis);
	lk_buf_free(&b);
}

/* As TYPES.md has it. */
static void
test_default(void **state)
{
	size_t			 n;
	char			*text = default_policy(&n);
	struct lk_policy	*p = read_text("/h/policy.yaml", text);

	(void)state;
	assert_string_equal(p->store, "/h/store");
	assert_string_equal(p->pepper, "/h/pepper");
	assert_string_equal(p->plugins, "/usr/lib/latchkey");
	assert_int_equal(p->ntypes, 3);
	expect_type(p, "ucd", "ucd", 5, 1,
	    "upsert: POST /api/user/v1/upsert\n"
	    "attribute_delete: POST /api/user/v1/attribute/delete\n"
	    "identify: PATCH /api/user/v1/identity\n"
	    "identify_delete: DELETE /api/user/v1/identity\n"
	    "profile: POST /api/user/v1/profile\n"
	    "delete: POST /api/user/v1/delete\n"
	    "anonymize: POST /api/user/v1/anonymize\n"
	    "export: POST /api/raw/v1/export\n");
	expect_type(p, "web_push", "wpush", 0, 1,
	    "send: POST /v1/single\n"
	    "campaign: POST DELETE /v1/single/{campaign}\n"
	    "campaign_v2: POST /v2/single/{campaign}\n"
	    "statistics: POST /v1/statistics/{report}\n");
	expect_type(p, "mobile", "mob", 2, 2,
	    "bulk: POST /api/v1/push/bulk\n"
	    "user: POST /api/v2/notification/user\n"
	    "statistics: POST /api/v1/notification/get_statistics\n"
	    "inapp: POST /v1/details/inapp\n");
	assert_int_equal(p->default_package, lk_policy_package(p, "growth"));
	lk_policy_free(&p);
	free(text);
}

/* essential is all but ucd.upsert. */
static void
test_default_packages(void **state)
{
	size_t			 n, i, j;
	char			*text = default_policy(&n);
	struct lk_policy	*p = read_text("policy.yaml", text);
	int			 upsert;

	(void)state;
	for (i = 0; i < p->ntypes; i++) {
		for (j = 0; j < p->types[i].napis; j++) {
			upsert = strcmp(p->types[i].apis[j].name,
			    "upsert") == 0;
			assert_int_equal(holds(p, "growth", p->types[i].name,
			    (int)j), 1);
			assert_int_equal(holds(p, "essential",
			    p->types[i].name, (int)j), !upsert);
		}
		assert_int_equal(holds(p, "essential", p->types[i].name, -1),
		    1);
	}
	lk_policy_free(&p);
	free(text);
}

/* The type that the comments show works when its marks are taken away. */
static void
test_default_more(void **state)
{
	size_t			 n;
	char			*text = default_policy(&n), *at, *to;
	struct lk_policy	*p;

	(void)state;
	at = strstr(text, "  # sms:");
	assert_non_null(at);
	while ((at = strstr(at, "\n  # ")) != NULL) {
		memmove(at + 3, at + 5, strlen(at + 5) + 1);
		at++;
	}
	to = strstr(text, "  # sms:");
	memmove(to + 2, to + 4, strlen(to + 4) + 1);
	p = read_text("policy.yaml", text);
	assert_int_equal(p->ntypes, 4);
	assert_string_equal(p->types[3].prefix, "sms");
	assert_string_equal(p->types[3].options.v[0].value, "X-INS-AUTH-KEY");
	lk_policy_free(&p);
	free(text);
}

static void
test_design(void **state)
{
	size_t			 n;
	char			*text;
	struct lk_policy	*p;
	const struct lk_policy_type *ucd, *mobile;

	(void)state;
	text = source_file("tests/data/policies/design.yaml", &n);
	p = read_text("/etc/latchkey/policy.yaml", text);
	ucd = lk_policy_type_by_prefix(p, "ucd_", 3);
	mobile = lk_policy_type_by_name(p, "mobile");
	assert_string_equal(ucd->title, "Unified Customer Database");
	assert_int_equal(ucd->limit, 5);
	assert_int_equal(ucd->body_max, LK_BODY_DEFAULT);
	assert_int_equal(ucd->apis[2].nchecks, 1);
	assert_string_equal(ucd->apis[2].checks[0].settings.v[1].value, "day");
	assert_string_equal(mobile->title, "mobile");
	assert_int_equal(mobile->checks[1].settings.v[0].nlist, 2);
	assert_string_equal(mobile->checks[1].settings.v[0].list[1], "::1");
	assert_int_equal(mobile->checks[1].settings.v[0].list_places[1].line,
	    39);
	assert_int_equal(holds(p, "essential", "ucd", 0), 0);
	assert_int_equal(holds(p, "essential", "ucd", 1), 1);
	assert_int_equal(holds(p, "essential", "mobile", -1), 0);
	lk_policy_free(&p);
	free(text);
}

static void
test_paths(void **state)
{
	const char	*text = HEAD
			    "types: { t: { plugin: p, prefix: pp } }\n";
	struct lk_policy *p = read_text("/a/b/policy.yaml", text);
	char		 cwd[4096], want[4200];

	(void)state;
	assert_string_equal(p->source.path, "/a/b/policy.yaml");
	assert_string_equal(p->name, "policy.yaml");
	assert_string_equal(p->store, "/a/b/s");
	assert_string_equal(p->pepper, "/p");
	assert_string_equal(p->plugins, "/a/b/../q");
	lk_policy_free(&p);
	assert_non_null(getcwd(cwd, sizeof cwd));
	p = read_text("b/policy.yaml", text);
	snprintf(want, sizeof want, "%s/b/s", cwd);
	assert_string_equal(p->store, want);
	lk_policy_free(&p);
	p = read_text("/policy.yaml", text);
	assert_string_equal(p->store, "/s");
	lk_policy_free(&p);
}

static void
test_roles(void **state)
{
	static const struct {
		uid_t		 uid;
		gid_t		 groups[3];
		unsigned	 may;
	} cases[] = {
		{ 0, { 1, 2, 3 }, LK_MAY_GENERATE | LK_MAY_DELETE },
		{ 1, { 1, 2, 3 }, 0 },
		{ 1, { 1, 2, 7 }, LK_MAY_GENERATE | LK_MAY_DELETE },
		{ 5, { 1, 2, 3 }, LK_MAY_LIST },
		{ 6, { 7, 2, 3 }, LK_MAY_GENERATE | LK_MAY_DELETE |
		    LK_MAY_LIST },
		{ 9, { 1, 8, 8 }, LK_MAY_LIST },
		{ 7, { 5, 6, 0 }, 0 },		/* a group is no user */
	};
	struct lk_policy	*p = read_text("policy.yaml",
				    HEAD "types: { t: { plugin: p, "
				    "prefix: pp } }\n");
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(lk_policy_may(p, cases[i].uid,
		    cases[i].groups, 3), cases[i].may);
	lk_policy_free(&p);
}

/* As written: which run last, their plugins say (snapshot.c). */
static void
test_check_order(void **state)
{
	static const char *const want[] = { "a", "rate", "b", "rate", "c" };
	struct lk_policy	*p = read_text("policy.yaml", HEAD
				    "types: { t: { plugin: p, prefix: pp, "
				    "checks: [ a, rate: { limit: 1 }, b, "
				    "rate: { limit: 2 }, c ] } }\n");
	size_t			 i;

	(void)state;
	assert_int_equal(p->types[0].nchecks, 5);
	for (i = 0; i < 5; i++)
		assert_string_equal(p->types[0].checks[i].plugin, want[i]);
	assert_string_equal(p->types[0].checks[1].settings.v[0].value, "1");
	assert_string_equal(p->types[0].checks[3].settings.v[0].value, "2");
	lk_policy_free(&p);
}

/* Globs over more APIs than an octet has bits, and a type without any. */
static void
test_packages(void **state)
{
	struct lk_policy	*p = read_text("policy.yaml", HEAD
				    "packages:\n"
				    "  none_of_b: [ a.a9, \"c.*\" ]\n"
				    "  all: [ \"*\" ]\n"
				    "types:\n"
				    "  a: { plugin: p, prefix: aa, apis: { "
				    "a0: GET /0, a1: GET /1, a2: GET /2, "
				    "a3: GET /3, a4: GET /4, a5: GET /5, "
				    "a6: GET /6, a7: GET /7, a8: GET /8, "
				    "a9: GET /9 } }\n"
				    "  b: { plugin: p, prefix: bb }\n"
				    "  c: { plugin: p, prefix: cc }\n");
	int			 i;

	(void)state;
	assert_int_equal(p->napis, 12);
	for (i = 0; i < 10; i++) {
		assert_int_equal(holds(p, "none_of_b", "a", i), i == 9);
		assert_int_equal(holds(p, "all", "a", i), 1);
	}
	assert_int_equal(holds(p, "none_of_b", "a", -1), 1);
	assert_int_equal(holds(p, "none_of_b", "a", 10), 0);
	assert_int_equal(holds(p, "none_of_b", "b", 0), 0);
	assert_int_equal(holds(p, "none_of_b", "b", -1), 0);
	assert_int_equal(holds(p, "none_of_b", "c", 0), 1);
	assert_int_equal(holds(p, "none_of_b", "c", -1), 1);
	assert_int_equal(holds(p, "none_of_b", "c", 1), 0);
	assert_int_equal(holds(p, "missing", "a", 0), 0);
	assert_int_equal(p->default_package, -1);
	lk_policy_free(&p);
}

static void
test_pins_and_within(void **state)
{
	struct lk_policy	*p;
	char			 text[1024];
	const char		*hex = "0123456789abcdef0123456789ABCDEF"
				    "0123456789abcdef0123456789ABCDEF";

	(void)state;
	snprintf(text, sizeof text, "version: 1\nstore: s\npepper: p\n"
	    "plugins: { folder: q, pins: { x: %s } }\n"
	    "roles: { a: { may: [generate, delete], users: [0] } }\n"
	    "types: { t: { plugin: x, prefix: pp, within: [ 10.0.0.0/8, "
	    "\"::1\" ] } }\n", hex);
	p = read_text("/h/policy.yaml", text);
	assert_string_equal(p->plugins, "/h/q");
	assert_int_equal(p->npins, 1);
	assert_string_equal(p->pins[0].plugin, "x");
	assert_string_equal(p->pins[0].sha256, "0123456789abcdef"
	    "0123456789abcdef0123456789abcdef0123456789abcdef");
	assert_int_equal(p->types[0].nwithin, 2);
	assert_int_equal(p->types[0].within[0].family, 4);
	assert_int_equal(p->types[0].within[0].bits, 8);
	assert_int_equal(p->types[0].within[1].family, 6);
	lk_policy_free(&p);
}

/* ------------------------------------------------------------------- files */

static void
write_file(const char *path, size_t n)
{
	FILE	*f = fopen(path, "w");

	assert_non_null(f);
	while (n-- > 0)
		fputc('#', f);
	assert_int_equal(fclose(f), 0);
}

static void
test_load_refused(void **state)
{
	char			 dir[] = "/tmp/lk_policyXXXXXX", path[64];
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/policy.yaml", dir);
	assert_int_equal(lk_policy_load(path, 0, NULL, &p, &e), LK_ENOTFOUND);
	assert_int_equal(lk_policy_load(path, 1, NULL, &p, &e), LK_ENOTFOUND);
	assert_int_equal(lk_policy_load(dir, 0, NULL, &p, &e), LK_ECONFIG);
	write_file(path, LK_POLICY_MAX + 1);
	assert_int_equal(lk_policy_load(path, 0, NULL, &p, &e), LK_ECONFIG);
	assert_string_equal(e.text,
	    "a policy has at most 262144 octets, this one has 262145");
	write_file(path, LK_POLICY_MAX);
	assert_int_equal(lk_policy_load(path, 0, NULL, &p, &e), LK_ECONFIG);
	assert_string_equal(e.text,
	    "the policy is empty: latchkey init writes one to start from");
	assert_string_equal(e.file, path);
	assert_null(p);
	unlink(path);
	rmdir(dir);
}

static void
test_load(void **state)
{
	char			 dir[] = "/tmp/lk_policyXXXXXX", path[64];
	size_t			 n;
	char			*text = default_policy(&n);
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	FILE			*f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/policy.yaml", dir);
	assert_non_null(f = fopen(path, "w"));
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(lk_policy_load(path, 1, NULL, &p, &e), 0);
	lk_policy_free(&p);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(lk_policy_load(path, 1, NULL, &p, &e), LK_ECONFIG);
	assert_null(p);
	assert_int_equal(lk_policy_load(path, 0, NULL, &p, &e), 0);
	lk_policy_free(&p);
	unlink(path);
	rmdir(dir);
	free(text);
}

/* The loader reports through the same call: file, place, line, count. */
static void
line_keep(void *arg, const struct lk_error *f, const char *line)
{
	(void)f;
	*(const char **)arg = line;
}

static void
test_report_at(void **state)
{
	struct lk_policy	*p = read_text("x/policy.yaml",
				    HEAD "types: { t: { plugin: p, "
				    "prefix: pp } }\n");
	const char		*line = NULL;
	struct lk_report	 rep = { line_keep, &line, 0 };
	struct lk_error		 e = { 0 };

	(void)state;
	lk_report_at(&rep, &p->source, (struct lk_place){ 2, 3 }, LK_NOTE, &e,
	    "note");
	assert_int_equal(rep.errors, 0);
	assert_int_equal(e.code, 0);
	assert_string_equal(line, "store: s");
	lk_report_at(&rep, &p->source, (struct lk_place){ 3, 4 }, LK_ECONFIG,
	    &e, "fault %d", 1);
	lk_report_at(&rep, &p->source, (struct lk_place){ 99, 1 }, LK_ECONFIG,
	    &e, "fault %d", 2);
	assert_null(line);
	assert_int_equal(rep.errors, 2);
	assert_int_equal(e.line, 3);
	assert_int_equal(e.column, 4);
	assert_string_equal(e.text, "fault 1");
	assert_string_equal(e.file, "x/policy.yaml");
	lk_policy_free(&p);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_default);
	TABLE_TEST(&t, test_default_packages);
	TABLE_TEST(&t, test_default_more);
	TABLE_TEST(&t, test_design);
	TABLE_TEST(&t, test_paths);
	TABLE_TEST(&t, test_roles);
	TABLE_TEST(&t, test_check_order);
	TABLE_TEST(&t, test_packages);
	TABLE_TEST(&t, test_pins_and_within);
	TABLE_TEST(&t, test_load_refused);
	TABLE_TEST(&t, test_load);
	TABLE_TEST(&t, test_report_at);
	return table_run(&t, "policy");
}
