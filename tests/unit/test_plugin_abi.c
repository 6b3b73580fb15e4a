/*
 * test_plugin_abi.c: the layout of plugin.h, which plugins that were built long
 * ago rely on.  It cannot change by accident: each member has a row.
 *
 * To add a field
 *  1. Only at the end of a struct that begins with its size (or out of what is
 *     named reserved): struct lk_plugin, lk_option, lk_host, lk_view,
 *     lk_credential, lk_record, lk_answer, lk_budget, lk_usage.  Never into
 *     lk_slice or lk_net: they lie in others, and in arrays.
 *  2. LK_PLUGIN_MINOR goes up by one, and the text on top of plugin.h says what
 *     it has.  LK_PLUGIN_MAJOR never goes up for that.
 *  3. Whoever reads it asks the size first: of a plugin's table the loader
 *     copies as many octets as it states, the rest is zero; a plugin asks
 *     host->size, or host->minor, before it uses what its own minor added.
 *     Zero must mean what was so before.
 *  4. core/loader/shake.c: SIZE_1_0 and OPTION_1_0 stay: older plugins end
 *     there.  A new flag goes into FLAGS_KNOWN.
 *  5. A new answer, reason or kind of option is one more value; none of those
 *     that are there gets another.  Any two answers differ in eight bits.
 *  6. The rows below, at the end of their struct; no row that is here changes.
 *     A plugin of the minor before (tests/plugins/older_minor) still loads.
 */
#include "plugin.h"
#include "table.h"

struct abi_row {
	const char	*name, *of;
	size_t		 at, size, want_at, want_size;
};

#define ROW(s, m, at, size)						\
	{ #s "." #m, #s, offsetof(struct s, m),				\
	  sizeof(((struct s *)0)->m), (at), (size) }

static const struct abi_row abi_rows[] = {
	ROW(lk_slice, p, 0, 8),
	ROW(lk_slice, n, 8, 8),
	ROW(lk_net, family, 0, 1),
	ROW(lk_net, bits, 1, 1),
	ROW(lk_net, addr, 2, 16),
	ROW(lk_answer, size, 0, 4),
	ROW(lk_answer, reason, 4, 4),
	ROW(lk_answer, wait, 8, 4),
	ROW(lk_answer, note, 12, 160),
	ROW(lk_view, size, 0, 4),
	ROW(lk_view, reserved, 4, 4),
	ROW(lk_view, method, 8, 16),
	ROW(lk_view, target, 24, 16),
	ROW(lk_view, body, 40, 16),
	ROW(lk_view, peer, 56, 18),
	ROW(lk_credential, size, 0, 4),
	ROW(lk_credential, reserved, 4, 4),
	ROW(lk_credential, token, 8, 16),
	ROW(lk_credential, key_id, 24, 16),
	ROW(lk_credential, proof, 40, 16),
	ROW(lk_credential, account, 56, 16),
	ROW(lk_record, size, 0, 4),
	ROW(lk_record, naddresses, 4, 4),
	ROW(lk_record, key_id, 8, 16),
	ROW(lk_record, account, 24, 16),
	ROW(lk_record, created, 40, 8),
	ROW(lk_record, expires, 48, 8),
	ROW(lk_record, addresses, 56, 8),
	ROW(lk_option, name, 0, 8),
	ROW(lk_option, kind, 8, 4),
	ROW(lk_option, required, 12, 4),
	ROW(lk_option, min, 16, 8),
	ROW(lk_option, max, 24, 8),
	ROW(lk_option, fallback, 32, 8),
	ROW(lk_option, choices, 40, 8),
	ROW(lk_option, help, 48, 8),
	ROW(lk_budget, size, 0, 4),
	ROW(lk_budget, by, 4, 4),
	ROW(lk_budget, limit, 8, 4),
	ROW(lk_budget, burst, 12, 4),
	ROW(lk_budget, seconds, 16, 4),
	ROW(lk_budget, reserved, 20, 4),
	ROW(lk_budget, pool, 24, 8),
	ROW(lk_budget, host, 32, 24),
	ROW(lk_host, size, 0, 4),
	ROW(lk_host, major, 4, 2),
	ROW(lk_host, minor, 6, 2),
	ROW(lk_host, header, 8, 8),
	ROW(lk_host, json, 16, 8),
	ROW(lk_host, view, 24, 8),
	ROW(lk_host, now, 32, 8),
	ROW(lk_host, entitled, 40, 8),
	ROW(lk_host, sha256, 48, 8),
	ROW(lk_host, mac, 56, 8),
	ROW(lk_host, equal, 64, 8),
	ROW(lk_host, derive, 72, 8),
	ROW(lk_host, derive_new, 80, 8),
	ROW(lk_host, mint, 88, 8),
	ROW(lk_host, key_id, 96, 8),
	ROW(lk_host, prefix, 104, 8),
	ROW(lk_host, option_string, 112, 8),
	ROW(lk_host, option_number, 120, 8),
	ROW(lk_host, option_nets, 128, 8),
	ROW(lk_host, in_nets, 136, 8),
	ROW(lk_host, log, 144, 8),
	ROW(lk_host, budget_new, 152, 8),
	ROW(lk_host, budget, 160, 8),
	ROW(lk_usage, size, 0, 4),
	ROW(lk_usage, reserved, 4, 4),
	ROW(lk_usage, method, 8, 16),
	ROW(lk_usage, path, 24, 16),
	ROW(lk_usage, account, 40, 16),
	ROW(lk_usage, token, 56, 16),
	ROW(lk_plugin, magic, 0, 4),
	ROW(lk_plugin, major, 4, 2),
	ROW(lk_plugin, minor, 6, 2),
	ROW(lk_plugin, size, 8, 4),
	ROW(lk_plugin, kind, 12, 4),
	ROW(lk_plugin, flags, 16, 4),
	ROW(lk_plugin, option_size, 20, 4),
	ROW(lk_plugin, name, 24, 8),
	ROW(lk_plugin, version, 32, 8),
	ROW(lk_plugin, title, 40, 8),
	ROW(lk_plugin, options, 48, 8),
	ROW(lk_plugin, noptions, 56, 8),
	ROW(lk_plugin, configure, 64, 8),
	ROW(lk_plugin, release, 72, 8),
	ROW(lk_plugin, present, 80, 8),
	ROW(lk_plugin, mint, 88, 8),
	ROW(lk_plugin, verify, 96, 8),
	ROW(lk_plugin, usage, 104, 8),
	ROW(lk_plugin, check, 112, 8),
};
#define NROWS	(sizeof(abi_rows) / sizeof(abi_rows[0]))

