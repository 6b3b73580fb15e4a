#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include "cli/plugin_out.h"
#include "cli/text_out.h"

/* How a value of each kind is written, and an example of one. */
static const struct {
	uint32_t	 kind;
	const char	*name, *example;
} kinds[] = {
	{ LK_OPTION_STRING,	"string",	"text" },
	{ LK_OPTION_INTEGER,	"integer",	"1" },
	{ LK_OPTION_BOOLEAN,	"boolean",	"true" },
	{ LK_OPTION_DURATION,	"duration",	"24h" },
	{ LK_OPTION_NETS,	"networks",	"[ 127.0.0.1, \"::1\" ]" },
	{ LK_OPTION_HEADER,	"header",	"X-API-KEY" },
	{ LK_OPTION_CHOICE,	"choice",	NULL },
};
#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

static size_t
kind_of(const struct lk_option *o)
{
	size_t	 i;

	for (i = 0; i < NKINDS - 1; i++)
		if (kinds[i].kind == o->kind)
			break;
	return i;
}

const char *
lk_plugin_policy(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };

	if (lk_home_find(lk_args_value(c, "home"), c->home, sizeof(c->home),
	    &e) != 0)
		return NULL;
	snprintf(c->policy, sizeof(c->policy), "%.*s/policy.yaml",
	    PATH_MAX - 16, c->home);
	return c->policy;
}

const char *
lk_plugin_kind(const struct lk_plugin_info *p)
{
	if (p->kind == LK_PLUGIN_TYPE)
		return "type";
	return p->kind == LK_PLUGIN_CHECK ? "check" : "-";
}

static void
option_json(struct lk_out *j, const struct lk_option *o)
{
	lk_out_open(j, NULL, '{');
	lk_out_str(j, "name", o->name);
	lk_out_str(j, "kind", kinds[kind_of(o)].name);
	lk_out_bool(j, "required", o->required != 0);
	lk_out_int(j, "min", o->min);
	lk_out_int(j, "max", o->max);
	lk_out_str(j, "default", o->fallback);
	if (o->choices != NULL)
		lk_out_words(j, "choices", o->choices);
	else
		lk_out_str(j, "choices", NULL);
	lk_out_str(j, "help", o->help);
	lk_out_close(j, '}');
}

void
lk_plugin_json(struct lk_out *j, const char *name,
    const struct lk_plugin_info *p)
{
	char	 abi[16];
	size_t	 i;

	snprintf(abi, sizeof(abi), "%u.%u", p->major, p->minor);
	lk_out_open(j, name, '{');
	lk_out_str(j, "name", p->name);
	lk_out_str(j, "kind", p->kind == 0 ? NULL : lk_plugin_kind(p));
	lk_out_word(j, "title", p->title);
	lk_out_word(j, "version", p->version);
	lk_out_str(j, "abi", p->major != 0 ? abi : NULL);
	lk_out_word(j, "path", p->path);
	lk_out_word(j, "sha256", p->sha256);
	lk_out_bool(j, "thread_safe", p->thread_safe);
	lk_out_words(j, "used_by", p->used_by);
	lk_out_word(j, "fault", p->fault);
	lk_out_open(j, "options", '[');
	for (i = 0; i < p->noptions; i++)
		option_json(j, &p->options[i]);
	lk_out_close(j, ']');
	lk_out_close(j, '}');
}

static void
line(const char *name, const char *value)
{
	printf("%-12s", name);
	lk_text_put(stdout, value != NULL && *value != '\0' ? value : "-");
	putchar('\n');
}

static void
option_text(const struct lk_option *o)
{
	printf("  %s: ", o->name);
	fputs(kinds[kind_of(o)].name, stdout);
	if (o->min != 0 || o->max != 0)
		printf(" %" PRId64 "..%" PRId64, o->min, o->max);
	if (o->choices != NULL)
		printf(" (%s)", o->choices);
	if (o->required)
		fputs(", required", stdout);
	if (o->fallback != NULL)
		printf(", default %s", o->fallback);
	fputs("\n      ", stdout);
	lk_text_put(stdout, o->help != NULL ? o->help : "");
	putchar('\n');
}

/* name: value, with the default, the first choice or one of the kind. */
static void
option_example(const struct lk_option *o)
{
	const char	*v = kinds[kind_of(o)].example;
	int		 n;

	if (o->fallback != NULL)
		v = o->fallback;
	else if (o->kind == LK_OPTION_CHOICE)
		v = o->choices;
	if (v == NULL)
		v = "";
	n = o->kind == LK_OPTION_CHOICE ? (int)strcspn(v, " ") :
	    (int)strlen(v);
	printf("%s: %.*s", o->name, n, v);
}

static void
example(const struct lk_plugin_info *p)
{
	int	 type = p->kind == LK_PLUGIN_TYPE;
	size_t	 i;

	fputs("in the policy:\n", stdout);
	if (type)
		printf("  plugin: %s\n", p->name);
	if (p->noptions == 0) {
		if (!type)
			printf("  checks: [ %s ]\n", p->name);
		return;
	}
	if (type)
		fputs("  options: { ", stdout);
	else
		printf("  checks: [ %s: { ", p->name);
	for (i = 0; i < p->noptions; i++) {
		fputs(i != 0 ? ", " : "", stdout);
		option_example(&p->options[i]);
	}
	puts(type ? " }" : " } ]");
}

void
lk_plugin_text(const struct lk_plugin_info *p)
{
	char	 abi[16];
	size_t	 i;

	snprintf(abi, sizeof(abi), "%u.%u", p->major, p->minor);
	line("name", p->name);
	line("kind", lk_plugin_kind(p));
	line("title", p->title);
	line("version", p->version);
	line("abi", abi);
	line("file", p->path);
	line("sha256", p->sha256);
	line("threads", p->thread_safe ? "safe" : "one at a time");
	line("used by", p->used_by);
	line("state", p->fault[0] != '\0' ? p->fault : "sound");
	puts(p->noptions != 0 ? "options:" : "options     none");
	for (i = 0; i < p->noptions; i++)
		option_text(&p->options[i]);
	if (p->fault[0] == '\0')
		example(p);
}
