/*
 * checks_setup.c: what a plugin does before it is asked for a decision.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conform/child.h"
#include "loader/value.h"
#include "token/token.h"

#define MINTS		32		/* tokens of the check of mint       */
#define NETS_MANY	256		/* entries of a long list            */

void
lk_check_load(struct lk_trial *t)
{
	const struct lk_plugin	*now = lk_build_table(t->build);

	if (now->flags != t->run->table.flags ||
	    now->kind != t->run->table.kind)
		lk_trial_tell(t, LK_FAULT, "its table is another one when it "
		    "is loaded than in its file");
	lk_trial_pass(t, "loaded, nothing of the process changed");
}

void
lk_check_configure(struct lk_trial *t)
{
	if (lk_trial_configure(t) != 0)
		return;
	lk_trial_release(t);
	if (lk_trial_configure(t) == 0)
		lk_trial_release(t);
	lk_trial_pass(t, "configured and released, twice%s",
	    t->run->made_up ? ", with options that are made up" : "");
}

/* ------------------------------------------------------------------ options */

static void
try_value(struct lk_trial *t, const char *name, const char *value)
{
	const struct lk_settings	*given = t->run->settings;
	struct lk_settings		 s = { NULL, 0 };
	struct lk_error			 e = { 0 };
	size_t				 i;

	if ((s.v = calloc(given->n + 1, sizeof(*s.v))) == NULL)
		return;
	for (i = 0; i < given->n; i++)
		if (strcmp(given->v[i].name, name) != 0)
			s.v[s.n++] = given->v[i];
	s.v[s.n].name = (char *)(uintptr_t)name;
	s.v[s.n++].value = (char *)(uintptr_t)value;
	lk_trial_doing(t, "%s: %.48s", name, value);
	if (lk_trial_try(t, &s, &e) == LK_PASS)
		lk_trial_release(t);
	else if (lk_trial_raw() != LK_BROKEN && lk_trial_raw() != LK_PASS)
		lk_trial_tell(t, LK_FAULT, "%s", e.text);
	free(s.v);
}

/* The ends of a range that is written in octets, and in numbers. */
static void
try_text(struct lk_trial *t, const struct lk_option *o, int64_t n)
{
	char	 text[LK_OPTION_TEXT + 1];

	if (n < 1 || n > LK_OPTION_TEXT)
		return;
	memset(text, 'x', (size_t)n);
	text[n] = '\0';
	try_value(t, o->name, text);
}

static void
try_number(struct lk_trial *t, const struct lk_option *o, int64_t n,
    const char *unit)
{
	char	 text[32];

	snprintf(text, sizeof(text), "%lld%s", (long long)n, unit);
	try_value(t, o->name, text);
}

static void
try_choices(struct lk_trial *t, const struct lk_option *o)
{
	char	 text[256], *word, *rest = text;

	snprintf(text, sizeof(text), "%s", o->choices != NULL ? o->choices :
	    "");
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			try_value(t, o->name, word);
}

static void
try_option(struct lk_trial *t, const struct lk_option *o)
{
	int64_t	 min, max;

	lk_value_range(o, &min, &max);
	switch (o->kind) {
	case LK_OPTION_STRING:
	case LK_OPTION_HEADER:
		try_text(t, o, min);
		try_text(t, o, max);
		try_value(t, o->name, "none");
		break;
	case LK_OPTION_INTEGER:
		try_number(t, o, min, "");
		try_number(t, o, max, "");
		break;
	case LK_OPTION_DURATION:
		try_number(t, o, min, "s");
		try_number(t, o, max, "s");
		break;
	case LK_OPTION_BOOLEAN:
		try_value(t, o->name, "true");
		try_value(t, o->name, "false");
		break;
	case LK_OPTION_NETS:
		try_value(t, o->name, "0.0.0.0/0");
		try_value(t, o->name, "::1");
		break;
	default:
		break;
	}
	try_choices(t, o);
}

void
lk_check_options(struct lk_trial *t)
{
	const struct lk_option	*o;
	size_t			 i, n;

	o = lk_build_options(t->build, &n);
	for (i = 0; i < n; i++)
		try_option(t, &o[i]);
	lk_trial_pass(t, "%zu, at the ends of their ranges", n);
}

/* --------------------------------------------------------------------- mint */

