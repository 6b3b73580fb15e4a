/*
 * syntax.c: one table from libyaml's words to ours.
 */
#include <string.h>

#include "policy/syntax.h"

/* Which of the two places helps, and whether the text names the other one. */
enum where { AT, FROM, BOTH };

static const struct sentence {
	const char	*context;	/* NULL: any                         */
	const char	*problem;
	enum where	 where;
	const char	*text;
} sentences[] = {
	{ NULL, "found character that cannot start any token", AT,
	    "no value starts with this character: put the text in quotes, "
	    "and indent with spaces, not with tabs" },
	{ NULL, "could not find expected ':'", FROM,
	    "expected a colon and a blank behind this key" },
	{ NULL, "mapping values are not allowed in this context", AT,
	    "no key may stand here: check the indent of this line and the "
	    "line above, or put text with a colon in quotes" },
	{ NULL, "mapping keys are not allowed in this context", AT,
	    "no key may stand here: check the indent of this line" },
	{ NULL, "block sequence entries are not allowed in this context", AT,
	    "no dash may stand here: put the list on lines of its own, or in "
	    "[ ]" },
	{ "while scanning a quoted scalar", "found unexpected end of stream",
	    FROM, "this quote is never closed" },
	{ "while scanning a quoted scalar",
	    "found unexpected document indicator", FROM,
	    "this quote is never closed" },
	{ NULL, "found unknown escape character", AT,
	    "no such escape: write \\\\ for a backslash, or use single "
	    "quotes" },
	{ NULL, "did not find expected hexdecimal number", AT,
	    "expected hexadecimal digits in this escape: write \\\\ for a "
	    "backslash" },
	{ NULL, "found invalid Unicode character escape code", AT,
	    "this escape is no Unicode character" },
	{ "while scanning an alias", NULL, FROM,
	    "an alias (*) is not allowed in a policy: write \"*\" in quotes" },
	{ "while scanning an anchor", NULL, FROM,
	    "an anchor (&) is not allowed in a policy: put text that starts "
	    "with & in quotes" },
	{ "while scanning a tag", NULL, FROM,
	    "a tag (!) is not allowed in a policy: put text that starts with "
	    "! in quotes" },
	{ "while parsing a tag", NULL, FROM,
	    "a tag (!) is not allowed in a policy: put text that starts with "
	    "! in quotes" },
	{ "while parsing a node", "found undefined tag handle", FROM,
	    "a tag (!) is not allowed in a policy: put text that starts with "
	    "! in quotes" },
	{ "while scanning a directive", NULL, FROM,
	    "a directive (%) is not allowed in a policy: remove it" },
	{ "while scanning a %YAML directive", NULL, FROM,
	    "a directive (%) is not allowed in a policy: remove it" },
	{ "while scanning a %TAG directive", NULL, FROM,
	    "a directive (%) is not allowed in a policy: remove it" },
	{ "while scanning a block scalar", NULL, FROM,
	    "text over several lines: write it on one line" },
	{ "while parsing a block mapping", "did not find expected key", BOTH,
	    "expected a key, indented as the mapping that starts on" },
	{ "while parsing a block collection",
	    "did not find expected '-' indicator", BOTH,
	    "expected a dash, indented as the list that starts on" },
	{ "while parsing a flow sequence", "did not find expected ',' or ']'",
	    BOTH, "expected a comma or ] (put text with braces, brackets or a "
	    "comma in quotes); the [ that is open stands on" },
	{ "while parsing a flow mapping", "did not find expected ',' or '}'",
	    BOTH, "expected a comma or } (put text with braces, brackets or a "
	    "comma in quotes); the { that is open stands on" },
	{ NULL, "did not find expected node content", AT,
	    "expected a value here; text with a colon goes in quotes" },
	{ NULL, "did not find expected <document start>", AT,
	    "the policy ended above: check the indent of this line" },
	{ NULL, "found incompatible YAML document", AT,
	    "a directive (%) is not allowed in a policy: remove it" },
	{ NULL, "found duplicate %YAML directive", AT,
	    "a directive (%) is not allowed in a policy: remove it" },
	{ NULL, "found duplicate %TAG directive", AT,
	    "a directive (%) is not allowed in a policy: remove it" },
};

static int
said(const char *want, const char *have)
{
	return want == NULL || (have != NULL && strcmp(want, have) == 0);
}

static const struct sentence *
sentence_of(const struct lk_syntax *s)
{
	size_t	 i;

	for (i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		if (said(sentences[i].context, s->context) &&
		    said(sentences[i].problem, s->problem))
			return &sentences[i];
	}
	return NULL;
}

void
lk_syntax_report(struct lk_findings *f, const struct lk_syntax *s)
{
	const struct sentence	*t = sentence_of(s);
	struct lk_place		 at = s->at;

	/* libyaml ends behind the last newline, where there is no line */
	if (at.line > s->lines && s->lines > 0)
		at = (struct lk_place){ s->lines, 1 };
	if (t == NULL)
		lk_found(f, at, "this is not YAML: %s",
		    s->problem != NULL ? s->problem : "no reason is known");
	else if (t->where == BOTH)
		lk_found(f, at, "%s line %u, column %u", t->text,
		    s->from.line, s->from.column);
	else
		lk_found(f, t->where == FROM ? s->from : at, "%s", t->text);
}
