/*
 * plugin_host.h: the core as a plugin sees it, from a few strings.
 *
 * It answers as plugin.h says the core does; core/host.c has its own tests.
 */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <strings.h>

#include "json.h"
#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

/* One request.  The real struct lk_call is the core's own. */
struct lk_call {
	const char	*headers;	/* "Name: value", a line each        */
	const char	*body;		/* NULL: none                        */
	int		 over;		/* the body is over the limit        */
	int		 entitled;
	int64_t		 now;
	const struct lk_view *view;
	uint8_t		 secret[LK_SECRET_SIZE];
	struct lk_json	*json;		/* freed with host_done              */
};

/* The value of a line, blanks around it cut, when its name is name. */
static inline int
host_line(const char *line, size_t n, const char *name, struct lk_slice *out)
{
	size_t	 len = strlen(name);

	if (n <= len || line[len] != ':' || strncasecmp(line, name, len) != 0)
		return 0;
	out->p = line + len + 1;
	out->n = n - len - 1;
	for (; out->n > 0 && *out->p == ' '; out->n--)
		out->p++;
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	return 1;
}

static int
host_header(const struct lk_call *c, const char *name, struct lk_slice *value)
{
	const char	*line = c->headers;
	struct lk_slice	 v;
	size_t		 n;
	int		 found = 0;

	value->p = NULL;
	value->n = 0;
	for (; line != NULL && *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (!host_line(line, n, name, &v))
			continue;
		if (found && (v.n != value->n ||
		    memcmp(v.p, value->p, v.n) != 0))
			return -1;
		*value = v;
		found = 1;
	}
	return found;
}

static int
host_json(struct lk_call *c, const char *name, struct lk_slice *value)
{
	const char	*why;

	value->p = NULL;
	value->n = 0;
	if (c->body == NULL)
		return 0;
	if (c->over || (c->json == NULL && lk_json_parse(c->body,
	    strlen(c->body), &c->json, &why) != 1))
		return -1;
	return lk_json_string(c->json, name, value);
}

static const struct lk_view *
host_view(const struct lk_call *c)
{
	return c->view;
}

static int64_t
host_now(const struct lk_call *c)
{
	return c->now;
}

static int
host_entitled(const struct lk_call *c)
{
	return c->entitled;
}

static int
host_derive(const struct lk_call *c, const struct lk_slice *key_id,
    uint8_t out[LK_SECRET_SIZE])
{
	if (key_id->p == NULL)
		return -1;
	memcpy(out, c->secret, LK_SECRET_SIZE);
	return 0;
}

static inline const struct lk_host *
host_table(void)
{
	static struct lk_host	 h;

	h = lk_setup_services;
	h.header = host_header;
	h.json = host_json;
	h.view = host_view;
	h.now = host_now;
	h.entitled = host_entitled;
	h.derive = host_derive;
	return &h;
}

static inline void
host_done(struct lk_call *c)
{
	lk_json_free(&c->json);
}

/* ---------------------------------------------------------------- instances */

/* An instance of a plugin with options "name=value name=value", or NULL. */
static inline int
host_instance(int tests, const char *plugin, const char *options,
    struct lk_instance **i, struct lk_error *e)
{
	static const struct lk_place	 none;
	const struct lk_want		 w = { plugin_folder(tests), plugin, 0,
					     NULL, NULL };
	const struct lk_build		*b;
	struct lk_setting		 v[8];
	struct lk_settings		 s = { v, 0 };
	char				 text[512], *word, *rest = text;

	memset(v, 0, sizeof(v));
	snprintf(text, sizeof(text), "%s", options != NULL ? options : "");
	while ((word = strsep(&rest, " ")) != NULL && s.n < 8) {
		if (*word == '\0')
			continue;
		v[s.n].name = strsep(&word, "=");
		v[s.n++].value = word;
	}
	if (lk_build_load(&w, &b, e) != 0)
		fail_msg("%s", e->text);
	return lk_instance_new(b, &s, NULL, none, host_table(), NULL, i, e);
}

static inline struct lk_instance *
host_plugin(int tests, const char *plugin, const char *options)
{
	struct lk_instance	*i = NULL;
	struct lk_error		 e = { 0 };

	if (host_instance(tests, plugin, options, &i, &e) != 0)
		fail_msg("%s", e.text);
	return i;
}

#endif
