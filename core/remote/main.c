/*
 * main.c: latchkey-remote, which speaks HTTP for latchkey, as git has a program
 * for https: the command itself is linked with no library of the network.
 *
 * Requests come on standard input, answers go to standard output (remote.h); it
 * ends with its standard input, or with who started it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/resource.h>

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/frame.h"
#include "remote/http.h"
#include "remote/remote.h"

/* A core file would hold a token; and nobody would read the answer. */
static void
harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
}

static int
serve(struct lk_http *h)
{
	struct lk_buf	 in = LK_BUF_NONE, out = LK_BUF_NONE;
	int		 r;

	while ((r = lk_frame_read(STDIN_FILENO, LK_REMOTE_FRAME_MAX,
	    &in)) == 1) {
		lk_http_ask(h, &in, &out);
		if (out.failed ||
		    lk_frame_write(STDOUT_FILENO, &out) != 0) {
			r = LK_EIO;
			break;
		}
	}
	lk_buf_free(&in);
	lk_buf_free(&out);
	return r == 0 ? 0 : EX_IOERR;
}

int
main(void)
{
	struct lk_http	*h;
	int		 r;

	harden();
	if ((h = lk_http_new()) == NULL)
		return EX_UNAVAILABLE;
	r = serve(h);
	lk_http_free(&h);
	return r;
}
