/* text: durations and RFC 3339. */
#include "table.h"

#include "latchkey.h"

static const struct duration_case {
	const char	*name, *in;
	int64_t		 want;		/* 0: refused */
} duration_cases[] = {
	{ "duration: a second",		"1s",		1 },
	{ "duration: minutes",		"15m",		900 },
	{ "duration: hours",		"24h",		86400 },
	{ "duration: days",		"90d",		7776000 },
	{ "duration: leading zeros",	"007d",		604800 },
	{ "duration: 100 years",	"36525d",	3155760000LL },
	{ "duration: a day over",	"36526d",	0 },
	{ "duration: 100 years in s",	"3155760000s",	3155760000LL },
	{ "duration: a second over",	"3155760001s",	0 },
	{ "duration: overflow",		"99999999999999999999d", 0 },
	{ "duration: nothing",		"",		0 },
	{ "duration: no number",	"d",		0 },
	{ "duration: no unit",		"90",		0 },
	{ "duration: another unit",	"1w",		0 },
	{ "duration: upper case",	"1H",		0 },
	{ "duration: zero",		"0s",		0 },
	{ "duration: sign",		"+1s",		0 },
	{ "duration: minus",		"-1s",		0 },
	{ "duration: blank before",	" 1s",		0 },
	{ "duration: blank within",	"1 s",		0 },
	{ "duration: blank behind",	"1s ",		0 },
	{ "duration: two units",	"1h30m",	0 },
	{ "duration: fraction",		"1.5h",		0 },
	{ "duration: hexadecimal",	"0x1s",		0 },
};

static void
test_duration(void **state)
{
	const struct duration_case	*c = *state;
	int64_t				 v = 99;

	assert_int_equal(lk_duration_parse(c->in, strlen(c->in), &v),
	    c->want != 0 ? 0 : LK_ESYNTAX);
	assert_int_equal(v, c->want);
}

static const struct time_case {
	const char	*name, *in;
	int64_t		 want;
} time_right[] = {
	{ "time: the epoch",	"1970-01-01T00:00:00Z",		0 },
	{ "time: end of 2026",	"2026-12-31T23:59:59Z",	1798761599 },
	{ "time: lower case",	"2026-12-31t23:59:59z",	1798761599 },
	{ "time: east",		"2027-01-01T01:59:59+02:00",	1798761599 },
	{ "time: west",		"2026-12-31T18:29:59-05:30",	1798761599 },
	{ "time: unknown zone",	"2026-12-31T23:59:59-00:00",	1798761599 },
	{ "time: fraction",	"2026-12-31T23:59:59.999999999Z", 1798761599 },
	{ "time: fraction and zone", "2027-01-01T00:59:59.5+01:00",
	    1798761599 },
	{ "time: leap day",	"2024-02-29T12:00:00Z",	1709208000 },
	{ "time: leap day of 2000", "2000-02-29T00:00:00Z",	951782400 },
	{ "time: before 1970",	"1969-12-31T23:59:59Z",		-1 },
	{ "time: year 0",	"0000-01-01T00:00:00Z",	-62167219200LL },
	{ "time: year 9999",	"9999-12-31T23:59:59Z",	253402300799LL },
}, time_wrong[] = {
	{ "time: nothing",	"", 0 },
	{ "time: no zone",	"2026-12-31T23:59:59", 0 },
	{ "time: date alone",	"2026-12-31", 0 },
	{ "time: blank for T",	"2026-12-31 23:59:59Z", 0 },
	{ "time: blank before",	" 2026-12-31T23:59:59Z", 0 },
	{ "time: blank behind",	"2026-12-31T23:59:59Z ", 0 },
	{ "time: month 0",	"2026-00-31T23:59:59Z", 0 },
	{ "time: month 13",	"2026-13-01T23:59:59Z", 0 },
	{ "time: day 0",	"2026-12-00T23:59:59Z", 0 },
	{ "time: day 32",	"2026-12-32T23:59:59Z", 0 },
	{ "time: 31 April",	"2026-04-31T23:59:59Z", 0 },
	{ "time: 29 Feb 2026",	"2026-02-29T23:59:59Z", 0 },
	{ "time: 29 Feb 1900",	"1900-02-29T23:59:59Z", 0 },
	{ "time: 30 Feb 2024",	"2024-02-30T23:59:59Z", 0 },
	{ "time: hour 24",	"2026-12-31T24:00:00Z", 0 },
	{ "time: minute 60",	"2026-12-31T23:60:00Z", 0 },
	{ "time: second 60",	"2026-12-31T23:59:60Z", 0 },
	{ "time: empty fraction", "2026-12-31T23:59:59.Z", 0 },
	{ "time: fraction, no zone", "2026-12-31T23:59:59.5", 0 },
	{ "time: comma",	"2026-12-31T23:59:59,5Z", 0 },
	{ "time: zone hour 24",	"2026-12-31T23:59:59+24:00", 0 },
	{ "time: zone minute 60", "2026-12-31T23:59:59+01:60", 0 },
	{ "time: zone, no colon", "2026-12-31T23:59:59+0100", 0 },
	{ "time: zone cut",	"2026-12-31T23:59:59+01:0", 0 },
	{ "time: zone too long", "2026-12-31T23:59:59+01:000", 0 },
	{ "time: two zones",	"2026-12-31T23:59:59ZZ", 0 },
	{ "time: short year",	"226-12-31T23:59:59Z", 0 },
	{ "time: year 10000",	"10000-12-31T23:59:59Z", 0 },
	{ "time: sign for digit", "2026-12--1T23:59:59Z", 0 },
};

