/*
 * when.c: clocks, durations and RFC 3339.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "latchkey.h"

#define DAY		86400		/* seconds                           */
#define DURATION_MAX	(36525LL * DAY)	/* 100 years                         */

static const struct unit {
	char	 letter;
	int	 seconds;
} units[] = {
	{ 's', 1 },
	{ 'm', 60 },
	{ 'h', 3600 },
	{ 'd', DAY },
};

int64_t
lk_clock_now(void)
{
	return (int64_t)time(NULL);	/* of the last tick: no look at it   */
}

int64_t
lk_clock_ns(void)
{
	struct timespec	 ts = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many seconds the letter stands for, or 0. */
static int
unit_seconds(char letter)
{
	size_t	 i;

	for (i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (units[i].letter == letter)
			return units[i].seconds;
	}
	return 0;
}

int
lk_duration_parse(const char *text, size_t len, int64_t *seconds)
{
	int64_t	 v = 0;
	size_t	 i;
	int	 unit;

	*seconds = 0;
	if (len < 2 || (unit = unit_seconds(text[len - 1])) == 0)
		return LK_ESYNTAX;
	for (i = 0; i < len - 1; i++) {
		if (!is_digit(text[i]))
			return LK_ESYNTAX;
		v = v * 10 + (text[i] - '0');
		if (v > DURATION_MAX / unit)
			return LK_ESYNTAX;
	}
	if (v == 0)
		return LK_ESYNTAX;
	*seconds = v * unit;
	return 0;
}

/*
 * Match text against a form: 'd' a digit, 'T' either case of it, anything else
 * itself.  Numbers, runs of digits, go to v in turn.  1, or 0.
 */
static int
match(const char *form, const char *text, size_t len, int *v)
{
	size_t	 i;
	int	 n = -1;

	if (len < strlen(form))
		return 0;
	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'd') {
			if (!is_digit(text[i]))
				return 0;
			if (i == 0 || form[i - 1] != 'd')
				v[++n] = 0;
			v[n] = v[n] * 10 + (text[i] - '0');
		} else if (text[i] != form[i] &&
		    !(form[i] == 'T' && text[i] == 't'))
			return 0;
	}
	return 1;
}

/* Z, +hh:mm or -hh:mm, all of len octets, to seconds east of UTC. */
static int
offset_parse(const char *text, size_t len, int *out)
{
	int	 v[2];

	*out = 0;
	if (len == 1 && (text[0] == 'Z' || text[0] == 'z'))
		return 0;
	if (len != 6 || (text[0] != '+' && text[0] != '-') ||
	    !match("dd:dd", text + 1, len - 1, v) || v[0] > 23 || v[1] > 59)
		return LK_ESYNTAX;
	*out = (v[0] * 60 + v[1]) * 60;
	if (text[0] == '-')
		*out = -*out;
	return 0;
}

/* Whether there is such a day and second.  A leap second is not taken. */
static int
is_valid(const int *v)
{
	static const int	 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
				    31, 30, 31 };
	int			 leap, y = v[0], m = v[1];

	if (m < 1 || m > 12)
		return 0;
	leap = m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	return v[2] >= 1 && v[2] <= days[m - 1] + leap && v[3] <= 23 &&
	    v[4] <= 59 && v[5] <= 59;
}

int
lk_time_parse(const char *text, size_t len, int64_t *when)
{
	static const char	 form[] = "dddd-dd-ddTdd:dd:dd";
	struct tm		 tm = { 0 };
	size_t			 at = sizeof form - 1;
	int			 v[6], east;

	*when = 0;
	if (!match(form, text, len, v) || !is_valid(v))
		return LK_ESYNTAX;
	if (at < len && text[at] == '.') {
		if (++at == len || !is_digit(text[at]))
			return LK_ESYNTAX;
		while (at < len && is_digit(text[at]))
			at++;
	}
	if (at == len || offset_parse(text + at, len - at, &east) != 0)
		return LK_ESYNTAX;
	tm.tm_year = v[0] - 1900;
	tm.tm_mon = v[1] - 1;
	tm.tm_mday = v[2];
	tm.tm_hour = v[3];
	tm.tm_min = v[4];
	tm.tm_sec = v[5];
	*when = (int64_t)timegm(&tm) - east;
	return 0;
}

/* Years that RFC 3339 has no text for come out as "". */
void
lk_time_format(int64_t when, char *out, size_t size)
{
	struct tm	 tm;
	time_t		 t = (time_t)when;

	if (size == 0)
		return;
	out[0] = '\0';
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 9999 - 1900)
		return;
	snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}
