/*
 * scan: tokens of ours in files and streams, whose they are, and whether they
 * are alive.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/key_out.h"
#include "cli/progress.h"
#include "cli/text_out.h"
#include "cli/tree.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "type", "T", "tokens of this type alone; may be given again", 0, 1 },
	{ "disable", NULL, "disable those that are active, as they are found" },
	{ NULL }
};

struct scan {
	struct lk_cli		*c;
	struct lk_search	 what;
	struct lk_progress	 bar;
	int			 disable;	/* was asked for             */
	char			*path;		/* of the file at hand,      */
						/* as it may be shown        */
	uint64_t		 before, done;	/* octets, of it and others  */
	uint64_t		 all;		/* of all, 0: not known      */
	uint64_t		 files, tokens, alive, disabled;
	int			 status;	/* of what went wrong, or 0  */
	int			 undone;	/* of one not disabled, or 0  */
	int			 fatal;		/* likewise; it ends there   */
	struct lk_out		 found, unread;	/* members of --json         */
};

/* ----------------------------------------------------------------- a token */

static void
print(const struct lk_leak *l, const char *path, const char *state,
    int disabled)
{
	lk_text_put(stdout, path);
	printf(":%" PRIu64 ": %s %s %s %s %s%s\n", l->line,
	    l->key_id[0] != '\0' ? l->key_id : "-",
	    l->account[0] != '\0' ? l->account : "-", l->type, l->hint,
	    state, disabled ? ", disabled now" : "");
}

static void
add(struct lk_out *j, const struct lk_leak *l, const char *path,
    const char *state, int disabled)
{
	lk_out_open(j, NULL, '{');
	lk_out_str(j, "file", path);
	lk_out_int(j, "line", (int64_t)l->line);
	lk_out_word(j, "key", l->key_id);
	lk_out_word(j, "account", l->account);
	lk_out_str(j, "type", l->type);
	lk_out_str(j, "hint", l->hint);
	lk_out_str(j, "state", state);
	lk_out_bool(j, "disabled", disabled);
	lk_out_close(j, '}');
}

/* At once: what is found next may be far off.  1, or 0: it was not done. */
static int
disable(struct scan *s, const struct lk_leak *l)
{
	const char	*id = l->key_id;
	struct lk_error	 e = { 0 };

	if (!s->disable || l->state != LK_STATE_ACTIVE)
		return 0;
	if (lk_disable(s->c->lk, &s->c->op, &id, 1, &e) == 0)
		return 1;
	s->undone = lk_exit_status(e.code);
	lk_progress_end(&s->bar);
	lk_say_note("%s is not disabled: %s", id, e.text);
	return 0;
}

static int
found(void *arg, const struct lk_leak *l)
{
	struct scan	*s = arg;
	struct lk_key	 k = { .state = l->state };
	const char	*state = l->state == LK_STATE_UNKNOWN ? "unknown" :
			    lk_show_state(&k);
	int		 disabled = disable(s, l);

	s->tokens++;
	s->alive += l->state == LK_STATE_ACTIVE && !disabled;
	s->disabled += (unsigned)disabled;
	if (s->c->json) {
		add(&s->found, l, s->path, state, disabled);
		return 0;
	}
	lk_progress_end(&s->bar);
	print(l, s->path, state, disabled);
	return 0;
}

/* ------------------------------------------------------------------ a file */

/* A file may be named after a token.  NULL: no memory; else to be freed. */
static char *
shown(const char *path)
{
	char	*p = strdup(path);

	if (p != NULL)
		p[lk_mask(p, strlen(p))] = '\0';
	return p;
}

/* What is not there counts for less than what cannot be read. */
static void
unread(struct scan *s, const char *path, int code, const char *why)
{
	char	*name = shown(path);

	path = name != NULL ? name : "?";
	if (s->status == 0 || code == LK_EIO)
		s->status = lk_exit_status(code);
	lk_progress_end(&s->bar);
	lk_say_note("%s: %s", path, why);
	lk_out_open(&s->unread, NULL, '{');
	lk_out_str(&s->unread, "file", path);
	lk_out_str(&s->unread, "error", why);
	lk_out_close(&s->unread, '}');
	free(name);
}

static void
failed(void *arg, const char *path, int err)
{
	unread(arg, path, err == ENOENT ? LK_ENOTFOUND : LK_EIO,
	    strerror(err));
}

static void
step(void *arg, uint64_t done, uint64_t all)
{
	struct scan	*s = arg;

	(void)all;
	s->done = done;
	lk_progress_step(&s->bar, s->before + done, s->all);
}

