/*
 * test_loader_shake.c: the handshake alone, over tables that are spoiled one
 * field at a time.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader/loader.h"
#include "table.h"

#define PATH	"/plugins/subject.so"
#define LONG_32	"abcdefghijklmnopqrstuvwxyzabcdef"

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)cr;
	(void)a;
	return LK_NOT_MINE;
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	(void)instance;
	(void)setup;
	(void)out;
	(void)size;
	(void)a;
	return LK_BROKEN;
}

static uint32_t
verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)cr;
	(void)record;
	(void)a;
	return LK_PASS;
}

static const struct lk_plugin sound = {
	.magic = LK_PLUGIN_MAGIC,
	.major = LK_PLUGIN_MAJOR,
	.minor = LK_PLUGIN_MINOR,
	.size = sizeof(struct lk_plugin),
	.kind = LK_PLUGIN_TYPE,
	.option_size = sizeof(struct lk_option),
	.name = "subject",
	.version = "1.0",
	.title = "A sound one",
	.present = present,
	.mint = mint,
	.verify = verify,
};

/* ------------------------------------------------------------------- fields */

#define AT(field)	offsetof(struct lk_plugin, field)
#define SIZE(field)	sizeof(((struct lk_plugin *)0)->field)
#define NUMBER(field, n)	AT(field), SIZE(field), (n), NULL
#define TEXT(field, s)		AT(field), SIZE(field), 0, (s)
#define GONE(field)		AT(field), SIZE(field), 0, NULL

static const struct field_case {
	const char	*name;
	size_t		 at, size;
	uint64_t	 number;
	const char	*text;		/* a pointer, rather than number     */
	const char	*says;		/* NULL: it passes                   */
} field_cases[] = {
	{ "sound", NUMBER(flags, 0), NULL },
	{ "thread-safe", NUMBER(flags, LK_PLUGIN_THREAD_SAFE), NULL },
	{ "magic", NUMBER(magic, 1), "begins with 0x1" },
	{ "major 0", NUMBER(major, 0), "ABI 0.1, this latchkey has 1.1: too "
	  "old" },
	{ "major 2", NUMBER(major, 2), "ABI 2.1, this latchkey has 1.1: too "
	  "new" },
	{ "minor 0", NUMBER(minor, 0), NULL },
	{ "minor 2", NUMBER(minor, 2), "ABI 1.2, this latchkey has 1.1: too "
	  "new" },
	{ "size 0", NUMBER(size, 0), "its table has 0 octets" },
	{ "size one short", NUMBER(size, sizeof(struct lk_plugin) - 1),
	  "its table has " },
	{ "kind 0", NUMBER(kind, 0), "of a kind (0)" },
	{ "kind of nobody", NUMBER(kind, 0x54595046),
	  "of a kind (0x54595046)" },
	{ "counts", NUMBER(flags, LK_PLUGIN_COUNTS), NULL },
	{ "unknown flag", NUMBER(flags, 8), "sets flags (0x8)" },
	{ "no name", GONE(name), "its name, version or title" },
	{ "empty name", TEXT(name, ""), "its name, version or title" },
	{ "another name", TEXT(name, "rate"), "the plugin in it is rate 1.0" },
	{ "name of 33 octets", TEXT(name, LONG_32 "x"), "its name, version" },
	{ "no version", GONE(version), "its name, version or title" },
	{ "version of 31 octets", TEXT(version,
	  "1234567890123456789012345678901"), NULL },
	{ "version of 32 octets", TEXT(version, LONG_32), "its name, version" },
	{ "version with a newline", TEXT(version, "1\n"), "its name, version" },
	{ "no title", GONE(title), "its name, version or title" },
	{ "title of an escape", TEXT(title, "\033[2J"), "its name, version" },
	{ "title that is not UTF-8", TEXT(title, "\xff"), "its name, version" },
	{ "title in UTF-8", TEXT(title, "schl\xc3\xbcssel"), NULL },
	{ "no present", GONE(present), "without all of its calls" },
	{ "no mint", GONE(mint), "without all of its calls" },
	{ "no verify", GONE(verify), "without all of its calls" },
	{ "a check without check", NUMBER(kind, LK_PLUGIN_CHECK),
	  "without all of its calls: it must have check" },
	{ "options without a table", NUMBER(noptions, 1), "declares 1 options "
	  "without a table" },
};

