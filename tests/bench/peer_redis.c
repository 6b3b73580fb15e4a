/*
 * peer_redis.c: a server of our own on a socket in the folder, nothing written
 * to disk; one connection, one question at a time.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define AHEAD		1000		/* keys in flight while it is filled */
#define TRIES		1000		/* of 10 ms, until it listens        */

struct ctx {
	redisContext	*redis;
	pid_t		 pid;
	size_t		 ahead;
};

/* It ends when we do, whatever ends us. */
static _Noreturn void
server(const char *dir, const char *path)
{
	int	 fd = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd != -1 && dup2(fd, STDOUT_FILENO) != -1)
		execlp("redis-server", "redis-server", "--port", "0",
		    "--unixsocket", path, "--dir", dir, "--save", "",
		    "--appendonly", "no", "--daemonize", "no", (char *)NULL);
	warn("redis-server");
	_exit(127);
}

static int
await(struct ctx *c, const char *path)
{
	const struct timespec	 nap = { 0, 10000000 };
	int			 i;

	for (i = 0; i < TRIES; i++) {
		c->redis = redisConnectUnix(path);
		if (c->redis != NULL && c->redis->err == 0)
			return 0;
		if (c->redis != NULL)
			redisFree(c->redis);
		c->redis = NULL;
		nanosleep(&nap, NULL);
	}
	warnx("Redis does not listen on %s", path);
	return -1;
}

static int
redis_open(const char *dir, size_t keys, void **ctx)
{
	struct ctx	*c = calloc(1, sizeof(*c));
	char		 path[4096];

	(void)keys;
	if (c == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/redis", dir);
	if ((c->pid = fork()) == 0)
		server(dir, path);
	*ctx = c;
	return c->pid == -1 ? -1 : await(c, path);
}

/* The answers of what is in flight. */
static int
drain(struct ctx *c)
{
	void	*reply;

	for (; c->ahead > 0; c->ahead--) {
		if (redisGetReply(c->redis, &reply) != REDIS_OK) {
			warnx("Redis: %s", c->redis->errstr);
			return -1;
		}
		freeReplyObject(reply);
	}
	return 0;
}

static int
redis_put(void *ctx, const uint8_t *digest, const struct record *r)
{
	struct ctx	*c = ctx;

	redisAppendCommand(c->redis, "SET %b %b", digest, (size_t)DIGEST_SIZE,
	    r, sizeof(*r));
	return ++c->ahead < AHEAD ? 0 : drain(c);
}

static int
redis_freeze(void *ctx)
{
	return drain(ctx);
}

static int
redis_get(void *ctx, const uint8_t *digest, struct record *out)
{
	static const size_t	 len[2] = { 3, DIGEST_SIZE };
	struct ctx		*c = ctx;
	const char		*argv[2] = { "GET", (const char *)digest };
	redisReply		*reply;
	int			 r = -1;

	if ((reply = redisCommandArgv(c->redis, 2, argv, len)) == NULL)
		return -1;
	if (reply->type == REDIS_REPLY_NIL)
		r = 0;
	if (reply->type == REDIS_REPLY_STRING && reply->len == sizeof(*out)) {
		memcpy(out, reply->str, sizeof(*out));
		r = 1;
	}
	freeReplyObject(reply);
	return r;
}

static double
redis_octets(void *ctx)
{
	struct ctx	*c = ctx;
	redisReply	*reply = redisCommand(c->redis, "INFO memory");
	const char	*at = NULL;
	double		 n = -1;

	if (reply != NULL && reply->type == REDIS_REPLY_STRING)
		at = strstr(reply->str, "used_memory:");
	if (at != NULL)
		n = strtod(at + strlen("used_memory:"), NULL);
	freeReplyObject(reply);
	return n;
}

static void
redis_close(void *ctx)
{
	struct ctx	*c = ctx;

	redisFree(c->redis);
	kill(c->pid, SIGTERM);
	waitpid(c->pid, NULL, 0);
	free(c);
}

const struct peer bench_peer = {
	.name = "Redis",
	.open = redis_open,
	.put = redis_put,
	.freeze = redis_freeze,
	.get = redis_get,
	.close = redis_close,
	.octets = redis_octets,
};
