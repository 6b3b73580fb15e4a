/*
 * value.c: values of options, by a table of their kinds.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/value.h"

#define MINUTE		60		/* seconds */
#define HOUR		3600
#define DAY		86400
#define CENTURY		(36525LL * DAY)

#define DIGITS		"0123456789"
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TOKEN_CHARS	"!#$%&'*+-.^_`|~" DIGITS LETTERS	/* RFC 9110 */

typedef int (*lk_parse_fn)(const struct lk_option *, const char *,
    struct lk_value *);
typedef void (*lk_expect_fn)(const struct lk_option *, int64_t, int64_t,
    char *, size_t);

/* One kind: its own range, how it reads, what people are told. */
struct kind {
	int64_t		 min, max;
	int		 bare;		/* in quotes it is of another kind   */
	int		 list;
	lk_parse_fn	 parse;
	lk_expect_fn	 expect;
};

static const struct kind *kind_of(const struct lk_option *o);

static int
in_range(const struct lk_option *o, int64_t v)
{
	int64_t	 min, max;

	lk_value_range(o, &min, &max);
	return v >= min && v <= max ? 0 : LK_EDATA;
}

/* -------------------------------------------------------------------- parse */

static int
keep(const char *text, struct lk_value *v)
{
	if ((v->text = strdup(text)) == NULL)
		return LK_ENOMEM;
	v->given = 1;
	return 0;
}

static int
parse_string(const struct lk_option *o, const char *text, struct lk_value *v)
{
	size_t	 n = strlen(text);

	if (in_range(o, (int64_t)n) != 0 || !lk_utf8_plain(text, n))
		return LK_EDATA;
	return keep(text, v);
}

static int
parse_header(const struct lk_option *o, const char *text, struct lk_value *v)
{
	size_t	 n = strlen(text);

	if (in_range(o, (int64_t)n) != 0 || strspn(text, TOKEN_CHARS) != n)
		return LK_EDATA;
	return keep(text, v);
}

static int
parse_integer(const struct lk_option *o, const char *text, struct lk_value *v)
{
	const char	*digits = text + (*text == '-');
	char		*end;

	/* strtoll(3) would take blanks and a plus sign. */
	if (*digits == '\0' || digits[strspn(digits, DIGITS)] != '\0')
		return LK_EDATA;
	if (digits[0] == '0' && digits[1] != '\0')
		return LK_EDATA;	/* octal to some, decimal to others */
	errno = 0;
	v->number = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return LK_EDATA;
	v->given = 1;
	return in_range(o, v->number);
}

static int
parse_boolean(const struct lk_option *o, const char *text, struct lk_value *v)
{
	(void)o;
	v->number = strcmp(text, "true") == 0;
	v->given = 1;
	return v->number || strcmp(text, "false") == 0 ? 0 : LK_EDATA;
}

/* Whether text is one of words, which are parted by a blank. */
static int
among(const char *text, const char *words)
{
	size_t	 n = strlen(text), len;

	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		if (len == n && memcmp(words, text, n) == 0)
			return 1;
	}
	return 0;
}

static int
parse_duration(const struct lk_option *o, const char *text,
    struct lk_value *v)
{
	if (o->choices != NULL && *text != '\0' && among(text, o->choices))
		return keep(text, v);
	if (lk_duration_parse(text, strlen(text), &v->number) != 0)
		return LK_EDATA;
	v->given = 1;
	return in_range(o, v->number);
}

static int
parse_net(const struct lk_option *o, const char *text, struct lk_value *v)
{
	struct lk_net	 net, *nets;
	int64_t		 min, max;

	lk_value_range(o, &min, &max);
	if ((int64_t)v->nnets >= max ||
	    lk_net_parse(text, strlen(text), &net) != 0)
		return LK_EDATA;
	nets = reallocarray(v->nets, v->nnets + 1, sizeof(*nets));
	if (nets == NULL)
		return LK_ENOMEM;
	v->nets = nets;
	v->nets[v->nnets++] = net;
	v->given = 1;
	return 0;
}

static int
parse_choice(const struct lk_option *o, const char *text, struct lk_value *v)
{
	if (*text == '\0' || !among(text, o->choices))
		return LK_EDATA;
	return keep(text, v);
}

/* ------------------------------------------------------------------- expect */

static void
expect_string(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	(void)o;
	snprintf(out, size, "plain text of %lld to %lld octets",
	    (long long)min, (long long)max);
}

static void
expect_header(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	(void)o;
	(void)min;
	(void)max;
	snprintf(out, size, "the name of a header, such as X-API-KEY");
}

static void
expect_integer(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	if (o->min == 0 && o->max == 0)
		snprintf(out, size, "a whole number");
	else
		snprintf(out, size, "a whole number of %lld to %lld",
		    (long long)min, (long long)max);
}

