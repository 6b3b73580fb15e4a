/*
 * embed.c: a server that asks latchkey before it serves, outside of its tree.
 *
 *	cc embed.c $(pkg-config --cflags --libs latchkey)
 *	./a.out POLICY ACCOUNT TOKEN
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <latchkey/latchkey.h>

static struct lk_header
header(const char *name, const char *value)
{
	struct lk_header	 h = { name, strlen(name), value,
				     strlen(value) };

	return h;
}

int
main(int argc, char **argv)
{
	struct lk		*lk;
	struct lk_error		 e;
	struct lk_decision	 d;
	struct lk_header	 h[2];
	struct lk_request	 rq = {
		.size = sizeof(rq),
		.method = "POST",
		.path = "/api/user/v1/upsert",
		.headers = h,
		.nheaders = 2,
		.body = "{}",
		.body_len = 2,
	};

	if (argc != 4)
		return EX_USAGE;
	h[0] = header("X-PARTNER-NAME", argv[2]);
	h[1] = header("X-REQUEST-TOKEN", argv[3]);
	if (lk_open(argv[1], LK_VERIFY_ONLY, &lk, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return EX_CONFIG;
	}
	lk_verify(lk, &rq, &d);
	printf("%d %s %s %s %s %s %s\n", d.status,
	    lk_outcome_name(d.outcome), d.reason_name, d.account, d.type,
	    d.api, d.key_id);
	lk_close(&lk);
	return d.outcome == LK_ALLOW ? 0 : 1;
}
