/*
 * say.c: one sentence for people on standard error, one object for programs on
 * standard output.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_out.h"
#include "cli/text_out.h"
#include "show/show.h"

const char *
lk_say_colour(int fd, const char *sgr)
{
	const char	*no = getenv("NO_COLOR"), *term = getenv("TERM");

	if ((no != NULL && *no != '\0') || term == NULL ||
	    strcmp(term, "dumb") == 0 || !isatty(fd))
		return "";
	return sgr;
}

/* Nothing that a message quotes may steer the terminal. */
static void
to_stderr(const char *sentence)
{
	fputs("latchkey: ", stderr);
	lk_text_put(stderr, sentence);
	fputc('\n', stderr);
}

static int
tell(struct lk_cli *c, int code, const char *sentence)
{
	struct lk_out	 j = LK_OUT_NONE;
	int		 status = lk_exit_status(code);

	to_stderr(sentence);
	if (c->json) {
		lk_out_open(&j, NULL, '{');
		lk_out_str(&j, "error", sentence);
		lk_out_str(&j, "reason", lk_show_reason(code));
		lk_out_int(&j, "exit", status);
		lk_out_close(&j, '}');
		lk_out_print(&j);
	}
	return status;
}

int
lk_say(struct lk_cli *c, int code, const char *fmt, ...)
{
	char	 text[LK_SENTENCE_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tell(c, code, text);
}

int
lk_say_error(struct lk_cli *c, const struct lk_error *e)
{
	char	 text[LK_SENTENCE_MAX];

	lk_show_sentence(e, text, sizeof(text));
	return tell(c, e->code, text);
}

void
lk_say_note(const char *fmt, ...)
{
	char	 text[LK_SENTENCE_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	to_stderr(text);
}

const char *
lk_say_nearest(const char *word, const char *const *words, size_t n,
    const char *dashes)
{
	static char	 mean[128];
	const char	*near = lk_nearest(word, words, n);

	if (near == NULL)
		return "";
	snprintf(mean, sizeof(mean), ": did you mean %s%s?", dashes, near);
	return mean;
}

int
lk_say_done(struct lk_cli *c)
{
	(void)c;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	/* An object of the error would go where nothing arrives. */
	fprintf(stderr, "latchkey: standard output: %s\n", strerror(errno));
	return EX_IOERR;
}