/* A minted token as plugin.h wants it, told where it is not. */
static void
mint_judge(struct lk_trial *t, const char *text)
{
	struct lk_token	 k;

	if ((t->run->table.flags & LK_PLUGIN_SIGNS) != 0)
		return;
	if (lk_token_parse(text, strlen(text), &k) != 0)
		lk_trial_tell(t, LK_FAULT, "minted what has not the core's "
		    "form: host->mint makes it");
	else if (k.prefix_len != 7 || memcmp(k.prefix, "conform", 7) != 0)
		lk_trial_tell(t, LK_FAULT, "minted a token without the prefix "
		    "of its type: host->mint makes it");
}

static uint32_t
mint_into(struct lk_trial *t, const char *id, size_t size, char *text)
{
	struct lk_setup_env	 env;
	char			*p = lk_trial_guarded(size);
	uint32_t		 r;

	lk_trial_env(t, id, &env);
	lk_trap_output(p + size, 4096);
	lk_trial_doing(t, "a token of up to %zu octets", size - 1);
	r = lk_instance_mint(t->i, &env, p, size, t->a);
	snprintf(text, LK_TOKEN_MAX + 1, "%.*s", (int)size, p);
	return r;
}

void
lk_check_mint(struct lk_trial *t)
{
	static const size_t	 small[] = { 1, 2, 16, 17, 32 };
	struct lk_board		*b = t->board;
	char			 text[LK_TOKEN_MAX + 1], id[LK_KEYID_LEN + 1];
	size_t			 i;
	uint32_t		 r;

	for (i = 0; i < MINTS; i++) {
		snprintf(id, sizeof(id), "conformanc%02zu", i + 1);
		r = mint_into(t, id, LK_TOKEN_MAX + 1, text);
		if (r != LK_PASS) {
			lk_trial_tell(t, LK_FAULT, "%s", t->a->note);
			return;
		}
		mint_judge(t, text);
		if (i < 2)
			strcpy(b->token[i], text);
		else if (strcmp(text, b->token[0]) == 0)
			lk_trial_tell(t, LK_FAULT, "minted one token twice");
	}
	for (i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		mint_into(t, t->holders[0].id, small[i], text);
	lk_trial_pass(t, "%d tokens, each another one; no octet past the end",
	    MINTS);
}

/* -------------------------------------------------------------------- usage */

uint32_t
lk_try_usage(struct lk_trial *t, size_t size, char *out)
{
	struct lk_usage	 u = { .size = sizeof(u) };

	u.method = (struct lk_slice){ "POST", 4 };
	u.path = (struct lk_slice){ "/v1/conform", 11 };
	u.account = (struct lk_slice){ "acme", 4 };
	u.token = (struct lk_slice){ "$TOKEN", 6 };
	return lk_instance_usage(t->i, &u, out, size);
}

static uint32_t
usage_into(struct lk_trial *t, size_t size, char **out)
{
	*out = lk_trial_guarded(size);
	lk_trap_output(*out + size, 4096);
	lk_trial_doing(t, "a line of up to %zu octets", size - 1);
	return lk_try_usage(t, size, *out);
}

void
lk_check_usage(struct lk_trial *t)
{
	struct lk_board	*b = t->board;
	struct lk_ask	 k;
	char		 text[4096], *line;
	size_t		 size;

	if (t->run->table.usage == NULL) {
		lk_trial_tell(t, LK_REMARK, "it says not how its keys are "
		    "sent, so no request can be made of one: give it a usage");
		return;
	}
	for (size = 1; size <= 512; size = size < 64 ? size + 1 : size * 2)
		usage_into(t, size, &line);
	if (usage_into(t, sizeof(b->usage), &line) != LK_PASS) {
		lk_trial_tell(t, LK_FAULT, "it says broken, or another answer "
		    "that is none");
		return;
	}
	snprintf(b->usage, sizeof(b->usage), "%s", line);
	lk_ask_plain(t, &k);
	if (strchr(line, '\n') != NULL || lk_curl_parse(line, b->token[0],
	    text, sizeof(text), &k) != 0)
		lk_trial_tell(t, LK_FAULT, "it is no single curl line of "
		    "-X, -H, -d and a URL: %.160s", line);
	else
		lk_trial_pass(t, "%.120s", line);
}
