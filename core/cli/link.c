#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/random.h"
#include "base/trust.h"
#include "cli/answer.h"
#include "cli/beside.h"
#include "cli/link.h"
#include "remote/remote.h"

#define HELPER		"latchkey-remote"
#define SECONDS		45		/* a writer may wait 30 for the lock */
#define SECONDS_MAX	3600
#define ONCE		16		/* random octets of Idempotency-Key  */

/* The one latchkeyd of this call of the command. */
static struct link {
	char		 server[LK_PATH_MAX];
	char		 owner[24];	/* "": anybody may be it             */
	char		 ca[PATH_MAX];
	char		 token[LK_TOKEN_MAX + 1];
	char		 refusal[LK_SENTENCE_MAX];	/* "": of --server   */
	int64_t		 seconds;
	pid_t		 pid;		/* 0: not started                    */
	int		 to, from;
} link_;

int
lk_link_is(const struct lk_cli *c)
{
	return c->calls == &lk_calls_remote;
}

/* ----------------------------------------------------------------- options */

/* What can stand in a header as one word. */
static int
printable(const char *p, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return 0;
	return 1;
}

/* A token that others may have read is none to be used. */
static int
read_token(struct lk_cli *c, const char *file)
{
	struct lk_error	 e = { 0 };
	char		*text = NULL;
	size_t		 n = 0;
	int		 fd, r;

	if (lk_trust_open(file, LK_TRUST_PRIVATE, &fd, &e) != 0)
		return lk_say_error(c, &e);
	r = lk_read_all(fd, LK_TOKEN_MAX + 2, &text, &n, &e);
	close(fd);
	if (r != 0)
		return lk_say(c, e.code, "%s: %s", file, e.text);
	r = (int)n;
	while (n != 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n != 0 && n <= LK_TOKEN_MAX && printable(text, n))
		memcpy(link_.token, text, n);
	lk_wipe(text, (size_t)r);
	free(text);
	return link_.token[0] != '\0' ? 0 : lk_say(c, LK_EDATA, "%s holds no "
	    "token alone: one line, as latchkey generate prints it", file);
}

static int
read_seconds(struct lk_cli *c)
{
	int	 r;

	link_.seconds = SECONDS;
	if ((r = lk_args_duration(c, "timeout", 0, &link_.seconds)) != 0)
		return r;
	if (link_.seconds < 1 || link_.seconds > SECONDS_MAX)
		return lk_say(c, LK_EDATA, "--timeout takes 1s to 1h");
	return 0;
}

/* What goes with --server alone. */
static int
read_rest(struct lk_cli *c, const char *server)
{
	const char	*file = lk_args_value(c, "token-file");
	const char	*ca = lk_args_value(c, "server-ca");

	if (ca != NULL && realpath(ca, link_.ca) == NULL)
		return lk_say(c, LK_ENOTFOUND, "--server-ca %s: %s", ca,
		    strerror(errno));
	if (file != NULL)
		return read_token(c, file);
	/* There the user is known to it as on this machine. */
	if (strncmp(server, "unix:", 5) == 0)
		return 0;
	return lk_say(c, LK_EUSAGE, "--server %s needs --token-file FILE, "
	    "which holds the token of an operator", server);
}

int
lk_link_server(struct lk_cli *c)
{
	const char	*server = lk_args_value(c, "server");
	int		 r;

	if (lk_args_has(c, "store"))
		return lk_say(c, LK_EUSAGE, "--store is of this machine and "
		    "does not go with --server");
	if (strlen(server) >= sizeof(link_.server))
		return lk_say(c, LK_EDATA, "--server is too long");
	strcpy(link_.server, server);
	strcpy(c->policy, server);	/* whose types there are */
	if ((r = read_seconds(c)) != 0 || (r = read_rest(c, server)) != 0)
		return r;
	c->calls = &lk_calls_remote;
	return 0;
}

int
lk_link_policy(struct lk_cli *c, const char *refusal, uid_t owner)
{
	struct lk_daemon	 d;
	struct lk_error		 e = { 0 };
	size_t			 i;
	int			 r;

	if (lk_daemon_read(c->policy, &d, &e) != 0)
		return lk_say_error(c, &e);
	for (i = 0; i < d.admin.n; i++)
		if (strncmp(d.admin.at[i], "unix:", 5) == 0)
			break;
	if (i == d.admin.n)
		return lk_say(c, LK_EPERM, "%s, or by latchkey %s --server "
		    "http://%s --token-file FILE: its latchkeyd has no socket "
		    "that knows you", refusal, c->verb->name, d.admin.at[0]);
	snprintf(link_.refusal, sizeof(link_.refusal), "%s", refusal);
	snprintf(link_.server, sizeof(link_.server), "%s", d.admin.at[i]);
	if (owner != (uid_t)-1)
		snprintf(link_.owner, sizeof(link_.owner), "%ld", (long)owner);
	if ((r = read_seconds(c)) != 0)
		return r;
	c->calls = &lk_calls_remote;
	return 0;
}

