/*
 * swap_home.h: a store with keys alive, deleted and with a package, and what
 * must be true of it before, during and after its journal is replaced; included
 * after store_home.h.
 */
#ifndef SWAP_HOME_H
#define SWAP_HOME_H

#include <dirent.h>

#define SWAP_KEYS	60		/* every third of them is deleted    */

static inline int
swap_is_deleted(unsigned n)
{
	return n % 3 == 0;
}

static inline void
swap_fill(struct lk_store *s)
{
	struct lk_net	 net;
	struct lk_batch	*b;
	struct lk_error	 e = { 0 };
	unsigned	 n;

	assert_int_equal(lk_net_parse("10.0.0.0/8", 10, &net), 0);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	for (n = 1; n <= SWAP_KEYS; n++)
		assert_int_equal(key_put(b, n, &net, n % 4 == 0, &e), 0);
	assert_int_equal(lk_batch_account(b, "acme", "growth", &e), 0);
	assert_int_equal(lk_batch_account(b, "acme", "essential", &e), 0);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
	for (n = 1; n <= SWAP_KEYS; n++)
		if (swap_is_deleted(n))
			must_delete(s, n, n + 1);
}

/* 1 when a key is as it must be; a deleted one may be gone. */
static inline int
swap_right(unsigned n, int state)
{
	if (swap_is_deleted(n))
		return state == LK_STATE_DELETED || state == GONE;
	return state == LK_STATE_ACTIVE;
}

/* All keys of a store that is open; the first wrong one fails. */
static inline void
swap_check(struct lk_store *s, const char *when)
{
	char		 package[LK_NAME_MAX + 1];
	struct lk_error	 e = { 0 };
	unsigned	 n;

	if (lk_store_refresh(s, &e) != 0)
		fail_msg("%s: %s", when, e.text);
	for (n = 1; n <= SWAP_KEYS; n++)
		if (!swap_right(n, key_state(s, n)))
			fail_msg("%s: key %u is %d", when, n, key_state(s, n));
	if (lk_store_account(s, "acme", package) != 1 ||
	    strcmp(package, "essential") != 0)
		fail_msg("%s: the package is '%s'", when, package);
}

/* Nothing is left but what must be there. */
static inline void
swap_tidy(const struct home *h, const char *when)
{
	struct dirent	*entry;
	unsigned	 indexes = 0;
	DIR		*d = opendir(h->store);

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, "journal.new") == 0 ||
		    strcmp(entry->d_name, "index.new") == 0)
			fail_msg("%s: %s is left", when, entry->d_name);
		indexes += strncmp(entry->d_name, "index.", 6) == 0;
	}
	closedir(d);
	if (indexes != 1)
		fail_msg("%s: %u indexes are left", when, indexes);
}

static inline int
swap_compact(struct lk_store *s, struct lk_swapped *out, struct lk_error *e)
{
	return lk_store_shrink(s, "ann", "cli", NULL, NULL, out, e);
}

static inline void
must_compact(struct lk_store *s)
{
	struct lk_swapped	 out;
	struct lk_error		 e = { 0 };

	if (swap_compact(s, &out, &e) != 0)
		fail_msg("compact: %s", e.text);
}

#endif
