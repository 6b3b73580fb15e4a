/*
 * help.c: what the command is and how each verb is used, from the table.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/cli.h"
#include "cli/verbs.h"

void
lk_help_overview(FILE *f)
{
	size_t	 i;

	fprintf(f, "latchkey: who may call which API with which key\n\n"
	    "usage: latchkey VERB [OPTION]... [WORD]...\n\n");
	for (i = 0; lk_verbs[i] != NULL; i++)
		fprintf(f, "  %-14s %s\n", lk_verbs[i]->name,
		    lk_verbs[i]->summary);
	fprintf(f, "\nlatchkey help VERB tells more; latchkey --version its "
	    "version.\n");
}

static void
print_opts(FILE *f, const struct lk_opt *o)
{
	char	 left[64], letter[8];

	for (; o != NULL && o->name != NULL; o++) {
		snprintf(letter, sizeof(letter), o->letter != 0 ? "-%c, " :
		    "    ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		fprintf(f, "  %-26s %s\n", left, o->help);
	}
}

void
lk_help_verb(FILE *f, const struct lk_verb *v)
{
	fprintf(f, "usage: latchkey %s%s%s\n\n%s\n\n", v->name,
	    *v->synopsis != '\0' ? " " : "", v->synopsis, v->summary);
	print_opts(f, v->opts);
	if (LK_MAY_BE_REMOTE(lk_where(v)))
		print_opts(f, lk_opts_remote);
	print_opts(f, lk_opts_common);
	fprintf(f, "\nexample:\n  %s\n", v->example);
}

/* Whether name is w1, "w1 w2" or, with w1 alone, of the group w1. */
static int
matches(const char *name, const char *w1, const char *w2)
{
	size_t	 n = strlen(w1);

	if (strncmp(name, w1, n) != 0)
		return 0;
	if (name[n] == '\0')
		return w2 == NULL;
	return name[n] == ' ' && (w2 == NULL || strcmp(name + n + 1, w2) == 0);
}

/* A group without its second word is an error; its usage says what is open. */
static int
tell_group(struct lk_cli *c, const char *w1)
{
	char	 list[512] = "";
	size_t	 i, n = 0;

	for (i = 0; lk_verbs[i] != NULL; i++)
		if (matches(lk_verbs[i]->name, w1, NULL))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%s", n != 0 ? ", " : "", lk_verbs[i]->name);
	return lk_say(c, LK_EUSAGE, "%s needs another word: %s", w1, list);
}

int
lk_help_words(struct lk_cli *c, char *const *words, size_t n)
{
	const char	*names[64];
	char		 word[128];
	size_t		 i, found = 0, nnames = 0;

	if (n == 1 && c->verb == NULL && !c->help)
		return tell_group(c, words[0]);
	for (i = 0; lk_verbs[i] != NULL; i++) {
		names[nnames++] = lk_verbs[i]->name;
		if (!matches(lk_verbs[i]->name, words[0],
		    n > 1 ? words[1] : NULL))
			continue;
		if (found++ != 0)
			putchar('\n');
		lk_help_verb(stdout, lk_verbs[i]);
	}
	if (found != 0)
		return 0;
	snprintf(word, sizeof(word), "%s%s%s", words[0], n > 1 ? " " : "",
	    n > 1 ? words[1] : "");
	return lk_say(c, LK_EUSAGE, "unknown verb %s%s", word,
	    lk_say_nearest(word, names, nnames, ""));
}

static int
run(struct lk_cli *c)
{
	if (c->nwords == 0) {
		lk_help_overview(stdout);
		return 0;
	}
	return lk_help_words(c, c->words, c->nwords);
}

const struct lk_verb lk_verb_help = {
	.name = "help",
	.synopsis = "[VERB]",
	.summary = "show how a verb is used",
	.example = "latchkey help generate",
	.max = 2,
	.run = run,
};
