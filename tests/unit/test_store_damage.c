/*
 * What is served of a journal that is damaged, or newer than we are.
 *
 * A row is a journal in small: words parted by blanks, "(" and ")" around the
 * lines of a batch.  A line is marks, a letter and the key's number:
 *
 *	g generate   d delete   s disable   e enable   a addresses
 *	p package    x an event that is not known       n generate with a name
 *	u the same without a key                        that is not known
 *
 *	!  edited after it was signed     ?  put out of shape
 *	-  without a MAC                  ^  signed, and then lost
 *	~  never written                  <  an hour before the others
 *	>  a year after them
 */
#include "table.h"

#include "store/chain.h"
#include "store/journal.h"
#include "store_home.h"

#define NOW		1700000000
#define YEAR		(365 * 86400)	/* seconds                           */

static const struct story {
	const char	*name, *lines;
	const char	*want;		/* keys 1 to 4: A D X U, - no, ? none */
	int		 add;		/* what a generate returns           */
	const char	*why;		/* part of its sentence              */
} stories[] = {
	{ "sound", "g1 g2 d1", "XA--", 0, NULL },
	{ "disabled", "g1 s1", "D---", 0, NULL },
	{ "enabled again", "g1 s1 e1", "A---", 0, NULL },
	{ "deleted is for good", "g1 d1 e1 s1", "X---", 0, NULL },
	{ "a batch of three", "(g1 g2 d1)", "XA--", 0, NULL },
	{ "a delete without a MAC", "g1 g2 -d1 g3", "XAA-", 0, NULL },
	{ "a disable without a MAC", "g1 -s1", "D---", 0, NULL },
	{ "one of a later time: not the store's", "g1 g2 ->d1", "XA--", 0,
	    NULL },
	{ "and what comes after it", "g1 g2 ->d1 -d2 g3", "XXA-", 0, NULL },
	{ "two without, then one with", "g1 g2 -d1 -d2 g3", "XXA-", 0, NULL },
	{ "addresses", "(g1 a1 a1) g2", "AA--", 0, NULL },
	{ "a package", "g1 p", "A---", 0, NULL },

	{ "a name that is not known", "n1 g2", "AA--", 0, NULL },
	{ "an event that is not known", "g1 g2 x1", "UA--", LK_EDAMAGE,
	    "newer" },
	{ "and a delete after it", "g1 g2 x1 d1", "XA--", LK_EDAMAGE,
	    "newer" },
	{ "and an enable after it", "g1 x1 e1", "U---", LK_EDAMAGE, "newer" },
	{ "and after a delete", "g1 d1 x1", "X---", LK_EDAMAGE, "newer" },
	{ "of no key", "g1 u", "A???", LK_EDAMAGE, "newer" },
	{ "of a key that was never made", "g1 x9", "A???", LK_EDAMAGE,
	    "newer" },
	{ "and a delete of it", "g1 x2 d2 g3", "A?A?", LK_EDAMAGE, "newer" },
	{ "in one batch", "g1 (x2 d2 g3)", "A?A?", LK_EDAMAGE, "newer" },

	{ "the last line", "g1 g2 !d1", "UU??", LK_EDAMAGE, ":4:" },
	{ "a line in the middle", "g1 g2 !g3 g4", "UU?A", LK_EDAMAGE, ":4:" },
	{ "lines of their own after it", "g1 g2 g3 !g9 d1 e2 s3", "XAD?",
	    LK_EDAMAGE, ":5:" },
	{ "an address that is lost, and an enable", "g2 (g1 !a1) s1 e1", "UU??",
	    LK_EDAMAGE, ":4:" },
	{ "one of two, and a disable", "g2 (g1 a1 !a1) s1", "UU??",
	    LK_EDAMAGE, ":5:" },
	{ "an address that is lost, and a delete", "g2 (g1 !a1) d1", "XU??",
	    LK_EDAMAGE, ":4:" },
	{ "deleted before it", "g1 g2 d1 !g3", "XU??", LK_EDAMAGE, ":5:" },
	{ "two, apart", "g1 !g2 g3 !g4 d1", "X?U?", LK_EDAMAGE, ":3:" },
	{ "two, one after the other", "g1 !g2 !g3 g4", "U??A", LK_EDAMAGE,
	    ":3:" },
	{ "out of shape: the next is not vouched for", "g1 ?g2 g3 g4", "U??A",
	    LK_EDAMAGE, ":3:" },
	{ "a lost line: likewise", "g1 ^g2 g3 g4", "U??A", LK_EDAMAGE, ":3:" },
	{ "a lost delete", "g1 g2 ^d1 g3 g4", "UU?A", LK_EDAMAGE, ":4:" },
	{ "the first line", "!g1 g2", "?A??", LK_EDAMAGE, ":2:" },
	{ "a delete of a key whose line is lost", "!g1 d1 g2", "?A??",
	    LK_EDAMAGE, ":2:" },
	{ "a delete without a MAC, edited", "g1 g2 -!d1 g3 g4", "XU?A",
	    LK_EDAMAGE, ":5:" },
	{ "after it one without a MAC", "g1 g2 !g3 -d1 g4", "XU?A", LK_EDAMAGE,
	    ":4:" },
	{ "a line of a batch", "(g1 g2 !g3) g4", "UU?A", LK_EDAMAGE, ":4:" },
	{ "the first of a batch", "(!g1 g2 g3)", "?AA?", LK_EDAMAGE, ":2:" },
	{ "the addresses of a key", "(g1 !a1) g2", "UA??", LK_EDAMAGE, ":3:" },
	{ "a key with addresses", "(!g1 a1) g2", "?A??", LK_EDAMAGE, ":2:" },

	/* Nobody tells that it was never acknowledged. */
	{ "a batch without its end", "g1 (g2 ~g3)", "U???", LK_EDAMAGE,
	    ":3:" },
	{ "without MACs: not known", "g1 g2 (-d1 ~d2)", "UU??", LK_EDAMAGE,
	    ":4:" },
	{ "without its end, and one behind it", "g1 (g2 ~g3) g4", "UU?A",
	    LK_EDAMAGE, ":4:" },
	{ "and more", "g1 (g2 ^g3) g4 d4", "UU??", LK_EDAMAGE, ":4:" },

	{ "a key that is made twice", "g1 g1", "U???", LK_EDAMAGE, "already" },
	{ "twice in one batch", "g2 (g1 g1)", "UU??", LK_EDAMAGE, "twice" },
	{ "a delete of none", "g1 d2", "U???", LK_EDAMAGE, "never made" },
	{ "addresses on their own", "g1 a1", "U???", LK_EDAMAGE,
	    "right before" },
	{ "addresses of another", "(g1 g2 a1)", "UU??", LK_EDAMAGE,
	    "right before" },
	{ "a time that goes back", "g1 <g2 g3", "U?A?", LK_EDAMAGE, "time" },
};

