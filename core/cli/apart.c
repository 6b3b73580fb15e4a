/*
 * apart.c: what plugins judge is judged in a process of its own.
 *
 * Whoever asks for the exit status alone reads 0 as yes, and a plugin that ends
 * its process in whatever way, or becomes another program, chooses that status.
 * So the command ends in 0 on one condition only: the child left a decision in
 * memory that both share, and beside it a word that nobody could guess, as the
 * last thing that it did.  What became of the child is not asked.
 *
 * This is no wall against a plugin that means harm, which could look for the
 * word; plugins are trusted code.  It is one against those that end.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "cli/apart.h"

#define WORD_SIZE	16		/* octets                            */

/* In memory that both share: all zero until the child is done. */
struct answer {
	int			 r;
	struct lk_decision	 d;
	struct lk_trace		 t;
	unsigned char		 word[WORD_SIZE];
};

static void
child(struct lk_cli *c, lk_apart_fn fn, void *arg, pid_t parent,
    const unsigned char *word, struct answer *out)
{
	/* Who waits may be killed: nobody would end what hangs. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EX_UNAVAILABLE);
	out->t.size = sizeof(out->t);
	out->r = fn(c, arg, &out->d, &out->t);
	lk_close(&c->lk);
	/* Where it could not be judged, that was said. */
	if (out->r != 0)
		(void)lk_say_done(c);
	memcpy(out->word, word, WORD_SIZE);
	lk_ending_now(0);
}

static int
await(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return 0;
}

static int
no_answer(struct lk_cli *c, int status)
{
	static const char	 mend[] = "a plugin of the policy is at fault "
	    "(latchkey plugin check FILE.so)";

	if (WIFSIGNALED(status))
		return lk_say(c, LK_EUNAVAIL, "the process that judged was "
		    "ended by signal %d, %s: %s", WTERMSIG(status),
		    strsignal(WTERMSIG(status)), mend);
	return lk_say(c, LK_EUNAVAIL, "the process that judged ended before "
	    "it had an answer: %s", mend);
}

static int
run(struct lk_cli *c, lk_apart_fn fn, void *arg, struct answer *a)
{
	unsigned char	 word[WORD_SIZE];
	pid_t		 me = getpid(), pid;
	struct lk_error	 e = { 0 };
	int		 status = 0;

	if (lk_random(word, sizeof(word), &e) != 0)
		return lk_say_error(c, &e);
	fflush(NULL);
	if ((pid = fork()) == 0)
		child(c, fn, arg, me, word, a);
	if (pid == -1 || await(pid, &status) == -1)
		return lk_say(c, LK_EUNAVAIL, "no process to judge it in: %s",
		    strerror(errno));
	if (memcmp(a->word, word, sizeof(word)) != 0)
		return no_answer(c, status);
	return a->r;
}

int
lk_apart(struct lk_cli *c, lk_apart_fn fn, void *arg, struct lk_decision *d,
    struct lk_trace *t)
{
	struct answer	*a;
	int		 r;

	a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a == MAP_FAILED)
		return lk_say(c, LK_ENOMEM, "no memory for an answer");
	if ((r = run(c, fn, arg, a)) == 0) {
		*d = a->d;
		*t = a->t;
	}
	munmap(a, sizeof(*a));
	return r;
}
