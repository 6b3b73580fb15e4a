/*
 * args.c: argv into verb, options and words.
 *
 * Options may stand anywhere, before the verb as well.  What takes a value is
 * therefore looked up over all verbs: one name takes a value in all or none.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define NAMES_MAX	64	/* names that a suggestion is chosen from */

static const struct lk_opt opt_version = { "version", NULL, "its version" };

/* The options of a verb, or of all where v is NULL; then the common ones. */
static const struct lk_opt *
find_in(const struct lk_opt *o, const char *name, size_t n, char letter)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (name != NULL && strlen(o->name) == n &&
		    memcmp(o->name, name, n) == 0)
			return o;
		if (name == NULL && letter != 0 && o->letter == letter)
			return o;
	}
	return NULL;
}

static const struct lk_opt *
find_opt(const struct lk_verb *v, const char *name, size_t n, char letter)
{
	const struct lk_opt	*o;
	size_t			 i;

	if ((o = find_in(lk_opts_common, name, n, letter)) != NULL ||
	    (o = find_in(lk_opts_remote, name, n, letter)) != NULL)
		return o;
	if (v != NULL)
		return find_in(v->opts, name, n, letter);
	for (i = 0; lk_verbs[i] != NULL; i++)
		if ((o = find_in(lk_verbs[i]->opts, name, n, letter)) != NULL)
			return o;
	if (name != NULL && n == strlen(opt_version.name) &&
	    memcmp(name, opt_version.name, n) == 0)
		return &opt_version;
	return NULL;
}

/* An option as it stands in argv. */
struct spelled {
	const char	*name;		/* n octets, or NULL: letter         */
	size_t		 n;
	char		 letter;
	char		*value;		/* in the same argument, or NULL     */
};

/* 1 when arg is an option, 0 when it is a word. */
static int
spell(char *arg, struct spelled *s)
{
	char	*eq;

	memset(s, 0, sizeof(*s));
	if (arg[0] != '-' || arg[1] == '\0')
		return 0;
	if (arg[1] != '-') {
		s->letter = arg[1];
		if (arg[2] != '\0')
			s->value = arg + 2;
		return 1;
	}
	s->name = arg + 2;
	if ((eq = strchr(arg, '=')) != NULL)
		s->value = eq + 1;
	s->n = eq != NULL ? (size_t)(eq - s->name) : strlen(s->name);
	return 1;
}

/* The next word of argv at or after *i, NULL at the end. */
static char *
next_word(int argc, char **argv, int *i)
{
	const struct lk_opt	*o;
	struct spelled		 s;

	for (; *i < argc; (*i)++) {
		if (strcmp(argv[*i], "--") == 0)
			return *i + 1 < argc ? argv[++*i] : NULL;
		if (!spell(argv[*i], &s))
			return argv[*i];
		o = find_opt(NULL, s.name, s.n, s.letter);
		if (o != NULL && o->arg != NULL && s.value == NULL)
			(*i)++;
	}
	return NULL;
}

static int
unknown_opt(struct lk_cli *c, const struct spelled *s)
{
	const char		*names[NAMES_MAX], *of, *v;
	const struct lk_opt	*o;
	char			 word[64];
	size_t			 n = 0;

	of = c->verb != NULL ? c->verb->name : "latchkey";
	if (s->name == NULL)
		return lk_say(c, LK_EUSAGE, "unknown option -%c of %s "
		    "(latchkey%s%s --help)", s->letter, of,
		    c->verb != NULL ? " " : "", c->verb != NULL ? of : "");
	for (o = lk_opts_common; o->name != NULL; o++)
		names[n++] = o->name;
	for (o = c->verb != NULL ? c->verb->opts : NULL;
	    o != NULL && o->name != NULL && n < NAMES_MAX; o++)
		names[n++] = o->name;
	for (o = lk_opts_remote; c->verb != NULL && o->name != NULL &&
	    LK_MAY_BE_REMOTE(lk_where(c->verb)) && n < NAMES_MAX; o++)
		names[n++] = o->name;
	snprintf(word, sizeof(word), "%.*s", (int)s->n, s->name);
	v = lk_say_nearest(word, names, n, "--");
	return lk_say(c, LK_EUSAGE, "unknown option --%s of %s%s", word, of, v);
}

static void
take_common(struct lk_cli *c, const struct lk_opt *o)
{
	if (o == &opt_version)
		c->version = 1;
	else if (strcmp(o->name, "json") == 0)
		c->json = 1;
	else if (strcmp(o->name, "help") == 0)
		c->help = 1;
}

/* Take the option at argv[*i]; its value may be the next argument. */
static int
take_opt(struct lk_cli *c, int argc, char **argv, int *i,
    struct spelled *s)
{
	const struct lk_opt	*o;
	size_t			 k;

	o = find_opt(c->verb, s->name, s->n, s->letter);
	if (o == NULL)
		return unknown_opt(c, s);
	if (o->arg == NULL && s->value != NULL)
		return lk_say(c, LK_EUSAGE, "--%s takes no value", o->name);
	if (o->arg != NULL && s->value == NULL) {
		if (*i + 1 >= argc)
			return lk_say(c, LK_EUSAGE, "--%s needs a value: "
			    "--%s %s", o->name, o->name, o->arg);
		s->value = argv[++*i];
	}
	for (k = 0; k < c->ngiven; k++)
		if (c->given[k].opt == o && o->arg != NULL && !o->many)
			return lk_say(c, LK_EUSAGE, "--%s is given twice",
			    o->name);
	c->given[c->ngiven].opt = o;
	c->given[c->ngiven++].value = s->value;
	take_common(c, o);
	return 0;
}

