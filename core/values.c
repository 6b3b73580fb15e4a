#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/err.h"
#include "base/net.h"
#include "base/text.h"
#include "values.h"

int
lk_label_check(const char *label, size_t n, struct lk_error *e)
{
	if (n > LK_LABEL_MAX)
		return lk_fail(e, LK_EDATA, "the label has %zu octets: at "
		    "most %d", n, LK_LABEL_MAX);
	if (!lk_utf8_plain(label, n))
		return lk_fail(e, LK_EDATA, "the label is not UTF-8 without "
		    "control characters");
	return 0;
}

int
lk_addresses_check(const struct lk_policy_type *t, const struct lk_net *nets,
    size_t n, struct lk_error *e)
{
	char	 text[64];
	size_t	 i;

	if (n > LK_ADDRESSES_MAX)
		return lk_fail(e, LK_EDATA, "%zu addresses: at most %d a key",
		    n, LK_ADDRESSES_MAX);
	for (i = 0; t->nwithin != 0 && i < n; i++) {
		if (lk_net_within(&nets[i], t->within, t->nwithin))
			continue;
		lk_net_format(&nets[i], text, sizeof(text));
		return lk_fail(e, LK_EDATA, "%s is outside of what type %s "
		    "allows (within: in the policy)", text, t->name);
	}
	return 0;
}
