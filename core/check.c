/*
 * check.c: is a store sound, and is what was noted of it still there?
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "peppers.h"

/* What a store by itself tells: the grammar of it. */
static int
check_alone(const char *store, lk_finding_fn fn, void *arg, struct lk_error *e)
{
	struct lk_store_options	 o = { .dir = store };

	if (store == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_store_check: no store");
	return lk_store_examine(&o, fn, arg, e);
}

/* Can each key be found?  A store that does not open was found faulty. */
static int
check_peppers(const struct lk_policy *p, const struct lk_pepper *pepper,
    lk_finding_fn fn, void *arg, struct lk_error *e)
{
	struct lk_store_options	 o = { .dir = p->store };
	struct lk_store		*s;
	struct lk_error		 f = { 0 };
	int			 r;

	if (lk_store_open(&o, &s, NULL) != 0)
		return 0;
	if ((r = lk_peppers_whole(s, p->pepper, pepper, &f)) != 0) {
		snprintf(f.file, sizeof(f.file), "%s/%u", p->pepper,
		    lk_pepper_current(pepper) - 1);
		fn(arg, &f, NULL);
		r = lk_fail(e, LK_EDAMAGE, "%s", f.text);
	}
	lk_store_close(&s);
	return r;
}

int
lk_store_check(const char *policy, const char *store, lk_finding_fn fn,
    void *arg, struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_store_options	 o = { 0 };
	struct lk_policy	*p = NULL;
	struct lk_pepper	*pepper = NULL;
	struct lk_error		 why = { 0 };
	uint8_t			 check[LK_MAC_SIZE];
	int			 r, found;

	if ((r = lk_digest_init(e)) != 0)
		return r;
	if (policy == NULL)
		return check_alone(store, fn, arg, e);
	if ((r = lk_policy_load(policy, 1, &quiet, &p, e)) != 0 ||
	    (r = lk_peppers_load(p->pepper, p->store, &pepper, e)) != 0 ||
	    (r = lk_pepper_journal(pepper, &o.mac, check, e)) != 0)
		goto out;
	o.dir = p->store;
	o.check = check;
	r = lk_store_examine(&o, fn, arg, e);
	if ((r == 0 || r == LK_EDAMAGE) &&
	    (found = check_peppers(p, pepper, fn, arg, &why)) != 0 && r == 0) {
		r = found;
		*e = why;
	}
out:
	lk_pepper_free(&pepper);
	lk_policy_free(&p);
	return r;
}

/* SEQ:MAC */
static int
parse_anchor(const char *text, struct lk_anchor *out)
{
	const char	*colon = strchr(text, ':');
	char		*end;

	if (colon == NULL || text[0] < '1' || text[0] > '9')
		return LK_EDATA;
	out->seq = strtoull(text, &end, 10);
	return end == colon ? lk_base64url_decode(colon + 1,
	    strlen(colon + 1), out->mac, sizeof(out->mac)) : LK_EDATA;
}

int
lk_store_anchor(const char *policy, const char *store, const char *want,
    char out[LK_ANCHOR_MAX], struct lk_error *e)
{
	struct lk_anchor	 a, present;
	char			 dir[LK_PATH_MAX], mac[32];
	int			 r;

	out[0] = '\0';
	if (want != NULL && parse_anchor(want, &a) != 0)
		return lk_fail(e, LK_EDATA, "%s is no anchor: it is a number, "
		    "a colon and 22 octets, as store check prints them", want);
	if (policy == NULL && store == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_store_anchor: no store");
	if (policy != NULL && (r = lk_home_store(policy, dir, sizeof(dir),
	    e)) != 0)
		return r;
	r = lk_store_anchored(policy != NULL ? dir : store, want != NULL ?
	    &a : NULL, &present, e);
	if (present.seq != 0) {
		lk_base64url(present.mac, sizeof(present.mac), mac);
		snprintf(out, LK_ANCHOR_MAX, "%" PRIu64 ":%s", present.seq,
		    mac);
	}
	return r;
}
