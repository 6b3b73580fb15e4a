/*
 * faults.c: what of a map cannot be read as what it must be, as after a bad
 * disk.  Where it leads is looked at too, but for the texts of a key, of which
 * the slot has a check of its own.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "map_inner.h"

static uint64_t
of_header(const struct lk_map *m)
{
	uint64_t	 n = 0;
	uint32_t	 v;
	int		 w;

	for (w = LK_MAP_KEYS; w <= LK_MAP_DAMAGED; w++)
		n += lk_map_get(m, (enum lk_map_word)w, &v) != 0;
	return n + (lk_map_under(m, 0, &v) != 0) +
	    (lk_map_under(m, 1, &v) != 0);
}

/* What a sound slot leads to. */
static int
leads(const struct lk_map *m, const uint64_t w[LK_SLOT_WORDS],
    unsigned char named[LK_SLOT_TYPES])
{
	char		 name[LK_NAME_MAX + 1], rest[LK_RECORD_MAX];
	uint32_t	 ref = lk_slot_rest(w);
	unsigned	 type = lk_slot_type(w);
	size_t		 n;

	if (!named[type])
		named[type] = lk_map_type(m, type, name, &n) == 1;
	return named[type] && (ref == 0 || lk_map_record(m, ref,
	    LK_RECORD_REST, rest, sizeof(rest), &n) == 1);
}

static uint64_t
of_slots(const struct lk_map *m)
{
	unsigned char	 named[LK_SLOT_TYPES] = { 0 };
	uint64_t	 w[LK_SLOT_WORDS], i, n = 0;
	int		 r;

	for (i = 0; i < m->shape.slots; i++) {
		r = lk_map_slot(m, i, w);
		n += r == -1 || (r == 1 && !leads(m, w, named));
	}
	return n;
}

static uint64_t
of_ids(const struct lk_map *m)
{
	uint64_t	 i, n = 0;
	uint32_t	 at;

	for (i = 0; i < m->shape.ids; i++)
		n += lk_entry_value(lk_load(&m->ids[i]), &at) == -1;
	return n;
}

static uint64_t
of_names(const struct lk_map *m)
{
	uint64_t	 i, n = 0;
	uint32_t	 ref, v;
	int		 r;

	for (i = 0; i < m->shape.names; i++) {
		if ((r = lk_map_entry_account(m, i, &ref)) == 1 &&
		    (lk_map_newest(m, ref, &v) != 0 ||
		    lk_map_package(m, ref, &v) != 0))
			r = -1;
		n += r == -1;
	}
	return n;
}

uint64_t
lk_map_faults(const struct lk_map *m)
{
	return of_header(m) + of_slots(m) + of_ids(m) + of_names(m);
}
