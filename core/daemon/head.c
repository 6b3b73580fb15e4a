#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "daemon/head.h"
#include "daemon/octets.h"

int
lk_http_header(const struct lk_http_request *rq, const char *name,
    const struct lk_header **out)
{
	const struct lk_header	*h, *end = rq->headers + rq->nheaders;
	size_t			 len = strlen(name);
	int			 n = 0;

	*out = NULL;
	for (h = rq->headers; h < end; h++) {
		if (h->name_len != len || !lk_plugin_same(h->name, name, len))
			continue;
		*out = h;
		n++;
	}
	return n > 1 ? -1 : n;
}

/* A bit for each octet that a name may have: below 64, and from there on.
 * Source: RFC 9110, 5.6.2. */
static const uint64_t	 name_bits[2] = {
	0x03ff6cfa00000000, 0x57ffffffc7fffffe
};

static int
is_name(const char *p, size_t n)
{
	uint64_t	 ok = n != 0;
	unsigned char	 c;
	size_t		 i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)p[i];
		ok &= c < 128 ? name_bits[c / 64] >> c % 64 : 0;
	}
	return (int)ok;
}

/* The same, 5.5: no control octet but a tab; blanks may be. */
int
lk_head_value(const char *p, size_t n)
{
	size_t	 i;

	if (lk_octets_plain(p, n))
		return 1;
	for (i = 0; i < n; i++)
		if (p[i] != '\t' && !lk_octets_plain(p + i, 1))
			return 0;
	return 1;
}

int
lk_head_target(const char *uri)
{
	return lk_head_value(uri, strlen(uri)) && strpbrk(uri, "\t ") == NULL;
}

/* It stands further away than the octet that parts the two. */
int
lk_head_cut(const char *word, size_t len, const char *next, size_t most)
{
	uintptr_t	 n = (uintptr_t)next - (uintptr_t)word;

	return n < most && n != len + 1;
}

/* The library takes any octet but a newline: "Latchkey-Key : x" would be a name
 * that a gateway does not know for what it is. */
static int
sound(const struct lk_http_request *rq)
{
	const struct lk_header	*h, *end = rq->headers + rq->nheaders;

	for (h = rq->headers; h < end; h++)
		if (!is_name(h->name, h->name_len) ||
		    !lk_head_value(h->value, h->value_len))
			return 0;
	return 1;
}

int
lk_head_judge(const struct lk_http_request *rq, size_t most)
{
	const struct lk_header	*length, *coding, *host;
	char			*end;
	int			 nlength, ncoding;

	if (!sound(rq))
		return 400;
	nlength = lk_http_header(rq, "Content-Length", &length);
	ncoding = lk_http_header(rq, "Transfer-Encoding", &coding);
	if (nlength < 0 || ncoding < 0 || nlength + ncoding > 1 ||
	    lk_http_header(rq, "Host", &host) < 0)
		return 400;
	/* Of any other the library reads on until the connection ends. */
	if (ncoding == 1 && (coding->value_len != strlen("chunked") ||
	    !lk_plugin_same(coding->value, "chunked", coding->value_len)))
		return 400;
	if (nlength == 1 && length->value_len > 0 &&
	    strtoull(length->value, &end, 10) > most)
		return 413;
	return 0;
}

int
lk_head_body(const struct lk_http_request *rq)
{
	const struct lk_header	*h;

	if (lk_http_header(rq, "Content-Length", &h) == 1)
		return h->value_len != strspn(h->value, "0 ");
	return lk_http_header(rq, "Transfer-Encoding", &h) == 1;
}

const char *
lk_head_refusal(int status)
{
	switch (status) {
	case 413:
		return "the body is over the limit";
	case 414:
		return "the request target is over the limit";
	case 431:
		return "there are too many headers";
	case 400:
		return "the target, a header or the length of the body is not "
		    "as HTTP has it";
	default:
		return "try again later";
	}
}