static const struct abi_struct {
	const char	*name;
	size_t		 size, align, want_size, want_align;
} abi_structs[] = {
	{ "lk_slice", sizeof(struct lk_slice),
	    _Alignof(struct lk_slice), 16, 8 },
	{ "lk_net", sizeof(struct lk_net),
	    _Alignof(struct lk_net), 18, 1 },
	{ "lk_answer", sizeof(struct lk_answer),
	    _Alignof(struct lk_answer), 172, 4 },
	{ "lk_view", sizeof(struct lk_view),
	    _Alignof(struct lk_view), 80, 8 },
	{ "lk_credential", sizeof(struct lk_credential),
	    _Alignof(struct lk_credential), 72, 8 },
	{ "lk_record", sizeof(struct lk_record),
	    _Alignof(struct lk_record), 64, 8 },
	{ "lk_option", sizeof(struct lk_option),
	    _Alignof(struct lk_option), 56, 8 },
	{ "lk_budget", sizeof(struct lk_budget),
	    _Alignof(struct lk_budget), 56, 8 },
	{ "lk_host", sizeof(struct lk_host),
	    _Alignof(struct lk_host), 168, 8 },
	{ "lk_usage", sizeof(struct lk_usage),
	    _Alignof(struct lk_usage), 72, 8 },
	{ "lk_plugin", sizeof(struct lk_plugin),
	    _Alignof(struct lk_plugin), 120, 8 },
};

