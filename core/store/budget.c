#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "store/budget.h"

#define DAY		(86400ULL * LK_SECOND)
#define COUNT		0x3fffffffULL	/* the low bits of a day             */

void
lk_budget_set(struct lk_spend *s, uint64_t limit, uint64_t seconds,
    uint64_t burst)
{
	uint64_t	 period = seconds * LK_SECOND;

	if (seconds == 0) {
		s->step = 0;
		s->span = limit;
		return;
	}
	/* Rounded up, so that a period never lets more than limit pass. */
	s->step = (period + limit - 1) / limit;
	s->span = burst > LK_BUDGET_SPAN / s->step ? LK_BUDGET_SPAN :
	    burst * s->step;
}

static uint32_t
seconds_up(uint64_t ns)
{
	uint64_t	 s = (ns + LK_SECOND - 1) / LK_SECOND;

	if (s == 0)
		return 1;
	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

/* A time that no budget of this span can have come to counts as now. */
static uint64_t
full_at(const struct lk_spend *s, uint64_t old, uint64_t now)
{
	return old < now || old > now + s->span + LK_BUDGET_SLACK ? now : old;
}

static int
rate_next(const struct lk_spend *s, uint64_t old, uint64_t now,
    uint64_t *next, uint32_t *wait)
{
	*next = full_at(s, old, now) + s->step;
	if (*next <= now + s->span)
		return 1;
	*wait = seconds_up(*next - s->span - now);
	return 0;
}

/*
 * The day that the word is about: its end, and its calls into *count.  Just
 * before midnight another's clock may have struck already: then it has.
 */
static uint64_t
day_of(uint64_t old, uint64_t now, uint64_t *count)
{
	uint64_t	 end = (now / DAY + 1) * DAY;

	*count = old & COUNT;
	if ((old & ~COUNT) == (end & ~COUNT))
		return end;
	if ((old & ~COUNT) == ((end + DAY) & ~COUNT) &&
	    end - now <= LK_BUDGET_SLACK)
		return end + DAY;
	*count = 0;
	return end;
}

static int
day_next(const struct lk_spend *s, uint64_t old, uint64_t now,
    uint64_t *next, uint32_t *wait)
{
	uint64_t	 count, end = day_of(old, now, &count);

	if (count < s->span) {
		*next = (end & ~COUNT) | (count + 1);
		return 1;
	}
	*wait = seconds_up(end - now);
	return 0;
}

int
lk_budget_next(const struct lk_spend *s, uint64_t old, int64_t now,
    uint64_t *next, uint32_t *wait)
{
	uint64_t	 t = now < 0 ? 0 : (uint64_t)now;

	return s->step != 0 ? rate_next(s, old, t, next, wait) :
	    day_next(s, old, t, next, wait);
}

uint32_t
lk_budget_left(const struct lk_spend *s, uint64_t old, int64_t now,
    uint32_t *reset)
{
	uint64_t	 count, end, full, t = now < 0 ? 0 : (uint64_t)now;

	if (s->step == 0) {
		end = day_of(old, t, &count);
		*reset = count != 0 ? seconds_up(end - t) : 0;
		return count < s->span ? (uint32_t)(s->span - count) : 0;
	}
	full = full_at(s, old, t);
	*reset = full > t ? seconds_up(full - t) : 0;
	return full - t < s->span ?
	    (uint32_t)((s->span - (full - t)) / s->step) : 0;
}

uint64_t
lk_budget_back(const struct lk_spend *s, uint64_t old, int64_t now)
{
	uint64_t	 count, end, t = now < 0 ? 0 : (uint64_t)now;

	if (s->step != 0)
		return full_at(s, old, t) > t && old >= s->step ?
		    old - s->step : old;
	end = day_of(old, t, &count);
	return count != 0 ? (end & ~COUNT) | (count - 1) : old;
}

uint64_t
lk_budget_hash(uint64_t seed, const void *p, size_t n)
{
	const uint8_t	*in = p;
	uint64_t	 h = seed ^ n * 0x9e3779b97f4a7c15ULL, w;
	size_t		 k;

	for (; n > 0; n -= k, in += k) {
		k = n < sizeof(w) ? n : sizeof(w);
		w = 0;
		memcpy(&w, in, k);
		h = (h ^ w) * 0xff51afd7ed558ccdULL;
		h ^= h >> 32;
	}
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}
