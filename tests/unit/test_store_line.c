#include "table.h"

#include "store/line.h"
#include "token/token.h"

#define MAC	"AAAAAAAAAAAAAAAAAAAAAA"
#define DIGEST	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY	"abcDEF012345"
#define HEAD	"7:9:1700000000:"
#define GEN	HEAD "generate:ann:cli:" KEY ":"
#define MUST	"type=ucd:account=acme:digest=" DIGEST ":pepper=1:hint=u:"
#define LONG32	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG64	LONG32 LONG32
#define LONG128	LONG64 LONG64

static const struct line_case {
	const char	*name, *in, *why;	/* NULL: it is a line        */
} line_cases[] = {
	{ "a generate", GEN MUST MAC, NULL },
	{ "with label, expires, not_before",
	    GEN MUST "label=x:expires=1:not_before=2:" MAC, NULL },
	{ "with created, created_by", GEN MUST "created=1:created_by=ann:" MAC,
	    NULL },
	{ "created after 9999", GEN MUST "created=253402300800:" MAC, "form" },
	{ "created by nobody", GEN MUST "created_by=:" MAC, "form" },
	{ "created_by of 64", GEN MUST "created_by=" LONG64 ":" MAC, "form" },
	{ "created before expires", GEN MUST "created=1:expires=1:" MAC,
	    "order" },
	{ "a label of 128", GEN MUST "label=" LONG128 ":" MAC, NULL },
	{ "a name that is not known", GEN MUST "colour=red:" MAC, NULL },
	{ "one before those that are", GEN "colour=:" MUST MAC, NULL },
	{ "an event that is not known", HEAD "freeze:ann:cli:" KEY ":a=b:" MAC,
	    NULL },
	{ "one without a key", HEAD "freeze:ann:cli:-:a=b:" MAC, NULL },
	{ "delete without a MAC", HEAD "delete:ann:cli:" KEY ":-", NULL },
	{ "disable without a MAC", HEAD "disable:ann:cli:" KEY ":-", NULL },
	{ "delete", HEAD "delete:ann:cli:" KEY ":" MAC, NULL },
	{ "enable", HEAD "enable:ann:cli:" KEY ":" MAC, NULL },
	{ "addresses", HEAD "addresses:ann:cli:" KEY ":add=10.0.0.0/8,%3A%3A1:"
	    MAC, NULL },
	{ "account", HEAD "account:ann:cli:-:account=a:package=p:" MAC, NULL },
	{ "the default package", HEAD "account:ann:cli:-:account=a:package=:"
	    MAC, NULL },
	{ "repair", HEAD "repair:ann:cli:-:from=9:to=3:file=torn.1:" MAC,
	    NULL },
	{ "a value with =", GEN MUST "label=a=b=c:" MAC, NULL },
	{ "the highest number", "9223372036854775807:9223372036854775807:"
	    "253402300799:delete:ann:cli:" KEY ":" MAC, NULL },
	{ "a batch of 1,000,000", "7:1000006:1:delete:ann:cli:" KEY ":" MAC,
	    NULL },

	{ "empty", "", "sequence" },
	{ "no colon", "7", "sequence" },
	{ "seq 0", "0:9:1:delete:ann:cli:" KEY ":" MAC, "sequence" },
	{ "seq with a leading zero", "07:9:1:delete:ann:cli:" KEY ":" MAC,
	    "sequence" },
	{ "seq with a sign", "+7:9:1:delete:ann:cli:" KEY ":" MAC,
	    "sequence" },
	{ "seq with a blank", " 7:9:1:delete:ann:cli:" KEY ":" MAC,
	    "sequence" },
	{ "seq of 2^63", "9223372036854775808:9223372036854775808:1:delete:ann:"
	    "cli:" KEY ":" MAC, "sequence" },
	{ "seq of 20 digits", "10000000000000000000:9:1:delete:ann:cli:" KEY
	    ":" MAC, "sequence" },
	{ "seq of letters", "x:9:1:delete:ann:cli:" KEY ":" MAC, "sequence" },
	{ "batch before seq", "7:6:1:delete:ann:cli:" KEY ":" MAC, "batch" },
	{ "no batch", "7::1:delete:ann:cli:" KEY ":" MAC, "batch" },
	{ "a batch of 1,000,001", "7:1000007:1:delete:ann:cli:" KEY ":" MAC,
	    "batch" },
	{ "a batch of 2^63", "7:9223372036854775807:1:delete:ann:cli:" KEY
	    ":-", "batch" },
	{ "a time after 9999", "7:9:253402300800:delete:ann:cli:" KEY ":-",
	    "time" },
	{ "no time", "7:9::delete:ann:cli:" KEY ":" MAC, "time" },
	{ "a time before 1970", "7:9:-1:delete:ann:cli:" KEY ":" MAC, "time" },
	{ "an event in capitals", HEAD "Delete:ann:cli:" KEY ":" MAC, "event" },
	{ "no event", HEAD ":ann:cli:" KEY ":" MAC, "event" },
	{ "an event of 16", HEAD "abcdefghijklmnop:ann:cli:" KEY ":" MAC,
	    "event" },
	{ "no actor", HEAD "delete::cli:" KEY ":" MAC, "actor" },
	{ "an actor of 64", HEAD "delete:" LONG64 ":cli:" KEY ":" MAC,
	    "actor" },
	{ "no from", HEAD "delete:ann::" KEY ":" MAC, "origin" },
	{ "a from of 128", HEAD "delete:ann:" LONG128 ":" KEY ":" MAC,
	    "origin" },
	{ "it ends before the key", HEAD "delete:ann:cli:", "key id" },
	{ "delete of no key", HEAD "delete:ann:cli:-:" MAC, "no key id" },
	{ "a key id of 11", HEAD "delete:ann:cli:abcDEF01234:" MAC, "key id" },
	{ "a key id of 13", HEAD "delete:ann:cli:abcDEF0123456:" MAC,
	    "key id" },
	{ "a key id with -", HEAD "delete:ann:cli:abcDEF01234-:" MAC,
	    "key id" },
	{ "account of a key", HEAD "account:ann:cli:" KEY
	    ":account=a:package=p:" MAC, "key id" },
	{ "a name without =", GEN MUST "label:" MAC, "no value" },
	{ "an empty name", GEN MUST "=x:" MAC, "a name is not" },
	{ "a name in capitals", GEN MUST "Label=x:" MAC, "a name is not" },
	{ "a name twice", GEN MUST "label=x:label=y:" MAC, "twice" },
	{ "one not known twice", GEN MUST "a=x:a=y:" MAC, "twice" },
	{ "names out of order", GEN "account=acme:type=ucd:digest=" DIGEST
	    ":pepper=1:hint=u:" MAC, "order" },
	{ "label before hint", GEN "type=ucd:account=acme:digest=" DIGEST
	    ":pepper=1:label=x:hint=u:" MAC, "order" },
	{ "no digest", GEN "type=ucd:account=acme:pepper=1:hint=u:" MAC,
	    "needs" },
	{ "an empty field", GEN MUST ":" MAC, "no value" },
	{ "an account in capitals", GEN "type=ucd:account=Acme:digest=" DIGEST
	    ":pepper=1:hint=u:" MAC, "form" },
	{ "an account of 65", GEN "type=ucd:account=a" LONG64 ":digest=" DIGEST
	    ":pepper=1:hint=u:" MAC, "form" },
	{ "an account that starts with .", GEN "type=ucd:account=.a:digest="
	    DIGEST ":pepper=1:hint=u:" MAC, "form" },
	{ "an empty type", GEN "type=:account=a:digest=" DIGEST
	    ":pepper=1:hint=u:" MAC, "form" },
	{ "a digest of 42", GEN "type=u:account=a:digest=AAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAA:pepper=1:hint=u:" MAC, "form" },
	{ "a digest of another text", GEN "type=u:account=a:digest=AAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB:pepper=1:hint=u:" MAC, "form" },
	{ "pepper 0", GEN "type=u:account=a:digest=" DIGEST
	    ":pepper=0:hint=u:" MAC, "form" },
	{ "a label of 129", GEN MUST "label=x" LONG128 ":" MAC, "form" },
	{ "an empty label", GEN MUST "label=:" MAC, "form" },
	{ "expires in words", GEN MUST "expires=soon:" MAC, "form" },
	{ "expires below 0", GEN MUST "expires=-1:" MAC, "form" },
	{ "no address", HEAD "addresses:ann:cli:" KEY ":add=:" MAC, "form" },
	{ "an address too many a comma", HEAD "addresses:ann:cli:" KEY
	    ":add=10.0.0.1,:" MAC, "form" },
	{ "a raw blank", GEN MUST "label=a b:" MAC, "escape" },
	{ "a raw octet above 0x7e", GEN MUST "label=\xc3\xbc:" MAC, "escape" },
	{ "an escape in small letters", GEN MUST "label=%3a:" MAC, "escape" },
	{ "an escape that is not needed", GEN MUST "label=%41:" MAC,
	    "escape" },
	{ "a broken escape", GEN MUST "label=%2:" MAC, "escape" },
	{ "an escape of NUL", GEN MUST "label=a%00b:" MAC, "control" },
	{ "an escape of newline", GEN MUST "label=a%0Ab:" MAC, "control" },
	{ "broken UTF-8", GEN MUST "label=%C3:" MAC, "UTF-8" },
	{ "a control in a name not known", GEN MUST "a=%07:" MAC, "control" },
	{ "an actor with a control", HEAD "delete:a%1Bb:cli:" KEY ":" MAC,
	    "actor" },
	{ "no MAC", HEAD "delete:ann:cli:" KEY ":", "MAC" },
	{ "a MAC of 21", HEAD "delete:ann:cli:" KEY ":AAAAAAAAAAAAAAAAAAAAA",
	    "MAC" },
	{ "a MAC of 23", HEAD "delete:ann:cli:" KEY ":" MAC "A", "MAC" },
	{ "a MAC with =", HEAD "delete:ann:cli:" KEY ":AAAAAAAAAAAAAAAAAAAAA=",
	    "MAC" },
	{ "a MAC of another text", HEAD "delete:ann:cli:" KEY
	    ":AAAAAAAAAAAAAAAAAAAAAB", "MAC" },
	{ "generate without a MAC", GEN MUST "-", "no MAC" },
	{ "enable without a MAC", HEAD "enable:ann:cli:" KEY ":-", "no MAC" },
	{ "an unknown event without one", HEAD "freeze:ann:cli:" KEY ":-",
	    "no MAC" },
	{ "a carriage return", HEAD "delete:ann:cli:" KEY ":" MAC "\r",
	    "MAC" },
};

