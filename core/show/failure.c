#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "show/show.h"

/* The names of latchkey(1), REASONS OF A FAILURE. */
static const struct {
	int		 code;
	const char	*name;
} reasons[] = {
	{ LK_EUSAGE,	"usage" },
	{ LK_EDATA,	"bad_data" },
	{ LK_ESYNTAX,	"bad_data" },
	{ LK_ENOTFOUND,	"not_found" },
	{ LK_EUNAVAIL,	"unavailable" },
	{ LK_EDAMAGE,	"damaged" },
	{ LK_ENOMEM,	"no_memory" },
	{ LK_EINDOUBT,	"indeterminate" },
	{ LK_ELIMIT,	"limit_reached" },
	{ LK_EIO,	"input_output" },
	{ LK_EAGAIN,	"try_again" },
	{ LK_EPERM,	"not_permitted" },
	{ LK_ECONFIG,	"configuration" },
};

const char *
lk_show_reason(int code)
{
	size_t	 i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].name;
	return "unavailable";
}

void
lk_show_sentence(const struct lk_error *e, char *out, size_t size)
{
	if (e->file[0] != '\0' && e->line != 0 && e->column != 0)
		snprintf(out, size, "%s:%u:%u: %s", e->file, e->line,
		    e->column, e->text);
	else if (e->file[0] != '\0' && e->line != 0)
		snprintf(out, size, "%s:%u: %s", e->file, e->line,
		    e->text);
	else if (e->file[0] != '\0' && strstr(e->text, e->file) == NULL)
		snprintf(out, size, "%s: %s", e->file, e->text);
	else
		snprintf(out, size, "%s", e->text);
}
