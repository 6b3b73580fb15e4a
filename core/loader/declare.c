/*
 * declare.c: the options that a plugin declares, before a policy is held
 * against them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/value.h"

#define HELP_MAX	160		/* octets of a line of help          */
#define CHOICES_MAX	160

void
lk_option_at(const struct lk_plugin *t, size_t i, struct lk_option *out)
{
	size_t	 n = t->option_size < sizeof(*out) ? t->option_size :
		     sizeof(*out);

	memset(out, 0, sizeof(*out));
	memcpy(out, (const char *)(const void *)t->options + i * t->option_size,
	    n);
	/* Minor 0 had choices for CHOICE alone, and looked at no others. */
	if (t->minor < 1 && out->kind != LK_OPTION_CHOICE)
		out->choices = NULL;
}

/* [a-z][a-z0-9_]*, so that it is a key of YAML as it stands. */
static int
name_fault(const struct lk_option *o)
{
	size_t	 n;

	if (o->name == NULL || o->name[0] < 'a' || o->name[0] > 'z')
		return 1;
	n = strnlen(o->name, LK_NAME_MAX + 1);
	return n > LK_NAME_MAX ||
	    strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n;
}

static int
kind_fault(const struct lk_option *o)
{
	return !lk_value_kind_known(o->kind);
}

static int
plain_fault(const char *s, size_t max)
{
	size_t	 n = s != NULL ? strnlen(s, max + 1) : 0;

	return n == 0 || n > max || !lk_utf8_plain(s, n);
}

static int
help_fault(const struct lk_option *o)
{
	return plain_fault(o->help, HELP_MAX);
}

static int
choices_fault(const struct lk_option *o)
{
	if (o->choices == NULL)
		return o->kind == LK_OPTION_CHOICE;
	return (o->kind != LK_OPTION_CHOICE &&
	    o->kind != LK_OPTION_DURATION) ||
	    plain_fault(o->choices, CHOICES_MAX);
}

/* A length or a count below nothing, or a range that is none. */
static int
range_fault(const struct lk_option *o)
{
	return o->min > o->max ||
	    (o->min < 0 && o->kind != LK_OPTION_INTEGER);
}

static int
fallback_fault(const struct lk_option *o)
{
	struct lk_value	 v = { 0 };
	int		 r;

	if (o->fallback == NULL)
		return 0;
	r = lk_value_fallback(o, &v);
	lk_value_free(&v);
	return r != 0;
}

static int
required_fault(const struct lk_option *o)
{
	return o->required != 0 && o->fallback != NULL;
}

/* In this order: each may rely on those before it. */
static const struct look {
	int		(*fault)(const struct lk_option *);
	const char	*why;
} looks[] = {
	{ name_fault,		"a name is [a-z][a-z0-9_]*, 1 to 32 octets" },
	{ kind_fault,		"its kind is not known" },
	{ help_fault,		"it needs one line of help" },
	{ choices_fault,	"it needs choices, parted by a blank" },
	{ range_fault,		"its range is none" },
	{ required_fault,	"it is required, so a fallback is never used" },
	{ fallback_fault,	"its fallback is not what it takes itself" },
};

static const char *
option_fault(const struct lk_plugin *t, size_t i, struct lk_option *o)
{
	struct lk_option	 other;
	size_t			 k;

	lk_option_at(t, i, o);
	for (k = 0; k < sizeof(looks) / sizeof(looks[0]); k++)
		if (looks[k].fault(o))
			return looks[k].why;
	for (k = 0; k < i; k++) {
		lk_option_at(t, k, &other);
		if (strcmp(other.name, o->name) == 0)
			return "it is declared twice";
	}
	return NULL;
}

int
lk_options_judge(const struct lk_plugin *t, char *why, size_t size)
{
	struct lk_option	 o;
	const char		*fault;
	size_t			 i;

	for (i = 0; i < t->noptions; i++) {
		if ((fault = option_fault(t, i, &o)) == NULL)
			continue;
		if (name_fault(&o))
			snprintf(why, size, "number %zu: %s", i + 1, fault);
		else
			snprintf(why, size, "%s: %s", o.name, fault);
		return LK_ECONFIG;
	}
	return 0;
}