static void
test_line(void **state)
{
	const struct line_case	*c = *state;
	struct lk_line		 l;
	const char		*why;
	int			 r;

	r = lk_line_parse(c->in, strlen(c->in), &l, &why);
	if (c->why == NULL) {
		if (r != 0)
			fail_msg("refused: %s", why);
		assert_int_equal(l.seq != 0, 1);
		return;
	}
	assert_int_equal(r, LK_ESYNTAX);
	if (strstr(why, c->why) == NULL)
		fail_msg("because \"%s\", not \"%s\"", why, c->why);
}

/* Each prefix of a line is none, but where what is left ends in a MAC. */
static void
test_prefixes(void **state)
{
	static const char	 in[] = GEN MUST "label=x:" MAC;
	struct lk_line		 l;
	size_t			 n;

	(void)state;
	for (n = 0; n < sizeof in - 1; n++)
		assert_int_equal(lk_line_parse(in, n, &l, NULL), LK_ESYNTAX);
}

static void
test_length(void **state)
{
	struct lk_buf	 b = LK_BUF_NONE;
	struct lk_line	 l;
	const char	*why;
	int		 pad;

	(void)state;
	for (pad = 1; pad < 2047; pad++) {
		lk_buf_reset(&b);
		lk_buf_str(&b, HEAD "delete:ann:cli:" KEY ":pad=");
		while (b.n < (size_t)pad)
			lk_buf_add(&b, "x", 1);
		lk_buf_str(&b, ":" MAC);
		assert_int_equal(lk_line_parse(b.p, b.n, &l, &why),
		    b.n + 1 <= LK_LINE_MAX ? 0 : LK_ESYNTAX);
	}
	lk_buf_free(&b);
}