static int
take_all(struct lk_cli *c, int argc, char **argv)
{
	struct spelled	 s;
	int		 i, r;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				c->words[c->nwords++] = argv[i];
			break;
		}
		if (!spell(argv[i], &s))
			c->words[c->nwords++] = argv[i];
		else if ((r = take_opt(c, argc, argv, &i, &s)) != 0)
			return r;
	}
	return 0;
}

static int
unknown_verb(struct lk_cli *c, const char *w1, const char *w2)
{
	/* Behind the verbs the groups, for one that is told without more. */
	static const char *const groups[] = { "account", "policy", "plugin",
		"store" };
	const char	*names[NAMES_MAX], *mean;
	char		 word[128];
	size_t		 n, i;

	snprintf(word, sizeof(word), "%s%s%s", w1, w2 != NULL ? " " : "",
	    w2 != NULL ? w2 : "");
	for (n = 0; lk_verbs[n] != NULL; n++)
		names[n] = lk_verbs[n]->name;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		names[n++] = groups[i];
	mean = lk_say_nearest(word, names, n, "");
	if (*mean == '\0' && w2 != NULL)
		mean = lk_say_nearest(w1, names, n, "");
	return lk_say(c, LK_EUSAGE, "unknown verb %s%s%s", word, mean,
	    *mean == '\0' ? " (latchkey --help)" : "");
}

/* 1 when w1 is the first word of verbs of two words, else 0. */
static int
is_group(const char *w1)
{
	size_t	 i, n = strlen(w1);

	for (i = 0; lk_verbs[i] != NULL; i++)
		if (strncmp(lk_verbs[i]->name, w1, n) == 0 &&
		    lk_verbs[i]->name[n] == ' ')
			return 1;
	return 0;
}

/* 1 when help is asked for, whatever the verb turns out to be. */
static int
asks_help(int argc, char **argv)
{
	int	 i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return 1;
	return 0;
}

/* The verb; *nwords is how many words name it. */
static int
find_verb(struct lk_cli *c, int argc, char **argv, size_t *nwords)
{
	char	 name[128], *w1, *w2 = NULL;
	size_t	 i;
	int	 at = 1;

	*nwords = 0;
	if ((w1 = next_word(argc, argv, &at)) == NULL)
		return 0;
	*nwords = 1;
	snprintf(name, sizeof(name), "%s", w1);
	if (is_group(w1)) {
		at++;
		if ((w2 = next_word(argc, argv, &at)) == NULL) {
			c->group = w1;
			return asks_help(argc, argv) ? 0 :
			    lk_help_words(c, &w1, 1);
		}
		*nwords = 2;
		snprintf(name, sizeof(name), "%s %s", w1, w2);
	}
	for (i = 0; lk_verbs[i] != NULL; i++)
		if (strcmp(lk_verbs[i]->name, name) == 0)
			c->verb = lk_verbs[i];
	return c->verb != NULL ? 0 : unknown_verb(c, w1, w2);
}

static int
check_words(struct lk_cli *c)
{
	const struct lk_verb	*v = c->verb;

	if (v == NULL || c->help || c->version)
		return 0;
	if (c->nwords < v->min)
		return lk_say(c, LK_EUSAGE, "%s needs more: latchkey %s %s",
		    v->name, v->name, v->synopsis);
	if (c->nwords > v->max)
		return lk_say(c, LK_EUSAGE, "%s does not take %s: "
		    "latchkey %s %s", v->name, c->words[v->max], v->name,
		    v->synopsis);
	return 0;
}

int
lk_args_parse(struct lk_cli *c, int argc, char **argv)
{
	size_t	 nverb = 0;
	int	 i, r;

	if (argc < 1)
		return 0;
	/* Known before anything can be wrong: errors are told in its form. */
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			c->json = 1;
	c->words = calloc((size_t)argc + 1, sizeof(*c->words));
	c->given = calloc((size_t)argc + 1, sizeof(*c->given));
	if (c->words == NULL || c->given == NULL)
		return lk_say(c, LK_ENOMEM, "no memory");
	if ((r = find_verb(c, argc, argv, &nverb)) != 0 ||
	    (r = take_all(c, argc, argv)) != 0)
		return r;
	c->words += nverb;
	c->nwords -= nverb;
	return check_words(c);
}

char *
lk_args_next(const struct lk_cli *c, const char *name, size_t *at)
{
	for (; *at < c->ngiven; (*at)++)
		if (strcmp(c->given[*at].opt->name, name) == 0)
			return c->given[(*at)++].value;
	return NULL;
}

char *
lk_args_value(const struct lk_cli *c, const char *name)
{
	size_t	 at = 0;

	return lk_args_next(c, name, &at);
}

int
lk_args_has(const struct lk_cli *c, const char *name)
{
	size_t	 i;

	for (i = 0; i < c->ngiven; i++)
		if (strcmp(c->given[i].opt->name, name) == 0)
			return 1;
	return 0;
}

int
lk_args_duration(struct lk_cli *c, const char *name, int zero, int64_t *seconds)
{
	const char	*text = lk_args_value(c, name);

	if (text == NULL)
		return 0;
	if (lk_duration_parse(text, strlen(text), seconds) == 0)
		return 0;
	if (zero && strcmp(text, "0") == 0) {
		*seconds = 0;
		return 0;
	}
	return lk_say(c, LK_EDATA, "--%s %s is no duration (90d, 24h, 15m, "
	    "30s%s)", name, text, zero ? ", 0" : "");
}
