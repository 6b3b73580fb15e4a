/*
 * lines.c: lines of the log.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/lines.h"
#include "daemon/tell.h"

#define TEXT_MAX	512		/* octets, all of one                */
#define SEATS		512		/* a power of 2                      */
#define MINUTE		60		/* seconds                           */
#define OF_STATUS	0x10000U	/* as a reason: a status of HTTP     */

/* Reason and address; two that meet in one seat take turns. */
struct seat {
	uint32_t	 reason, outcome;
	struct lk_net	 peer;
	int64_t		 since;		/* seconds; 0: nobody's              */
	unsigned	 n;		/* in that minute                    */
	uint64_t	 over;		/* not written, not told             */
};

struct lk_lines {
	const struct lk_daemon	*d;
	struct lk_counts	*counts;
	struct lk_ring		*ring;
	int			 journal;	/* it reads priorities       */
	unsigned		 untold;	/* seats with over           */
	struct seat		 seats[SEATS];
};

struct text {
	size_t	 n;
	char	 s[TEXT_MAX];
};

static void	 add(struct text *t, const char *fmt, ...) LK_PRINTF(2, 3);

static void
add(struct text *t, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->n, sizeof(t->s) - t->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->n += (size_t)n;
	/* What does not fit is cut off, and the newline kept. */
	if (t->n > sizeof(t->s) - 2)
		t->n = sizeof(t->s) - 2;
}

/* The journal has a clock of its own. */
static void
begin(const struct lk_lines *l, struct text *t, uint32_t outcome)
{
	char	 now[32];
	int	 priority = outcome == LK_ALLOW ? 6 : outcome == LK_DENY ? 5 :
	    outcome == LK_LIMIT ? 4 : 3;

	t->n = 0;
	if (l->journal)
		add(t, "<%d>", priority);
	add(t, "latchkeyd:");
	if (!l->journal) {
		lk_time_format(lk_clock_now(), now, sizeof(now));
		add(t, " time=%s", now);
	}
}

static void
add_name(struct text *t, const char *name, const char *value)
{
	if (value[0] != '\0')
		add(t, " %s=%s", name, value);
}

static void
add_peer(struct text *t, const struct lk_net *peer)
{
	char	 text[64];

	if (peer->family == 0)
		return;
	lk_net_format(peer, text, sizeof(text));
	add_name(t, "peer", text);
}

static void
put(struct lk_lines *l, struct text *t)
{
	t->s[t->n++] = '\n';
	lk_counts_line(l->counts, lk_ring_put(l->ring, t->s, t->n) == 0 ?
	    LK_LINE_WRITTEN : LK_LINE_LOST);
}

/* What a seat is of. */
static void
add_what(struct text *t, const struct seat *s)
{
	if ((s->reason & OF_STATUS) != 0)
		add(t, " admin status=%u", s->reason & ~OF_STATUS);
	else
		add(t, " outcome=%s reason=%s", lk_outcome_name(s->outcome),
		    lk_reason_name(s->reason));
}

static void
write_decision(struct lk_lines *l, const struct lk_facts *f)
{
	const struct lk_decision	*d = f->d;
	struct text			 t;

	begin(l, &t, d->outcome);
	add(&t, " outcome=%s reason=%s status=%d",
	    lk_outcome_name(d->outcome), d->reason_name, f->status);
	add_name(&t, "type", d->type);
	add_name(&t, "api", d->api);
	add_name(&t, "account", d->account);
	add_name(&t, "key", d->key_id);
	add_peer(&t, f->peer);
	add_name(&t, "plugin", d->fault);
	if (d->observed != 0)
		add(&t, " observed=%s observed_check=%s",
		    lk_reason_name(d->observed_reason), d->observed_check);
	add_name(&t, "id", f->id);
	add(&t, " us=%" PRId64, f->ns / 1000);
	put(l, &t);
}

/* ----------------------------------------------------------------- denials */

static void
tell(struct lk_lines *l, struct seat *s)
{
	struct text	 t;

	if (s->over == 0)
		return;
	begin(l, &t, s->outcome);
	add_what(&t, s);
	add_peer(&t, &s->peer);
	add(&t, " more=%" PRIu64, s->over);
	put(l, &t);
	s->over = 0;
	l->untold--;
}

