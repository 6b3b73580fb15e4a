/*
 * What can be written and when; what is then read.
 */
#include "table.h"

#include "store_home.h"

#define T		1700000000
#define DAY		86400
#define ADD		LK_BATCH_ADD
#define REMOVE		LK_BATCH_REMOVE

static int64_t	 the_time;

static int64_t
clock_now(void)
{
	return the_time;
}

static const struct clock_case {
	const char	*name;
	int64_t		 delta;
	int		 kind, accept, want;
	int64_t		 when;		/* the line's time after T           */
} clock_cases[] = {
	{ "the same second",	0,		ADD,	0, 0, 0 },
	{ "a day back",		-DAY,		ADD,	0, 0, 0 },
	{ "more than a day back", -DAY - 1,	ADD,	0, LK_EDATA, 0 },
	{ "a year ahead",	366 * DAY,	ADD,	0, 0, 366 * DAY },
	{ "more than a year ahead", 366 * DAY + 1, ADD, 0, LK_EDATA, 0 },
	{ "back, accepted",	-10 * DAY,	ADD,	1, 0, 0 },
	{ "ahead, accepted",	900 * DAY,	ADD,	1, 0, 900 * DAY },
	{ "delete, back",	-10 * DAY,	REMOVE, 0, 0, 0 },
	{ "delete, a year ahead", 366 * DAY,	REMOVE, 0, 0, 366 * DAY },
	{ "delete, more ahead",	900 * DAY,	REMOVE, 0, 0, 0 },
	{ "the epoch",		-T,		ADD,	0, LK_EDATA, 0 },
	{ "delete at the epoch", -T,		REMOVE, 0, 0, 0 },
};

static int
last_time(void *arg, const struct lk_event *ev)
{
	*(int64_t *)arg = ev->time;
	return 0;
}

static void
test_clock(void **state)
{
	const struct clock_case	*c = *state;
	char			 id[LK_KEYID_LEN + 1];
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct home		 h;
	int64_t			 when = 0;
	int			 r;

	home_make(&h);
	h.clock = clock_now;
	the_time = T;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	the_time = T + c->delta;
	key_id(1, id);
	r = lk_batch_begin(s, c->kind, "ann", "cli", c->accept, &b, &e);
	assert_int_equal(r, c->want);
	if (r != 0) {
		assert_non_null(strstr(e.text, "--accept-clock"));
		assert_non_null(strstr(e.text, "2023-11-14T22:13:20Z"));
	} else {
		r = c->kind == ADD ? key_put(b, 2, NULL, 0, &e) :
		    lk_batch_delete(b, id, &e);
		assert_int_equal(r, 0);
		assert_int_equal(lk_batch_commit(&b, &e), 0);
		assert_int_equal(lk_store_events(s, NULL, last_time, &when,
		    &e), 0);
		assert_int_equal(when, T + c->when);
	}
	assert_true(lk_store_now(s) >= T);
	lk_store_close(&s);
	home_remove(&h);
}

/* The first line of a new store may have any time. */
static void
test_first_clock(void **state)
{
	struct home	 h;
	struct lk_store	*s;

	(void)state;
	home_make(&h);
	h.clock = clock_now;
	the_time = 5;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	home_remove(&h);
}

static const struct refused_case {
	const char	*name;
	const char	*account, *label, *type;
	size_t		 naddresses;
} refused_cases[] = {
	{ "an account in capitals",	"Acme",	NULL, "ucd", 0 },
	{ "an empty account",		"",	NULL, "ucd", 0 },
	{ "an account with a newline",	"a\nb",	NULL, "ucd", 0 },
	{ "an empty type",		"acme",	NULL, "", 0 },
	{ "a type of 33",		"acme",	NULL,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0 },
	{ "a label with a control",	"acme",	"a\tb", "ucd", 0 },
	{ "a label that is not UTF-8",	"acme",	"\xff", "ucd", 0 },
	{ "a label of 129",		"acme",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "ucd", 0 },
	{ "65 addresses",		"acme",	NULL, "ucd", 65 },
};

