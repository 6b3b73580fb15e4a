/*
 * Where a server listens, as people write it.
 */
#include <arpa/inet.h>

#include "base/endpoint.h"
#include "table.h"

static const struct row {
	const char	*name, *text;
	int		 want;		/* what parse gives                  */
	int		 local;
} rows[] = {
	{ "a path", "unix:/run/latchkey/verify.sock", 0, 1 },
	{ "loopback", "127.0.0.1:8181", 0, 1 },
	{ "all of loopback", "127.9.9.9:1", 0, 1 },
	{ "loopback of IPv6", "[::1]:65535", 0, 1 },
	{ "loopback as mapped", "[::ffff:127.0.0.1]:80", 0, 1 },
	{ "every address", "0.0.0.0:80", 0, 0 },
	{ "every address of IPv6", "[::]:80", 0, 0 },
	{ "another address", "192.0.2.1:80", 0, 0 },
	{ "nothing", "", LK_ESYNTAX, 0 },
	{ "a colon", ":", LK_ESYNTAX, 0 },
	{ "a port alone", ":80", LK_ESYNTAX, 0 },
	{ "an address alone", "127.0.0.1", LK_ESYNTAX, 0 },
	{ "no port", "127.0.0.1:", LK_ESYNTAX, 0 },
	{ "port 0", "127.0.0.1:0", LK_ESYNTAX, 0 },
	{ "a leading zero", "127.0.0.1:080", LK_ESYNTAX, 0 },
	{ "a port too high", "127.0.0.1:65536", LK_ESYNTAX, 0 },
	{ "a port with a sign", "127.0.0.1:+80", LK_ESYNTAX, 0 },
	{ "a name", "localhost:80", LK_ESYNTAX, 0 },
	{ "an octal address", "0127.0.0.1:80", LK_ESYNTAX, 0 },
	{ "IPv6 without brackets", "::1:80", LK_ESYNTAX, 0 },
	{ "a bracket too few", "[::1:80", LK_ESYNTAX, 0 },
	{ "brackets around nothing", "[]:80", LK_ESYNTAX, 0 },
	{ "a zone", "[fe80::1%eth0]:80", LK_ESYNTAX, 0 },
	{ "a long text", "127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1:1",
	    LK_ESYNTAX, 0 },
	{ "no path", "unix:", LK_ESYNTAX, 0 },
	{ "a relative path", "unix:verify.sock", LK_ESYNTAX, 0 },
	{ "a folder", "unix:/run/", LK_ESYNTAX, 0 },
	{ "another kind", "tcp:127.0.0.1:80", LK_ESYNTAX, 0 },
};

static void
test_row(void **state)
{
	const struct row	*r = *state;
	struct lk_endpoint	 e;
	const char		*why = NULL;

	assert_int_equal(lk_endpoint_parse(r->text, &e, &why), r->want);
	assert_int_equal(why != NULL, r->want != 0);
	if (r->want == 0)
		assert_int_equal(lk_endpoint_local(&e), r->local);
}

static void
test_longest_path(void **state)
{
	char			 text[128] = "unix:/";
	struct lk_endpoint	 e;
	const char		*why;

	(void)state;
	memset(text + 6, 'a', 106);
	assert_int_equal(lk_endpoint_parse(text, &e, &why), 0);
	assert_string_equal(lk_endpoint_path(&e), text + 5);
	strcat(text, "a");
	assert_int_equal(lk_endpoint_parse(text, &e, &why), LK_ESYNTAX);
}

static void
test_address(void **state)
{
	struct lk_endpoint	 e;
	const char		*why;

	(void)state;
	assert_int_equal(lk_endpoint_parse("192.0.2.1:258", &e, &why), 0);
	assert_int_equal(e.sa.in.sin_family, AF_INET);
	assert_int_equal(ntohs(e.sa.in.sin_port), 258);
	assert_int_equal(ntohl(e.sa.in.sin_addr.s_addr), 0xc0000201);
	assert_int_equal(e.len, sizeof e.sa.in);
	assert_null(lk_endpoint_path(&e));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_row, rows);
	TABLE_TEST(&t, test_longest_path);
	TABLE_TEST(&t, test_address);
	return table_run(&t, "endpoint");
}