static const struct abi_value {
	const char	*name;
	uint64_t	 is, want;
} abi_values[] = {
	{ "LK_PLUGIN_MAGIC", LK_PLUGIN_MAGIC, 0x6c6b706c },
	{ "LK_PLUGIN_MAJOR", LK_PLUGIN_MAJOR, 1 },
	{ "LK_PLUGIN_TYPE", LK_PLUGIN_TYPE, 0x54595045 },
	{ "LK_PLUGIN_CHECK", LK_PLUGIN_CHECK, 0x4348454b },
	{ "LK_PLUGIN_THREAD_SAFE", LK_PLUGIN_THREAD_SAFE, 1 },
	{ "LK_PLUGIN_SIGNS", LK_PLUGIN_SIGNS, 2 },
	{ "LK_PLUGIN_COUNTS", LK_PLUGIN_COUNTS, 4 },
	{ "LK_SECRET_SIZE", LK_SECRET_SIZE, 32 },
	{ "LK_KEYID_LEN", LK_KEYID_LEN, 12 },
	{ "LK_PASS", LK_PASS, 0x2f9a51c6 },
	{ "LK_REFUSE", LK_REFUSE, 0x91c4e83b },
	{ "LK_WAIT", LK_WAIT, 0x5ce3172d },
	{ "LK_NOT_MINE", LK_NOT_MINE, 0xb81d6e54 },
	{ "LK_BROKEN", LK_BROKEN, 0xc7568a91 },
	{ "LK_REASON_NONE", LK_REASON_NONE, 0 },
	{ "LK_REASON_ALLOWED", LK_REASON_ALLOWED, 1 },
	{ "LK_REASON_NO_ROUTE", LK_REASON_NO_ROUTE, 2 },
	{ "LK_REASON_NO_CREDENTIAL", LK_REASON_NO_CREDENTIAL, 3 },
	{ "LK_REASON_TWO_CREDENTIALS", LK_REASON_TWO_CREDENTIALS, 4 },
	{ "LK_REASON_BAD_REQUEST", LK_REASON_BAD_REQUEST, 5 },
	{ "LK_REASON_MALFORMED", LK_REASON_MALFORMED, 6 },
	{ "LK_REASON_UNKNOWN", LK_REASON_UNKNOWN, 7 },
	{ "LK_REASON_WRONG_TYPE", LK_REASON_WRONG_TYPE, 8 },
	{ "LK_REASON_WRONG_ACCOUNT", LK_REASON_WRONG_ACCOUNT, 9 },
	{ "LK_REASON_DISABLED", LK_REASON_DISABLED, 10 },
	{ "LK_REASON_EXPIRED", LK_REASON_EXPIRED, 11 },
	{ "LK_REASON_NOT_YET", LK_REASON_NOT_YET, 12 },
	{ "LK_REASON_TYPE_CLOSED", LK_REASON_TYPE_CLOSED, 13 },
	{ "LK_REASON_NOT_ENTITLED", LK_REASON_NOT_ENTITLED, 14 },
	{ "LK_REASON_ADDRESS_REFUSED", LK_REASON_ADDRESS_REFUSED, 15 },
	{ "LK_REASON_RATE_LIMITED", LK_REASON_RATE_LIMITED, 16 },
	{ "LK_REASON_PLUGIN_FAULT", LK_REASON_PLUGIN_FAULT, 17 },
	{ "LK_REASON_UNAVAILABLE", LK_REASON_UNAVAILABLE, 18 },
	{ "LK_OPTION_STRING", LK_OPTION_STRING, 1 },
	{ "LK_OPTION_INTEGER", LK_OPTION_INTEGER, 2 },
	{ "LK_OPTION_BOOLEAN", LK_OPTION_BOOLEAN, 3 },
	{ "LK_OPTION_DURATION", LK_OPTION_DURATION, 4 },
	{ "LK_OPTION_NETS", LK_OPTION_NETS, 5 },
	{ "LK_OPTION_HEADER", LK_OPTION_HEADER, 6 },
	{ "LK_OPTION_CHOICE", LK_OPTION_CHOICE, 7 },
	{ "LK_BY_ACCOUNT", LK_BY_ACCOUNT, 1 },
	{ "LK_BY_KEY", LK_BY_KEY, 2 },
	{ "LK_BY_ADDRESS", LK_BY_ADDRESS, 3 },
};

static void
test_row(void **state)
{
	const struct abi_row	*r = *state;

	assert_int_equal(r->at, r->want_at);
	assert_int_equal(r->size, r->want_size);
}

/* Whether rows cover a struct of size octets: no member is without a row. */
static int
covered(const struct abi_row *rows, size_t n, const char *of, size_t size)
{
	size_t	 i, end = 0;

	for (i = 0; i < n; i++) {
		if (strcmp(rows[i].of, of) != 0)
			continue;
		/* Padding is less than the largest alignment. */
		if (rows[i].at < end || rows[i].at - end >= sizeof(void *))
			return 0;
		end = rows[i].at + rows[i].size;
	}
	return end != 0 && end <= size && size - end < sizeof(void *);
}

static void
test_struct(void **state)
{
	const struct abi_struct	*s = *state;

	assert_int_equal(s->size, s->want_size);
	assert_int_equal(s->align, s->want_align);
	assert_true(covered(abi_rows, NROWS, s->name, s->size));
}

static void
test_value(void **state)
{
	const struct abi_value	*v = *state;

	assert_int_equal(v->is, v->want);
}

/* Answers that one flipped bit, or seven, would not make another. */
static void
test_answers_far_apart(void **state)
{
	static const uint32_t	 v[] = { LK_PASS, LK_REFUSE, LK_WAIT,
				     LK_NOT_MINE, LK_BROKEN, 0, 1, ~0U };
	size_t			 i, j;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		for (j = 0; j < i; j++)
			if (i < 5 || j < 5)
				assert_true(__builtin_popcount(v[i] ^ v[j]) >=
				    8);
}

/* Planted: a struct that grew without a row, in the middle and at its end. */
static void
test_a_member_without_a_row_is_seen(void **state)
{
	static const struct abi_row	 grown[] = {
		{ "planted.a", "planted", 0, 8, 0, 8 },
		{ "planted.c", "planted", 16, 8, 16, 8 },
	};

	(void)state;
	assert_false(covered(grown, 2, "planted", 24));
	assert_false(covered(grown, 1, "planted", 16));
	assert_true(covered(grown, 1, "planted", 8));
	assert_false(covered(grown, 2, "nobody", 8));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_row, abi_rows);
	TABLE_ROWS(&t, test_struct, abi_structs);
	TABLE_ROWS(&t, test_value, abi_values);
	TABLE_TEST(&t, test_answers_far_apart);
	TABLE_TEST(&t, test_a_member_without_a_row_is_seen);
	return table_run(&t, "plugin_abi");
}
