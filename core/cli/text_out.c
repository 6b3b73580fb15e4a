#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "cli/text_out.h"

static int
steers(unsigned long cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	    cp == 0x2029 || (cp >= 0x202a && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069) || cp == LK_TEXT_BROKEN;
}

static void
safe_n(struct lk_buf *b, const char *s, size_t left)
{
	unsigned long	 cp;
	size_t		 i, n;

	for (; left != 0; s += n, left -= n) {
		n = lk_text_next(s, left, &cp);
		if (!steers(cp)) {
			lk_buf_add(b, s, n);
			continue;
		}
		for (i = 0; i < n; i++)
			lk_buf_fmt(b, "\\x%02x", (unsigned char)s[i]);
	}
}

void
lk_text_safe(struct lk_buf *b, const char *s)
{
	safe_n(b, s, strlen(s));
}

static void
put_n(FILE *f, const char *s, size_t n)
{
	struct lk_buf	 b = LK_BUF_NONE;

	safe_n(&b, s, n);
	if (b.p != NULL && !b.failed)
		fwrite(b.p, 1, b.n, f);
	lk_buf_free(&b);
}

void
lk_text_put(FILE *f, const char *s)
{
	put_n(f, s, strlen(s));
}

void
lk_text_quoted(FILE *f, const char *s)
{
	static const char	 plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";

	if (*s != '\0' && strspn(s, plain) == strlen(s)) {
		fputs(s, f);
		return;
	}
	fputc('\'', f);
	for (; *s != '\0'; s += strcspn(s, "'")) {
		if (*s == '\'') {
			fputs("'\\\''", f);
			s++;
		}
		put_n(f, s, strcspn(s, "'"));
	}
	fputc('\'', f);
}

/* Columns of a character: of the locale where that is UTF-8, else one. */
static size_t
columns(const char *p, size_t n)
{
	mbstate_t	 st;
	wchar_t		 wc;
	int		 w;

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return lk_utf8_count(p, n);
	memset(&st, 0, sizeof(st));
	if (mbrtowc(&wc, p, n, &st) != n || (w = wcwidth(wc)) < 0)
		return 1;
	return (size_t)w;
}

size_t
lk_text_width(const char *p, size_t n)
{
	unsigned long	 cp;
	size_t		 k, width = 0;

	for (; n != 0; p += k, n -= k) {
		k = lk_text_next(p, n, &cp);
		width += columns(p, k);
	}
	return width;
}

size_t
lk_text_fit(const char *p, size_t n, size_t width)
{
	unsigned long	 cp;
	size_t		 k, at = 0, used = 0;

	while (at < n) {
		k = lk_text_next(p + at, n - at, &cp);
		used += columns(p + at, k);
		if (used > width)
			break;
		at += k;
	}
	return at;
}
