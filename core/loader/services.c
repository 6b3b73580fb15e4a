/*
 * services.c: what the core does for a plugin that is configured or mints, and
 * the services that need no call.  host.c copies the table and fills the rest.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "base/net.h"
#include "base/wipe.h"
#include "loader/instance.h"
#include "token/digest.h"

/* A value of one of these kinds, given or by its fallback; else NULL. */
static const struct lk_value *
value(const struct lk_setup *s, const char *name, unsigned kinds)
{
	const struct lk_instance	*i = s->instance;
	const struct lk_option		*o = i->build->options;
	size_t				 k;

	for (k = 0; k < i->build->table.noptions; k++)
		if (strcmp(o[k].name, name) == 0)
			return (kinds >> o[k].kind & 1U) != 0 &&
			    i->values[k].given ? &i->values[k] : NULL;
	return NULL;
}

static int
option_string(const struct lk_setup *s, const char *name, const char **out)
{
	const struct lk_value	*v;

	v = value(s, name, 1U << LK_OPTION_STRING | 1U << LK_OPTION_HEADER |
	    1U << LK_OPTION_CHOICE | 1U << LK_OPTION_DURATION);
	*out = v != NULL ? v->text : NULL;
	return *out != NULL ? 0 : -1;
}

static int
option_number(const struct lk_setup *s, const char *name, int64_t *out)
{
	const struct lk_value	*v;

	v = value(s, name, 1U << LK_OPTION_INTEGER | 1U << LK_OPTION_BOOLEAN |
	    1U << LK_OPTION_DURATION);
	*out = v != NULL ? v->number : 0;
	return v != NULL ? 0 : -1;
}

static int
option_nets(const struct lk_setup *s, const char *name,
    const struct lk_net **out, size_t *n)
{
	const struct lk_value	*v = value(s, name, 1U << LK_OPTION_NETS);

	*out = v != NULL ? v->nets : NULL;
	*n = v != NULL ? v->nnets : 0;
	return v != NULL ? 0 : -1;
}

static int
sha256(const void *p, size_t n, uint8_t out[LK_SECRET_SIZE])
{
	return lk_sha256(p, n, out) == 0 ? 0 : -1;
}

static int
mac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[LK_SECRET_SIZE])
{
	return lk_hmac_once(key, key_len, p, n, out) == 0 ? 0 : -1;
}

static int
derive_new(const struct lk_setup *s, uint8_t out[LK_SECRET_SIZE])
{
	memset(out, 0, LK_SECRET_SIZE);
	if (s->env == NULL || s->env->derive == NULL)
		return -1;
	return s->env->derive(s->env, out) == 0 ? 0 : -1;
}

static int
mint(const struct lk_setup *s, char *out, size_t size)
{
	if (s->env == NULL || s->env->mint == NULL)
		return -1;
	return s->env->mint(s->env, out, size);
}

static const char *
key_id(const struct lk_setup *s)
{
	return s->env != NULL ? s->env->key_id : NULL;
}

static const char *
prefix(const struct lk_setup *s)
{
	return s->env != NULL && s->env->prefix != NULL ? s->env->prefix : "";
}

static void
log_line(int level, const char *text)
{
	if (level < LOG_EMERG || level > LOG_DEBUG)
		level = LOG_NOTICE;
	lk_log(level, "plugin: %.512s", text != NULL ? text : "");
}

static int
budget_new(const struct lk_setup *s, struct lk_budget *b, char *why,
    size_t size)
{
	if (size != 0)
		why[0] = '\0';
	if (s->env == NULL || s->env->budget == NULL)
		return -1;
	return s->env->budget(s->env, b, why, size);
}

const struct lk_host lk_setup_services = {
	.size = sizeof(struct lk_host),
	.major = LK_PLUGIN_MAJOR,
	.minor = LK_PLUGIN_MINOR,
	.sha256 = sha256,
	.mac = mac,
	.equal = lk_equal,
	.derive_new = derive_new,
	.mint = mint,
	.key_id = key_id,
	.prefix = prefix,
	.option_string = option_string,
	.option_number = option_number,
	.option_nets = option_nets,
	.in_nets = lk_net_in,
	.log = log_line,
	.budget_new = budget_new,
};
