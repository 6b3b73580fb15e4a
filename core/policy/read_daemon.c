/*
 * read_daemon.c: the settings of latchkeyd.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"

#define KIB		1024UL
#define MIB		(1024UL * KIB)

static lk_read_fn	read_original, read_statuses, read_log, read_octets,
			read_seconds, read_limits;

#define AT(member)	.offset = offsetof(struct lk_daemon, member)

static const struct lk_field fields[] = {
	{ .name = "verify", .read = lk_read_listen, AT(verify) },
	{ .name = "verify_mode", .read = lk_read_mode, AT(verify.mode) },
	{ .name = "verify_group", .read = lk_read_group, AT(verify.group) },
	{ .name = "admin", .read = lk_read_listen, AT(admin) },
	{ .name = "admin_mode", .read = lk_read_mode, AT(admin.mode) },
	{ .name = "admin_group", .read = lk_read_group, AT(admin.group) },
	{ .name = "metrics", .read = lk_read_listen, AT(metrics) },
	{ .name = "metrics_mode", .read = lk_read_mode, AT(metrics.mode) },
	{ .name = "metrics_group", .read = lk_read_group, AT(metrics.group) },
	{ .name = "trusted", .read = lk_read_trusted },
	{ .name = "original", .read = read_original, AT(original) },
	{ .name = "statuses", .read = read_statuses, AT(statuses) },
	{ .name = "threads", .read = lk_read_unsigned, AT(threads),
	    .min = 1, .max = 256,
	    .zero = "leave it out for one a core" },
	{ .name = "log", .read = read_log, AT(log) },
	{ .name = "limits", .read = read_limits },
};
static const struct lk_table table = LK_TABLE("daemon", fields);

static const struct lk_field limit_fields[] = {
	{ .name = "head", .read = read_octets, AT(head),
	    .min = 4 * KIB, .max = MIB },
	{ .name = "body", .read = read_octets, AT(body),
	    .min = KIB, .max = LK_BODY_MAX },
	{ .name = "head_time", .read = read_seconds, AT(head_time),
	    .min = 1, .max = 3600 },
	{ .name = "body_time", .read = read_seconds, AT(body_time),
	    .min = 1, .max = 3600 },
	{ .name = "idle", .read = read_seconds, AT(idle),
	    .min = 1, .max = 86400 },
	{ .name = "stop_time", .read = read_seconds, AT(stop_time),
	    .min = 1, .max = 3600 },
	{ .name = "connections", .read = lk_read_unsigned, AT(connections),
	    .min = 1, .max = 1000000,
	    .zero = "0 connections would serve nobody" },
	{ .name = "connections_per_peer", .read = lk_read_unsigned,
	    AT(connections_per_peer), .min = 1, .max = 1000000,
	    .zero = "0 connections would serve nobody" },
	{ .name = "kept", .read = lk_read_unsigned, AT(kept),
	    .min = 1, .max = 1000000,
	    .zero = "say \"requests: 1\" to end each with its answer" },
	{ .name = "requests", .read = lk_read_unsigned, AT(requests),
	    .min = 1, .max = 1000000000,
	    .zero = "0 requests would serve nobody" },
	{ .name = "log_lines", .read = lk_read_unsigned, AT(log_lines),
	    .min = 1, .max = 1000000,
	    .zero = "say \"log: none\" for no lines" },
};
static const struct lk_table limit_table = LK_TABLE("limits", limit_fields);

void
lk_daemon_defaults(struct lk_daemon *d)
{
	memset(d, 0, sizeof *d);
	d->verify.n = d->admin.n = 1;
	strcpy(d->verify.at[0], "unix:/run/latchkey/verify.sock");
	strcpy(d->admin.at[0], "unix:/run/latchkey/admin.sock");
	d->verify.mode = d->admin.mode = d->metrics.mode = 0660;
	d->log = LK_LOG_DENIALS;
	d->log_lines = 60;
	d->original = LK_ORIGINAL_X_ORIGINAL;
	d->statuses = LK_STATUSES_EXACT;
	d->head = 16 * KIB;
	d->body = MIB;
	d->head_time = d->body_time = 10;
	d->idle = 75;
	d->stop_time = 10;
	d->connections = 16384;
	d->connections_per_peer = 4096;
	d->kept = 1024;
	d->requests = 1000000;
}

/* One of n words; the first is 1, the next 2. */
static void
read_word(struct lk_reader *r, const struct lk_node *n,
    const char *const *words, size_t nwords, const char *expected,
    unsigned *out)
{
	size_t	 i;

	if (!lk_want_text(r, n, expected))
		return;
	for (i = 0; i < nwords; i++)
		if (strcmp(n->value, words[i]) == 0) {
			*out = (unsigned)i + 1;
			return;
		}
	lk_found(r->f, n->place, "%s: expected %s, found \"%s\"%s", n->key,
	    expected, LK_SHOWN(n->value),
	    lk_hint(r->f, n->value, words, nwords, "").s);
}

static void
read_original(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	static const char *const words[] = { "x-original", "x-forwarded" };

	(void)f;
	read_word(r, n, words, 2, "x-original or x-forwarded",
	    &((struct lk_daemon *)base)->original);
}

static void
read_statuses(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	static const char *const words[] = { "exact", "gateway" };

	(void)f;
	read_word(r, n, words, 2, "exact or gateway",
	    &((struct lk_daemon *)base)->statuses);
}

static void
read_log(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	static const char *const words[] = { "denials", "all", "none" };

	(void)f;
	read_word(r, n, words, 3, "denials, all or none",
	    &((struct lk_daemon *)base)->log);
}

/* Digits and KiB or MiB; 0: it is neither, or out of range. */
static unsigned long
octets_parse(const char *s, const struct lk_field *f)
{
	size_t		 n = strspn(s, "0123456789");
	unsigned long	 v, unit;

	unit = strcmp(s + n, "KiB") == 0 ? KIB :
	    strcmp(s + n, "MiB") == 0 ? MIB : 0;
	if (n == 0 || n > 7 || s[0] == '0' || unit == 0)
		return 0;
	v = strtoul(s, NULL, 10) * unit;
	return v >= f->min && v <= f->max ? v : 0;
}

static void
read_octets(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	unsigned	*out = (unsigned *)(void *)((char *)base + f->offset);
	unsigned long	 v = 0;
	char		 expected[64];

	if (n->kind == LK_NODE_TEXT && !n->quoted)
		v = octets_parse(n->value, f);
	snprintf(expected, sizeof expected, "octets from %luKiB to %luKiB",
	    f->min / KIB, f->max / KIB);
	if (v == 0)
		lk_read_wrong(r, n, expected);
	else
		*out = (unsigned)v;
}

static void
read_seconds(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	unsigned	*out = (unsigned *)(void *)((char *)base + f->offset);
	char		 expected[64];
	int64_t		 v = 0;

	snprintf(expected, sizeof expected, "a time from %lus to %lus such "
	    "as 30s or 2m", f->min, f->max);
	if (n->kind != LK_NODE_TEXT || n->quoted ||
	    lk_duration_parse(n->value, strlen(n->value), &v) != 0 ||
	    v < (int64_t)f->min || v > (int64_t)f->max)
		lk_read_wrong(r, n, expected);
	else
		*out = (unsigned)v;
}

static void
read_limits(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	(void)f;
	lk_read_map(r, n, &limit_table, base);
}

void
lk_read_daemon(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_daemon	*d = (void *)((char *)base + f->offset);
	unsigned		 before = r->f->errors;

	if (lk_read_map(r, n, &table, d) == 0 && r->f->errors == before)
		lk_listen_lint(r, n, d);
}
