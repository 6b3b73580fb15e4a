/*
 * octets.c: is the file text at all?  Asked before libyaml sees it, so that a
 * line of ours and a line of libyaml's are the same line.
 */
#include <string.h>

#include "base/text.h"
#include "policy/octets.h"

#define BOM		"\xef\xbb\xbf"
#define LS		"\xe2\x80\xa8"	/* U+2028, a line end to YAML */
#define PS		"\xe2\x80\xa9"

static size_t
octets_width(unsigned char lead)
{
	if (lead < 0xc0)
		return 1;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* What is wrong with the character at p, or NULL; *n octets of it. */
static const char *
octets_fault(const char *p, size_t left, size_t *n)
{
	unsigned char	 c = (unsigned char)*p;

	*n = octets_width(c);
	if (*n > left)
		*n = left;
	if (c == '\t' || (c == '\r' && left > 1 && p[1] == '\n'))
		return NULL;
	if (c == '\r')
		return "a carriage return that ends no line: "
		    "end lines with a newline";
	if (*n == 3 && memcmp(p, BOM, 3) == 0)
		return "a byte order mark: save the file as UTF-8 without one";
	if (lk_utf8_plain(p, *n))
		return NULL;
	if (c < 0x80 || (c == 0xc2 && *n == 2 && (p[1] & 0xc0) == 0x80) ||
	    (*n == 3 && (memcmp(p, LS, 3) == 0 || memcmp(p, PS, 3) == 0)))
		return "a control character: remove it";
	*n = 1;
	return "an octet that is not UTF-8: save the file as UTF-8";
}

/* The first fault of a line is enough. */
static void
octets_line(const char *p, size_t n, unsigned line, struct lk_findings *f)
{
	struct lk_place	 at = { line, 1 };
	const char	*fault;
	size_t		 w;

	for (; n > 0; p += w, n -= w, at.column++) {
		if ((fault = octets_fault(p, n, &w)) == NULL)
			continue;
		lk_found(f, at, "found %s", fault);
		return;
	}
}

int
lk_octets_check(const char *text, size_t n, struct lk_findings *f)
{
	const char	*end;
	struct lk_place	 at = { 1, 1 };
	unsigned	 before = f->errors;
	size_t		 len;

	if (n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
	    memcmp(text, "\xfe\xff", 2) == 0)) {
		lk_found(f, at, "found UTF-16: save the file as UTF-8");
		return LK_ECONFIG;
	}
	for (; n > 0; text += len, n -= len, at.line++) {
		end = memchr(text, '\n', n);
		len = end == NULL ? n : (size_t)(end - text) + 1;
		/* the newline stays out, but a \r before it must see it */
		octets_line(text, end == NULL ? n : len - 1 -
		    (len > 1 && text[len - 2] == '\r'), at.line, f);
	}
	return f->errors == before ? 0 : LK_ECONFIG;
}
