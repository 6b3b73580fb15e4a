#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "show/show.h"

static const struct {
	int		 state;
	const char	*name;
} states[] = {
	{ LK_STATE_ACTIVE,	"active" },
	{ LK_STATE_DISABLED,	"disabled" },
	{ LK_STATE_DELETED,	"deleted" },
	{ LK_STATE_EXPIRED,	"expired" },
	{ LK_STATE_UNSURE,	"unsure" },
};

const char *
lk_show_state(const struct lk_key *k)
{
	size_t	 i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].state == k->state)
			return states[i].name;
	return "unsure";
}

void
lk_show_key(struct lk_out *j, const char *name, const struct lk_key *k)
{
	char	 net[64];
	size_t	 i;

	lk_out_open(j, name, '{');
	lk_out_str(j, "id", k->id);
	lk_out_str(j, "type", k->type);
	lk_out_str(j, "account", k->account);
	lk_out_word(j, "label", k->label);
	lk_out_str(j, "hint", k->hint);
	lk_out_str(j, "state", lk_show_state(k));
	lk_out_time(j, "created", k->created);
	lk_out_str(j, "created_by", k->created_by);
	lk_out_time(j, "expires", k->expires);
	lk_out_time(j, "not_before", k->not_before);
	lk_out_time(j, "last_used", k->last_used);
	lk_out_time(j, "deleted", k->deleted);
	lk_out_open(j, "addresses", '[');
	for (i = 0; i < k->naddresses; i++) {
		lk_net_format(&k->addresses[i], net, sizeof(net));
		lk_out_str(j, NULL, net);
	}
	lk_out_close(j, ']');
	lk_out_word(j, "replaces", k->replaces);
	lk_out_word(j, "replaced_by", k->replaced_by);
	lk_out_word(j, "role", k->role);
	lk_out_close(j, '}');
}
