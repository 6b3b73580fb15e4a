#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "show/show.h"

void
lk_show_type(struct lk_out *j, const char *name, const struct lk_type *t)
{
	lk_out_open(j, name, '{');
	lk_out_str(j, "type", t->name);
	lk_out_word(j, "title", t->title);
	lk_out_str(j, "prefix", t->prefix);
	lk_out_str(j, "plugin", t->plugin);
	if (t->limit != 0)
		lk_out_int(j, "limit", t->limit);
	else
		lk_out_str(j, "limit", NULL);
	lk_out_int(j, "held", (int64_t)t->held);
	lk_out_int(j, "apis", (int64_t)t->apis);
	lk_out_words(j, "generators", t->generators);
	lk_out_time(j, "closes", t->closes);
	lk_out_int(j, "line", t->line);
	lk_out_close(j, '}');
}
