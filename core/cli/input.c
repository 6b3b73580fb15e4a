#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"

/* Octets of a file of headers: each with a name of 256 and ": " and CR LF. */
#define FILE_MAX	(LK_HEADERS_MAX * (LK_HEADER_MAX + 256 + 4))

/* Room is taken at once: a buffer that grew would leave copies behind. */
static int
read_all(int fd, size_t max, struct lk_input *in)
{
	ssize_t	 n;

	if ((in->p = malloc(max + 2)) == NULL)
		return -1;
	in->cap = max + 2;
	while (in->n <= max) {
		n = read(fd, in->p + in->n, max + 1 - in->n);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		in->n += (size_t)n;
	}
	in->p[in->n] = '\0';
	return 0;
}

int
lk_input_start(struct lk_cli *c, const char *file, size_t max,
    struct lk_input *in)
{
	static int	 taken;
	int		 fd = STDIN_FILENO, r, std = strcmp(file, "-") == 0;

	*in = LK_INPUT_NONE;
	if (std && taken++)
		return lk_say(c, LK_EUSAGE, "standard input can be read once: "
		    "- is given twice");
	if (!std && (fd = open(file, O_RDONLY | O_CLOEXEC)) == -1)
		return lk_say(c, LK_ENOTFOUND, "cannot read %s: %s", file,
		    strerror(errno));
	r = read_all(fd, max, in);
	if (r == -1) {
		r = lk_say(c, LK_EIO, "cannot read %s: %s",
		    std ? "standard input" : file, strerror(errno));
		lk_input_free(in);
	}
	if (!std)
		close(fd);
	return r;
}

int
lk_input_read(struct lk_cli *c, const char *file, size_t max,
    struct lk_input *in)
{
	int	 r;

	if ((r = lk_input_start(c, file, max, in)) != 0 || in->n <= max)
		return r;
	lk_input_free(in);
	return lk_say(c, LK_EDATA, "%s holds more than %zu octets",
	    strcmp(file, "-") == 0 ? "standard input" : file, max);
}

void
lk_input_free(struct lk_input *in)
{
	if (in->p != NULL) {
		lk_wipe(in->p, in->n);
		free(in->p);
	}
	*in = LK_INPUT_NONE;
}

/* ---------------------------------------------------------------- headers */

static int
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One line of n octets that h holds; the blanks around the value are cut. */
static int
add_line(struct lk_cli *c, struct lk_headers *h, const char *line, size_t n)
{
	const char	*colon = memchr(line, ':', n), *v;
	size_t		 len;

	/* What cannot be told without the value, which may be a token. */
	if (colon == NULL || colon == line)
		return lk_say(c, LK_EUSAGE, "a header reads 'Name: value'; in "
		    "a file (-H @FILE) one a line");
	if (memchr(line, '\0', n) != NULL)
		return lk_say(c, LK_EDATA, "a header holds a NUL");
	if (h->n == LK_HEADERS_MAX + 1)
		return 0;
	for (v = colon + 1; v < line + n && blank(*v); v++)
		continue;
	for (len = (size_t)(line + n - v); len != 0 && blank(v[len - 1]); len--)
		continue;
	h->v[h->n].name = line;
	h->v[h->n].name_len = (size_t)(colon - line);
	h->v[h->n].value = v;
	h->v[h->n++].value_len = len;
	return 0;
}

static int
add_file(struct lk_cli *c, struct lk_headers *h, const char *file)
{
	struct lk_input	*in = &h->held[h->nheld];
	const char	*p, *end;
	size_t		 n, left;
	int		 r;

	if ((r = lk_input_read(c, file, FILE_MAX, in)) != 0)
		return r;
	h->nheld++;
	for (p = in->p, left = in->n; left != 0 && r == 0;) {
		end = memchr(p, '\n', left);
		n = end != NULL ? (size_t)(end - p) : left;
		if (n > 0 && p[n - 1] == '\r')
			r = n > 1 ? add_line(c, h, p, n - 1) : 0;
		else if (n > 0)
			r = add_line(c, h, p, n);
		n += end != NULL;
		p += n;
		left -= n;
	}
	return r;
}

/* Copied first: ps(1) shows argv to everybody. */
static int
add_argument(struct lk_cli *c, struct lk_headers *h, char *arg)
{
	struct lk_input	*in = &h->held[h->nheld];
	size_t		 n = strlen(arg);

	if ((in->p = malloc(n + 1)) == NULL)
		return lk_say(c, LK_ENOMEM, "no memory for a header");
	in->n = n;
	h->nheld++;
	memcpy(in->p, arg, n + 1);
	lk_wipe(arg, n);
	return add_line(c, h, in->p, n);
}

int
lk_headers_read(struct lk_cli *c, struct lk_headers *h)
{
	size_t	 at = 0;
	char	*arg;
	int	 r = 0;

	while (r == 0 && (arg = lk_args_next(c, "header", &at)) != NULL) {
		if (h->nheld == LK_HEADERS_MAX + 1) {
			/* They are too many; what lk_verify says of it. */
			h->n = LK_HEADERS_MAX + 1;
			lk_wipe(arg, strlen(arg));
			continue;
		}
		if (arg[0] == '@')
			r = add_file(c, h, arg + 1);
		else
			r = add_argument(c, h, arg);
	}
	return r;
}

void
lk_headers_free(struct lk_headers *h)
{
	while (h->nheld != 0)
		lk_input_free(&h->held[--h->nheld]);
	h->n = 0;
}
