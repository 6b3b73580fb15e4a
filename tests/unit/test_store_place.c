/*
 * Where a key goes in a map: a twin is found by id and by digest, and what
 * somebody left half done is done, once.
 */
#include "table.h"

#include "store/map_inner.h"

static struct lk_map *
new_map(void)
{
	struct lk_map	*m;
	struct lk_shape	 s;

	lk_shape_fit(&s, 0, 0, 0, 75, NULL);
	assert_int_equal(lk_map_new(&s, &m), 0);
	return m;
}

static struct lk_slot
new_key(struct lk_map *m, char id, uint8_t digest, uint64_t offset)
{
	struct lk_slot	 s = { .state = LK_SLOT_ACTIVE, .offset = offset };

	memset(s.digest, digest, sizeof s.digest);
	memset(s.id, id, LK_KEYID_LEN);
	assert_int_equal(lk_map_have_account(m, "acme", &s.account), 0);
	return s;
}

static uint32_t
put(struct lk_map *m, struct lk_slot *s)
{
	struct lk_place	 p;
	uint32_t	 twin;

	assert_int_equal(lk_map_place(m, s, &p, &twin), 0);
	assert_int_equal(lk_map_put(m, s, &p), 0);
	return p.slot;
}

static const struct twin_case {
	const char	*name;
	char		 id;
	uint8_t		 digest;
	uint64_t	 offset;
	int		 want;
} twin_cases[] = {
	{ "another key",		'b', 2, 200, 0 },
	{ "its id",			'a', 2, 200, 1 },
	{ "its digest",			'b', 1, 200, 1 },
	{ "both",			'a', 1, 200, 1 },
	{ "the same line again",	'a', 1, 100, 0 },
	{ "its line, another digest",	'a', 2, 100, -1 },
};

static void
test_twin(void **state)
{
	const struct twin_case	*c = *state;
	struct lk_map		*m = new_map();
	struct lk_slot		 a = new_key(m, 'a', 1, 100);
	struct lk_slot		 b = new_key(m, c->id, c->digest, c->offset);
	struct lk_place		 p;
	uint32_t		 at = put(m, &a), twin = UINT32_MAX;

	assert_int_equal(lk_map_place(m, &b, &p, &twin), c->want);
	if (c->want == 1)
		assert_int_equal(twin, at);
	lk_map_free(&m);
}

static uint32_t
keys_of(const struct lk_map *m)
{
	uint32_t	 n;

	assert_int_equal(lk_map_get(m, LK_MAP_KEYS, &n), 0);
	return n;
}

/* Killed after the slot, or after all of it. */
static void
half_done(int named)
{
	struct lk_map	*m = new_map();
	struct lk_slot	 a = new_key(m, 'a', 1, 100);
	uint64_t	 w[LK_SLOT_WORDS], i;
	uint32_t	 at = put(m, &a), found;

	for (i = 0; i < m->shape.ids && !named; i++)
		lk_put(&m->ids[i], lk_entry_make(0, 0));
	assert_int_equal(lk_map_id(m, a.id, w, &found), named);
	assert_int_equal(put(m, &a), at);
	assert_int_equal(keys_of(m), 1);
	assert_int_equal(lk_map_id(m, a.id, w, &found), 1);
	assert_int_equal(found, at);
	lk_map_free(&m);
}

static void
test_half_done(void **state)
{
	(void)state;
	half_done(0);
	half_done(1);
}

/* A slot or an entry on the way that is damaged: nobody knows what it was. */
static void
test_damaged(void **state)
{
	struct lk_map	*m = new_map();
	struct lk_slot	 a = new_key(m, 'a', 1, 100);
	struct lk_slot	 b = new_key(m, 'b', 1, 200);
	struct lk_place	 p;
	uint32_t	 at = put(m, &a), twin;

	(void)state;
	lk_put(&m->slots[at * LK_SLOT_WORDS], 0);
	assert_int_equal(lk_map_place(m, &b, &p, &twin), -1);
	b = new_key(m, 'b', 9, 200);
	assert_int_equal(lk_map_place(m, &b, &p, &twin), 0);
	lk_put(&m->ids[p.entry], 1);
	assert_int_equal(lk_map_place(m, &b, &p, &twin), -1);
	lk_map_free(&m);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_twin, twin_cases);
	TABLE_TEST(&t, test_half_done);
	TABLE_TEST(&t, test_damaged);
	return table_run(&t, "store_place");
}
