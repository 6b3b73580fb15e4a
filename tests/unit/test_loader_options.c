/*
 * test_loader_options.c: what a policy gives a plugin, held against what that
 * declares; each finding at its place.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader/build.h"
#include "loader/value.h"
#include "table.h"

static const struct lk_option options[] = {
	{ .name = "text", .kind = LK_OPTION_STRING, .min = 2, .max = 5,
	  .help = "h" },
	{ .name = "number", .kind = LK_OPTION_INTEGER, .min = 1, .max = 5,
	  .help = "h" },
	{ .name = "any", .kind = LK_OPTION_INTEGER, .help = "h" },
	{ .name = "flag", .kind = LK_OPTION_BOOLEAN, .help = "h" },
	{ .name = "span", .kind = LK_OPTION_DURATION, .min = 60,
	  .max = 86400, .help = "h" },
	{ .name = "nets", .kind = LK_OPTION_NETS, .min = 1, .max = 2,
	  .help = "h" },
	{ .name = "header", .kind = LK_OPTION_HEADER, .help = "h" },
	{ .name = "choice", .kind = LK_OPTION_CHOICE,
	  .choices = "account key address", .help = "h" },
	{ .name = "per", .kind = LK_OPTION_DURATION, .min = 1, .max = 60,
	  .choices = "day ever", .help = "h" },
};
static char	 version[] = "1.0", plugin_name[] = "subject";
static char	 policy_path[] = "/etc/latchkey/policy.yaml";

/* A setting on line 4: its name at column 5, its value at 15, items from 17. */
#define NAME_AT		{ 4, 5 }
#define VALUE_AT	{ 4, 15 }