/* ----------------------------------------------------------------- process */

/* Both ends of one pipe each way; none of them is for another program. */
static int
start(struct lk_error *e)
{
	static char		*const none[] = { NULL };
	char			 path[PATH_MAX], name[] = HELPER;
	char			*argv[] = { name, NULL };
	posix_spawn_file_actions_t a;
	int			 in[2], out[2], r;

	if (pipe2(in, O_CLOEXEC) == -1)
		return lk_fail_errno(e, LK_EUNAVAIL, "no pipe");
	if (pipe2(out, O_CLOEXEC) == -1) {
		close(in[0]);
		close(in[1]);
		return lk_fail_errno(e, LK_EUNAVAIL, "no pipe");
	}
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_adddup2(&a, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&a, out[1], STDOUT_FILENO);
	/* Without environment: no proxy, no file of keys, no other library. */
	r = posix_spawn(&link_.pid, lk_beside(HELPER, path, sizeof(path)), &a,
	    NULL, argv, none);
	posix_spawn_file_actions_destroy(&a);
	close(in[0]);
	close(out[1]);
	link_.to = in[1];
	link_.from = out[0];
	if (r == 0)
		return 0;
	link_.pid = 0;
	close(link_.to);
	close(link_.from);
	lk_beside(HELPER, path, sizeof(path));
	if (link_.refusal[0] != '\0')
		return lk_fail(e, LK_EPERM, "%s; to ask latchkeyd takes %s: %s "
		    "(configure builds it where it finds libcurl)",
		    link_.refusal, path, strerror(r));
	return lk_fail(e, LK_EUNAVAIL, "%s cannot be started: %s (configure "
	    "builds it where it finds libcurl)", path, strerror(r));
}

