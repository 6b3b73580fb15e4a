#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/format.h"

static const struct {
	const char	*name, *ending;
	int		 format;
} formats[] = {
	{ "csv",	".csv",		LK_FORMAT_CSV },
	{ "jsonl",	".jsonl",	LK_FORMAT_JSONL },
	{ NULL,		".ndjson",	LK_FORMAT_JSONL },
};

#define NFORMATS	(sizeof(formats) / sizeof(formats[0]))

static int
ends(const char *file, const char *ending)
{
	size_t	 n = strlen(file), k = strlen(ending);

	return n > k && strcmp(file + n - k, ending) == 0;
}

int
lk_format_find(struct lk_cli *c, const char *file, int *format)
{
	const char	*name = lk_args_value(c, "format");
	size_t		 i;

	*format = LK_FORMAT_AUTO;
	for (i = 0; i < NFORMATS; i++) {
		if (name != NULL ? formats[i].name != NULL &&
		    strcmp(formats[i].name, name) == 0 :
		    file != NULL && ends(file, formats[i].ending)) {
			*format = formats[i].format;
			return 0;
		}
	}
	if (name == NULL)
		return 0;
	return lk_say(c, LK_EUSAGE, "--format %s is neither csv nor jsonl",
	    name);
}