static const struct value_case {
	const char	*name;
	const char	*option;
	const char	*value;		/* NULL: the list                    */
	const char	*list[4];
	int		 quoted;
	unsigned	 column;	/* of the finding; 0: there is none  */
	const char	*says;
} value_cases[] = {
	{ "string", "text", "abc", { 0 }, 0, 0, NULL },
	{ "string in quotes", "text", "true", { 0 }, 1, 0, NULL },
	{ "string too short", "text", "a", { 0 }, 0, 15,
	  "text takes plain text of 2 to 5 octets, not a" },
	{ "string too long", "text", "abcdef", { 0 }, 0, 15,
	  "text takes plain text of 2 to 5 octets, not abcdef" },
	{ "string of nothing", "text", "", { 0 }, 0, 15,
	  "octets, not nothing" },
	{ "string of a control", "text", "a\033b", { 0 }, 0, 15,
	  "text takes plain text of 2 to 5 octets, not a?b" },
	{ "string as a list", "text", NULL, { "abc" }, 0, 15,
	  "text takes plain text of 2 to 5 octets, not a list" },
	{ "integer", "number", "5", { 0 }, 0, 0, NULL },
	{ "integer below", "number", "0", { 0 }, 0, 15,
	  "number takes a whole number of 1 to 5, not 0" },
	{ "integer above", "number", "6", { 0 }, 0, 15, "of 1 to 5, not 6" },
	{ "integer in quotes", "number", "5", { 0 }, 1, 15,
	  "of 1 to 5, not \"5\"" },
	{ "integer with a unit", "number", "5s", { 0 }, 0, 15, "not 5s" },
	{ "integer with a sign", "number", "+5", { 0 }, 0, 15, "not +5" },
	{ "integer after a zero", "number", "05", { 0 }, 0, 15, "not 05" },
	{ "integer with a point", "number", "1.0", { 0 }, 0, 15, "not 1.0" },
	{ "integer of a word", "number", "two", { 0 }, 0, 15, "not two" },
	{ "integer of any size", "any", "9223372036854775807", { 0 }, 0, 0,
	  NULL },
	{ "integer below nothing", "any", "-9223372036854775808", { 0 }, 0, 0,
	  NULL },
	{ "integer over 64 bits", "any", "9223372036854775808", { 0 }, 0, 15,
	  "any takes a whole number, not 9223372036854775808" },
	{ "integer of a minus", "any", "-", { 0 }, 0, 15, "not -" },
	{ "boolean", "flag", "true", { 0 }, 0, 0, NULL },
	{ "boolean of yes", "flag", "yes", { 0 }, 0, 15,
	  "flag takes true or false, not yes" },
	{ "boolean in quotes", "flag", "true", { 0 }, 1, 15,
	  "flag takes true or false, not \"true\"" },
	{ "duration", "span", "15m", { 0 }, 0, 0, NULL },
	{ "duration in quotes", "span", "1h", { 0 }, 1, 0, NULL },
	{ "duration without unit", "span", "15", { 0 }, 0, 15,
	  "span takes a duration of 1m to 1d, with its unit (s, m, h or d), "
	  "not 15" },
	{ "duration too short", "span", "59s", { 0 }, 0, 15, "not 59s" },
	{ "duration too long", "span", "25h", { 0 }, 0, 15, "not 25h" },
	{ "one network", "nets", "127.0.0.1", { 0 }, 0, 0, NULL },
	{ "networks", "nets", NULL, { "10.0.0.0/8", "::1" }, 0, 0, NULL },
	{ "network of a name", "nets", "localhost", { 0 }, 0, 15,
	  "nets takes 1 to 2 addresses or networks, such as 127.0.0.1, ::1 or "
	  "10.0.0.0/8, not localhost" },
	{ "second of a list", "nets", NULL, { "::1", "300.0.0.1" }, 0, 18,
	  "not 300.0.0.1" },
	{ "one too many", "nets", NULL, { "::1", "::2", "::3" }, 0, 19,
	  "nets takes 1 to 2 addresses or networks" },
	{ "an empty list", "nets", NULL, { 0 }, 0, 15, "not a list of 0" },
	{ "header", "header", "X-Api_Key", { 0 }, 0, 0, NULL },
	{ "header with a colon", "header", "X-API-KEY:", { 0 }, 0, 15,
	  "header takes the name of a header, such as X-API-KEY, not "
	  "X-API-KEY:" },
	{ "header with a blank", "header", "X API", { 0 }, 0, 15, "not X API" },
	{ "header of nothing", "header", "", { 0 }, 0, 15, "not nothing" },
	{ "choice", "choice", "key", { 0 }, 0, 0, NULL },
	{ "choice of the last", "choice", "address", { 0 }, 0, 0, NULL },
	{ "choice of half a word", "choice", "addr", { 0 }, 0, 15,
	  "choice takes one of: account key address, not addr" },
	{ "choice of two words", "choice", "account key", { 0 }, 0, 15,
	  "not account key" },
	{ "choice of nothing", "choice", "", { 0 }, 0, 15, "not nothing" },
	{ "duration or a word, a duration", "per", "30s", { 0 }, 0, 0, NULL },
	{ "duration or a word, a word", "per", "day", { 0 }, 0, 0, NULL },
	{ "duration or a word, the last", "per", "ever", { 0 }, 0, 0, NULL },
	{ "duration or a word, neither", "per", "days", { 0 }, 0, 15,
	  "per takes a duration of 1s to 1m, with its unit (s, m, h or d), or "
	  "one of: day ever, not days" },
	{ "duration or a word, two", "per", "day ever", { 0 }, 0, 15,
	  "not day ever" },
	{ "duration or a word, nothing", "per", "", { 0 }, 0, 15,
	  "not nothing" },
	{ "duration or a word, too long", "per", "61s", { 0 }, 0, 15,
	  "not 61s" },
	{ "unknown, near to one", "chioce", "key", { 0 }, 0, 5,
	  "subject takes no option chioce: did you mean choice?" },
	{ "unknown, near to none", "zzzzzzz", "key", { 0 }, 0, 5,
	  "subject takes no option zzzzzzz: it takes text, number, any" },
	{ "a value is cut", "number",
	  "1234567890123456789012345678901234567890123456789012345", { 0 }, 0,
	  15, "not 123456789012345678901234567890123456789012345678..." },
	{ "a value is cut between characters", "number",
	  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbcxx\xe2\x82\xac"
	  "\xe2\x82\xac", { 0 }, 0, 15, "\xc3\xbcxx..." },
};