static int
file(void *arg, const char *path, int fd, uint64_t size)
{
	struct scan	*s = arg;
	struct lk_error	 e = { 0 };
	int		 r;

	if ((s->path = shown(path)) == NULL)
		return s->fatal = lk_say(s->c, LK_ENOMEM, "no memory");
	s->what.fd = fd;
	s->done = 0;
	s->all = s->c->nwords == 1 && strcmp(path, s->c->words[0]) == 0 ?
	    size : 0;
	s->files++;
	r = lk_scan(s->c->lk, &s->what, &e);
	s->before += s->done;
	if (r == LK_EIO)
		unread(s, path, r, e.text);
	else if (r != 0) {
		lk_progress_end(&s->bar);
		s->fatal = lk_say_error(s->c, &e);
	}
	free(s->path);
	return s->fatal;
}

/* ------------------------------------------------------------- all of them */

static void
summary(const struct scan *s)
{
	fprintf(stderr, "latchkey: %" PRIu64 " token%s, %" PRIu64 " alive, ",
	    s->tokens, s->tokens == 1 ? "" : "s", s->alive);
	if (s->disable)
		fprintf(stderr, "%" PRIu64 " disabled now, ", s->disabled);
	fprintf(stderr, "in %" PRIu64 " file%s\n", s->files,
	    s->files == 1 ? "" : "s");
}

/* What was not done or not read weighs more than what was found. */
static int
verdict(const struct scan *s)
{
	if (s->undone != 0)
		return s->undone;
	return s->status != 0 ? s->status : s->tokens != 0;
}

static int
tell(struct scan *s)
{
	struct lk_out	 j = LK_OUT_NONE;
	int		 r;

	if (!s->c->json) {
		summary(s);
		return verdict(s);
	}
	lk_out_close(&s->found, ']');
	lk_out_close(&s->unread, ']');
	lk_out_open(&j, NULL, '{');
	lk_out_raw(&j, "tokens", &s->found);
	lk_out_int(&j, "files", (int64_t)s->files);
	lk_out_int(&j, "octets", (int64_t)s->before);
	lk_out_raw(&j, "unread", &s->unread);
	lk_out_close(&j, '}');
	if ((r = lk_out_print(&j)) != 0)
		return r;
	return verdict(s);
}

/* The types that --type names.  0, or an exit status. */
static int
take_types(struct lk_cli *c, struct lk_search *what)
{
	static const char	*types[LK_TYPES_MAX];
	const char		*type, *mean;
	size_t			 at = 0;

	while ((type = lk_args_next(c, "type", &at)) != NULL) {
		if (!lk_enter_type(c, type, &mean))
			return lk_say(c, LK_EUSAGE, "no type %s in %s%s",
			    type, c->policy, mean);
		if (what->ntypes == LK_TYPES_MAX)
			return lk_say(c, LK_EUSAGE, "--type is given more "
			    "than %d times", LK_TYPES_MAX);
		types[what->ntypes++] = type;
	}
	what->types = types;
	return 0;
}

static int
look(struct scan *s)
{
	const struct lk_tree	 tree = { file, failed, s };
	size_t			 i;

	lk_progress_start(&s->bar, "scan", "octets");
	lk_out_open(&s->found, NULL, '[');
	lk_out_open(&s->unread, NULL, '[');
	for (i = 0; i < s->c->nwords && s->fatal == 0; i++)
		lk_tree_walk(&tree, s->c->words[i]);
	lk_progress_end(&s->bar);
	return s->fatal != 0 ? s->fatal : tell(s);
}

static int
run(struct lk_cli *c)
{
	struct scan	 s = { .c = c, .found = LK_OUT_NONE,
			    .unread = LK_OUT_NONE };
	int		 r;

	s.what.size = sizeof(s.what);
	s.what.fn = found;
	s.what.progress = step;
	s.what.arg = s.what.progress_arg = &s;
	s.disable = lk_args_has(c, "disable");
	r = s.disable ? lk_enter_open(c, 0, LK_REMOVE_ONLY) :
	    lk_enter_open(c, LK_ENTER_ANYONE, LK_LIST_ONLY);
	if (r == 0 &&
	    (r = take_types(c, &s.what)) == 0)
		r = look(&s);
	lk_out_free(&s.found);
	lk_out_free(&s.unread);
	return r;
}

const struct lk_verb lk_verb_scan = {
	.name = "scan",
	.synopsis = "PATH...|- [--type T]... [--disable]",
	.summary = "find tokens in files and streams: whose, and alive or not",
	.example = "git log -p --all | latchkey scan -",
	.opts = opts,
	.min = 1,
	.max = SIZE_MAX,
	.run = run,
};