struct writer {
	struct lk_buf	 out;
	struct lk_chain	 chain;
	uint64_t	 seq;
};

static void
body(struct lk_buf *b, char kind, unsigned n)
{
	static const char *const	 nets = "10.0.0.0/8,::1";
	char				 id[LK_KEYID_LEN + 1], digest[64];
	uint8_t				 d[LK_DIGEST_SIZE];

	key_id(n, id);
	key_digest(n, d);
	lk_base64url(d, sizeof d, digest);
	if (kind == 'x' || kind == 'u') {
		lk_buf_fmt(b, "freeze:ann:cli:%s:why=so",
		    kind == 'x' ? id : "-");
		return;
	}
	lk_line_begin(b, kind == 'd' ? LK_EVENT_DELETE :
	    kind == 's' ? LK_EVENT_DISABLE : kind == 'e' ? LK_EVENT_ENABLE :
	    kind == 'a' ? LK_EVENT_ADDRESSES : kind == 'p' ? LK_EVENT_ACCOUNT :
	    LK_EVENT_GENERATE, "ann", "cli", kind == 'p' ? NULL : id);
	if (kind == 'a')
		lk_line_attr(b, "add", nets);
	if (kind == 'p')
		lk_buf_str(b, ":account=acme:package=growth");
	if (kind == 'g' || kind == 'n')
		lk_buf_fmt(b, ":type=ucd:account=acme:digest=%s:pepper=1:"
		    "hint=h%s", digest, kind == 'n' ? ":colour=red" : "");
}