struct seen {
	unsigned	 n, line, column;
	char		 text[768];
};

static void
finding(void *arg, const struct lk_error *f, const char *line)
{
	struct seen	*s = arg;

	(void)line;
	s->n++;
	s->line = f->line;
	s->column = f->column;
	memcpy(s->text, f->text, sizeof(s->text));
	assert_int_equal(f->code, LK_ECONFIG);
	assert_string_equal(f->file, policy_path);
}

static struct lk_build
build(const struct lk_option *o, size_t n)
{
	struct lk_build	 b = { .table = { .name = plugin_name,
			     .version = version, .options = o,
			     .option_size = sizeof(*o), .noptions = n } };

	b.options = (struct lk_option *)(uintptr_t)o;
	return b;
}

static char *
unconst(const char *s)
{
	return (char *)(uintptr_t)s;
}

static void
setting(struct lk_setting *s, const struct value_case *c,
    struct lk_place *places)
{
	memset(s, 0, sizeof(*s));
	s->name = unconst(c->option);
	s->value = unconst(c->value);
	s->quoted = c->quoted;
	s->place = (struct lk_place)NAME_AT;
	s->value_place = (struct lk_place)VALUE_AT;
	if (c->value != NULL)
		return;
	s->list = (char **)(uintptr_t)c->list;
	for (; s->nlist < 4 && c->list[s->nlist] != NULL; s->nlist++)
		places[s->nlist] = (struct lk_place){ 4, 17 +
		    (unsigned)s->nlist };
	s->list_places = places;
}