static const struct round_case {
	const char	*name, *value;
} round_cases[] = {
	{ "plain", "acme" },
	{ "colons", "a:b:c" },
	{ "percent", "100%" },
	{ "what looks like an escape", "%3A%3a%" },
	{ "equal signs", "=a==b=" },
	{ "blanks", " two  blanks " },
	{ "UTF-8", "J\xc3\xbcrgen \xe2\x80\xa6 \xf0\x9f\x94\x91" },
	{ "quotes and backslash", "\"'\\`$;|&<>" },
	{ "a dash", "-" },
	{ "the edges of what is plain", "!~" },
};

static void
test_round(void **state)
{
	const struct round_case	*c = *state;
	struct lk_buf		 body = LK_BUF_NONE, text = LK_BUF_NONE;
	struct lk_line		 l;
	char			 details[2048];

	lk_line_begin(&body, LK_EVENT_DELETE, c->value, c->value, KEY);
	lk_line_attr(&body, "note", c->value);
	lk_line_cover(&text, 7, 9, 1700000000, body.p, body.n);
	assert_int_equal(text.p[text.n - 1], ':');
	lk_buf_str(&text, "-");
	assert_int_equal(lk_line_parse(text.p, text.n, &l, NULL), 0);
	assert_string_equal(l.actor, c->value);
	assert_string_equal(l.from, c->value);
	assert_string_equal(lk_line_get(&l, "note"), c->value);
	assert_null(lk_line_get(&l, "not"));
	assert_int_equal(l.covered, text.n - 1);
	assert_int_equal(l.is_signed, 0);
	lk_line_details(&l, details, sizeof details);
	assert_string_equal(details, "note");
	assert_string_equal(details + 5, c->value);
	assert_string_equal(details + 6 + strlen(c->value), "");
	lk_buf_free(&body);
	lk_buf_free(&text);
}

