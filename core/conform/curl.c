/*
 * curl.c: what a plugin says of usage, read as a shell and curl(1) would, so
 * that it is held to its word.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "conform/trial.h"

#define TOKEN_WORD	"$TOKEN"

/* Where the words of a line go, one behind the other, each ended by NUL. */
struct words {
	const char	*at, *token;
	char		*to, *end;
	int		 failed;
};

static void
put(struct words *w, const char *p, size_t n)
{
	if (w->failed || n >= (size_t)(w->end - w->to)) {
		w->failed = 1;
		return;
	}
	memcpy(w->to, p, n);
	w->to += n;
}

/* In double quotes, or in none: what a dollar or a backslash stands for. */
static void
put_one(struct words *w, int quoted)
{
	size_t	 n = sizeof(TOKEN_WORD) - 1;

	if (strncmp(w->at, TOKEN_WORD, n) == 0) {
		put(w, w->token, strlen(w->token));
		w->at += n;
		return;
	}
	if (*w->at == '\\' && w->at[1] != '\0' &&
	    (!quoted || strchr("\"\\$`", w->at[1]) != NULL))
		w->at++;
	put(w, w->at++, 1);
}

static void
single_quoted(struct words *w)
{
	size_t	 n = strcspn(++w->at, "'");

	put(w, w->at, n);
	w->at += n;
	if (*w->at++ != '\'')
		w->failed = 1;
}

static void
double_quoted(struct words *w)
{
	for (w->at++; *w->at != '\0' && *w->at != '"' && !w->failed;)
		put_one(w, 1);
	if (*w->at++ != '"')
		w->failed = 1;
}

/* The next word, or NULL at the end or when a quote is not closed. */
static const char *
next(struct words *w)
{
	char	*word = w->to;

	w->at += strspn(w->at, " ");
	if (*w->at == '\0')
		return NULL;
	while (*w->at != '\0' && *w->at != ' ' && !w->failed) {
		if (*w->at == '\'')
			single_quoted(w);
		else if (*w->at == '"')
			double_quoted(w);
		else
			put_one(w, 0);
	}
	put(w, "", 1);
	return w->failed ? NULL : word;
}

/* NAME: VALUE.  0, or -1. */
static int
take_field(struct lk_ask *k, char *word)
{
	char	*colon = strchr(word, ':');
	char	*value;

	if (colon == NULL || colon == word)
		return -1;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " ");
	lk_ask_field(k, word, value, strlen(value));
	return 0;
}

static int
take_url(struct lk_ask *k, const char *word)
{
	const char	*p = strstr(word, "://");

	if (p == NULL || (p = strchr(p + 3, '/')) == NULL)
		return -1;
	k->target.p = p;
	k->target.n = strlen(p);
	return 0;
}

static int
take_option(struct lk_ask *k, const char *option, const char *value)
{
	if (value == NULL)
		return -1;
	if (strcmp(option, "-X") == 0 || strcmp(option, "--request") == 0) {
		k->method.p = value;
		k->method.n = strlen(value);
		return 0;
	}
	if (strcmp(option, "-H") == 0 || strcmp(option, "--header") == 0)
		return take_field(k, (char *)(uintptr_t)value);
	if (strcmp(option, "-d") == 0 || strcmp(option, "--data") == 0 ||
	    strcmp(option, "--data-raw") == 0) {
		k->body.p = value;
		k->body.n = strlen(value);
		return 0;
	}
	return -1;
}

int
lk_curl_parse(const char *line, const char *token, char *text, size_t size,
    struct lk_ask *k)
{
	struct words	 w = { line, token, text, text + size, 0 };
	const char	*word = next(&w);
	int		 url = 0;

	if (word == NULL || strcmp(word, "curl") != 0)
		return -1;
	while ((word = next(&w)) != NULL) {
		if (word[0] == '-') {
			if (take_option(k, word, next(&w)) != 0)
				return -1;
		} else if (url++ != 0 || take_url(k, word) != 0)
			return -1;
	}
	return !w.failed && url == 1 ? 0 : -1;
}