static void
test_value(void **state)
{
	const struct value_case	*c = *state;
	const struct lk_source	 p = { .path = policy_path };
	const struct lk_place	 place = { 2, 3 };
	struct lk_build		 b = build(options, sizeof(options) /
				     sizeof(options[0]));
	struct lk_place		 places[4];
	struct lk_setting	 one;
	struct lk_settings	 s = { &one, 1 };
	struct seen		 seen = { 0 };
	struct lk_report	 rep = { finding, &seen, 0 };
	struct lk_error		 e = { 0 };
	unsigned		 faults;

	setting(&one, c, places);
	faults = lk_settings_check(&b, &s, &p, place, &rep, &e);
	assert_int_equal(faults, c->column != 0);
	assert_int_equal(rep.errors, faults);
	assert_int_equal(seen.n, faults);
	if (faults == 0)
		return;
	assert_int_equal(seen.line, 4);
	assert_int_equal(seen.column, c->column);
	assert_int_equal(e.column, c->column);
	assert_string_equal(e.text, seen.text);
	if (strstr(seen.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", seen.text, c->says);
}

/* -------------------------------------------------------- of a whole plugin */

static const struct lk_place	 whole_place = { 2, 3 };

static unsigned
check(struct lk_build *b, struct lk_setting *v, size_t n, struct seen *seen)
{
	const struct lk_source	 p = { .path = policy_path };
	struct lk_settings	 s = { v, n };
	struct lk_report	 rep = { finding, seen, 0 };

	return lk_settings_check(b, &s, &p, whole_place, &rep, NULL);
}

static void
test_required(void **state)
{
	static const struct lk_option	 o[] = {
		{ .name = "allow", .kind = LK_OPTION_NETS, .required = 1,
		  .min = 1, .max = 256, .help = "who may call" },
	};
	struct lk_build			 b = build(o, 1);
	struct seen			 seen = { 0 };

	(void)state;
	assert_int_equal(check(&b, NULL, 0, &seen), 1);
	assert_int_equal(seen.line, 2);
	assert_int_equal(seen.column, 3);
	assert_string_equal(seen.text, "subject needs the option allow: 1 to "
	    "256 addresses or networks, such as 127.0.0.1, ::1 or 10.0.0.0/8");
}

static void
test_no_options(void **state)
{
	struct lk_build		 b = build(options, 0);
	struct lk_setting	 one = { .name = unconst("text"),
				     .value = unconst("x"),
				     .place = NAME_AT };
	struct seen		 seen = { 0 };

	(void)state;
	assert_int_equal(check(&b, &one, 1, &seen), 1);
	assert_string_equal(seen.text, "subject takes no option text: it takes "
	    "none");
}

static void
test_given_twice(void **state)
{
	struct lk_build		 b = build(options, 2);
	struct lk_setting	 two[2] = {
		{ .name = unconst("number"), .value = unconst("1"),
		  .place = { 4, 5 } },
		{ .name = unconst("number"), .value = unconst("2"),
		  .place = { 5, 5 } },
	};
	struct seen		 seen = { 0 };

	(void)state;
	assert_int_equal(check(&b, two, 2, &seen), 1);
	assert_int_equal(seen.line, 5);
	assert_string_equal(seen.text, "number is given twice");
}

/* All are reported; the first is what e keeps, whatever the report has. */
static void
test_all_reported(void **state)
{
	const struct lk_source	 p = { .path = policy_path };
	struct lk_build		 b = build(options, 2);
	struct lk_setting	 two[2] = {
		{ .name = unconst("number"), .value = unconst("9"),
		  .value_place = { 4, 15 } },
		{ .name = unconst("nothing"), .value = unconst("2"),
		  .place = { 5, 5 } },
	};
	struct lk_settings	 s = { two, 2 };
	struct seen		 seen = { 0 };
	struct lk_report	 rep = { finding, &seen, 7 };
	struct lk_error		 e = { 0 };

	(void)state;
	assert_int_equal(lk_settings_check(&b, &s, &p, whole_place, &rep, &e),
	    2);
	assert_int_equal(rep.errors, 9);
	assert_int_equal(seen.n, 2);
	assert_int_equal(e.line, 4);
	assert_string_equal(e.text, "number takes a whole number of 1 to 5, "
	    "not 9");
}

static const struct declare_case {
	const char	*name;
	unsigned	 minor;
	uint32_t	 kind;
	const char	*choices, *kept;
	int		 r;
} declare_cases[] = {
	{ "a choice", 1, LK_OPTION_CHOICE, "a b", "a b", 0 },
	{ "a choice without", 1, LK_OPTION_CHOICE, NULL, NULL, LK_ECONFIG },
	{ "a duration", 1, LK_OPTION_DURATION, "day", "day", 0 },
	{ "a duration without", 1, LK_OPTION_DURATION, NULL, NULL, 0 },
	{ "a duration of a control", 1, LK_OPTION_DURATION, "\n", "\n",
	  LK_ECONFIG },
	{ "an integer", 1, LK_OPTION_INTEGER, "day", "day", LK_ECONFIG },
	/* Nobody looked at them then, so they may be anything. */
	{ "minor 0, a choice", 0, LK_OPTION_CHOICE, "a b", "a b", 0 },
	{ "minor 0, a duration", 0, LK_OPTION_DURATION, "\n", NULL, 0 },
	{ "minor 0, an integer", 0, LK_OPTION_INTEGER, "day", NULL, 0 },
};

static void
test_declare(void **state)
{
	const struct declare_case	*c = *state;
	const struct lk_option		 o = { .name = "o", .kind = c->kind,
					     .choices = c->choices,
					     .help = "h" };
	struct lk_plugin		 t = { .minor = (uint16_t)c->minor,
					     .option_size = sizeof(o),
					     .options = &o, .noptions = 1 };
	struct lk_option		 out;
	char				 why[256];

	lk_option_at(&t, 0, &out);
	assert_true(out.choices == c->kept);
	assert_int_equal(lk_options_judge(&t, why, sizeof(why)), c->r);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_value, value_cases);
	TABLE_TEST(&t, test_required);
	TABLE_TEST(&t, test_no_options);
	TABLE_TEST(&t, test_given_twice);
	TABLE_TEST(&t, test_all_reported);
	TABLE_ROWS(&t, test_declare, declare_cases);
	return table_run(&t, "loader/options");
}
