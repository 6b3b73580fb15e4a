#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "show/show.h"

void
lk_show_account(struct lk_out *j, const char *name,
    const struct lk_account *a)
{
	lk_out_open(j, name, '{');
	lk_out_str(j, "account", a->name);
	lk_out_word(j, "package", a->package);
	lk_out_int(j, "keys", (int64_t)a->keys);
	lk_out_close(j, '}');
}
