#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include "base/json_out.h"
#include "base/text.h"
#include "latchkey.h"

static const struct {
	char		 c;
	const char	*escape;
} escapes[] = {
	{ '"',	"\\\"" },
	{ '\\',	"\\\\" },
	{ '\n',	"\\n" },
	{ '\r',	"\\r" },
	{ '\t',	"\\t" },
};

static void
add_char(struct lk_out *j, const char *p, size_t n, unsigned long cp)
{
	size_t	 i;

	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if ((unsigned long)escapes[i].c == cp) {
			lk_buf_str(&j->b, escapes[i].escape);
			return;
		}
	if (cp == LK_TEXT_BROKEN)
		lk_buf_str(&j->b, "\\ufffd");
	else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		lk_buf_fmt(&j->b, "\\u%04lx", cp);
	else
		lk_buf_add(&j->b, p, n);
}

static void
add_text(struct lk_out *j, const char *s, size_t left)
{
	unsigned long	 cp;
	size_t		 n;

	lk_buf_add(&j->b, "\"", 1);
	for (; left != 0; s += n, left -= n) {
		n = lk_text_next(s, left, &cp);
		add_char(j, s, n, cp);
	}
	lk_buf_add(&j->b, "\"", 1);
}

/* A comma where one is due, then the name. */
static void
add_name(struct lk_out *j, const char *name)
{
	if (j->b.n != 0 && strchr("{[:", j->b.p[j->b.n - 1]) == NULL)
		lk_buf_add(&j->b, ",", 1);
	if (name != NULL) {
		add_text(j, name, strlen(name));
		lk_buf_add(&j->b, ":", 1);
	}
}

void
lk_out_open(struct lk_out *j, const char *name, char bracket)
{
	add_name(j, name);
	lk_buf_add(&j->b, &bracket, 1);
}

void
lk_out_close(struct lk_out *j, char bracket)
{
	lk_buf_add(&j->b, &bracket, 1);
}

void
lk_out_str(struct lk_out *j, const char *name, const char *value)
{
	add_name(j, name);
	if (value == NULL)
		lk_buf_str(&j->b, "null");
	else
		add_text(j, value, strlen(value));
}

int
lk_out_text(struct lk_out *j, const char *name, const char *p, size_t n)
{
	unsigned long	 cp;
	size_t		 i;

	if (n != 0 && memchr(p, '\0', n) != NULL)
		return -1;
	for (i = 0; i < n; i += lk_text_next(p + i, n - i, &cp)) {
		(void)lk_text_next(p + i, n - i, &cp);
		if (cp == LK_TEXT_BROKEN)
			return -1;
	}
	add_name(j, name);
	add_text(j, p, n);
	return 0;
}

void
lk_out_word(struct lk_out *j, const char *name, const char *value)
{
	lk_out_str(j, name, value != NULL && *value != '\0' ? value : NULL);
}

void
lk_out_words(struct lk_out *j, const char *name, const char *text)
{
	static const char	 gap[] = ", ";
	size_t			 n;

	lk_out_open(j, name, '[');
	for (text += strspn(text, gap); *text != '\0';
	    text += n + strspn(text + n, gap)) {
		n = strcspn(text, gap);
		add_name(j, NULL);
		add_text(j, text, n);
	}
	lk_out_close(j, ']');
}

void
lk_out_int(struct lk_out *j, const char *name, int64_t value)
{
	add_name(j, name);
	lk_buf_fmt(&j->b, "%" PRId64, value);
}

void
lk_out_bool(struct lk_out *j, const char *name, int value)
{
	add_name(j, name);
	lk_buf_str(&j->b, value ? "true" : "false");
}

void
lk_out_time(struct lk_out *j, const char *name, int64_t when)
{
	char	 text[32];

	if (when != 0)
		lk_time_format(when, text, sizeof(text));
	lk_out_str(j, name, when != 0 ? text : NULL);
}

void
lk_out_raw(struct lk_out *j, const char *name, struct lk_out *v)
{
	add_name(j, name);
	if (v->b.failed)
		j->b.failed = 1;
	else
		lk_buf_add(&j->b, v->b.p, v->b.n);
	lk_out_free(v);
}

void
lk_out_free(struct lk_out *j)
{
	lk_buf_free(&j->b);
}
