/*
 * A policy that means harm, or that was hit by chance: octets that are no text,
 * nesting without end, mutations, and memory that runs out at any point.
 */
#include <errno.h>
#include <time.h>

#include "policy_file.h"

#define MUTATIONS	10000
#define SECONDS_MAX	2.0		/* of CPU; it takes milliseconds     */

/* ----------------------------------------------------------- failing memory */

/* Sanitizers have a malloc of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC	0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define OWN_MALLOC	0
#endif
#endif
#if !defined(OWN_MALLOC) && defined(__GLIBC__)
#define OWN_MALLOC	1
#endif

static long	calls, fail_at = -1, live;

#if OWN_MALLOC
/* The libraries must find these as well. */
#pragma GCC visibility push(default)
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);
void	 __libc_free(void *);

static int
fails(void)
{
	if (fail_at < 0 || calls++ < fail_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	void	*p = fails() ? NULL : __libc_malloc(n);

	live += p != NULL;
	return p;
}

void *
calloc(size_t n, size_t size)
{
	void	*p = fails() ? NULL : __libc_calloc(n, size);

	live += p != NULL;
	return p;
}

void *
realloc(void *old, size_t n)
{
	void	*p = fails() ? NULL : __libc_realloc(old, n);

	live += p != NULL && old == NULL;
	return p;
}

void
free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}
#pragma GCC visibility pop
#endif

/* From the nth allocation on none succeeds: never a crash, never a leak. */
static void
test_no_memory(void **state)
{
	size_t			 n;
	char			*text = default_policy(&n);
	struct lk_policy	*p = NULL;
	struct lk_error		 e;
	long			 at, before;
	int			 r = LK_ENOMEM;

	(void)state;
	assert_int_equal(lk_policy_read("p", text, n, NULL, &p, &e), 0);
	lk_policy_free(&p);
	for (at = 0; r != 0 && at < 20000; at++) {
		before = live;
		calls = 0;
		fail_at = at;
		r = lk_policy_read("p", text, n, NULL, &p, &e);
		fail_at = -1;
		assert_true(p != NULL ? r == 0 : r == LK_ENOMEM);
		lk_policy_free(&p);
		assert_int_equal(live, before);
	}
	assert_int_equal(r, 0);
	assert_true(!OWN_MALLOC || at > 300);
	free(text);
}

/* The same while a wrong policy is being reported. */
static void
test_no_memory_wrong(void **state)
{
	const char	*text = "version: 2\nstor: s\nroles: { A: [] }\n"
			    "packages: { a: [ t.x, u.x ] }\ndefault_package: "
			    "b\ntypes: { t: { plugin: P, a: 1, a: 2, apis: "
			    "{ x: get /x, y: GET /x, z: GET /x } } }\n";
	struct lk_policy *p = NULL;
	struct lk_error	 e;
	long		 at, before;
	int		 r = LK_ENOMEM;

	(void)state;
	for (at = 0; r == LK_ENOMEM && at < 20000; at++) {
		before = live, calls = 0;
		fail_at = at;
		r = lk_policy_read("p", text, strlen(text), NULL, &p, &e);
		fail_at = -1;
		assert_null(p);
		assert_int_equal(live, before);
	}
	assert_int_equal(r, LK_ECONFIG);
	assert_true(!OWN_MALLOC || at > 100);
}

/* ------------------------------------------------------------------- octets */

static const struct octets_case {
	const char	*name, *text;
	size_t		 n;
	const char	*want;
} octets_cases[] = {
#define ROW(name, text, want)	{ name, text, sizeof(text) - 1, want }
	ROW("UTF-16, little end first", "\xff\xfe" "v\0",
	    "1:1 found UTF-16: save the file as UTF-8\n"),
	ROW("UTF-16, big end first", "\xfe\xff" "\0v",
	    "1:1 found UTF-16: save the file as UTF-8\n"),
	ROW("byte order mark", "\xef\xbb\xbf" "version: 1\n",
	    "1:1 found a byte order mark: save the file as UTF-8 without "
	    "one\n"),
	ROW("a mark in the middle", "a: \xef\xbb\xbf\n",
	    "1:4 found a byte order mark: save the file as UTF-8 without "
	    "one\n"),
	ROW("NUL", "a: b\0c\n", "1:5 found a control character: remove it\n"),
	ROW("escape, in a comment", "# \x1b[31m\n",
	    "1:3 found a control character: remove it\n"),
	ROW("DEL", "a: \x7f\n", "1:4 found a control character: remove it\n"),
	ROW("a C1 control", "a: \xc2\x85\n",
	    "1:4 found a control character: remove it\n"),
	ROW("a line separator", "a: \xe2\x80\xa8\n",
	    "1:4 found a control character: remove it\n"),
	ROW("a carriage return alone", "a: b\rc: d\n",
	    "1:5 found a carriage return that ends no line: end lines with a "
	    "newline\n"),
	ROW("an octet of its own", "a: \x80\n",
	    "1:4 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("Latin-1", "a: gr\xf6\xdf" "e\n",
	    "1:6 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("an overlong slash", "a: \xc0\xaf\n",
	    "1:4 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("a surrogate", "a: \xed\xa0\x80\n",
	    "1:4 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("beyond Unicode", "a: \xf4\x90\x80\x80\n",
	    "1:4 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("a character cut by the end", "a: \xc3",
	    "1:4 found an octet that is not UTF-8: save the file as UTF-8\n"),
	ROW("one finding a line, columns in characters",
	    "a: \xc3\xbc\x01\x01\n\nb: \x02\n",
	    "1:5 found a control character: remove it\n"
	    "3:4 found a control character: remove it\n"),
};