static void
test_field(void **state)
{
	static const struct lk_plugin	 zero;
	const struct field_case		*c = *state;
	const struct lk_want		 w = { "/plugins", "subject", 0, NULL,
					     "policy.yaml:3" };
	struct lk_plugin		 t = sound, out;
	struct lk_error			 e = { 0 };
	int				 r;

	if (c->text != NULL)
		memcpy((char *)&t + c->at, &c->text, c->size);
	else
		memcpy((char *)&t + c->at, &c->number, c->size);
	r = lk_handshake(&t, &w, PATH, &out, &e);
	if (c->says == NULL) {
		assert_int_equal(r, 0);
		assert_memory_equal(&out, &t, sizeof(out));
		return;
	}
	assert_int_equal(r, LK_ECONFIG);
	assert_memory_equal(&out, &zero, sizeof(out));
	if (strstr(e.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, c->says);
	assert_non_null(strstr(e.text, PATH ": "));
	assert_non_null(strstr(e.text, "(policy.yaml:3)"));
}

/* ------------------------------------------------------------------ options */

#define H	.help = "one line"

static const struct option_case {
	const char	*name;
	struct lk_option option;
	const char	*says;		/* NULL: it passes                   */
} option_cases[] = {
	{ "string", { .name = "a", .kind = LK_OPTION_STRING, H }, NULL },
	{ "name of letters, digits, _", { .name = "a_1", H,
	    .kind = LK_OPTION_STRING }, NULL },
	{ "without a name", { .kind = LK_OPTION_STRING, H },
	    "number 2: a name is" },
	{ "empty name", { .name = "", .kind = LK_OPTION_STRING, H },
	    "number 2: a name is" },
	{ "name of a capital", { .name = "A", .kind = LK_OPTION_STRING, H },
	    "number 2: a name is" },
	{ "name of a dash", { .name = "a-b", .kind = LK_OPTION_STRING, H },
	    "number 2: a name is" },
	{ "name of 33 octets", { .name = LONG_32 "x", H,
	    .kind = LK_OPTION_STRING }, "number 2: a name is" },
	{ "declared twice", { .name = "first", .kind = LK_OPTION_STRING, H },
	    "first: it is declared twice" },
	{ "kind 0", { .name = "a", H }, "a: its kind is not known" },
	{ "kind 8", { .name = "a", .kind = 8, H }, "a: its kind is not" },
	{ "no help", { .name = "a", .kind = LK_OPTION_STRING },
	    "a: it needs one line of help" },
	{ "help of two lines", { .name = "a", .kind = LK_OPTION_STRING,
	    .help = "a\nb" }, "a: it needs one line of help" },
	{ "range upside down", { .name = "a", .kind = LK_OPTION_INTEGER, H,
	    .min = 2, .max = 1 }, "a: its range is none" },
	{ "range below nothing", { .name = "a", .kind = LK_OPTION_STRING, H,
	    .min = -1, .max = 1 }, "a: its range is none" },
	{ "integers below nothing", { .name = "a", .kind = LK_OPTION_INTEGER,
	    H, .min = -5, .max = -1 }, NULL },
	{ "required with a fallback", { .name = "a", H, .required = 1,
	    .kind = LK_OPTION_INTEGER, .fallback = "1" }, "a: it is required" },
	{ "choice without choices", { .name = "a", .kind = LK_OPTION_CHOICE,
	    H }, "a: it needs choices" },
	{ "choice", { .name = "a", .kind = LK_OPTION_CHOICE, H,
	    .choices = "account key", .fallback = "key" }, NULL },
	{ "fallback of no choice", { .name = "a", .kind = LK_OPTION_CHOICE, H,
	    .choices = "account key", .fallback = "ke" }, "a: its fallback" },
	{ "fallback out of range", { .name = "a", .kind = LK_OPTION_INTEGER, H,
	    .min = 1, .max = 5, .fallback = "0" }, "a: its fallback" },
	{ "fallback of no duration", { .name = "a", H,
	    .kind = LK_OPTION_DURATION, .fallback = "5" }, "a: its fallback" },
	{ "fallback of no boolean", { .name = "a", H,
	    .kind = LK_OPTION_BOOLEAN, .fallback = "yes" }, "a: its fallback" },
	{ "fallback of no header", { .name = "a", .kind = LK_OPTION_HEADER, H,
	    .fallback = "X API" }, "a: its fallback" },
	{ "fallback of two networks", { .name = "a", .kind = LK_OPTION_NETS, H,
	    .fallback = "127.0.0.1 ::1" }, NULL },
	{ "fallback of no network", { .name = "a", .kind = LK_OPTION_NETS, H,
	    .fallback = "127.0.0.1 localhost" }, "a: its fallback" },
	{ "fallback of too many", { .name = "a", .kind = LK_OPTION_NETS, H,
	    .min = 1, .max = 1, .fallback = "127.0.0.1 ::1" },
	    "a: its fallback" },
};

static void
test_option(void **state)
{
	const struct option_case	*c = *state;
	const struct lk_want		 w = { NULL, NULL, 0, NULL, NULL };
	struct lk_option		 two[2] = { { .name = "first", H,
					     .kind = LK_OPTION_STRING } };
	struct lk_plugin		 t = sound, out;
	struct lk_error			 e = { 0 };
	int				 r;

	two[1] = c->option;
	t.options = two;
	t.noptions = 2;
	r = lk_handshake(&t, &w, PATH, &out, &e);
	assert_int_equal(r, c->says == NULL ? 0 : LK_ECONFIG);
	if (c->says != NULL && strstr(e.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, c->says);
}

static const struct size_case {
	const char	*name;
	uint32_t	 size;
	size_t		 n;
} size_cases[] = {
	{ "options of no octets", 0, 1 },
	{ "options an octet short", sizeof(struct lk_option) - 1, 1 },
	{ "options out of step", sizeof(struct lk_option) + 1, 1 },
	{ "65 options", sizeof(struct lk_option), 65 },
	{ "options without end", sizeof(struct lk_option), SIZE_MAX },
};

static void
test_option_size(void **state)
{
	static const struct lk_option	 one = { .name = "a", H,
					     .kind = LK_OPTION_STRING };
	const struct size_case		*c = *state;
	const struct lk_want		 w = { NULL, NULL, 0, NULL, NULL };
	struct lk_plugin		 t = sound, out;
	struct lk_error			 e = { 0 };

	t.options = &one;
	t.noptions = c->n;
	t.option_size = c->size;
	assert_int_equal(lk_handshake(&t, &w, PATH, &out, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, c->n == 1 ?
	    "set .option_size = sizeof(struct lk_option)" : "or over 64"));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_field, field_cases);
	TABLE_ROWS(&t, test_option, option_cases);
	TABLE_ROWS(&t, test_option_size, size_cases);
	return table_run(&t, "loader/handshake");
}
