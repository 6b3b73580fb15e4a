/* err: sentences and exit statuses. */
#include "table.h"

#include <errno.h>

#include "base/err.h"

static const struct exit_case {
	const char	*name;
	int		 code, want;
} exit_cases[] = {
	{ "exit: done",			0,		0 },
	{ "exit: a note is no error",	LK_NOTE,	0 },
	{ "exit: usage",		LK_EUSAGE,	64 },
	{ "exit: data",			LK_EDATA,	65 },
	{ "exit: syntax",		LK_ESYNTAX,	65 },
	{ "exit: not found",		LK_ENOTFOUND,	66 },
	{ "exit: unavailable",		LK_EUNAVAIL,	69 },
	{ "exit: damage",		LK_EDAMAGE,	69 },
	{ "exit: no memory",		LK_ENOMEM,	69 },
	{ "exit: indeterminate",	LK_EINDOUBT,	71 },
	{ "exit: limit",		LK_ELIMIT,	73 },
	{ "exit: input or output",	LK_EIO,		74 },
	{ "exit: try again",		LK_EAGAIN,	75 },
	{ "exit: not permitted",	LK_EPERM,	77 },
	{ "exit: configuration",	LK_ECONFIG,	78 },
	{ "exit: below the table",	-14,		70 },
	{ "exit: far below it",		-1000000,	70 },
	{ "exit: above 0",		2,		70 },
};

static void
test_exit(void **state)
{
	const struct exit_case	*c = *state;

	assert_int_equal(lk_exit_status(c->code), c->want);
}

static const struct text_case {
	const char	*name, *in, *want;
} text_cases[] = {
	{ "text: as it is",		"all is lost",	"all is lost" },
	{ "text: a newline",		"a\nb\r\tc",	"a?b??c" },
	{ "text: escape and DEL",	"\x1b[2J\x7f",	"?[2J?" },
	{ "text: C1 in UTF-8",		"a\xc2\x9b""1m",	"a??1m" },
	{ "text: letters in UTF-8",	"gr\xc3\xbc\xc3\x9f",
	    "gr\xc3\xbc\xc3\x9f" },
};

static void
test_text(void **state)
{
	const struct text_case	*c = *state;
	struct lk_error		 e;

	assert_int_equal(lk_fail(&e, LK_EDATA, "%s", c->in), LK_EDATA);
	assert_int_equal(e.code, LK_EDATA);
	assert_string_equal(e.text, c->want);
}

static void
test_no_error_struct(void **state)
{
	(void)state;
	errno = ENOENT;
	assert_int_equal(lk_fail(NULL, LK_EIO, "x"), LK_EIO);
	assert_int_equal(lk_fail_errno(NULL, LK_EPERM, "x"), LK_EPERM);
	assert_int_equal(lk_fail_at(NULL, LK_EDATA, "f", 1, 2, "x"), LK_EDATA);
}

static void
test_place(void **state)
{
	struct lk_error	 e;

	(void)state;
	lk_fail_at(&e, LK_ECONFIG, "policy.yaml", 3, 7, "%d wrong", 2);
	assert_string_equal(e.file, "policy.yaml");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.column, 7);
	assert_string_equal(e.text, "2 wrong");
	lk_fail(&e, LK_EIO, "no place");
	assert_string_equal(e.file, "");
	assert_int_equal(e.line, 0);
	assert_int_equal(e.column, 0);
}

/* Sentences are built upon sentences. */
static void
test_own_text(void **state)
{
	struct lk_error	 e;

	(void)state;
	lk_fail_at(&e, LK_ECONFIG, "a/b", 3, 7, "cause");
	lk_fail_at(&e, LK_EIO, e.file, e.line, e.column, "what: %s", e.text);
	assert_string_equal(e.text, "what: cause");
	assert_string_equal(e.file, "a/b");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.code, LK_EIO);
}

static void
test_errno_words(void **state)
{
	struct lk_error	 e;

	(void)state;
	errno = ENOENT;
	lk_fail_errno(&e, LK_EIO, "open %s", "x");
	assert_string_equal(e.text, "open x: No such file or directory");
}

static void
test_cut(void **state)
{
	struct lk_error	 e;
	char		 s[2000];
	size_t		 i, pad;

	(void)state;
	for (pad = 0; pad < 4; pad++) {
		memset(s, 'x', pad);
		for (i = pad; i + 3 < sizeof s; i += 3)
			memcpy(s + i, "\xe2\x80\xa6", 3);
		s[i] = '\0';
		lk_fail(&e, LK_EIO, "%s", s);
		/* Only whole characters are left. */
		assert_int_equal((strlen(e.text) - pad) % 3, 0);
		assert_true(strlen(e.text) > sizeof e.text - 5);
		memset(&e, 0, sizeof e);
		lk_fail_errno(&e, LK_EIO, "%s", s);
		assert_int_equal((strlen(e.text) - pad) % 3, 0);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_exit, exit_cases);
	TABLE_ROWS(&t, test_text, text_cases);
	TABLE_TEST(&t, test_no_error_struct);
	TABLE_TEST(&t, test_place);
	TABLE_TEST(&t, test_own_text);
	TABLE_TEST(&t, test_errno_words);
	TABLE_TEST(&t, test_cut);
	return table_run(&t, "err");
}