void
lk_link_end(void)
{
	lk_wipe(link_.token, sizeof(link_.token));
	if (link_.pid == 0)
		return;
	close(link_.to);
	close(link_.from);
	while (waitpid(link_.pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	link_.pid = 0;
}

/* ---------------------------------------------------------------- question */

/* So that the same question, come twice, is done once. */
static int
add_once(struct lk_buf *b, struct lk_error *e)
{
	unsigned char	 r[ONCE];
	char		 text[2 * ONCE + 1];
	size_t		 i;
	int		 code;

	if ((code = lk_random(r, sizeof(r), e)) != 0)
		return code;
	for (i = 0; i < sizeof(r); i++)
		snprintf(text + 2 * i, 3, "%02x", r[i]);
	lk_frame_str(b, "once", text);
	return 0;
}

static int
compose(const struct lk_ask *q, struct lk_buf *b, struct lk_error *e)
{
	char	 seconds[24];
	int	 r;

	snprintf(seconds, sizeof(seconds), "%lld", (long long)link_.seconds);
	lk_frame_str(b, "server", link_.server);
	lk_frame_str(b, "method", q->method);
	lk_frame_add(b, "target", q->target.p, q->target.n);
	lk_frame_str(b, "owner", link_.owner);
	lk_frame_str(b, "token", link_.token);
	lk_frame_str(b, "ca", link_.ca);
	lk_frame_str(b, "seconds", seconds);
	if (q->body.b.n != 0)
		lk_frame_add(b, "body", q->body.b.p, q->body.b.n);
	if (q->once && (r = add_once(b, e)) != 0)
		return r;
	if (b->failed || q->target.failed || q->body.b.failed)
		return lk_fail(e, LK_ENOMEM, "no memory for the question");
	return 0;
}

/* ------------------------------------------------------------------ answer */

int
lk_link_in_doubt(const struct lk_ask *q, struct lk_error *e)
{
	size_t	 n = strlen(e->text);

	if (q->look != NULL && n < sizeof(e->text))
		snprintf(e->text + n, sizeof(e->text) - n, "; whether it was "
		    "done is not known (%s)", q->look);
	return e->code;
}

static int
no_daemon(struct lk_error *e, const char *why)
{
	if (link_.refusal[0] == '\0')
		return lk_fail(e, LK_EUNAVAIL, "no latchkeyd answers at %s: %s",
		    link_.server, why);
	return lk_fail(e, LK_EPERM, "%s, or have latchkeyd --admin do it, "
	    "which does not answer at %s: %s", link_.refusal, link_.server,
	    why);
}

static int
barred(struct lk_error *e, const char *why)
{
	if (link_.refusal[0] == '\0')
		return lk_fail(e, LK_EPERM, "%s: %s", link_.server, why);
	return lk_fail(e, LK_EPERM, "%s, or have latchkeyd do it, whose "
	    "socket %s is not for you: %s (its group is admin_group under "
	    "daemon: in the policy or, of systemd's, SocketGroup= of "
	    "latchkeyd-admin.socket)", link_.refusal, link_.server, why);
}

/* It is not known of whom, and whether, there is an answer. */
static int
no_answer(const struct lk_ask *q, const char *failed, const char *why,
    struct lk_error *e)
{
	const char	*at = link_.server;

	if (strcmp(failed, LK_REMOTE_ABSENT) == 0)
		return no_daemon(e, why);
	if (strcmp(failed, LK_REMOTE_BARRED) == 0)
		return barred(e, why);
	if (strcmp(failed, LK_REMOTE_USAGE) == 0)
		return lk_fail(e, LK_EUSAGE, "--server %s: %s", at, why);
	if (strcmp(failed, LK_REMOTE_UNREACHED) == 0)
		return lk_fail(e, LK_EUNAVAIL, "%s cannot be reached: %s", at,
		    why);
	if (strcmp(failed, LK_REMOTE_DISTRUST) == 0)
		return lk_fail(e, LK_EUNAVAIL, "%s is not trusted: %s%s", at,
		    why, strncmp(at, "https:", 6) == 0 ? " (where it is "
		    "certified by an authority of your own: --server-ca "
		    "FILE)" : "");
	if (strcmp(failed, LK_REMOTE_LATE) == 0)
		lk_fail(e, LK_EAGAIN, "latchkeyd at %s did not answer within "
		    "%lld s: try again", at, (long long)link_.seconds);
	else
		lk_fail(e, LK_EUNAVAIL, "the answer of %s cannot be used: %s",
		    at, why);
	return lk_link_in_doubt(q, e);
}

static int
parse(const struct lk_slice *body, struct lk_json **out, struct lk_error *e)
{
	const char	*why;
	int		 r;

	if ((r = lk_json_parse(body->p, body->n, out, &why)) == 1)
		return 0;
	return lk_fail(e, r == -2 ? LK_ENOMEM : LK_EUNAVAIL, "the answer of "
	    "%s cannot be used: %s", link_.server, why);
}

static int
is_type(const char *type, const char *want)
{
	size_t	 n = strlen(want);

	return strncmp(type, want, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static int
take_answer(const struct lk_ask *q, const struct lk_buf *b,
    struct lk_json **out, struct lk_error *e)
{
	struct lk_json	*j = NULL;
	struct lk_slice	 body;
	char		 status[8], type[128];
	int		 r;

	lk_frame_text(b, "status", status, sizeof(status));
	lk_frame_text(b, "type", type, sizeof(type));
	lk_frame_get(b, "body", &body);
	if (status[0] == '2' && is_type(type, "application/json")) {
		r = parse(&body, out, e);
		return r == 0 ? 0 : lk_link_in_doubt(q, e);
	}
	r = is_type(type, "application/problem+json") &&
	    parse(&body, &j, e) == 0 &&
	    lk_answer_failure(lk_json_root(j), e) == 0;
	lk_json_free(&j);
	if (r)
		return e->code;
	/* A gateway in front of it, or another server, has other words. */
	lk_fail(e, LK_EUNAVAIL, "%s answered %s, and not as latchkeyd --admin "
	    "does", link_.server, status);
	return lk_link_in_doubt(q, e);
}

static int
exchange(const struct lk_ask *q, const struct lk_buf *in, struct lk_buf *out,
    struct lk_error *e)
{
	int	 r;

	if (link_.pid == 0 && (r = start(e)) != 0)
		return r;
	if (lk_frame_write(link_.to, in) == 0 &&
	    lk_frame_read(link_.from, LK_REMOTE_FRAME_MAX, out) == 1)
		return 0;
	lk_fail(e, LK_EUNAVAIL, "%s ended without an answer", HELPER);
	return lk_link_in_doubt(q, e);
}

int
lk_link_ask(struct lk_cli *c, struct lk_ask *q, struct lk_json **out,
    struct lk_error *e)
{
	struct lk_buf	 in = LK_BUF_NONE, answer = LK_BUF_NONE;
	char		 failed[32], why[512];
	int		 r;

	(void)c;
	*out = NULL;
	if ((r = compose(q, &in, e)) != 0 ||
	    (r = exchange(q, &in, &answer, e)) != 0)
		goto out;
	lk_frame_text(&answer, "failed", failed, sizeof(failed));
	lk_frame_text(&answer, "text", why, sizeof(why));
	r = failed[0] != '\0' ? no_answer(q, failed, why, e) :
	    take_answer(q, &answer, out, e);
out:
	lk_buf_free(&in);
	lk_buf_free(&answer);
	lk_buf_free(&q->target);
	lk_out_free(&q->body);
	return r;
}