static void
expect_boolean(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	(void)o;
	(void)min;
	(void)max;
	snprintf(out, size, "true or false");
}

/* In the largest unit that says it exactly. */
static void
duration(int64_t seconds, char *out, size_t size)
{
	static const struct unit {
		int64_t	 seconds;
		char	 letter;
	} units[] = { { DAY, 'd' }, { HOUR, 'h' }, { MINUTE, 'm' },
	    { 1, 's' } };
	size_t	 i = 0;

	while (units[i].seconds > 1 &&
	    (seconds == 0 || seconds % units[i].seconds != 0))
		i++;
	snprintf(out, size, "%lld%c", (long long)(seconds / units[i].seconds),
	    units[i].letter);
}

static void
expect_duration(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	char	 from[32], to[32];

	duration(min, from, sizeof(from));
	duration(max, to, sizeof(to));
	snprintf(out, size, "a duration of %s to %s, with its unit (s, m, h or "
	    "d)%s%s", from, to, o->choices != NULL ? ", or one of: " : "",
	    o->choices != NULL ? o->choices : "");
}

static void
expect_nets(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	(void)o;
	snprintf(out, size, "%lld to %lld addresses or networks, such as "
	    "127.0.0.1, ::1 or 10.0.0.0/8", (long long)min, (long long)max);
}

static void
expect_choice(const struct lk_option *o, int64_t min, int64_t max, char *out,
    size_t size)
{
	(void)min;
	(void)max;
	snprintf(out, size, "one of: %s", o->choices);
}

/* -------------------------------------------------------------------- kinds */

static const struct kind kinds[] = {
	[LK_OPTION_STRING] = { 1, LK_OPTION_TEXT, 0, 0,
	    parse_string, expect_string },
	[LK_OPTION_INTEGER] = { INT64_MIN, INT64_MAX, 1, 0,
	    parse_integer, expect_integer },
	[LK_OPTION_BOOLEAN] = { 0, 1, 1, 0,
	    parse_boolean, expect_boolean },
	[LK_OPTION_DURATION] = { 1, CENTURY, 0, 0,
	    parse_duration, expect_duration },
	[LK_OPTION_NETS] = { 1, LK_OPTION_NETS_MAX, 0, 1,
	    parse_net, expect_nets },
	[LK_OPTION_HEADER] = { 1, 128, 0, 0,
	    parse_header, expect_header },
	[LK_OPTION_CHOICE] = { 1, LK_OPTION_TEXT, 0, 0,
	    parse_choice, expect_choice },
};

static const struct kind *
kind_of(const struct lk_option *o)
{
	return &kinds[o->kind];
}

int
lk_value_kind_known(uint32_t kind)
{
	return kind < sizeof(kinds) / sizeof(kinds[0]) &&
	    kinds[kind].parse != NULL;
}

int
lk_value_takes_list(const struct lk_option *o)
{
	return kind_of(o)->list;
}

int
lk_value_bare(const struct lk_option *o)
{
	return kind_of(o)->bare;
}

void
lk_value_range(const struct lk_option *o, int64_t *min, int64_t *max)
{
	int	 own = o->min != 0 || o->max != 0;

	*min = own ? o->min : kind_of(o)->min;
	*max = own ? o->max : kind_of(o)->max;
}

void
lk_value_expect(const struct lk_option *o, char out[LK_EXPECT_MAX])
{
	int64_t	 min, max;

	lk_value_range(o, &min, &max);
	kind_of(o)->expect(o, min, max, out, LK_EXPECT_MAX);
}

int
lk_value_add(const struct lk_option *o, const char *text, struct lk_value *v)
{
	return kind_of(o)->parse(o, text, v);
}

int
lk_value_end(const struct lk_option *o, const struct lk_value *v)
{
	return kind_of(o)->list ? in_range(o, (int64_t)v->nnets) : 0;
}

/* Each word of a fallback that is a list. */
static int
add_words(const struct lk_option *o, const char *words, struct lk_value *v)
{
	char	 word[64];
	size_t	 len;
	int	 r;

	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		if (len >= sizeof(word))
			return LK_EDATA;
		memcpy(word, words, len);
		word[len] = '\0';
		if ((r = lk_value_add(o, word, v)) != 0)
			return r;
	}
	return lk_value_end(o, v);
}

int
lk_value_fallback(const struct lk_option *o, struct lk_value *v)
{
	if (kind_of(o)->list)
		return add_words(o, o->fallback, v);
	return lk_value_add(o, o->fallback, v);
}

void
lk_value_free(struct lk_value *v)
{
	free(v->text);
	free(v->nets);
	memset(v, 0, sizeof(*v));
}
