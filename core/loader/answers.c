/*
 * answers.c: which answer is one, by two tables.
 *
 * An answer that its call does not document is never guessed at: it comes back
 * as LK_BROKEN, which becomes *error* and never an allow.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "loader/instance.h"

#define IN(call)	(1U << LK_CALL_##call)
#define IN_ALL		(IN(CONFIGURE) | IN(PRESENT) | IN(MINT) |	\
			    IN(VERIFY) | IN(USAGE) | IN(CHECK))

static const char *const call_names[] = {
	[LK_CALL_CONFIGURE]	= "configure",
	[LK_CALL_PRESENT]	= "present",
	[LK_CALL_MINT]		= "mint",
	[LK_CALL_VERIFY]	= "verify",
	[LK_CALL_USAGE]		= "usage",
	[LK_CALL_CHECK]		= "check",
};

/* answer x call, as plugin.h documents them */
static const struct legal {
	uint32_t	 answer;
	unsigned	 calls;
} answers[] = {
	{ LK_PASS,	IN_ALL },
	{ LK_REFUSE,	IN(PRESENT) | IN(VERIFY) | IN(CHECK) },
	{ LK_WAIT,	IN(CHECK) },
	{ LK_NOT_MINE,	IN(PRESENT) },
	{ LK_BROKEN,	IN_ALL },
};

/* reason x call, for LK_REFUSE */
static const unsigned reasons[LK_REASON_COUNT] = {
	[LK_REASON_NO_CREDENTIAL]	= IN(PRESENT),
	[LK_REASON_TWO_CREDENTIALS]	= IN(PRESENT),
	[LK_REASON_BAD_REQUEST]		= IN(PRESENT) | IN(VERIFY),
	[LK_REASON_MALFORMED]		= IN(PRESENT) | IN(VERIFY),
	[LK_REASON_WRONG_ACCOUNT]	= IN(VERIFY),
	[LK_REASON_EXPIRED]		= IN(VERIFY),
	[LK_REASON_NOT_YET]		= IN(VERIFY),
	[LK_REASON_NOT_ENTITLED]	= IN(CHECK),
	[LK_REASON_ADDRESS_REFUSED]	= IN(CHECK),
};

void
lk_text_tidy(char *text, size_t size)
{
	size_t	 n, i;

	n = strnlen(text, size - 1);
	text[n] = '\0';
	if (lk_utf8_plain(text, n))
		return;
	for (i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			text[i] = '?';
}

uint32_t
lk_answer_broken(struct lk_answer *a, const char *note)
{
	a->reason = LK_REASON_PLUGIN_FAULT;
	a->wait = 0;
	snprintf(a->note, sizeof(a->note), "%s", note);
	return LK_BROKEN;
}

static int
answer_legal(enum lk_plugin_call call, uint32_t answer)
{
	size_t	 i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].answer == answer)
			return (answers[i].calls >> call & 1U) != 0;
	return 0;
}

static int
reason_legal(enum lk_plugin_call call, uint32_t reason)
{
	return reason < LK_REASON_COUNT && (reasons[reason] >> call & 1U) != 0;
}

uint32_t
lk_answer_judge(enum lk_plugin_call call, uint32_t answer,
    struct lk_answer *a)
{
	char	 note[LK_ANSWER_NOTE];

	if (!answer_legal(call, answer)) {
		snprintf(note, sizeof(note), "answered 0x%08x: not an answer "
		    "of %s", answer, call_names[call]);
		return lk_answer_broken(a, note);
	}
	lk_text_tidy(a->note, sizeof(a->note));
	if (answer == LK_REFUSE && !reason_legal(call, a->reason)) {
		snprintf(note, sizeof(note), "refused with reason %u: not one "
		    "of %s", a->reason, call_names[call]);
		return lk_answer_broken(a, note);
	}
	if (answer == LK_WAIT && a->wait == 0)
		return lk_answer_broken(a, "answered wait, for no time");
	if (answer == LK_WAIT)
		a->reason = LK_REASON_RATE_LIMITED;
	if (answer == LK_BROKEN) {
		a->reason = LK_REASON_PLUGIN_FAULT;
		if (a->note[0] == '\0')
			return lk_answer_broken(a, "broken, and says not why");
	}
	return answer;
}
