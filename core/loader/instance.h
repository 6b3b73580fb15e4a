/*
 * instance.h: a configured plugin from the inside.  Nobody but the loader
 * includes it.
 */
#ifndef LK_LOADER_INSTANCE_H
#define LK_LOADER_INSTANCE_H

#include "loader/build.h"
#include "loader/value.h"

/* One configured plugin; constant once lk_instance_new has returned. */
struct lk_instance {
	const struct lk_plugin	*table;	/* of the build                      */
	pthread_mutex_t		*enter;	/* NULL: any number of threads       */
	void			*data;	/* the plugin's                      */
	const struct lk_build	*build;
	struct lk_value		*values;	/* one an option             */
};

/* What a plugin holds while it is configured or mints; on the stack. */
struct lk_setup {
	const struct lk_instance	*instance;
	const struct lk_setup_env	*env;
};

/* The calls of a plugin whose answers are judged. */
enum lk_plugin_call {
	LK_CALL_CONFIGURE,
	LK_CALL_PRESENT,
	LK_CALL_MINT,
	LK_CALL_VERIFY,
	LK_CALL_USAGE,
	LK_CALL_CHECK
};

/* Clear what is read of an answer: its head and the first octet of its note. */
static inline void
lk_answer_start(struct lk_answer *a)
{
	a->size = sizeof(*a);
	a->reason = LK_REASON_NONE;
	a->wait = 0;
	a->note[0] = '\0';
}

/*
 * What call answered, if that is one of its answers, else LK_BROKEN with a
 * note.  The note is made fit to be shown.
 */
uint32_t lk_answer_judge(enum lk_plugin_call call, uint32_t answer,
	    struct lk_answer *a);
/* LK_BROKEN, with what to say of it. */
uint32_t lk_answer_broken(struct lk_answer *a, const char *note);

#endif
