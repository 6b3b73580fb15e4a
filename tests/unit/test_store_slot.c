/*
 * A slot says what was put in it: each digit of a key id and of a name at each
 * place, names of each length, times and offsets up to their bounds; and that
 * nothing stands behind the texts.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "store/slot_text.h"
#include "table.h"

static const char	 id_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz";
static const char	 name_digits[] = "abcdefghijklmnopqrstuvwxyz"
			    "0123456789._-";

static void
round_trip(const struct lk_slot *s)
{
	uint64_t	 w[LK_SLOT_WORDS];
	struct lk_slot	 is;
	char		 id[LK_SLOT_TEXT], name[LK_SLOT_TEXT];
	size_t		 i, n;

	assert_int_equal(lk_slot_pack(s, w), 0);
	lk_slot_unpack(w, &is);
	assert_memory_equal(is.digest, s->digest, sizeof(is.digest));
	assert_string_equal(is.id, s->id);
	assert_string_equal(is.name, s->rest != 0 ? "" : s->name);
	assert_int_equal(is.name_len, strlen(is.name));
	assert_int_equal(is.state, s->state);
	assert_int_equal(is.type, s->type);
	assert_int_equal(is.account, s->account);
	assert_int_equal(is.rest, s->rest);
	assert_true(is.created == s->created && is.expires == s->expires &&
	    is.offset == s->offset);
	memset(id, 'x', sizeof(id));
	memset(name, 'x', sizeof(name));
	n = lk_slot_texts(w, id, name);
	for (i = LK_KEYID_LEN; i < sizeof(id); i++)
		assert_int_equal(id[i], '\0');
	for (i = n; i < sizeof(name); i++)
		assert_int_equal(name[i], '\0');
}

static struct lk_slot
some_slot(void)
{
	struct lk_slot	 s = { .state = LK_SLOT_ACTIVE, .account = 7,
			     .created = 1790000000 };

	memset(s.digest, 0xd1, sizeof(s.digest));
	memcpy(s.id, "AZaz09bcdefg", LK_KEYID_LEN + 1);
	return s;
}

static void
test_digits(void **state)
{
	struct lk_slot	 s = some_slot();
	size_t		 at, i;

	(void)state;
	for (at = 0; at < LK_KEYID_LEN; at++)
		for (i = 0; i < sizeof(id_digits) - 1; i++) {
			s.id[at] = id_digits[i];
			round_trip(&s);
		}
	memset(s.name, 'm', LK_SLOT_NAME);
	s.name_len = LK_SLOT_NAME;
	for (at = 0; at < LK_SLOT_NAME; at++)
		for (i = 0; i < sizeof(name_digits) - 1; i++) {
			s.name[at] = name_digits[i];
			round_trip(&s);
		}
}

/* All other octets are digits of neither. */
static void
test_no_digits(void **state)
{
	struct lk_slot	 s = some_slot();
	uint64_t	 id[2];
	size_t		 at;
	int		 c;

	(void)state;
	for (at = 0; at < LK_KEYID_LEN; at++)
		for (c = 0; c < 256; c++) {
			memcpy(s.id, "AZaz09bcdefg", LK_KEYID_LEN);
			s.id[at] = (char)c;
			assert_int_equal(lk_slot_id(s.id, id), c != 0 &&
			    strchr(id_digits, c) != NULL ? 0 : -1);
		}
}

static void
test_lengths(void **state)
{
	struct lk_slot	 s;
	unsigned	 n;

	(void)state;
	for (n = 0; n <= LK_SLOT_NAME; n++) {
		s = some_slot();
		memcpy(s.name, "zebra-0._9xy", n);
		s.name_len = (uint8_t)n;
		round_trip(&s);
		s.rest = UINT32_MAX;
		round_trip(&s);
	}
}

static void
test_bounds(void **state)
{
	struct lk_slot	 s = some_slot();

	(void)state;
	s.type = LK_SLOT_TYPES - 1;
	s.account = UINT32_MAX;
	s.created = s.expires = (int64_t)LK_SLOT_TIME_MAX;
	s.offset = LK_SLOT_OFFSET_MAX;
	memset(s.name, '-', LK_SLOT_NAME);
	s.name_len = LK_SLOT_NAME;
	round_trip(&s);
}

/* Each bit counts: a slot that is read with another one is damaged. */
static void
test_bits(void **state)
{
	_Alignas(64) _Atomic uint64_t	 slot[LK_SLOT_WORDS];
	uint64_t			 w[LK_SLOT_WORDS], is[LK_SLOT_WORDS];
	struct lk_slot			 s = some_slot();
	unsigned			 i;

	(void)state;
	assert_int_equal(lk_slot_pack(&s, w), 0);
	lk_slot_write(slot, w);
	assert_int_equal(lk_slot_read(slot, is), 1);
	assert_memory_equal(w, is, sizeof(w));
	for (i = 0; i < 64 * LK_SLOT_WORDS; i++) {
		slot[i / 64] ^= (uint64_t)1 << i % 64;
		assert_int_equal(lk_slot_read(slot, is), -1);
		slot[i / 64] ^= (uint64_t)1 << i % 64;
	}
	slot[7] = LK_SLOT_EMPTY;
	assert_int_equal(lk_slot_read(slot, is), 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_digits);
	TABLE_TEST(&t, test_no_digits);
	TABLE_TEST(&t, test_lengths);
	TABLE_TEST(&t, test_bounds);
	TABLE_TEST(&t, test_bits);
	return table_run(&t, "slots");
}