/* Edit what was written from at on. */
static void
spoil(struct lk_buf *out, size_t at, char mark)
{
	if (mark == '!')
		memcpy(memmem(out->p + at, out->n - at, ":ann:", 5), ":eve:",
		    5);
	if (mark == '?')
		memset(out->p + at, '#', out->n - at - 1);
	if (mark == '^')
		out->n = at;
}

/* One word of a story; last: seq of the last line of its batch. */
static void
write_line(struct writer *w, const char *word, uint64_t last)
{
	struct lk_buf	 b = LK_BUF_NONE;
	const char	*kind = word + strspn(word, "!?-^~<>");
	uint8_t		 mac[LK_MAC_SIZE];
	char		 text[32];
	size_t		 at = w->out.n, marks = (size_t)(kind - word), i;

	w->seq++;
	if (memchr(word, '~', marks) != NULL)
		return;
	body(&b, *kind, (unsigned)atoi(kind + 1));
	lk_line_cover(&w->out, w->seq, last, NOW -
	    (memchr(word, '<', marks) ? 3600 : 0) +
	    (memchr(word, '>', marks) ? YEAR : 0), b.p, b.n);
	lk_buf_free(&b);
	if (memchr(word, '-', marks) != NULL) {
		lk_buf_str(&w->out, "-\n");
		lk_chain_pass(&w->chain, w->out.p + at, w->out.n - at);
	} else {
		assert_int_equal(lk_chain_sign(&w->chain, w->out.p + at,
		    w->out.n - at, mac), 0);
		lk_base64url(mac, sizeof mac, text);
		lk_buf_fmt(&w->out, "%s\n", text);
	}
	for (i = 0; i < marks; i++)
		spoil(&w->out, at, word[i]);
}

static uint64_t
batch_end(const struct writer *w, const char *from)
{
	uint64_t	 n = 1;

	for (; *from != ')'; from++)
		n += *from == ' ';
	return w->seq + n;
}

static void
write_story(const struct home *h, const char *lines)
{
	struct writer	 w = { .out = LK_BUF_NONE, .chain = LK_CHAIN_NONE };
	struct lk_link	 first;
	struct lk_hmac	*key;
	struct lk_error	 e = { 0 };
	char		 head[LK_JOURNAL_FIRST];
	uint64_t	 last = 0;

	assert_int_equal(lk_hmac_new(HOME_KEY, 32, &key, &e), 0);
	lk_link_first(&first);
	lk_chain_start(&w.chain, key, &first);
	lk_journal_first((const uint8_t *)HOME_CHECK, head);
	lk_buf_add(&w.out, head, sizeof head);
	lk_chain_pass(&w.chain, head, sizeof head);
	for (; *lines != '\0'; lines += strcspn(lines, " )"),
	    lines += strspn(lines, " )")) {
		if (*lines == '(')
			last = batch_end(&w, lines++);
		write_line(&w, lines, last > w.seq ? last : w.seq + 1);
	}
	spill(h->journal, w.out.p, w.out.n);
	lk_chain_free(&w.chain);
	lk_buf_free(&w.out);
	lk_hmac_free(&key);
}

static char
letter(int state)
{
	switch (state) {
	case LK_STATE_ACTIVE:
		return 'A';
	case LK_STATE_DISABLED:
		return 'D';
	case LK_STATE_DELETED:
		return 'X';
	case LK_STATE_UNSURE:
		return 'U';
	case GONE:
		return '-';
	default:
		return '?';
	}
}

