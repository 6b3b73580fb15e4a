/*
 * where.c: where each verb is done, and by whom.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/verbs.h"

static const struct {
	const struct lk_verb	*verb;
	enum lk_where		 where;
} places[] = {
	/* Here, or by latchkeyd where the store is another's: calls.h. */
	{ &lk_verb_types,		LK_WHERE_EITHER },
	{ &lk_verb_generate,		LK_WHERE_EITHER },
	{ &lk_verb_list,		LK_WHERE_EITHER },
	{ &lk_verb_show,		LK_WHERE_EITHER },
	{ &lk_verb_delete,		LK_WHERE_EITHER },
	{ &lk_verb_rotate,		LK_WHERE_EITHER },
	{ &lk_verb_disable,		LK_WHERE_EITHER },
	{ &lk_verb_enable,		LK_WHERE_EITHER },
	{ &lk_verb_account_set,		LK_WHERE_EITHER },
	{ &lk_verb_account_list,	LK_WHERE_EITHER },
	{ &lk_verb_account_delete,	LK_WHERE_EITHER },
	{ &lk_verb_store_log,		LK_WHERE_EITHER },

	/* Here, by the owner of the store; root becomes that user. */
	{ &lk_verb_prune,		LK_WHERE_OWNER },
	{ &lk_verb_import,		LK_WHERE_OWNER },
	{ &lk_verb_export,		LK_WHERE_OWNER },
	{ &lk_verb_plugin_list,		LK_WHERE_OWNER },
	{ &lk_verb_pepper_status,	LK_WHERE_OWNER },
	{ &lk_verb_pepper_rotate,	LK_WHERE_OWNER },
	{ &lk_verb_pepper_retire,	LK_WHERE_OWNER },
	{ &lk_verb_store_check,		LK_WHERE_OWNER },
	{ &lk_verb_store_compact,	LK_WHERE_OWNER },
	{ &lk_verb_store_rebuild,	LK_WHERE_OWNER },
	{ &lk_verb_store_repair,	LK_WHERE_OWNER },
	{ &lk_verb_store_restore,	LK_WHERE_OWNER },

	/* Here, by whoever may read store and pepper; or as --server says. */
	{ &lk_verb_verify,		LK_WHERE_SERVER },

	/* Here, by whoever may read what it takes; scan --disable takes the
	 * owner. */
	{ &lk_verb_init,		LK_WHERE_HERE },
	{ &lk_verb_scan,		LK_WHERE_HERE },
	{ &lk_verb_policy_check,	LK_WHERE_HERE },
	{ &lk_verb_policy_explain,	LK_WHERE_HERE },
	{ &lk_verb_reload,		LK_WHERE_HERE },
	{ &lk_verb_plugin_show,		LK_WHERE_HERE },
	{ &lk_verb_plugin_check,	LK_WHERE_HERE },
	{ &lk_verb_plugin_pin,		LK_WHERE_HERE },
	{ &lk_verb_help,		LK_WHERE_HERE },
};

enum lk_where
lk_where(const struct lk_verb *verb)
{
	size_t	 i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].verb == verb)
			return places[i].where;
	return LK_WHERE_OWNER;
}
