/*
 * answers.c: a plugin that answers what its options say, legal or not.  It has
 * the calls of both kinds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

struct answers {
	int64_t		 answer, reason, wait;
	const char	*note;
	const char	*find;
	const char	*mint;
};

static const struct lk_option options[] = {
	{ .name = "answer", .kind = LK_OPTION_INTEGER, .fallback = "0",
	  .help = "what each call answers" },
	{ .name = "reason", .kind = LK_OPTION_INTEGER, .fallback = "0",
	  .help = "the reason with it" },
	{ .name = "wait", .kind = LK_OPTION_INTEGER, .fallback = "0",
	  .help = "the seconds with it" },
	{ .name = "note", .kind = LK_OPTION_CHOICE, .fallback = "none",
	  .choices = "none plain control endless", .help = "the note" },
	{ .name = "find", .kind = LK_OPTION_CHOICE, .fallback = "token",
	  .choices = "nothing token signed both no_proof no_key proof_too "
	    "lengthy hollow hollow_account lengthy_account account",
	  .help = "what present finds" },
	{ .name = "mint", .kind = LK_OPTION_CHOICE, .fallback = "good",
	  .choices = "good shortest longest empty short long unended blank "
	    "control eighth", .help = "what is minted" },
	{ .name = "refuse_configure", .kind = LK_OPTION_BOOLEAN,
	  .fallback = "false", .help = "whether configure answers this too" },
};

static uint32_t
answer(const struct answers *s, struct lk_answer *a)
{
	a->reason = (uint32_t)s->reason;
	a->wait = (uint32_t)s->wait;
	if (strcmp(s->note, "plain") == 0)
		snprintf(a->note, sizeof(a->note), "as it was told");
	else if (strcmp(s->note, "control") == 0)
		snprintf(a->note, sizeof(a->note), "a\033[2J\nb");
	else if (strcmp(s->note, "endless") == 0)
		memset(a->note, 'x', sizeof(a->note));
	return (uint32_t)s->answer;
}

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct answers	*s;
	int64_t		 refuse;
	uint32_t	 r;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return LK_BROKEN;
	host->option_number(setup, "answer", &s->answer);
	host->option_number(setup, "reason", &s->reason);
	host->option_number(setup, "wait", &s->wait);
	host->option_string(setup, "note", &s->note);
	host->option_string(setup, "find", &s->find);
	host->option_string(setup, "mint", &s->mint);
	host->option_number(setup, "refuse_configure", &refuse);
	if (refuse) {
		r = answer(s, a);
		free(s);
		return r;
	}
	*instance = s;
	return LK_PASS;
}

static void
release(void *instance)
{
	free(instance);
}

#define SLICE(s)	{ (s), sizeof(s) - 1 }
#define HOLLOW		{ NULL, 5 }
#define LENGTHY		{ "x", 100000 }
#define NONE		{ NULL, 0 }

static const struct find {
	const char		*name;
	struct lk_slice		 token, key_id, proof, account;
} finds[] = {
	{ "nothing",	NONE, NONE, NONE, NONE },
	{ "token",	SLICE("t"), NONE, NONE, NONE },
	{ "signed",	NONE, SLICE("k"), SLICE("p"), NONE },
	{ "both",	SLICE("t"), SLICE("k"), SLICE("p"), NONE },
	{ "no_proof",	NONE, SLICE("k"), NONE, NONE },
	{ "no_key",	NONE, NONE, SLICE("p"), NONE },
	{ "proof_too",	SLICE("t"), NONE, SLICE("p"), NONE },
	{ "lengthy",	LENGTHY, NONE, NONE, NONE },
	{ "hollow",	HOLLOW, NONE, NONE, NONE },
	{ "hollow_account", SLICE("t"), NONE, NONE, HOLLOW },
	{ "lengthy_account", SLICE("t"), NONE, NONE, LENGTHY },
	{ "account",	SLICE("t"), NONE, NONE, SLICE("acme") },
};

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct answers	*s = instance;
	size_t			 i;

	(void)c;
	for (i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		if (strcmp(finds[i].name, s->find) != 0)
			continue;
		cr->token = finds[i].token;
		cr->key_id = finds[i].key_id;
		cr->proof = finds[i].proof;
		cr->account = finds[i].account;
	}
	return answer(s, a);
}

/* n times c, without a NUL if that fills it. */
static void
fill(char *out, size_t size, int c, size_t n)
{
	memset(out, c, n < size ? n : size);
	if (n < size)
		out[n] = '\0';
}

static const struct mint {
	const char	*name;
	int		 c;
	size_t		 n;
} mints[] = {
	{ "good", 'a', 40 },
	{ "shortest", 'a', 16 },
	{ "longest", 'a', 256 },
	{ "empty", 'a', 0 },
	{ "short", 'a', 15 },
	{ "long", 'a', 257 },
	{ "unended", 'a', 100000 },
	{ "blank", ' ', 40 },
	{ "control", '\n', 40 },
	{ "eighth", 0xe4, 40 },
};

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct answers	*s = instance;
	size_t			 i;

	(void)setup;
	for (i = 0; i < sizeof(mints) / sizeof(mints[0]); i++)
		if (strcmp(mints[i].name, s->mint) == 0)
			fill(out, size, mints[i].c, mints[i].n);
	return answer(s, a);
}

static uint32_t
verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	(void)c;
	(void)cr;
	(void)record;
	return answer(instance, a);
}

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	(void)c;
	(void)record;
	return answer(instance, a);
}

static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	struct lk_answer	 a;

	(void)u;
	memset(out, '\a', size);
	return answer(instance, &a);
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_TYPE),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "answers",
	.version = "1.0",
	.title = "Answers what it is told",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = release,
	.present = present,
	.mint = mint,
	.verify = verify,
	.usage = usage,
	.check = check,
};