static void
check_states(const struct home *h, struct lk_store *s, const char *want)
{
	char		 got[5] = "";
	struct lk_store	*own = s;
	unsigned	 n;

	if (own == NULL)
		own = home_open(h, 0, 1);
	for (n = 1; n <= 4; n++)
		got[n - 1] = letter(key_state(own, n));
	assert_string_equal(got, want);
	if (s == NULL)
		lk_store_close(&own);
}

static int64_t
clock_now(void)
{
	return NOW;
}

static void
test_story(void **state)
{
	const struct story	*c = *state;
	struct lk_error		 e = { 0 };
	struct findings		 x;
	struct lk_store		*s;
	struct home		 h;
	char			 text[1100];
	int			 r;

	home_make(&h);
	h.clock = clock_now;
	write_story(&h, c->lines);
	home_vouch(&h, NO_STATE);
	check_states(&h, NULL, c->want);
	r = home_examine(&h, &x);
	assert_int_equal(r != 0, c->add != 0 &&
	    strcmp(c->why, "newer") != 0);

	s = home_open(&h, 1, 1);
	check_states(&h, s, c->want);
	assert_int_equal(lk_store_now(s), NOW);
	assert_int_equal(keys_add(s, 50, 51, &e), c->add);
	snprintf(text, sizeof text, "%s:%u: %s", e.file, e.line, e.text);
	if (c->why != NULL && strstr(text, c->why) == NULL)
		fail_msg("%s", text);
	/* The place is told once, and in e what the journal is. */
	if (c->add == LK_EDAMAGE) {
		assert_string_equal(e.file, h.journal);
		assert_null(strstr(e.text, h.store));
	}
	/* What removes power goes on, and is seen by all. */
	if (c->want[0] != '-' && c->want[0] != '?') {
		must_delete(s, 1, 2);
		assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
		assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
		must_delete(s, 1, 2);	/* once more does no harm            */
	}
	if (c->want[1] != 'X' && c->want[1] != 'D')
		assert_int_equal(home_state(&h, 2) == LK_STATE_ACTIVE,
		    c->want[1] == 'A');
	lk_store_close(&s);
	home_remove(&h);
}

/* The same journal as it grows, seen by one reader and by one that reads it
 * all at once. */
static void
test_grows(void **state)
{
	const struct story	*c = *state;
	struct lk_error		 e = { 0 };
	struct lk_store		*s = NULL;
	struct home		 h;
	size_t			 size, at, len;
	unsigned		 i;
	char			*text;

	home_make(&h);
	h.clock = clock_now;
	home_vouch(&h, NO_STATE);
	write_story(&h, c->lines);
	text = slurp(h.journal, &size);
	for (i = 1, at = 0; at < size; i++) {
		at = line_at(text, size, i, &len) + len;
		spill(h.journal, text, at);
		if (s == NULL)
			s = home_open(&h, 0, 1);
		assert_int_equal(lk_store_refresh(s, &e), 0);
	}
	/* Where nothing vouches, a batch may look lost until it is whole; a
	 * reader may be unsure of more, and never of less. */
	for (i = 1; i <= 4; i++)
		if (letter(key_state(s, i)) != c->want[i - 1])
			assert_true(key_state(s, i) == LK_STATE_UNSURE ||
			    key_state(s, i) == UNKNOWABLE);
	lk_store_close(&s);
	free(text);
	home_remove(&h);
}

