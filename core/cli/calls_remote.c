/*
 * calls_remote.c: by a latchkeyd, over /v1 (latchkeyd(8)).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "cli/answer.h"
#include "cli/calls_remote.h"

#define IDS_MAX		64		/* keys of one change                */
#define LOOK_MAX	256		/* of a command that shows           */

/* ----------------------------------------------------------------- changes */

/* What it says beside that it is done, as lk_delete does. */
static int
take_note(const struct lk_json_value *v, struct lk_error *e)
{
	char	 text[sizeof(e->text)];
	int	 r;

	if ((r = lk_answer_text(v, "note", text, sizeof(text), e)) != 0)
		return r;
	if (text[0] != '\0')
		(void)lk_fail(e, LK_NOTE, "%s", text);
	return 0;
}

static int
is_text(const struct lk_json_value *v, const char *text)
{
	struct lk_json_member	 m;

	lk_json_look(v, &m);
	return m.kind == LK_JSON_STRING && m.text.n == strlen(text) &&
	    memcmp(m.text.p, text, m.text.n) == 0;
}

/* Whatever else says yes to all has ended no key: those that were asked for are
 * named as done. */
static int
check_done(const struct lk_json_value *v, const char *done,
    const char *const *ids, size_t n, struct lk_error *e)
{
	const struct lk_json_value	*list;
	size_t				 i, told;
	int				 r;

	if ((r = lk_answer_list(v, done, &list, &told, e)) != 0)
		return r;
	if (told != n)
		return lk_answer_wrong(e, "answer", done);
	for (i = 0; i < n; i++)
		if (!is_text(lk_json_at(list, i), ids[i]))
			return lk_answer_wrong(e, "answer", done);
	return take_note(v, e);
}

/* Of one id, or of several with "," between; done names them in the answer. */
static int
change(struct lk_cli *c, const char *method, const char *const *ids, size_t n,
    const char *what, const char *done, struct lk_error *e)
{
	struct lk_ask	 q = lk_ask_new(method, "/v1/keys");
	struct lk_json	*j = NULL;
	char		 look[LOOK_MAX];
	size_t		 i;
	int		 r;

	if (n > IDS_MAX) {
		lk_buf_free(&q.target);
		return lk_fail(e, LK_EUSAGE, "%zu keys: at most %d at once by "
		    "latchkeyd, all of them or none", n, IDS_MAX);
	}
	for (i = 0; i < n; i++)
		lk_ask_name(&q, i == 0 ? '/' : ',', ids[i]);
	lk_buf_str(&q.target, what);
	snprintf(look, sizeof(look), "latchkey show %s", ids[0]);
	q.look = look;
	if ((r = lk_link_ask(c, &q, &j, e)) == 0 && (r =
	    check_done(lk_json_root(j), done, ids, n, e)) != 0)
		r = lk_link_in_doubt(&q, e);
	lk_json_free(&j);
	return r;
}

static int
keys_delete(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return change(c, "DELETE", ids, n, "", "deleted", e);
}

static int
keys_disable(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return change(c, "POST", ids, n, "/disable", "disabled", e);
}

static int
keys_enable(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return change(c, "POST", ids, n, "/enable", "enabled", e);
}

static int
take_back(struct lk_cli *c, const char *id, struct lk_error *e)
{
	return keys_delete(c, &id, 1, e);
}

static int
account_set(struct lk_cli *c, const char *account, const char *package,
    struct lk_error *e)
{
	struct lk_ask	 q = lk_ask_new("PUT", "/v1/accounts");
	struct lk_json	*j = NULL;
	int		 r;

	lk_ask_name(&q, '/', account);
	lk_out_open(&q.body, NULL, '{');
	lk_out_str(&q.body, "package", package);
	lk_out_close(&q.body, '}');
	q.look = "latchkey account list";
	if ((r = lk_link_ask(c, &q, &j, e)) == 0 && !is_text(lk_json_get(
	    lk_json_root(j), "package"), package)) {
		lk_answer_wrong(e, "answer", "package");
		r = lk_link_in_doubt(&q, e);
	}
	lk_json_free(&j);
	return r;
}

static int
account_delete(struct lk_cli *c, const char *account, unsigned flags,
    uint64_t *ended, struct lk_error *e)
{
	struct lk_ask	 q = lk_ask_new("DELETE", "/v1/accounts");
	struct lk_json	*j = NULL;
	int		 r;

	*ended = 0;
	lk_ask_name(&q, '/', account);
	lk_ask_param(&q, "keys", flags & LK_DELETE_KEYS ? "delete" : NULL);
	q.look = "latchkey account list";
	if ((r = lk_link_ask(c, &q, &j, e)) == 0)
		r = lk_answer_count(lk_json_root(j), "deleted", ended, e);
	lk_json_free(&j);
	return r;
}

/* ---------------------------------------------------------------- new keys */

/* Token and key.  Of what cannot be used, no token is handed on. */
static int
take_made(const struct lk_json_value *v, char *token, struct lk_key *key,
    struct lk_error *e)
{
	int	 r;

	if ((r = lk_answer_token(v, token, LK_TOKEN_MAX + 1, e)) == 0)
		r = lk_answer_key(lk_json_get(v, "key"), key, e);
	if (r != 0)
		lk_wipe(token, LK_TOKEN_MAX + 1);
	return r;
}

