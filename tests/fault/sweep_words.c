/*
 * sweep_words.c: what the command said, and how it ended.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"
#include "token/token.h"

int
sweep_wrong(struct sweep_judge *j, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(j->why, sizeof j->why, fmt, ap);
	va_end(ap);
	return 1;
}

static int
is_documented(const struct sweep_judge *j)
{
	size_t	 i;

	for (i = 0; i < 10 && j->v->failed[i] != 0; i++)
		if (j->v->failed[i] == j->now->status)
			return 1;
	return 0;
}

/* What could not be written there is not looked for. */
static int
stream_failed(const char *name)
{
	const struct fault_page	*p = sweep_page;

	if (p->how == FAULT_NONE || p->at == 0 || p->at > FAULT_SEEN)
		return 0;
	return p->for_good || strcmp(p->seen[p->at - 1].object, name) == 0;
}

/* libgcrypt ends the process, in words of its own, where it cannot read whether
 * the machine is in FIPS mode. */
static int
of_gcrypt(const struct sweep_result *r)
{
	static const char	 file[] = "fips_enabled";
	const struct fault_page	*p = sweep_page;

	if (p->at == 0 || p->at > FAULT_SEEN || p->how != FAULT_ERROR)
		return 0;
	return strcmp(p->seen[p->at - 1].object, file) == 0 ||
	    (p->for_good && strstr(r->err, file) != NULL);
}

/* A failure is told in sentences, each of them whole. */
static int
judge_sentence(struct sweep_judge *j)
{
	const struct sweep_result	*r = j->now;

	if (stream_failed("stderr"))
		return 0;
	if (r->nerr == 0)
		return sweep_wrong(j, "status %d without a word", r->status);
	if (r->err[r->nerr - 1] != '\n' || r->nerr < 20)
		return sweep_wrong(j, "status %d, and half a sentence: %s",
		    r->status, r->err);
	if (strstr(r->err, "(null)") != NULL || strstr(r->err, ": \n") != NULL)
		return sweep_wrong(j, "an odd sentence: %s", r->err);
	return 0;
}

/* Nothing, or one token and a newline, or one JSON object with one in it. */
static int
judge_token(struct sweep_judge *j)
{
	const struct sweep_result	*r = j->now;
	struct lk_token			 t;

	if (r->nout == 0 || r->status > 0)
		return 0;
	if (r->out[r->nout - 1] != '\n')
		return sweep_wrong(j, "half a token: %s", r->out);
	if (r->out[0] != '{' &&
	    lk_token_parse(r->out, r->nout - 1, &t) != 0)
		return sweep_wrong(j, "no token: %s", r->out);
	return 0;
}

static int
judge_output(struct sweep_judge *j)
{
	const struct sweep_result	*r = j->now;

	if (j->v->kind & SWEEP_DENIES &&
	    (strncmp(r->out, "allow", 5) == 0 ||
	    strstr(r->out, "sound") != NULL))
		return sweep_wrong(j, "says %s", r->out);
	if (j->v->kind & SWEEP_TOKEN && judge_token(j) != 0)
		return 1;
	if (r->out[0] == '{' && r->status > 0 && !stream_failed("stdout") &&
	    (r->nout < 3 || strcmp(r->out + r->nout - 2, "}\n") != 0))
		return sweep_wrong(j, "half an object: %s", r->out);
	if ((j->v->kind & SWEEP_FAULTY && strstr(r->out, "faulty") != NULL) ||
	    (j->v->kind & SWEEP_NOTES && strstr(r->out, ": note: ") != NULL))
		return 0;
	if (j->v->kind & SWEEP_READS && r->status == j->v->clean &&
	    strcmp(r->out, j->clean->out) != 0 &&
	    (r->status == 0 || !stream_failed("stdout")))
		return sweep_wrong(j, "status %d, and another output: %s",
		    r->status, r->out);
	return 0;
}

/* What ended it, or the process that it judges in, of which it tells; 0. */
static int
what_ended(const struct sweep_result *r)
{
	static const char	 told[] = "was ended by signal ";
	const char		*p = strstr(r->err, told);

	return p != NULL ? atoi(p + sizeof told - 1) : r->signal;
}

int
sweep_judge_words(struct sweep_judge *j)
{
	const struct sweep_result	*r = j->now;
	int				 sig = what_ended(r);

	if (r->hung)
		return sweep_wrong(j, "it hangs");
	if (sig == SIGABRT && of_gcrypt(r))
		return 0;
	/* Ours: posix_spawn(3) blocks all signals, and a call that the filter
	 * hands to the shim meanwhile ends the process. */
	if (sig == SIGSYS)
		return 0;
	if (sig != 0 && !(j->faulty && sweep_page->how == FAULT_KILL &&
	    sig == SIGKILL))
		return sweep_wrong(j, "ended by signal %d: %s", sig, r->err);
	if (r->signal == 0 && r->status != j->v->clean &&
	    (!j->faulty || !is_documented(j)))
		return sweep_wrong(j, "status %d is none of its own: %s",
		    r->status, r->err);
	if (r->signal == 0 && r->status > 1 && judge_sentence(j) != 0)
		return 1;
	/* What ends in doubt does not believe the second one. */
	if (sweep_page->again != 0 && r->status != 71)
		return sweep_wrong(j, "a sync that failed was tried again");
	return judge_output(j);
}
