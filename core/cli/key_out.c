#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/key_out.h"

const char *
lk_key_time(int64_t when, char *out, size_t size)
{
	if (when == 0)
		return "-";
	lk_time_format(when, out, size);
	return out;
}

/* A key that is in the middle of a chain: where it leads counts. */
const char *
lk_key_rotated(const struct lk_key *k, char *out, size_t size)
{
	if (k->replaced_by[0] != '\0')
		snprintf(out, size, "to %s", k->replaced_by);
	else if (k->replaces[0] != '\0')
		snprintf(out, size, "from %s", k->replaces);
	else
		return "-";
	return out;
}

void
lk_key_networks(struct lk_buf *b, const struct lk_key *k)
{
	char	 net[64];
	size_t	 i;

	for (i = 0; i < k->naddresses; i++) {
		lk_net_format(&k->addresses[i], net, sizeof(net));
		lk_buf_fmt(b, "%s%s", i != 0 ? ", " : "", net);
	}
}

static int
print_ids(struct lk_cli *c, const char *done)
{
	struct lk_out	 j = LK_OUT_NONE;
	size_t		 i;

	if (!c->json) {
		for (i = 0; i < c->nwords; i++)
			printf("%s %s\n", done, c->words[i]);
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, done, '[');
	for (i = 0; i < c->nwords; i++)
		lk_out_str(&j, NULL, c->words[i]);
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

int
lk_keys_change(struct lk_cli *c, lk_change_fn call, const char *done)
{
	struct lk_error	 e = { 0 };

	if (call(c, (const char *const *)c->words, c->nwords, &e) != 0)
		return lk_say_error(c, &e);
	if (e.code == LK_NOTE)
		lk_say_note("%s", e.text);
	return print_ids(c, done);
}
