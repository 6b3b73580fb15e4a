/*
 * calls.c: enter a plugin, and judge what comes out of it.
 *
 * A thread-safe plugin costs the call itself and, when it passes, one look at
 * what it found: there is nothing here that all threads write.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "loader/instance.h"

#define MINT_MIN	16		/* octets of a credential            */

static inline void
enter(const struct lk_instance *i)
{
	if (i->enter != NULL)
		pthread_mutex_lock(i->enter);
}

static inline void
leave(const struct lk_instance *i)
{
	if (i->enter != NULL)
		pthread_mutex_unlock(i->enter);
}

/* ------------------------------------------------------------------ present */

static inline int
absent(const struct lk_slice *s)
{
	return s->p == NULL && s->n == 0;
}

static inline int
there(const struct lk_slice *s)
{
	return s->p != NULL;
}

/* Either a token, or a key id with a proof; an account or none. */
static inline int
credential_sound(const struct lk_credential *cr)
{
	if (!there(&cr->account) && !absent(&cr->account))
		return 0;
	if (there(&cr->token))
		return absent(&cr->key_id) && absent(&cr->proof);
	return absent(&cr->token) && there(&cr->key_id) && there(&cr->proof);
}

uint32_t
lk_instance_present(struct lk_instance *i, struct lk_call *c,
    struct lk_credential *cr, struct lk_answer *a)
{
	uint32_t	 r;

	lk_answer_start(a);
	if (i->table->present == NULL)
		return lk_answer_broken(a, "not a type plugin");
	enter(i);
	r = i->table->present(i->data, c, cr, a);
	leave(i);
	if (r != LK_PASS)
		return lk_answer_judge(LK_CALL_PRESENT, r, a);
	if (!credential_sound(cr))
		return lk_answer_broken(a, "present passed without a token or "
		    "a key id with a proof, or with both");
	return r;
}

/* --------------------------------------------------------- verify and check */

uint32_t
lk_instance_verify(struct lk_instance *i, struct lk_call *c,
    const struct lk_credential *cr, const struct lk_record *rec,
    struct lk_answer *a)
{
	uint32_t	 r;

	lk_answer_start(a);
	if (i->table->verify == NULL)
		return lk_answer_broken(a, "not a type plugin");
	if (rec == NULL || rec->key_id.p == NULL)
		return lk_answer_broken(a, "asked without a record");
	enter(i);
	r = i->table->verify(i->data, c, cr, rec, a);
	leave(i);
	return r == LK_PASS ? r : lk_answer_judge(LK_CALL_VERIFY, r, a);
}

uint32_t
lk_instance_check(struct lk_instance *i, struct lk_call *c,
    const struct lk_record *rec, struct lk_answer *a)
{
	uint32_t	 r;

	lk_answer_start(a);
	if (i->table->check == NULL)
		return lk_answer_broken(a, "not a check plugin");
	if (rec == NULL || rec->key_id.p == NULL)
		return lk_answer_broken(a, "asked without a record");
	enter(i);
	r = i->table->check(i->data, c, rec, a);
	leave(i);
	return r == LK_PASS ? r : lk_answer_judge(LK_CALL_CHECK, r, a);
}

/* ----------------------------------------------------------- mint and usage */

/* MINT_MIN to LK_TOKEN_MAX printable octets and a NUL within size. */
static int
minted_sound(const char *out, size_t size)
{
	size_t	 n = strnlen(out, size), i;

	if (n == size || n < MINT_MIN || n > LK_TOKEN_MAX)
		return 0;
	for (i = 0; i < n; i++)
		if (out[i] <= 0x20 || out[i] > 0x7e)
			return 0;
	return 1;
}

uint32_t
lk_instance_mint(struct lk_instance *i, const struct lk_setup_env *env,
    char *out, size_t size, struct lk_answer *a)
{
	const struct lk_setup	 setup = { i, env };
	uint32_t		 r;

	lk_answer_start(a);
	memset(out, 0, size);
	if (i->table->mint == NULL)
		return lk_answer_broken(a, "not a type plugin");
	enter(i);
	r = i->table->mint(i->data, &setup, out, size, a);
	leave(i);
	r = lk_answer_judge(LK_CALL_MINT, r, a);
	if (r == LK_PASS && !minted_sound(out, size))
		r = lk_answer_broken(a, "minted what is no token: 16 to 256 "
		    "printable octets, ended by NUL");
	if (r != LK_PASS)
		lk_wipe(out, size);
	return r;
}

uint32_t
lk_instance_usage(struct lk_instance *i, const struct lk_usage *u, char *out,
    size_t size)
{
	struct lk_answer	 a;
	uint32_t		 r;

	if (size == 0)
		return LK_BROKEN;
	out[0] = '\0';
	if (i->table->usage == NULL)
		return LK_PASS;		/* it need not say how */
	lk_answer_start(&a);
	enter(i);
	r = i->table->usage(i->data, u, out, size);
	leave(i);
	lk_text_tidy(out, size);
	r = lk_answer_judge(LK_CALL_USAGE, r, &a);
	if (r != LK_PASS)
		out[0] = '\0';
	return r;
}