static void
nets_make(struct lk_net *nets, size_t n)
{
	char	 text[64];
	size_t	 i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof text,
		    "2001:db8:1234:5678:9abc:def0:1234:%zx/128", i + 0x1000);
		assert_int_equal(lk_net_parse(text, strlen(text), &nets[i]),
		    0);
	}
}

static void
test_refused(void **state)
{
	const struct refused_case *c = *state;
	struct lk_net		 nets[65];
	struct lk_new_key	 k = {
		.id = "abcDEF012345", .type = c->type, .account = c->account,
		.label = c->label, .hint = "h", .pepper = 1,
		.addresses = nets, .naddresses = c->naddresses,
	};
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct home		 h;
	size_t			 before, after;

	nets_make(nets, 65);
	home_make(&h);
	s = home_open(&h, 1, 1);
	assert_int_equal(lk_batch_begin(s, ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(lk_batch_generate(b, &k, &e), LK_EDATA);
	assert_true(e.text[0] != '\0');
	free(slurp(h.journal, &before));
	assert_int_equal(lk_batch_commit(&b, &e), 0);	/* of nothing        */
	free(slurp(h.journal, &after));
	assert_int_equal(before, after);
	lk_store_close(&s);
	home_remove(&h);
}

struct seen {
	struct lk_key	 keys[8];
	struct lk_event	 events[16];
	struct lk_account accounts[4];
	size_t		 nkeys, nevents, naccounts;
};

static int
see_key(void *arg, const struct lk_key *k)
{
	struct seen	*x = arg;

	x->keys[x->nkeys++] = *k;
	return 0;
}

static int
see_event(void *arg, const struct lk_event *ev)
{
	struct seen	*x = arg;

	x->events[x->nevents++] = *ev;
	return 0;
}

static int
see_account(void *arg, const struct lk_account *a)
{
	struct seen	*x = arg;

	x->accounts[x->naccounts++] = *a;
	return 0;
}

/* A key with everything that one may have. */
static void
put_full(struct lk_store *s, const struct lk_net *nets)
{
	struct lk_new_key	 k = {
		.id = "abcDEF012345", .type = "web_push", .account = "a.b-c_9",
		.label = "Ann's: 100% =\xe2\x82\xac", .hint = "wpush_\xe2\x80"
		"\xa6" "9aZ2", .pepper = 3, .expires = T + 50,
		.not_before = T + 2, .addresses = nets,
		.created = T - 7, .created_by = "ann",
		.naddresses = LK_ADDRESSES_MAX,
	};
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;

	key_digest(77, k.digest);
	assert_int_equal(lk_batch_begin(s, ADD, "J\xc3\xb6rg",
	    "cli sudo=ann", 0, &b, &e), 0);
	if (lk_batch_generate(b, &k, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(lk_batch_account(b, "a.b-c_9", "growth", &e), 0);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
}

static void
check_full(struct lk_store *s, const struct lk_net *nets)
{
	char		 package[LK_NAME_MAX + 1];
	struct lk_found	 f;
	struct lk_key	 k;
	uint8_t		 d[LK_DIGEST_SIZE];

	key_digest(77, d);
	assert_int_equal(lk_store_by_digest(s, d, &f), 1);
	assert_string_equal(f.key_id, "abcDEF012345");
	assert_string_equal(f.type, "web_push");
	assert_string_equal(f.account, "a.b-c_9");
	assert_int_equal(f.account_len, 7);
	assert_int_equal(lk_store_package(s, &f, package), 1);
	assert_string_equal(package, "growth");
	assert_int_equal(f.state, LK_STATE_ACTIVE);
	assert_int_equal(f.created, T - 7);
	assert_int_equal(f.expires, T + 50);
	assert_int_equal(f.not_before, T + 2);
	assert_int_equal(f.naddresses, LK_ADDRESSES_MAX);
	assert_memory_equal(f.addresses, nets, sizeof *nets *
	    LK_ADDRESSES_MAX);
	assert_int_equal(lk_store_by_id(s, "abcDEF012345", 12, &f), 1);
	assert_int_equal(lk_store_by_id(s, "abcDEF012346", 12, &f), 0);
	assert_int_equal(lk_store_by_id(s, "abc", 3, &f), 0);
	assert_int_equal(lk_store_key(s, "abcDEF012345", &k), 1);
	assert_string_equal(k.label, "Ann's: 100% =\xe2\x82\xac");
	assert_string_equal(k.hint, "wpush_\xe2\x80\xa6" "9aZ2");
	assert_string_equal(k.created_by, "ann");
	assert_int_equal(k.naddresses, LK_ADDRESSES_MAX);
	assert_memory_equal(k.addresses, nets, sizeof k.addresses);
}

static const struct lk_detail full_details[] = {
	{ "type", "web_push", LK_DETAIL_TEXT, 0 },
	{ "account", "a.b-c_9", LK_DETAIL_TEXT, 0 },
	{ "digest", NULL, LK_DETAIL_TEXT, 0 },
	{ "pepper", "3", LK_DETAIL_NUMBER, 3 },
	{ "hint", "wpush_\xe2\x80\xa6" "9aZ2", LK_DETAIL_TEXT, 0 },
	{ "label", "Ann's: 100% =\xe2\x82\xac", LK_DETAIL_TEXT, 0 },
	{ "expires", NULL, LK_DETAIL_TIME, T + 50 },
	{ "not_before", NULL, LK_DETAIL_TIME, T + 2 },
	{ "created", NULL, LK_DETAIL_TIME, T - 7 },
	{ "created_by", "ann", LK_DETAIL_TEXT, 0 },
	{ NULL, NULL, 0, 0 }
};
static const struct lk_detail account_details[] = {
	{ "account", "a.b-c_9", LK_DETAIL_TEXT, 0 },
	{ "package", "growth", LK_DETAIL_TEXT, 0 },
	{ NULL, NULL, 0, 0 }
};

/* A value of NULL: any. */
static void
check_details(const struct lk_event *ev, const struct lk_detail *want)
{
	struct lk_detail d;
	size_t		 at = 0;

	for (; want->name != NULL; want++) {
		assert_int_equal(lk_event_detail(ev, &at, &d), 1);
		assert_string_equal(d.name, want->name);
		if (want->value != NULL)
			assert_string_equal(d.value, want->value);
		assert_int_equal(d.kind, want->kind);
		assert_int_equal(d.number, want->number);
	}
	assert_int_equal(lk_event_detail(ev, &at, &d), 0);
}

static void
test_all_of_a_key(void **state)
{
	struct lk_net	 nets[LK_ADDRESSES_MAX];
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *other;
	struct home	 h;
	struct seen	 x = { 0 };
	size_t		 i;

	(void)state;
	nets_make(nets, LK_ADDRESSES_MAX);
	home_make(&h);
	h.clock = clock_now;
	the_time = T;
	other = home_open(&h, 0, 1);
	s = home_open(&h, 1, 1);
	put_full(s, nets);
	check_full(s, nets);
	assert_int_equal(lk_store_refresh(other, &e), 0);
	check_full(other, nets);
	lk_store_close(&other);
	lk_store_close(&s);
	s = home_open(&h, 0, 0);	/* without a pepper as well          */
	check_full(s, nets);
	assert_int_equal(lk_store_events(s, NULL, see_event, &x, &e), 0);
	assert_true(x.nevents >= 4);
	for (i = 0; i < x.nevents; i++) {
		assert_int_equal(x.events[i].seq, i + 1);
		assert_int_equal(x.events[i].line, i + 2);
		assert_string_equal(x.events[i].from, "cli sudo=ann");
	}
	assert_string_equal(x.events[0].event, "generate");
	assert_string_equal(x.events[1].event, "addresses");
	check_details(&x.events[0], full_details);
	check_details(&x.events[i - 1], account_details);
	lk_store_close(&s);
	home_remove(&h);
}

static void
test_lists(void **state)
{
	struct lk_net	 nets[LK_ADDRESSES_MAX];
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	struct seen	 x = { 0 };
	char		 package[LK_NAME_MAX + 1];

	(void)state;
	home_make(&h);
	h.clock = clock_now;
	the_time = T;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 4);
	must_delete(s, 2, 3);
	nets_make(nets, LK_ADDRESSES_MAX);
	put_full(s, nets);
	assert_int_equal(lk_store_keys(s, NULL, NULL, 1, see_key, &x), 0);
	assert_int_equal(x.nkeys, 4);
	assert_string_equal(x.keys[0].id, "K00000000001");
	assert_int_equal(x.keys[1].state, LK_STATE_DELETED);
	assert_int_equal(x.keys[1].deleted, T);
	x.nkeys = 0;
	lk_store_keys(s, "ucd", NULL, 1, see_key, &x);
	assert_int_equal(x.nkeys, 3);
	x.nkeys = 0;
	lk_store_keys(s, NULL, "a.b-c_9", 1, see_key, &x);
	assert_int_equal(x.nkeys, 1);
	x.nkeys = 0;
	lk_store_keys(s, "ucd", "nobody", 1, see_key, &x);
	assert_int_equal(x.nkeys, 0);
	assert_int_equal(lk_store_count(s, "ucd", "acme", T), 2);
	assert_int_equal(lk_store_count(s, NULL, NULL, T), 3);
	assert_int_equal(lk_store_count(s, NULL, NULL, T + 50), 2);
	the_time = T + 50;
	x.nkeys = 0;
	lk_store_keys(s, "web_push", NULL, 1, see_key, &x);
	assert_int_equal(x.keys[0].state, LK_STATE_EXPIRED);
	assert_int_equal(lk_store_accounts(s, see_account, &x), 0);
	assert_int_equal(x.naccounts, 2);
	assert_string_equal(x.accounts[0].name, "acme");
	assert_string_equal(x.accounts[0].package, "");
	assert_int_equal(x.accounts[0].keys, 2);
	assert_int_equal(x.accounts[1].keys, 0);
	assert_int_equal(lk_store_account(s, "a.b-c_9", package), 1);
	assert_string_equal(package, "growth");
	assert_int_equal(lk_store_account(s, "acme", package), 1);
	assert_string_equal(package, "");
	assert_int_equal(lk_store_account(s, "nobody", package), 0);
	assert_int_equal(lk_store_events(s, "K00000000002", see_event, &x,
	    &e), 0);
	assert_int_equal(x.nevents, 2);
	lk_store_close(&s);
	home_remove(&h);
}

static void
test_kinds(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;
	struct home	 h;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(keys_delete(s, 9, 10, &e), LK_ENOTFOUND);
	assert_int_equal(keys_add(s, 1, 2, &e), LK_EDATA);	/* again     */
	assert_int_equal(lk_batch_begin(s, REMOVE, "ann", "cli", 0,
	    &b, &e), 0);
	assert_int_equal(key_put(b, 2, NULL, 0, &e), LK_EUSAGE);
	assert_int_equal(lk_batch_account(b, "acme", "p", &e), LK_EUSAGE);
	lk_batch_abandon(&b);
	lk_store_close(&s);
	s = home_open(&h, 0, 1);
	assert_int_equal(keys_delete(s, 1, 2, &e), LK_EPERM);
	lk_store_close(&s);
	s = home_open(&h, 1, 0);
	assert_int_equal(keys_add(s, 2, 3, &e), LK_ECONFIG);
	must_delete(s, 1, 2);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	home_remove(&h);
}

/* The reserve is there before it is needed, also on the real disk. */
static void
test_reserve(void **state)
{
	struct stat	 st;
	struct lk_store	*s;
	struct home	 h;
	unsigned	 n;

	(void)state;
	home_make(&h);
	h.io = NULL;			/* synced                            */
	s = home_open(&h, 1, 1);
	for (n = 0; n < 20; n++) {
		must_add(s, n * 50, n * 50 + 50);
		assert_int_equal(stat(h.journal, &st), 0);
		assert_true(st.st_blocks * 512 - st.st_size >= 49152);
	}
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_clock, clock_cases);
	TABLE_ROWS(&t, test_refused, refused_cases);
	TABLE_TEST(&t, test_first_clock);
	TABLE_TEST(&t, test_all_of_a_key);
	TABLE_TEST(&t, test_lists);
	TABLE_TEST(&t, test_kinds);
	TABLE_TEST(&t, test_reserve);
	return table_run(&t, "store_write");
}