static void
test_octets(void **state)
{
	const struct octets_case *c = *state;
	struct lk_buf		 said = LK_BUF_NONE;
	struct lk_report	 rep = { said_add, &said, 0 };
	struct lk_policy	*p = NULL;
	char			*exact = malloc(c->n);

	memcpy(exact, c->text, c->n);
	assert_int_equal(lk_policy_read("p", exact, c->n, &rep, &p, NULL),
	    LK_ECONFIG);
	assert_string_equal(said.p, c->want);
	lk_buf_free(&said);
	free(exact);
}

/* Lines that end in CR and newline are lines, and count as one. */
static void
test_crlf(void **state)
{
	size_t			 n, i, w = 0;
	char			*text = default_policy(&n);
	char			*crlf = malloc(2 * n);
	struct lk_policy	*p = NULL;

	(void)state;
	for (i = 0; i < n; i++) {
		if (text[i] == '\n')
			crlf[w++] = '\r';
		crlf[w++] = text[i];
	}
	assert_int_equal(lk_policy_read("p", crlf, w, NULL, &p, NULL), 0);
	for (i = 0; i < p->source.nlines; i++)
		assert_null(strchr(p->source.lines[i], '\r'));
	lk_policy_free(&p);
	free(crlf);
	free(text);
}

/* --------------------------------------------------------------------- bulk */

static double
seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* Always a policy or a finding, and soon. */
static void
expect_soon(const char *text, size_t n)
{
	struct lk_report	 rep = { NULL, NULL, 0 };
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	double			 from = seconds();
	int			 r;

	r = lk_policy_read("p", text, n, &rep, &p, &e);
	assert_true(seconds() - from < SECONDS_MAX);
	if (r == 0) {
		assert_non_null(p);
		assert_int_equal(rep.errors, 0);
		lk_policy_free(&p);
		return;
	}
	assert_null(p);
	assert_int_equal(r, LK_ECONFIG);
	assert_true(e.text[0] != '\0');
	assert_true(rep.errors > 0 || n > LK_POLICY_MAX);
}

/* One thing over and over, up to the size of a policy. */
static const struct bulk_case {
	const char	*name, *head, *unit;
} bulk_cases[] = {
	{ "brackets", "", "[" },
	{ "braces", "", "{" },
	{ "brackets in braces", "", "{a: [" },
	{ "dashes", "", "- " },
	{ "question marks", "", "? " },
	{ "deep keys", "", "a: {" },
	{ "commas", "[", "," },
	{ "quotes", "a: ", "\"" },
	{ "anchors", "", "&a " },
	{ "aliases", "a: [", "*a, " },
	{ "tags", "", "!a " },
	{ "colons", "", ":" },
	{ "stars", "", "*" },
	{ "documents", "", "---\n" },
	{ "directives", "", "%YAML 1.1\n" },
	{ "blank lines", "", "\n" },
	{ "comments", "", "#\n" },
	{ "the same key", "", "a: 1\n" },
	{ "unknown keys", "", "versio: 1\n" },
	{ "one long line", "", "a" },
	{ "long lists", "packages: { a: [", "a," },
	{ "one word a line", "", "a\n" },
	{ "users", "roles: { a: { may: [", "a," },
	{ "NULs", "", "\1" },
	{ "escapes", "a: \"", "\\x41" },
	{ "block marks", "a: ", "|" },
	{ "percent signs", "a: ", "%" },
};

