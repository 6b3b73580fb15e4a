/*
 * sweep_run.c: one run of the command, with shim.so in it.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

#define PAGE_FD		100		/* the shim's, in the command      */
#define PAGE_FD_TEXT	"100"
#define PATIENCE	60		/* seconds until it is called hung */

struct fault_page	*sweep_page;

static int		 page_fd, in_fd, out_fd, err_fd;
static char		 preload[SWEEP_PATH + 16], libraries[SWEEP_PATH];
static volatile pid_t	 running;
static volatile int	 hung;

static int
memory(const char *name)
{
	int	 fd = memfd_create(name, MFD_CLOEXEC);

	if (fd == -1)
		err(1, "memfd_create");
	return fd;
}

static void
too_long(int sig)
{
	(void)sig;
	hung = 1;
	kill(running, SIGKILL);
}

void
sweep_run_start(void)
{
	const char	*modules = getenv("LATCHKEY_TEST_PLUGINS");
	const char	*path = getenv("LD_LIBRARY_PATH");

	if (modules == NULL || getenv("LATCHKEY") == NULL)
		errx(1, "run it by make check, which sets LATCHKEY and "
		    "LATCHKEY_TEST_PLUGINS");
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s/shim.so", modules);
	snprintf(libraries, sizeof libraries, "LD_LIBRARY_PATH=%s",
	    path != NULL ? path : "");
	page_fd = memory("page");
	in_fd = memory("in");
	out_fd = memory("out");
	err_fd = memory("err");
	if (ftruncate(page_fd, sizeof *sweep_page) == -1)
		err(1, "ftruncate");
	sweep_page = mmap(NULL, sizeof *sweep_page, PROT_READ | PROT_WRITE,
	    MAP_SHARED, page_fd, 0);
	if (sweep_page == MAP_FAILED)
		err(1, "mmap");
	signal(SIGALRM, too_long);
}

static void
set(int fd, const char *text)
{
	size_t	 n = text != NULL ? strlen(text) : 0;

	if (ftruncate(fd, 0) == -1 || lseek(fd, 0, SEEK_SET) == -1 ||
	    write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) == -1)
		err(1, "memfd");
}

static size_t
get(int fd, char *out)
{
	ssize_t	 n = pread(fd, out, SWEEP_TEXT, 0);

	if (n == -1)
		err(1, "memfd");
	out[n] = '\0';
	return (size_t)n;
}

static pid_t
spawn(char *const *argv)
{
	static char	 page[] = FAULT_ENV "=" PAGE_FD_TEXT;
	static char	 locale[] = "LC_ALL=C";
	char *const	 env[] = { preload, libraries, page, locale, NULL };
	posix_spawn_file_actions_t	 fa;
	pid_t		 pid;
	int		 r;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in_fd, 0);
	posix_spawn_file_actions_adddup2(&fa, out_fd, 1);
	posix_spawn_file_actions_adddup2(&fa, err_fd, 2);
	posix_spawn_file_actions_adddup2(&fa, page_fd, PAGE_FD);
	r = posix_spawn(&pid, argv[0], &fa, NULL, argv, env);
	posix_spawn_file_actions_destroy(&fa);
	if (r != 0)
		errx(1, "%s: %s", argv[0], strerror(r));
	return pid;
}

int
sweep_run_barred(const struct sweep_home *h)
{
	static const struct sweep_verb	 help = { "help", { "help" }, NULL,
	    START_HOME, 0, 0, { 0 } };
	static struct sweep_result	 r;
	const char			*sanitizers;

	sanitizers = getenv("LATCHKEY_SANITIZERS");
	if (sanitizers != NULL && *sanitizers != '\0')
		return 1;
	memset(sweep_page, 0, sizeof *sweep_page);
	sweep_page->barred = 1;		/* until the shim says otherwise */
	sweep_run(h, &help, &r);
	return sweep_page->barred != 0 || sweep_page->count == 0;
}

void
sweep_run(const struct sweep_home *h, const struct sweep_verb *v,
    struct sweep_result *r)
{
	char		*argv[SWEEP_WORDS + 4];
	const char	*w;
	size_t		 n = 0, i;
	int		 status;

	argv[n++] = getenv("LATCHKEY");
	for (i = 0; i < SWEEP_WORDS && v->words[i] != NULL; i++) {
		w = sweep_home_word(h, v->words[i]);
		argv[n++] = strdup(w);
	}
	argv[n++] = strdup("--home");
	argv[n++] = strdup(h->home);
	argv[n] = NULL;
	set(in_fd, v->input != NULL ? sweep_home_word(h, v->input) : NULL);
	set(out_fd, NULL);
	set(err_fd, NULL);
	sweep_page->count = sweep_page->hits = sweep_page->again = 0;
	hung = 0;
	running = spawn(argv);
	alarm(PATIENCE);
	while (waitpid(running, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	alarm(0);
	r->hung = hung;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	r->nout = get(out_fd, r->out);
	r->nerr = get(err_fd, r->err);
	while (--n != 0)
		free(argv[n]);
}
