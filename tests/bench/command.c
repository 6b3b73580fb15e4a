/*
 * command.c: the command as a process, from start to end.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define VERIFY_NS	30e9		/* for all of latchkey verify, about */

extern char	**environ;

/* posix_spawn copies no page tables, whatever the size of the bench. */
static pid_t
spawn(const char *const *argv, const char *in, int quiet)
{
	posix_spawn_file_actions_t	 fa;
	char				*args[16];
	pid_t				 pid;
	size_t				 i;
	int				 r;

	for (i = 0; i < 15 && argv[i] != NULL; i++)
		args[i] = strdup(argv[i]);
	args[i] = NULL;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, STDIN_FILENO,
	    in != NULL ? in : "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null",
	    O_WRONLY, 0);
	if (quiet)
		posix_spawn_file_actions_addopen(&fa, STDERR_FILENO,
		    "/dev/null", O_WRONLY, 0);
	if ((r = posix_spawn(&pid, args[0], &fa, NULL, args, environ)) != 0)
		errx(1, "%s: %s", args[0], strerror(r));
	posix_spawn_file_actions_destroy(&fa);
	while (i > 0)
		free(args[--i]);
	return pid;
}

struct spent
command_run(const char *const *argv, const char *in, int quiet)
{
	struct spent	 s = { 0, 0, -1 };
	struct rusage	 ru;
	double		 from = now_ns();
	pid_t		 pid = spawn(argv, in, quiet);
	int		 status;

	if (wait4(pid, &status, 0, &ru) != pid)
		err(1, "%s", argv[0]);
	s.seconds = (now_ns() - from) / 1e9;
	s.octets = (double)ru.ru_maxrss * 1024;
	if (WIFEXITED(status))
		s.status = WEXITSTATUS(status);
	return s;
}

/* --------------------------------------------------------- latchkey verify */

static void
write_token(const char *path, const struct home *h)
{
	FILE	*f = fopen(path, "w");

	if (f == NULL || fprintf(f, "%s\n", h->visits[BARE][0].token) < 0 ||
	    fclose(f) != 0)
		err(1, "%s", path);
}

static double
verify_ms(const char *latchkey, const struct home *h, const char *token)
{
	const char *const	 argv[] = { latchkey, "verify", "--home",
				     h->dir, "--type", type_names[BARE],
				     NULL };
	struct spent		 s = command_run(argv, token, 0);

	if (s.status != 0)
		errx(1, "latchkey verify ended with %d", s.status);
	return s.seconds * 1e3;
}

/* In turns with a small store, so that both meet the same machine. */
void
command_figures(const char *latchkey, const struct home *h,
    const struct home *small, int rounds)
{
	struct figure	 f = { .what = "latchkey verify, process",
			     .unit = "ms", .other = "10^3" };
	char		 in[2][PATH_MAX + 16];
	double		 ms[2][ROUNDS_MAX], ignored, start;
	int		 i;

	snprintf(in[0], sizeof(in[0]), "%s/token", h->dir);
	snprintf(in[1], sizeof(in[1]), "%s/token", small->dir);
	write_token(in[0], h);
	write_token(in[1], small);
	verify_ms(latchkey, h, in[0]);
	start = now_ns();
	for (i = 0; i < rounds && now_ns() - start < VERIFY_NS; i++) {
		ms[0][i] = verify_ms(latchkey, h, in[0]);
		ms[1][i] = verify_ms(latchkey, small, in[1]);
	}
	f.value = median(ms[0], i, &f.spread);
	f.ratio[OTHER] = f.value / median(ms[1], i, &ignored);
	table_figure(&f);
}