static void
generate_body(struct lk_out *j, const struct lk_generate *g)
{
	char	 net[64];
	size_t	 i;

	lk_out_open(j, NULL, '{');
	lk_out_str(j, "type", g->type);
	lk_out_str(j, "account", g->account);
	if (g->label != NULL)
		lk_out_str(j, "label", g->label);
	if (g->expires != 0)
		lk_out_time(j, "expires", g->expires);
	if (g->not_before != 0)
		lk_out_time(j, "not_before", g->not_before);
	if (g->naddresses != 0) {
		lk_out_open(j, "addresses", '[');
		for (i = 0; i < g->naddresses; i++) {
			lk_net_format(&g->addresses[i], net, sizeof(net));
			lk_out_str(j, NULL, net);
		}
		lk_out_close(j, ']');
	}
	if (g->role != NULL)
		lk_out_str(j, "role", g->role);
	lk_out_close(j, '}');
}

static int
not_there(const char *option, struct lk_error *e)
{
	return lk_fail(e, LK_EPERM, "%s is for the owner of the store alone, "
	    "and not done by latchkeyd: run it on the machine of the store, as "
	    "the user who owns that", option);
}

static int
generate(struct lk_cli *c, const struct lk_generate *g, char *token,
    struct lk_key *key, char *usage, size_t usage_len, struct lk_error *e)
{
	struct lk_ask	 q;
	struct lk_json	*j = NULL;
	char		 look[LOOK_MAX];
	int		 r;

	if (g->accept_clock)
		return not_there("--accept-clock", e);
	q = lk_ask_new("POST", "/v1/keys");
	generate_body(&q.body, g);
	snprintf(look, sizeof(look), "latchkey list %s --account %s", g->type,
	    g->account);
	q.once = 1;
	q.look = look;
	if ((r = lk_link_ask(c, &q, &j, e)) == 0 &&
	    (r = take_made(lk_json_root(j), token, key, e)) != 0)
		r = lk_link_in_doubt(&q, e);
	/* Without it the token is as good. */
	if (r == 0)
		(void)lk_answer_text(lk_json_root(j), "usage", usage,
		    usage_len, NULL);
	lk_json_free(&j);
	return r;
}

static int
many_not_shown(struct lk_cli *c, const struct lk_generate *g, const char *id,
    struct lk_error *e)
{
	struct lk_error	 why = { 0 };

	if (take_back(c, id, &why) == 0)
		return lk_fail(e, LK_EIO, "the token of key %s could not be "
		    "shown: it and 0 made with it were deleted again", id);
	return lk_fail(e, LK_EIO, "the token of key %s could not be shown; it "
	    "and 0 made with it are still there: latchkey list %s --account "
	    "%s (%.300s)", id, g->type, g->account, why.text);
}

static int
generate_many(struct lk_cli *c, const struct lk_generate *g, uint64_t n,
    lk_made_fn fn, void *arg, uint64_t *shown, struct lk_error *e)
{
	struct lk_key	 key;
	char		 token[LK_TOKEN_MAX + 1], usage[1];
	int		 r = 0;

	for (*shown = 0; r == 0 && *shown < n; ++*shown) {
		if ((r = generate(c, g, token, &key, usage, sizeof(usage),
		    e)) != 0)
			break;
		if (fn(arg, token, &key) != 0)
			r = many_not_shown(c, g, key.id, e);
		lk_wipe(token, sizeof(token));
		if (r != 0)
			break;
	}
	return r;
}

/* The successor is ended; the old key's grace cannot be taken back there. */
static int
not_shown(struct lk_cli *c, const struct lk_key *made, struct lk_error *e)
{
	struct lk_error	 why = { 0 };

	if (take_back(c, made->id, &why) == 0)
		return lk_fail(e, LK_EIO, "the token could not be shown, so "
		    "key %s was deleted again; %s lives no longer than its "
		    "grace (latchkey show %s)", made->id, made->replaces,
		    made->replaces);
	return lk_fail(e, LK_EIO, "the token could not be shown, and key %s "
	    "is still there: latchkey delete %s (%.300s)", made->id, made->id,
	    why.text);
}

static int
rotate(struct lk_cli *c, const struct lk_rotate *o, lk_made_fn fn, void *arg,
    struct lk_error *e)
{
	struct lk_ask	 q;
	struct lk_json	*j = NULL;
	struct lk_key	 key;
	char		 token[LK_TOKEN_MAX + 1], text[64];
	int		 r;

	if (o->accept_clock)
		return not_there("--accept-clock", e);
	q = lk_ask_new("POST", "/v1/keys");
	lk_ask_name(&q, '/', o->id);
	lk_buf_str(&q.target, "/rotate");
	snprintf(text, sizeof(text), o->grace != 0 ? "%llds" : "%lld",
	    (long long)o->grace);
	lk_out_open(&q.body, NULL, '{');
	lk_out_str(&q.body, "grace", text);
	lk_out_close(&q.body, '}');
	q.once = 1;
	snprintf(text, sizeof(text), "latchkey show %.32s", o->id);
	q.look = text;
	if ((r = lk_link_ask(c, &q, &j, e)) == 0 &&
	    (r = take_made(lk_json_root(j), token, &key, e)) != 0)
		r = lk_link_in_doubt(&q, e);
	lk_json_free(&j);
	if (r == 0 && fn(arg, token, &key) != 0)
		r = not_shown(c, &key, e);
	lk_wipe(token, sizeof(token));
	return r;
}

const struct lk_calls lk_calls_remote = {
	.types = lk_remote_types,
	.account_list = lk_remote_account_list,
	.account_set = account_set,
	.account_delete = account_delete,
	.list = lk_remote_list,
	.show = lk_remote_show,
	.log = lk_remote_log,
	.keys_delete = keys_delete,
	.keys_disable = keys_disable,
	.keys_enable = keys_enable,
	.generate = generate,
	.generate_many = generate_many,
	.take_back = take_back,
	.rotate = rotate,
};