static void
test_fields(void **state)
{
	static const char	 in[] = GEN MUST "label=%20x:expires=42:" MAC;
	struct lk_line		 l;

	(void)state;
	assert_int_equal(lk_line_parse(in, sizeof in - 1, &l, NULL), 0);
	assert_int_equal(l.seq, 7);
	assert_int_equal(l.batch, 9);
	assert_int_equal(l.time, 1700000000);
	assert_int_equal(l.kind, LK_EVENT_GENERATE);
	assert_string_equal(l.event, "generate");
	assert_string_equal(l.key_id, KEY);
	assert_string_equal(lk_line_get(&l, "label"), " x");
	assert_int_equal(lk_line_number(&l, "expires"), 42);
	assert_int_equal(lk_line_number(&l, "not_before"), 0);
	assert_int_equal(l.is_signed, 1);
}

/* What does not fit is left out whole, and the end is there. */
static void
test_details(void **state)
{
	static const char	 in[] = GEN MUST "label=%20x:expires=42:" MAC;
	struct lk_line		 l;
	char			 all[LK_LINE_MAX], some[LK_LINE_MAX];
	size_t			 size, i;

	(void)state;
	assert_int_equal(lk_line_parse(in, sizeof in - 1, &l, NULL), 0);
	lk_line_details(&l, all, sizeof all);
	for (size = 1; size <= sizeof in; size++) {
		memset(some, 'x', sizeof some);
		lk_line_details(&l, some, size);
		for (i = 0; some[i] != '\0'; i += strlen(some + i) + 1)
			i += strlen(some + i) + 1;
		assert_true(i < size);
		assert_memory_equal(some, all, i);
		assert_int_equal(some[size], 'x');
	}
	assert_memory_equal(some, all, i + 1);
}

static const struct nets_case {
	const char	*name, *in;
	int		 want;
} nets_cases[] = {
	{ "one", "10.0.0.1", 1 },
	{ "two", "10.0.0.0/8,::1", 2 },
	{ "none", "", LK_ESYNTAX },
	{ "a comma alone", ",", LK_ESYNTAX },
	{ "a word", "10.0.0.1,x", LK_ESYNTAX },
	{ "more than there is room for", "::1,::2,::3,::4", LK_ESYNTAX },
};

static void
test_nets(void **state)
{
	const struct nets_case	*c = *state;
	struct lk_net		 nets[3];

	assert_int_equal(lk_line_nets(c->in, nets, 3), c->want);
}

/* No octet is read outside of the line, and no mutation crashes. */
static void
test_mutations(void **state)
{
	static const char	 in[] = GEN MUST "label=%20x:expires=42:" MAC;
	struct lk_line		 l;
	char			*p;
	size_t			 i;
	int			 bit, refused = 0;

	(void)state;
	p = malloc(sizeof in - 1);	/* its end is the allocation's       */
	assert_non_null(p);
	for (i = 0; i < sizeof in - 1; i++)
		for (bit = 0; bit < 8; bit++) {
			memcpy(p, in, sizeof in - 1);
			p[i] = (char)(p[i] ^ 1 << bit);
			refused += lk_line_parse(p, sizeof in - 1, &l, NULL) !=
			    0;
		}
	free(p);
	assert_true(refused > 100);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_line, line_cases);
	TABLE_ROWS(&t, test_round, round_cases);
	TABLE_ROWS(&t, test_nets, nets_cases);
	TABLE_TEST(&t, test_prefixes);
	TABLE_TEST(&t, test_length);
	TABLE_TEST(&t, test_fields);
	TABLE_TEST(&t, test_details);
	TABLE_TEST(&t, test_mutations);
	return table_run(&t, "store_line");
}