static void
test_bulk(void **state)
{
	const struct bulk_case	*c = *state;
	size_t			 n = strlen(c->head), u = strlen(c->unit);
	char			*text = malloc(LK_POLICY_MAX);

	memcpy(text, c->head, n);
	for (; n + u <= LK_POLICY_MAX; n += u)
		memcpy(text + n, c->unit, u);
	expect_soon(text, n);
	free(text);
}

/* Not alike: numbered. */
static const struct many_case {
	const char	*name, *head, *format;
} many_cases[] = {
	{ "numbered keys", "", "k%u: 1\n" },
	{ "numbered types", "types:\n", " t%u: {}\n" },
	{ "numbered packages", "types: { t: {} }\npackages:\n",
	    " p%u: [ t.x ]\n" },
	{ "numbered APIs", "types:\n t:\n  apis:\n", "   a%u: GET /a\n" },
	{ "numbered paths", "types:\n t:\n  apis:\n", "   a%1$u: GET /%1$u\n" },
	{ "numbered checks", "types:\n t:\n  checks:\n", "   - c%u: { }\n" },
	{ "numbered roles", "roles:\n", " r%u: { may: [list] }\n" },
};

static void
test_many(void **state)
{
	const struct many_case	*c = *state;
	struct lk_buf		 b = LK_BUF_NONE;
	unsigned		 i;

	lk_buf_str(&b, c->head);
	for (i = 0; b.n + 40 < LK_POLICY_MAX; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		lk_buf_fmt(&b, c->format, i);
#pragma GCC diagnostic pop
	}
	expect_soon(b.p, b.n);
	lk_buf_free(&b);
}

/* ------------------------------------------------------------------- chance */

static uint64_t	seed;

/* xorshift64*, so that a failure can be had again. */
static size_t
chance(size_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static void
test_garbage(void **state)
{
	size_t	 n = 1 << 20, i;
	char	*text = malloc(n);

	(void)state;
	seed = 42;
	for (i = 0; i < n; i++)
		text[i] = (char)chance(256);
	expect_soon(text, n);
	expect_soon(text, LK_POLICY_MAX);
	for (i = 0; i < n; i++)
		text[i] = " \n-:[]{},ab\"'#*&!|>?%@1"[chance(24)];
	for (i = 0; i < 200; i++)
		expect_soon(text + i * 1000, 1000);
	expect_soon(text, LK_POLICY_MAX);
	free(text);
}

/* Cut, double, swap or overwrite a few octets or lines. */
static size_t
mutate(char *text, size_t n, size_t room)
{
	static const char	 odd[] = ":-{}[]\"'#&*!|>%@,?\t\n 0x~";
	size_t			 at = chance(n), len = 1 + chance(12), i;

	if (at + len > n)
		len = n - at;
	switch (chance(5)) {
	case 0:
		memmove(text + at, text + at + len, n - at - len);
		return n - len;
	case 1:
		if (n + len > room)
			return n;
		memmove(text + at + len, text + at, n - at);
		return n + len;
	case 2:
		text[at] = odd[chance(sizeof odd - 1)];
		return n;
	case 3:
		text[at] = (char)chance(256);
		return n;
	default:
		for (i = 0; i < len; i++)
			text[at + i] = text[chance(n)];
		return n;
	}
}

static void
test_mutations(void **state)
{
	size_t	 n, m, room, i, k;
	char	*text = default_policy(&n), *copy;

	(void)state;
	room = n + 200;
	assert_non_null(copy = malloc(room));
	for (i = 0; i < MUTATIONS; i++) {
		seed = 1 + i;
		memcpy(copy, text, n);
		for (m = n, k = 1 + chance(4); k > 0; k--)
			m = mutate(copy, m, room);
		expect_soon(copy, m);
	}
	free(copy);
	free(text);
}

/* Each cut of the default policy is one too. */
static void
test_cuts(void **state)
{
	size_t	 n, i;
	char	*text = default_policy(&n), *exact;

	(void)state;
	for (i = 0; i < n; i++) {
		assert_non_null(exact = malloc(i + 1));
		memcpy(exact, text, i);
		expect_soon(exact, i);
		free(exact);
	}
	free(text);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_octets, octets_cases);
	TABLE_ROWS(&t, test_bulk, bulk_cases);
	TABLE_ROWS(&t, test_many, many_cases);
	TABLE_TEST(&t, test_crlf);
	TABLE_TEST(&t, test_garbage);
	TABLE_TEST(&t, test_mutations);
	TABLE_TEST(&t, test_cuts);
	TABLE_TEST(&t, test_no_memory);
	TABLE_TEST(&t, test_no_memory_wrong);
	return table_run(&t, "policy_hostile");
}
