/* net: addresses and networks. */
#include "table.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/net.h"

static const struct net_case {
	const char	*name, *in, *want;	/* NULL: refused */
} net_cases[] = {
	{ "net: IPv4",			"127.0.0.1",	"127.0.0.1" },
	{ "net: IPv4 network",		"10.0.0.0/8",	"10.0.0.0/8" },
	{ "net: /32 is an address",	"10.1.2.3/32",	"10.1.2.3" },
	{ "net: all of IPv4",		"0.0.0.0/0",	"0.0.0.0/0" },
	{ "net: odd bits",		"10.8.0.0/13",	"10.8.0.0/13" },
	{ "net: IPv6",			"::1",		"::1" },
	{ "net: IPv6 network",		"2001:db8::/32", "2001:db8::/32" },
	{ "net: IPv6 upper case",	"2001:DB8::/32", "2001:db8::/32" },
	{ "net: IPv6 in full",
	    "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
	{ "net: all of IPv6",		"::/0",		"::/0" },
	{ "net: /128 is an address",	"::1/128",	"::1" },
	{ "net: mapped",		"::ffff:1.2.3.4", "1.2.3.4" },
	{ "net: mapped in hex",		"::ffff:102:304", "1.2.3.4" },
	{ "net: mapped /128",		"::ffff:1.2.3.4/128", "1.2.3.4" },
	{ "net: mapped /104",		"::ffff:10.0.0.0/104", "10.0.0.0/8" },
	{ "net: mapped /96",		"::ffff:0.0.0.0/96", "0.0.0.0/0" },
	{ "net: wider than mapped",	"::/80",	"::/80" },

	{ "net: nothing",		"",		NULL },
	{ "net: leading zero",		"010.0.0.1",	NULL },
	{ "net: three octets",		"10.0.1",	NULL },
	{ "net: five octets",		"10.0.0.0.1",	NULL },
	{ "net: octet 256",		"10.0.0.256",	NULL },
	{ "net: hexadecimal",		"0x7f.0.0.1",	NULL },
	{ "net: one number",		"2130706433",	NULL },
	{ "net: blank before",		" 10.0.0.1",	NULL },
	{ "net: blank behind",		"10.0.0.1 ",	NULL },
	{ "net: newline behind",	"10.0.0.1\n",	NULL },
	{ "net: host bits",		"10.0.0.1/8",	NULL },
	{ "net: host bits of IPv6",	"2001:db8::1/32", NULL },
	{ "net: host bits of mapped",	"::ffff:10.0.0.1/104", NULL },
	{ "net: the last host bit",	"10.0.0.1/31",	NULL },
	{ "net: bits 33",		"10.0.0.0/33",	NULL },
	{ "net: bits 129",		"::/129",	NULL },
	{ "net: bits overflow",		"10.0.0.0/4294967304", NULL },
	{ "net: no bits",		"10.0.0.0/",	NULL },
	{ "net: bits with sign",	"10.0.0.0/+8",	NULL },
	{ "net: negative bits",		"10.0.0.0/-8",	NULL },
	{ "net: bits with a zero",	"10.0.0.0/08",	NULL },
	{ "net: zero with a zero",	"0.0.0.0/00",	NULL },
	{ "net: a mask",		"10.0.0.0/255.0.0.0", NULL },
	{ "net: two slashes",		"10.0.0.0/8/8",	NULL },
	{ "net: zone",			"fe80::1%eth0",	NULL },
	{ "net: brackets",		"[::1]",	NULL },
	{ "net: port",			"10.0.0.1:80",	NULL },
	{ "net: two gaps",		"1::2::3",	NULL },
	{ "net: nine groups",		"1:2:3:4:5:6:7:8:9", NULL },
	{ "net: a name",		"localhost",	NULL },
	{ "net: too long",
	    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/128", NULL },
};

static void
test_net(void **state)
{
	const struct net_case	*c = *state;
	struct lk_net		 net;
	static const struct lk_net none;
	char			 out[64];

	memset(&net, 0xff, sizeof net);
	assert_int_equal(lk_net_parse(c->in, strlen(c->in), &net),
	    c->want != NULL ? 0 : LK_ESYNTAX);
	if (c->want == NULL) {
		assert_memory_equal(&net, &none, sizeof net);
		return;
	}
	assert_int_equal(lk_net_format(&net, out, sizeof out),
	    strlen(c->want));
	assert_string_equal(out, c->want);
}

static const struct in_case {
	const char	*name, *inner, *nets;	/* by one blank */
	int		 want;
} in_cases[] = {
	{ "in: itself",			"10.1.2.3", "10.1.2.3", 1 },
	{ "in: its network",		"10.1.2.3", "10.0.0.0/8", 1 },
	{ "in: the next network",	"11.1.2.3", "10.0.0.0/8", 0 },
	{ "in: odd bits, last one",	"10.15.255.255", "10.8.0.0/13", 1 },
	{ "in: odd bits, one over",	"10.16.0.0", "10.8.0.0/13", 0 },
	{ "in: all",			"255.255.255.255", "0.0.0.0/0", 1 },
	{ "in: the second",		"::1", "10.0.0.0/8 ::1", 1 },
	{ "in: none",			"::2", "10.0.0.0/8 ::1", 0 },
	{ "in: no nets",		"::2", "", 0 },
	{ "in: IPv6 network",		"2001:db8:1::", "2001:db8::/32", 1 },
	{ "in: IPv6 is not IPv4",	"1.2.3.4", "::/0", 0 },
	{ "in: IPv4 is not IPv6",	"102:304::", "1.2.3.4", 0 },
	{ "in: mapped is IPv4",		"::ffff:10.1.2.3", "10.0.0.0/8", 1 },
	{ "in: IPv4 in mapped",		"10.1.2.3", "::ffff:10.0.0.0/104",
	    1 },
	{ "within: narrower",		"10.1.0.0/16", "10.0.0.0/8", 1 },
	{ "within: as wide",		"10.0.0.0/8", "10.0.0.0/8", 1 },
	{ "within: wider",		"10.0.0.0/7", "10.0.0.0/8", 0 },
	{ "within: all in a half",	"0.0.0.0/0", "0.0.0.0/1", 0 },
};

static size_t
parse_list(const char *s, struct lk_net *nets)
{
	size_t	 n = 0, len;

	for (; *s != '\0'; s += len + (s[len] == ' ')) {
		len = strcspn(s, " ");
		assert_int_equal(lk_net_parse(s, len, &nets[n++]), 0);
	}
	return n;
}

static void
test_in(void **state)
{
	const struct in_case	*c = *state;
	struct lk_net		 inner, nets[4];
	size_t			 n;

	n = parse_list(c->nets, nets);
	assert_int_equal(parse_list(c->inner, &inner), 1);
	assert_int_equal(lk_net_within(&inner, nets, n), c->want);
	if (strncmp(c->name, "in:", 3) != 0)
		return;
	/* An address's own bits say nothing. */
	assert_int_equal(lk_net_in(&inner, nets, n), c->want);
	inner.bits = 0;
	assert_int_equal(lk_net_in(&inner, nets, n), c->want);
}

static void
test_no_family(void **state)
{
	struct lk_net	 none = { 0, 0, { 0 } }, all = { 4, 0, { 0 } };
	struct lk_net	 odd = { 4, 33, { 0 } };
	char		 out[64] = "x";

	(void)state;
	assert_int_equal(lk_net_in(&none, &all, 1), 0);
	assert_int_equal(lk_net_in(&all, &none, 1), 0);
	assert_int_equal(lk_net_within(&none, &none, 1), 0);
	assert_int_equal(lk_net_within(&odd, &all, 1), 0);
	assert_int_equal(lk_net_format(&none, out, sizeof out), 0);
	assert_string_equal(out, "");
	assert_int_equal(lk_net_format(&odd, out, sizeof out), 0);
	assert_int_equal(lk_net_format(&all, out, 0), 0);
}

static void
test_sockaddr(void **state)
{
	struct sockaddr_in	 in = { .sin_family = AF_INET };
	struct sockaddr_in6	 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr		 other = { .sa_family = AF_UNIX };
	struct lk_net		 net;
	char			 out[64], odd[sizeof in6 + 1];

	(void)state;
	inet_pton(AF_INET, "1.2.3.4", &in.sin_addr);
	lk_net_from_sockaddr(&in, &net);
	lk_net_format(&net, out, sizeof out);
	assert_string_equal(out, "1.2.3.4");

	inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr);
	memcpy(odd + 1, &in6, sizeof in6);	/* of no alignment */
	lk_net_from_sockaddr(odd + 1, &net);
	lk_net_format(&net, out, sizeof out);
	assert_string_equal(out, "2001:db8::7");

	inet_pton(AF_INET6, "::ffff:1.2.3.4", &in6.sin6_addr);
	lk_net_from_sockaddr(&in6, &net);
	assert_int_equal(net.family, 4);
	lk_net_format(&net, out, sizeof out);
	assert_string_equal(out, "1.2.3.4");

	lk_net_from_sockaddr(&other, &net);
	assert_int_equal(net.family, 0);
	net.family = 9;
	lk_net_from_sockaddr(NULL, &net);
	assert_int_equal(net.family, 0);
}

static void
test_embedded_nul(void **state)
{
	struct lk_net	 net;

	(void)state;
	assert_int_equal(lk_net_parse("10.0.0.1\0x", 10, &net), LK_ESYNTAX);
	assert_int_equal(lk_net_parse("10.0.0.1\0", 9, &net), LK_ESYNTAX);
	assert_int_equal(lk_net_parse("10.0.0.17", 8, &net), 0);
	assert_int_equal(net.addr[3], 1);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_net, net_cases);
	TABLE_ROWS(&t, test_in, in_cases);
	TABLE_TEST(&t, test_no_family);
	TABLE_TEST(&t, test_sockaddr);
	TABLE_TEST(&t, test_embedded_nul);
	return table_run(&t, "net");
}