static void
test_time_right(void **state)
{
	const struct time_case	*c = *state;
	int64_t			 v = 99;

	assert_int_equal(lk_time_parse(c->in, strlen(c->in), &v), 0);
	assert_int_equal(v, c->want);
}

static void
test_time_wrong(void **state)
{
	const struct time_case	*c = *state;
	int64_t			 v = 99;

	assert_int_equal(lk_time_parse(c->in, strlen(c->in), &v), LK_ESYNTAX);
	assert_int_equal(v, 0);
}

static const struct format_case {
	const char	*name;
	int64_t		 when;
	const char	*want;
} format_cases[] = {
	{ "format: the epoch",		0,	"1970-01-01T00:00:00Z" },
	{ "format: now-ish",	1795473518,	"2026-11-23T22:38:38Z" },
	{ "format: before 1970",	-1,	"1969-12-31T23:59:59Z" },
	{ "format: leap day",	1709208000,	"2024-02-29T12:00:00Z" },
	{ "format: last second", 253402300799LL, "9999-12-31T23:59:59Z" },
	{ "format: one more",	253402300800LL,	"" },
	{ "format: year 0",	-62167219200LL,	"0000-01-01T00:00:00Z" },
	{ "format: one less",	-62167219201LL,	"" },
	{ "format: the largest",	INT64_MAX,	"" },
	{ "format: the smallest",	INT64_MIN,	"" },
};

static void
test_format(void **state)
{
	const struct format_case	*c = *state;
	char				 out[32];
	int64_t				 back;

	lk_time_format(c->when, out, sizeof out);
	assert_string_equal(out, c->want);
	if (out[0] == '\0')
		return;
	assert_int_equal(lk_time_parse(out, strlen(out), &back), 0);
	assert_int_equal(back, c->when);
}

/* No cut of a right time is one. */
static void
test_cuts(void **state)
{
	static const char	 in[] = "2026-12-31T23:59:59.125+01:00";
	char			*exact;
	int64_t			 v;
	size_t			 n;

	(void)state;
	for (n = 0; n < sizeof in - 1; n++) {
		exact = malloc(n == 0 ? 1 : n);
		assert_non_null(exact);
		memcpy(exact, in, n);
		assert_int_equal(lk_time_parse(exact, n, &v), LK_ESYNTAX);
		free(exact);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_duration, duration_cases);
	TABLE_ROWS(&t, test_time_right, time_right);
	TABLE_ROWS(&t, test_time_wrong, time_wrong);
	TABLE_ROWS(&t, test_format, format_cases);
	TABLE_TEST(&t, test_cuts);
	return table_run(&t, "time");
}