/* What anybody who may write to the file can put at its end. */
static const struct forged_case {
	const char	*name, *lines;
	int		 was;		/* key 2, before anything is done    */
} forged_cases[] = {
	{ "a batch of 2^63", "3:9223372036854775807:1700000000:delete:-:-:"
	    "K00000000002:-\n", LK_STATE_UNSURE },
	{ "a batch of 1,000,000", "3:1000002:1700000000:delete:-:-:"
	    "K00000000002:-\n", LK_STATE_UNSURE },
	{ "seq 2^63 - 1 behind damage", "x\n9223372036854775807:"
	    "9223372036854775807:1700000000:disable:-:-:K00000000002:-\n",
	    LK_STATE_UNSURE },
	{ "a time of 2^63 - 1", "3:3:9223372036854775807:disable:-:-:"
	    "K00000000002:-\n", LK_STATE_UNSURE },
	{ "a time of the year 9999", "3:3:253402300799:disable:-:-:"
	    "K00000000002:-\n", LK_STATE_DISABLED },
};

/* Time does not move, and what is deleted is so in every process. */
static void
test_forged(void **state)
{
	const struct forged_case	*c = *state;
	struct home			 h;
	struct lk_store			*s;
	FILE				*f;

	home_make(&h);
	h.clock = clock_now;
	write_story(&h, "g1 g2");
	home_vouch(&h, NO_STATE);
	f = fopen(h.journal, "a");
	assert_non_null(f);
	fputs(c->lines, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(home_state(&h, 2), c->was);
	s = home_open(&h, 1, 1);
	assert_int_equal(lk_store_now(s), NOW);
	must_delete(s, 1, 2);
	must_delete(s, 2, 3);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 2), LK_STATE_DELETED);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
	home_remove(&h);
}

/* A newline that is missing, and lines put behind it. */
static void
test_no_newline(void **state)
{
	struct findings	 x;
	struct home	 h;
	struct lk_store	*s;
	size_t		 size;
	char		*text;

	(void)state;
	home_make(&h);
	h.clock = clock_now;
	write_story(&h, "g1 g2 d1");
	home_vouch(&h, NO_STATE);
	text = slurp(h.journal, &size);
	text[size - 1] ^= 1;		/* was a newline                     */
	spill(h.journal, text, size);
	check_states(&h, NULL, "UU??");
	s = home_open(&h, 1, 1);
	must_delete(s, 2, 3);
	must_delete(s, 1, 2);
	check_states(&h, s, "XX??");
	lk_store_close(&s);
	check_states(&h, NULL, "XX??");
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_int_equal(x.line, 4);
	free(text);
	home_remove(&h);
}

static const struct first_case {
	const char	*name, *line;
	int		 want;
	const char	*why;
} first_cases[] = {
	{ "its own", "latchkey-journal:1:MDEyMzQ1Njc4OWFiY2RlZg\n", 0, NULL },
	{ "another pepper", "latchkey-journal:1:AAAAAAAAAAAAAAAAAAAAAA\n",
	    LK_ECONFIG, "pepper" },
	{ "a newer version", "latchkey-journal:2:MDEyMzQ1Njc4OWFiY2RlZg\n",
	    LK_EDAMAGE, "newer" },
	{ "no check value", "latchkey-journal:1:\n", LK_EDAMAGE, "first" },
	{ "empty", "", LK_EDAMAGE, "first" },
	{ "another file", "root:x:0:0:root:/root:/bin/bash and so on and on\n",
	    LK_EDAMAGE, "first" },
	{ "no newline", "latchkey-journal:1:MDEyMzQ1Njc4OWFiY2RlZgA",
	    LK_EDAMAGE, "first" },
};

static void
test_first(void **state)
{
	const struct first_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct findings		 x;
	struct home		 h;

	home_make(&h);
	spill(h.journal, c->line, strlen(c->line));
	home_options(&h, 0, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), c->want);
	if (c->why != NULL) {
		assert_non_null(strstr(e.text, c->why));
		assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
		assert_int_equal(x.faults, 1);
	}
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_story, stories);
	TABLE_ROWS(&t, test_grows, stories);
	TABLE_ROWS(&t, test_first, first_cases);
	TABLE_ROWS(&t, test_forged, forged_cases);
	TABLE_TEST(&t, test_no_newline);
	return table_run(&t, "store_damage");
}
