/*
 * answer_parts.c: members of an answer that are no struct of latchkey.h.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "cli/answer.h"
#include "show/show.h"

#define EXACT	9007199254740992.0	/* integers below it are             */

int
lk_answer_number(const struct lk_json_member *m, uint64_t *out)
{
	*out = 0;
	if (m->kind != LK_JSON_NUMBER || !(m->number >= 0) ||
	    m->number >= EXACT || (double)(uint64_t)m->number != m->number)
		return -1;
	*out = (uint64_t)m->number;
	return 0;
}

/* What can be sent in a header, and steers no terminal. */
static int
is_token(const struct lk_slice *s, size_t size)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (s->p[i] <= ' ' || s->p[i] > '~')
			return 0;
	return s->n != 0 && s->n < size;
}

int
lk_answer_token(const struct lk_json_value *v, char *out, size_t n,
    struct lk_error *e)
{
	struct lk_json_member	 m;

	memset(out, 0, n);
	lk_json_look(lk_json_get(v, "token"), &m);
	if (m.kind != LK_JSON_STRING || !is_token(&m.text, n))
		return lk_answer_wrong(e, "new key", "token");
	memcpy(out, m.text.p, m.text.n);
	return 0;
}

int
lk_answer_text(const struct lk_json_value *v, const char *name, char *out,
    size_t n, struct lk_error *e)
{
	struct lk_json_member	 m;

	out[0] = '\0';
	if (lk_json_get(v, name) == NULL)
		return 0;
	lk_json_look(lk_json_get(v, name), &m);
	if (m.kind == LK_JSON_NULL)
		return 0;
	if (m.kind != LK_JSON_STRING || m.text.n >= n ||
	    !lk_utf8_plain(m.text.p, m.text.n))
		return lk_answer_wrong(e, "answer", name);
	memcpy(out, m.text.p, m.text.n);
	out[m.text.n] = '\0';
	return 0;
}

int
lk_answer_count(const struct lk_json_value *v, const char *name,
    uint64_t *out, struct lk_error *e)
{
	struct lk_json_member	 m;

	lk_json_look(lk_json_get(v, name), &m);
	return lk_answer_number(&m, out) == 0 ? 0 :
	    lk_answer_wrong(e, "answer", name);
}

int
lk_answer_list(const struct lk_json_value *v, const char *name,
    const struct lk_json_value **out, size_t *n, struct lk_error *e)
{
	struct lk_json_member	 m;

	*out = lk_json_get(v, name);
	lk_json_look(*out, &m);
	*n = m.n;
	return m.kind == LK_JSON_LIST ? 0 : lk_answer_wrong(e, "answer", name);
}

/* ----------------------------------------------------------------- failure */

/* The first code of that reason; 0: there is none. */
static int
code_of(const char *reason)
{
	int	 code;

	for (code = LK_EUSAGE; code >= LK_ESYNTAX; code--)
		if (strcmp(lk_show_reason(code), reason) == 0)
			return code;
	return 0;
}

int
lk_answer_failure(const struct lk_json_value *v, struct lk_error *e)
{
	char		 text[LK_SENTENCE_MAX], reason[32];
	uint64_t	 status;
	int		 code;

	if (lk_answer_text(v, "error", text, sizeof(text), e) != 0 ||
	    lk_answer_text(v, "reason", reason, sizeof(reason), e) != 0 ||
	    lk_answer_count(v, "exit", &status, e) != 0)
		return LK_EUNAVAIL;
	/* Of a failure that is none, somebody would believe that it is done. */
	if ((code = code_of(reason)) == 0 ||
	    (int)status != lk_exit_status(code))
		return lk_answer_wrong(e, "failure", "reason");
	if (text[0] == '\0')
		return lk_answer_wrong(e, "failure", "error");
	(void)lk_fail(e, code, "%s", text);
	return 0;
}
