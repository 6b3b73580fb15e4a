/*
 * settings.c: what a policy gives a plugin, held against what it declares.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "loader/build.h"
#include "loader/value.h"

#define SHOWN_MAX	48		/* octets of a value in a sentence   */

/* Where findings of one plugin's settings go. */
struct finding {
	const struct lk_build	*b;
	const struct lk_source	*src;
	struct lk_report	*rep;
	struct lk_error		*e;
	unsigned		 faults;
};

static const struct lk_option *
declared(const struct lk_build *b, const char *name)
{
	size_t	 i;

	for (i = 0; i < b->table.noptions; i++)
		if (strcmp(b->options[i].name, name) == 0)
			return &b->options[i];
	return NULL;
}

static const struct lk_setting *
written(const struct lk_settings *s, const char *name)
{
	size_t	 i;

	for (i = 0; s != NULL && i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

/* -------------------------------------------------------------- one setting */

/* As much of a value as is shown, cut between characters. */
static int
shown(const char *text)
{
	size_t	 n = strnlen(text, SHOWN_MAX + 1);

	if (n <= SHOWN_MAX)
		return (int)n;
	for (n = SHOWN_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return (int)n;
}

static int
unlike(const struct lk_option *o, const char *text, char *why, size_t size)
{
	char	 expect[LK_EXPECT_MAX];

	lk_value_expect(o, expect);
	snprintf(why, size, "%s takes %s, not %s%.*s%s", o->name, expect,
	    *text == '\0' ? "nothing" : "", shown(text), text,
	    text[shown(text)] != '\0' ? "..." : "");
	lk_text_tidy(why, size);
	return LK_EDATA;
}

static int
scalar(const struct lk_option *o, const struct lk_setting *s,
    struct lk_value *v, char *why, size_t size)
{
	char	 quoted[SHOWN_MAX + 4];
	int	 r;

	if (s->quoted && lk_value_bare(o)) {
		snprintf(quoted, sizeof(quoted), "\"%.*s\"",
		    shown(s->value), s->value);
		return unlike(o, quoted, why, size);
	}
	r = lk_value_add(o, s->value, v);
	if (r == 0)
		r = lk_value_end(o, v);
	return r == LK_EDATA ? unlike(o, s->value, why, size) : r;
}

static int
items(const struct lk_option *o, const struct lk_setting *s,
    struct lk_value *v, char *why, size_t size, int *item)
{
	char	 text[32];
	size_t	 i;
	int	 r;

	for (i = 0; i < s->nlist; i++) {
		*item = (int)i;
		if ((r = lk_value_add(o, s->list[i], v)) == LK_EDATA)
			return unlike(o, s->list[i], why, size);
		if (r != 0)
			return r;
	}
	*item = -1;
	if ((r = lk_value_end(o, v)) != LK_EDATA)
		return r;
	snprintf(text, sizeof(text), "a list of %zu", s->nlist);
	return unlike(o, text, why, size);
}

int
lk_setting_value(const struct lk_option *o, const struct lk_setting *s,
    struct lk_value *v, char *why, size_t size, int *item)
{
	int	 r;

	*item = -1;
	if (s->value != NULL)
		r = scalar(o, s, v, why, size);
	else if (lk_value_takes_list(o))
		r = items(o, s, v, why, size, item);
	else
		r = unlike(o, "a list", why, size);
	if (r == LK_ENOMEM)
		snprintf(why, size, "no memory for %s", o->name);
	return r;
}

/* ----------------------------------------------------------------- findings */

/* The first one is kept in e, each goes to the report where there is one. */
static void
found(struct finding *f, struct lk_place place, const char *why)
{
	if (f->rep != NULL && f->src != NULL)
		lk_report_at(f->rep, f->src, place, LK_ECONFIG, NULL, "%s",
		    why);
	if (f->faults++ == 0)
		lk_fail_at(f->e, LK_ECONFIG, f->src != NULL ?
		    f->src->path : NULL, place.line, place.column, "%s", why);
}

/* For who typed what no option is near to. */
static void
list_names(const struct lk_build *b, struct lk_buf *out)
{
	size_t	 i;

	for (i = 0; i < b->table.noptions; i++)
		lk_buf_fmt(out, "%s%s", i == 0 ? "" : ", ",
		    b->options[i].name);
}

static void
unknown(struct finding *f, const struct lk_setting *s)
{
	const char	*names[LK_OPTIONS_MAX] = { NULL };
	const char	*near;
	struct lk_buf	 why = LK_BUF_NONE;
	size_t		 i, n = f->b->table.noptions;

	for (i = 0; i < n; i++)
		names[i] = f->b->options[i].name;
	near = lk_nearest(s->name, names, n);
	lk_buf_fmt(&why, "%s takes no option %.*s: ", f->b->table.name,
	    shown(s->name), s->name);
	if (near != NULL)
		lk_buf_fmt(&why, "did you mean %s?", near);
	else if (n == 0)
		lk_buf_str(&why, "it takes none");
	else {
		lk_buf_str(&why, "it takes ");
		list_names(f->b, &why);
	}
	if (!why.failed)
		lk_text_tidy(why.p, why.n + 1);
	found(f, s->place, why.failed ? "an unknown option" : why.p);
	lk_buf_free(&why);
}

static void
judge(struct finding *f, const struct lk_settings *all,
    const struct lk_setting *s)
{
	const struct lk_option	*o = declared(f->b, s->name);
	struct lk_value		 v = { 0 };
	struct lk_place		 place = s->value_place;
	char			 why[512];
	int			 item;

	if (o == NULL) {
		unknown(f, s);
		return;
	}
	if (written(all, s->name) != s) {
		snprintf(why, sizeof(why), "%s is given twice", s->name);
		found(f, s->place, why);
		return;
	}
	if (lk_setting_value(o, s, &v, why, sizeof(why), &item) != 0) {
		if (item >= 0 && s->list_places != NULL)
			place = s->list_places[item];
		found(f, place, why);
	}
	lk_value_free(&v);
}

static void
missing(struct finding *f, const struct lk_option *o, struct lk_place place)
{
	char	 why[512], expect[LK_EXPECT_MAX];

	lk_value_expect(o, expect);
	snprintf(why, sizeof(why), "%s needs the option %s: %s",
	    f->b->table.name, o->name, expect);
	found(f, place, why);
}

unsigned
lk_settings_check(const struct lk_build *b, const struct lk_settings *s,
    const struct lk_source *src, struct lk_place place, struct lk_report *rep,
    struct lk_error *e)
{
	struct finding	 f = { b, src, rep, e, 0 };
	size_t		 i;

	for (i = 0; s != NULL && i < s->n; i++)
		judge(&f, s, &s->v[i]);
	for (i = 0; i < b->table.noptions; i++)
		if (b->options[i].required &&
		    written(s, b->options[i].name) == NULL)
			missing(&f, &b->options[i], place);
	return f.faults;
}