static struct seat *
seat_of(struct lk_lines *l, uint32_t reason, const struct lk_net *peer)
{
	uint64_t	 h;

	memcpy(&h, peer->addr, sizeof(h));
	h = (h ^ reason ^ (uint64_t)peer->family << 32) * 0x9e3779b97f4a7c15;
	return &l->seats[h >> 32 & (SEATS - 1)];
}

/* The clock may have been set back. */
static int
is_over(const struct seat *s, int64_t now)
{
	return now - s->since >= MINUTE || now < s->since;
}

/* May it be written?  Else it is counted. */
static int
admit(struct lk_lines *l, uint32_t reason, uint32_t outcome,
    const struct lk_net *peer)
{
	struct seat	*s = seat_of(l, reason, peer);
	int64_t		 now = lk_clock_now();

	if (s->since == 0 || s->reason != reason ||
	    s->peer.family != peer->family ||
	    memcmp(s->peer.addr, peer->addr, 8) != 0 ||
	    is_over(s, now)) {
		tell(l, s);
		s->reason = reason;
		s->outcome = outcome;
		s->peer = *peer;
		s->since = now;
		s->n = 0;
	}
	if (s->n < l->d->log_lines) {
		s->n++;
		return 1;
	}
	if (s->over++ == 0)
		l->untold++;
	lk_counts_line(l->counts, LK_LINE_COUNTED);
	return 0;
}

void
lk_lines_decision(struct lk_lines *l, const struct lk_facts *f)
{
	if (l->d->log == LK_LOG_NONE ||
	    (l->d->log == LK_LOG_DENIALS && f->d->outcome == LK_ALLOW &&
	    f->d->observed == 0))
		return;
	if ((f->d->outcome == LK_ALLOW && f->d->observed == 0) ||
	    admit(l, f->d->reason, f->d->outcome, f->peer))
		write_decision(l, f);
}

static uint32_t
outcome_of(int status)
{
	return status < 400 ? LK_ALLOW : status < 500 ? LK_DENY : LK_ERROR;
}

static void
write_answer(struct lk_lines *l, const struct lk_answered *a)
{
	struct text	 t;

	begin(l, &t, outcome_of(a->status));
	add(&t, " admin=%s status=%d", a->name, a->status);
	if (a->reason != NULL)
		add_name(&t, "reason", a->reason);
	add_name(&t, "operator", a->who);
	if (a->from[0] != '\0')
		add(&t, " from=\"%s\"", a->from);
	else
		add_peer(&t, a->peer);
	add_name(&t, "id", a->id);
	add(&t, " us=%" PRId64, a->ns / 1000);
	put(l, &t);
}

void
lk_lines_answer(struct lk_lines *l, const struct lk_answered *a)
{
	int	 good = a->status < 400;

	if (l->d->log == LK_LOG_NONE || (good && l->d->log != LK_LOG_ALL))
		return;
	if (good || admit(l, OF_STATUS | (uint32_t)a->status,
	    outcome_of(a->status), a->peer))
		write_answer(l, a);
}

void
lk_lines_look(struct lk_lines *l)
{
	int64_t	 now = lk_clock_now();
	size_t	 i;

	for (i = 0; i < SEATS && l->untold != 0; i++)
		if (is_over(&l->seats[i], now))
			tell(l, &l->seats[i]);
	lk_lines_flush(l);
}

void
lk_lines_flush(struct lk_lines *l)
{
	lk_ring_wake(l->ring);
}

/* ------------------------------------------------------------------ set-up */

struct lk_lines *
lk_lines_new(const struct lk_daemon *d, struct lk_counts *c,
    struct lk_ring *r)
{
	struct lk_lines	*l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->d = d;
	l->counts = c;
	l->ring = r;
	l->journal = lk_tell_journal();
	return l;
}

void
lk_lines_free(struct lk_lines **lp)
{
	struct lk_lines	*l = *lp;
	size_t		 i;

	if (l == NULL)
		return;
	for (i = 0; i < SEATS; i++)
		tell(l, &l->seats[i]);
	lk_lines_flush(l);
	free(l);
	*lp = NULL;
}
