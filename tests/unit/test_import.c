/*
 * test_import.c: what an import takes and what it does not, and why.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include "base/buf.h"
#include "import_home.h"

#define H	"type,account,sha256,label,created,expires,addresses\n"
#define UCD	"ucd,acme," SHA("00")
#define OPEN	"open,acme," SHA("00")
#define L32	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L128	L32 L32 L32 L32
#define B64	"ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA"
#define C64	"BSNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA"
#define D64	"CSNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA"
#define NETS8	"10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 "			\
		"10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 "
#define NETS64	NETS8 NETS8 NETS8 NETS8 NETS8 NETS8 NETS8 NETS8
#define OWN_H	"id,type,account,label,hint,state,created,created_by,"	\
		"expires,not_before,addresses,package,digest,pepper,"	\
		"check\n"

static struct import_home	 home;
static char			 check[LK_MAC_SIZE * 2];

/* -------------------------------------------------------------- bad records */

/* One fault in each; %C is the check value of our pepper. */
static const struct bad_case {
	const char	*name, *text;
	unsigned	 line, column;	/* column 0: none                    */
	const char	*why;
} bad_cases[] = {
	/* The first line. */
	{ "empty", "", 1, 0, "it is empty" },
	{ "a mark alone", "\xef\xbb\xbf", 1, 0, "it is empty" },
	{ "unknown column", "type,acount,sha256\n", 1, 6, "did you mean "
	    "\"account\"?" },
	{ "unknown, like none", "type,account,sha256,colour\n", 1, 21,
	    "unknown column \"colour\": an import takes" },
	{ "capitals", "Type,account,sha256\n", 1, 1, "\"type\"?" },
	{ "a blank", "type, account,sha256\n", 1, 6, "\"account\"?" },
	{ "an empty name", "type,account,sha256,\n", 1, 21,
	    "unknown column \"\"" },
	{ "a column twice", "type,account,sha256,type\n", 1, 21,
	    "column type is there twice" },
	{ "no sha256", "type,account\n", 1, 0, "there is no column sha256" },
	{ "no type", "account,sha256\n", 1, 0, "there is no column type" },
	{ "no line of names", UCD ",,,,\n", 1, 1, "unknown column" },
	{ "an id beside sha256", "type,account,sha256,id\n", 1, 0,
	    "id goes with digest alone" },
	{ "both digests", "type,account,sha256,digest,id,pepper,check,hint,"
	    "state\n", 1, 0, "sha256 does not go with digest" },
	{ "UTF-16", "t\0y\0p\0e\0", 1, 1, "unknown column \"t\"" },
	/* Cells. */
	{ "too few cells", H UCD "\n", 2, 0, "3 cells, where the first line "
	    "names 7" },
	{ "too many cells", H UCD ",,,,,\n", 2, 0, "8 cells" },
	{ "a quote inside", H "open,ac\"m\"e," SHA("00") ",,,,\n", 2, 8,
	    "a quote in a cell that does not begin with one: what stands "
	    "behind it cannot be told apart" },
	{ "behind a quote", H OPEN ",\"a\"b,,,\n", 2, 79, "something between "
	    "a closing quote and the comma" },
	{ "a quote that is never closed", H OPEN ",\"a,,,\nx\ny\n", 2, 0,
	    "a quote that is never closed" },
	/* Values. */
	{ "no type in it", H ",acme," SHA("00") ",,,,\n", 2, 1,
	    "type is empty" },
	{ "a type that is none", H "udc,acme," SHA("00") ",,,,\n", 2, 1,
	    "there is no type udc: did you mean ucd?" },
	{ "like none", H "sms,acme," SHA("00") ",,,,\n", 2, 1,
	    "there is no type sms (latchkey types)" },
	{ "not imported", H "own,acme," SHA("00") ",,,,\n", 2, 1,
	    "type own does not take imported keys: set \"imported: true\"" },
	{ "no account", H "open,," SHA("00") ",,,,\n", 2, 6,
	    "account is empty" },
	{ "a capital", H "open,Acme," SHA("00") ",,,,\n", 2, 6,
	    "not an account's name" },
	{ "63 digits", H "open,acme,123456789abcdef0123456789abcdef0123456789"
	    "abcdef0123456789abcdef,,,,\n", 2, 11, "sha256 is no SHA-256" },
	{ "a digit that is none", H "open,acme," L32 L32 "g,,,,\n", 2, 11,
	    "sha256 is no SHA-256" },
	{ "no hex", H "open,acme,x123456789abcdef0123456789abcdef0123456789ab"
	    "cdef0123456789abcdef,,,,\n", 2, 11, "sha256 is no SHA-256" },
	{ "base64 of 31 octets", H "open,acme,ASNFZ4mrze8BI0VniavN7wEjRWeJq83v"
	    "ASNFZ4mrzQ==,,,,\n", 2, 11, "sha256 is no SHA-256" },
	{ "base64 with odd bits", H "open,acme,ASNFZ4mrze8BI0VniavN7wEjRWeJq8"
	    "3vASNFZ4mrzQB,,,,\n", 2, 11, "sha256 is no SHA-256" },
	{ "a label of 129", H OPEN "," L128 "a,,,\n", 2, 76,
	    "the label has 129 octets" },
	{ "a label with a tab", H OPEN ",a\tb,,,\n", 2, 76,
	    "without control characters" },
	{ "a label of two lines", H OPEN ",\"a\nucd,eve," SHA("09")
	    ",,,,\",,,\n", 2, 76, "without control characters" },
	{ "a label in latin1", H OPEN ",\xfc,,,\n", 2, 76, "not UTF-8" },
	{ "a time of words", H OPEN ",,yesterday,,\n", 2, 77,
	    "created is no time" },
	{ "a time to come", H OPEN ",,2999-01-01T00:00:00Z,,\n", 2, 77,
	    "created lies in the future" },
	{ "no such day", H OPEN ",,2023-02-30T00:00:00Z,,\n", 2, 77,
	    "created is no time" },
	{ "expires 0", H OPEN ",,,0,\n", 2, 78, "expires is not after 1970" },
	{ "milliseconds", H OPEN ",,,1700000000000,\n", 2, 78,
	    "milliseconds?" },
	{ "a sign", H OPEN ",,,-5,\n", 2, 78, "expires is no time" },
	{ "a leading zero", H OPEN ",,,0123,\n", 2, 78,
	    "expires is no time" },
	{ "no network", H OPEN ",,,,10.0.0.0/33\n", 2, 79,
	    "10.0.0.0/33 is no address" },
	{ "commas", H OPEN ",,,,\"10.0.0.1,10.0.0.2\"\n", 2, 79,
	    "is no address" },
	{ "gaps alone", H OPEN ",,,,; ;\n", 2, 79, "addresses has none" },
	{ "65 addresses", H OPEN ",,,," NETS64 "10.1.1.1\n", 2, 79,
	    "over 64 addresses" },
	{ "outside of within", H UCD ",,,,192.0.2.7\n", 2, 0,
	    "192.0.2.7 is outside of what type ucd allows" },
	/* Beside the others. */
	{ "the same sha256", H OPEN ",,,,\nopen,b," SHA("00") ",,,,\n", 3, 8,
	    "its sha256 is that of line 2" },
	{ "the same in base64", H OPEN ",,,,\nopen,b," B64 ",,,,\n", 3, 8,
	    "its sha256 is that of line 2" },
	{ "over the limit", H UCD ",,,,\nucd,acme," SHA("01") ",,,,\nucd,acme,"
	    SHA("02") ",,,,\nucd,acme," SHA("03") ",,,,\n", 5, 5,
	    "acme may hold 3 ucd keys: 0 are there, and 3 stand above" },
	/* JSON Lines. */
	{ "JSON: no object", "{\"type\":\"open\",\"account\":\"a\",\"sha256\":"
	    "\"" SHA("00") "\"}\n[1]\n", 2, 0, "not an object" },
	{ "JSON: no JSON", "{\"type\": open}\n", 1, 0, "not JSON" },
	{ "JSON: cut off", "{\"type\":\"open\"", 1, 0, "not JSON" },
	{ "JSON: unknown member", "{\"typ\":\"open\"}\n", 1, 0, "\"type\"?" },
	{ "JSON: a member twice", "{\"type\":\"a\",\"type\":\"b\"}\n", 1, 0,
	    "a member twice" },
	{ "JSON: no sha256", "{\"type\":\"open\",\"account\":\"a\"}\n", 1, 0,
	    "there is no column sha256" },
	{ "JSON: null", "{\"type\":\"open\",\"account\":null,\"sha256\":\""
	    SHA("00") "\"}\n", 1, 0, "account is not there" },
	{ "JSON: a number", "{\"type\":\"open\",\"account\":7,\"sha256\":\""
	    SHA("00") "\"}\n", 1, 0, "account is of another kind" },
	{ "JSON: half a second", "{\"type\":\"open\",\"account\":\"a\","
	    "\"sha256\":\"" SHA("00") "\",\"expires\":1.5}\n", 1, 0,
	    "expires is of another kind" },
	{ "JSON: a huge time", "{\"type\":\"open\",\"account\":\"a\","
	    "\"sha256\":\"" SHA("00") "\",\"expires\":1e300}\n", 1, 0,
	    "expires is of another kind" },
	{ "JSON: addresses in an object", "{\"type\":\"open\",\"account\":"
	    "\"a\",\"sha256\":\"" SHA("00") "\",\"addresses\":{}}\n", 1, 0,
	    "addresses is of another kind" },
	{ "JSON: an address of a number", "{\"type\":\"open\",\"account\":"
	    "\"a\",\"sha256\":\"" SHA("00") "\",\"addresses\":[7]}\n", 1, 0,
	    "addresses is of another kind" },
	{ "JSON: a NUL", "{\"type\":\"open\",\"account\":\"a\\u0000\"}\n", 1,
	    0, "a NUL in a string" },
	/* What export writes. */
	{ "own: an id that is none", OWN_H "short,open,acme,,h,active,,,,,,,"
	    B64 ",1,%C\n", 2, 1, "id is none" },
	{ "own: a digest in hex", OWN_H "abcDEF012345,open,acme,,h,active,,,,"
	    ",,," SHA("00") ",1,%C\n", 2, 40, "digest is none" },
	{ "own: a state that is none", OWN_H "abcDEF012345,open,acme,,h,gone,,"
	    ",,,,," B64 ",1,%C\n", 2, 27, "state is active or disabled" },
	{ "own: no hint", OWN_H "abcDEF012345,open,acme,,,active,,,,,,,"
	    B64 ",1,%C\n", 2, 25, "hint is empty" },
	{ "own: another version", OWN_H "abcDEF012345,open,acme,,h,active,,,,,"
	    ",," B64 ",2,%C\n", 2, 84, "under version 2 of the pepper" },
	{ "own: version 0", OWN_H "abcDEF012345,open,acme,,h,active,,,,,,,"
	    B64 ",0,%C\n", 2, 84, "pepper is no version" },
	{ "own: a package that is none", OWN_H "abcDEF012345,open,acme,,h,"
	    "active,,,,,,basic," B64 ",1,%C\n", 2, 39, "has no package "
	    "basic" },
	{ "own: a foreign token of type own", OWN_H "abcDEF012345,own,acme,,"
	    "(imported),active,,,,,,," B64 ",1,%C\n", 2, 0,
	    "set \"imported: true\"" },
	{ "own: the same id", OWN_H "abcDEF012345,open,acme,,h,active,,,,,,,"
	    B64 ",1,%C\nabcDEF012345,open,acme,,h,active,,,,,,,BSNFZ4mrze8BI0"
	    "VniavN7wEjRWeJq83vASNFZ4mrzQA,1,%C\n", 3, 40, "its id is that of "
	    "line 2" },
	{ "own: two packages of an account", OWN_H "abcDEF012345,open,two,,h,"
	    "active,,,,,,essential," B64 ",1,%C\nabcDEF012346,open,other,,h,"
	    "active,,,,,,," C64 ",1,%C\nabcDEF012347,open,two,,h,active,,,,,,"
	    "growth," D64 ",1,%C\n", 4, 38, "two has essential in a record "
	    "above, and growth here" },
	{ "own: the default and a package", OWN_H "abcDEF012345,open,two,,h,"
	    "active,,,,,,," B64 ",1,%C\nabcDEF012346,open,two,,h,active,,,,,,"
	    "essential," C64 ",1,%C\n", 3, 38, "two has none in a record "
	    "above, and essential here" },
	{ "own: a package and none", OWN_H "abcDEF012345,open,two,,h,active,,,"
	    ",,,essential," B64 ",1,%C\nabcDEF012346,open,two,,h,active,,,,,,"
	    "," C64 ",1,%C\n", 3, 38, "two has essential in a record above, "
	    "and none here" },
	{ "own: another pepper", OWN_H "abcDEF012345,open,acme,,h,active,,,,,"
	    ",," B64 ",1,AAAAAAAAAAAAAAAAAAAAAA\n", 2, 86, "it was exported "
	    "under another pepper (check value AAAAAAAAAAAAAAAAAAAAAA, ours "
	    "is" },
};

/* %C of a text is the check value. */
static char *
checked(const char *text)
{
	char	*out = calloc(1, 2 * strlen(text) + 64), *p = out;

	assert_non_null(out);
	for (; *text != '\0'; text++) {
		if (strncmp(text, "%C", 2) != 0) {
			*p++ = *text;
			continue;
		}
		p = stpcpy(p, check);
		text++;
	}
	return out;
}

static int
count(void *arg, const struct lk_key *k)
{
	(void)k;
	++*(size_t *)arg;
	return 0;
}

static size_t
keys(void)
{
	size_t	 n = 0;

	assert_int_equal(lk_store_keys(home.lk->store, NULL, NULL, 1, count,
	    &n), 0);
	return n;
}

/* It is named with its place, and nothing is taken. */
static void
test_bad(void **state)
{
	const struct bad_case	*c = *state;
	const struct lk_error	*e = &home.e;
	char			*text = checked(c->text);
	size_t			 before = keys();
	int			 r;

	r = import_text(&home, text, 0);
	free(text);
	assert_true(r == LK_EDATA || r == LK_ESYNTAX || r == LK_ECONFIG);
	if (home.n.bad != 0) {
		assert_int_equal(home.n.bad, 1);
		assert_non_null(strstr(e->text, "nothing was taken"));
		e = &home.found;
	}
	assert_string_equal(e->file, "f");
	if (strstr(e->text, c->why) == NULL)
		fail_msg("%u:%u: %s", e->line, e->column, e->text);
	assert_int_equal(e->line, c->line);
	assert_int_equal(e->column, c->column);
	assert_int_equal(home.n.added, 0);
	assert_int_equal(keys(), before);
}

/* ------------------------------------------------------------- good records */

/* How many are taken; each has SHA-256s of its own. */
static const struct good_case {
	const char	*name, *text;
	unsigned	 added, there, expired;
} good_cases[] = {
	{ "a line of names alone", H, 0, 0, 0 },
	{ "one", H "open,a," SHA("10") ",,,,\n", 1, 0, 0 },
	{ "the same once more", H "open,a," SHA("10") ",x,,,\n", 0, 1, 0 },
	{ "the same in capitals", "account,type,sha256\na,open,0123456789ABCDEF"
	    "0123456789ABCDEF0123456789ABCDEF0123456789ABCD10\n", 0, 1, 0 },
	{ "columns in another order, quoted", "\"sha256\",\"account\",type\r\n"
	    "\"" SHA("11") "\",a,\"open\"\r\n", 1, 0, 0 },
	{ "no newline at the end", "type,account,sha256\nopen,a," SHA("12"),
	    1, 0, 0 },
	{ "empty lines", "\n\ntype,account,sha256\n\nopen,a," SHA("13") "\n\n",
	    1, 0, 0 },
	{ "a byte order mark", "\xef\xbb\xbftype,account,sha256\nopen,a,"
	    SHA("14") "\n", 1, 0, 0 },
	{ "base64", "type,account,sha256\nopen,a,ASNFZ4mrze8BI0VniavN7wEjRWeJq"
	    "83vASNFZ4mrzRU\n", 1, 0, 0 },
	{ "the same in hex", "type,account,sha256\nopen,a," SHA("15") "\n", 0,
	    1, 0 },
	{ "base64, padded", "type,account,sha256\nopen,a,ASNFZ4mrze8BI0VniavN7"
	    "wEjRWeJq83vASNFZ4mrzRY=\n", 1, 0, 0 },
	{ "base64url and base64", "type,account,sha256\nopen,a,-_NFZ4mrze8BI0V"
	    "niavN7wEjRWeJq83vASNFZ4mrzRY\nopen,a,+/NFZ4mrze8BI0VniavN7wEjRWe"
	    "Jq83vASNFZ4mrzRc=\n", 2, 0, 0 },
	{ "all columns", H "ucd,all," SHA("20") ",\"a \"\"b\"\", =c\","
	    "2020-01-02T03:04:05Z,2999-01-01T00:00:00+01:00,"
	    "\"10.0.0.0/8; 10.1.2.3\"\n", 1, 0, 0 },
	{ "seconds", H "ucd,all," SHA("21") ",,1600000000,32503680000,\n", 1,
	    0, 0 },
	{ "expired ones, which do not count", H "ucd,all," SHA("22")
	    ",,,1600000000,\nucd,all," SHA("23") ",,,1600000000,\nucd,all,"
	    SHA("24") ",,,1600000000,\n", 3, 0, 3 },
	{ "up to the limit, and beyond", H "ucd,all," SHA("25") ",,,,\n", 1,
	    0, 0 },
	{ "64 addresses", H "open,nets," SHA("26") ",,,," NETS64 "\n", 1,
	    0, 0 },
	{ "a label of 128", H "open,a," SHA("27") "," L128 ",,,\n", 1, 0, 0 },
	{ "JSON", "{\"type\":\"open\",\"account\":\"a\",\"sha256\":\""
	    SHA("30") "\"}\n", 1, 0, 0 },
	{ "JSON, all members", "{\"addresses\":[\"10.0.0.0/8\",\"::1\"],"
	    "\"created\":1600000000,\"expires\":\"2999-01-01T00:00:00Z\","
	    "\"label\":\"\\u20ac\",\"type\":\"open\",\"account\":\"a\","
	    "\"sha256\":\"" SHA("31") "\"}", 1, 0, 0 },
	{ "JSON, nulls", "\xef\xbb\xbf{\"addresses\":null,\"created\":null,"
	    "\"label\":null,\"type\":\"open\",\"account\":\"a\",\"sha256\":\""
	    SHA("32") "\"}\r\n\r\n", 1, 0, 0 },
	{ "JSON, no addresses", "{\"addresses\":[],\"type\":\"open\","
	    "\"account\":\"a\",\"sha256\":\"" SHA("33") "\"}\n", 1, 0, 0 },
	{ "own", OWN_H "abcDEF012399,own,acme,x,own_1,disabled,1600000000,ann,"
	    ",1500000000,::1,essential," B64 ",1,%C\n", 1, 0, 0 },
	{ "own, once more", OWN_H "abcDEF012399,own,acme,x,own_1,active,,,,,,,"
	    B64 ",1,%C\n", 0, 1, 0 },
};

static void
test_good(void **state)
{
	const struct good_case	*c = *state;
	char			*text = checked(c->text);
	size_t			 before = keys();

	assert_int_equal(import_text(&home, text, LK_IMPORT_CHECK), 0);
	assert_int_equal(home.n.fresh, c->added);
	assert_int_equal(home.n.added, 0);
	assert_int_equal(keys(), before);
	if (import_text(&home, text, 0) != 0)
		fail_msg("%s", home.e.text);
	free(text);
	assert_int_equal(home.n.added, c->added);
	assert_int_equal(home.n.there, c->there);
	assert_int_equal(home.n.expired, c->expired);
	assert_int_equal(home.n.bad, 0);
	assert_int_equal(home.n.records, c->added + c->there);
	assert_int_equal(keys(), before + c->added);
}

/* After test_good: what stands in the store. */
static int
first_of(void *arg, const struct lk_key *k)
{
	*(struct lk_key *)arg = *k;
	return 1;
}

static void
test_kept(void **state)
{
	char		 package[LK_NAME_MAX + 1];
	struct lk_found	 f;
	struct lk_key	 k;

	(void)state;
	lk_store_keys(home.lk->store, "ucd", "all", 0, first_of, &k);
	assert_string_equal(k.label, "a \"b\", =c");
	assert_string_equal(k.hint, "(imported)");
	assert_int_equal(k.created, 1577934245);
	assert_int_equal(k.expires, 32472140400);
	assert_int_equal(k.naddresses, 2);
	assert_string_equal(k.created_by, home.op.name);
	assert_int_equal(lk_store_key(home.lk->store, "abcDEF012399", &k), 1);
	assert_int_equal(k.state, LK_STATE_DISABLED);
	assert_string_equal(k.created_by, "ann");
	assert_string_equal(k.hint, "own_1");
	assert_int_equal(lk_store_by_id(home.lk->store, "abcDEF012399", 12,
	    &f), 1);
	assert_int_equal(f.not_before, 1500000000);
	assert_int_equal(lk_store_account(home.lk->store, "acme", package),
	    1);
	assert_string_equal(package, "essential");
}

/* ------------------------------------------------- of another than the same */

static const struct other_case {
	const char	*name, *text, *why;
} other_cases[] = {
	{ "of another account", H "open,b," SHA("10") ",,,,\n",
	    "of a, type open, already" },
	{ "of another type", H "ucd,a," SHA("10") ",,,,\n",
	    "of a, type open, already" },
	{ "another id of a digest", OWN_H "abcDEF012390,own,acme,x,own_1,"
	    "active,,,,,,," B64 ",1,%C\n", "of key abcDEF012399 of acme" },
	{ "another digest of an id", OWN_H "abcDEF012399,own,acme,x,own_1,"
	    "active,,,,,,,BSNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA,1,%C\n",
	    "there is another key abcDEF012399" },
	{ "another package of an account", OWN_H "abcDEF012390,own,a,x,own_1,"
	    "active,,,,,,essential,BSNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA"
	    ",1,%C\n", "a has the package" },
	{ "full before", H "ucd,all," SHA("40") ",,,,\n",
	    "all may hold 3 ucd keys: 3 are there" },
};

static void
test_other(void **state)
{
	const struct other_case	*c = *state;
	char			*text = checked(c->text);

	assert_int_equal(import_text(&home, text, 0), LK_EDATA);
	free(text);
	if (strstr(home.found.text, c->why) == NULL)
		fail_msg("%s", home.found.text);
}

/* Bad ones are left out, whatever made them bad; twice is once. */
static void
test_skip(void **state)
{
	static const char	 text[] = H "open,skip," SHA("50") ",,,,\n"
	    "open,skip," SHA("50") ",,,,\nopen,Skip," SHA("51") ",,,,\n"
	    "ucd,skip," SHA("52") ",,,,\nucd,skip," SHA("53") ",,,,\n"
	    "ucd,skip," SHA("54") ",,,,\nucd,skip," SHA("55") ",,,,\n"
	    "open,skip," SHA("56") ",\"a\nopen,eve," SHA("57") ",,,,\n\",,,\n"
	    "open,skip," SHA("58") "\nopen,skip," SHA("59") ",,,,\n";
	size_t			 before = keys();
	struct lk_key		 k = { .id = "" };

	(void)state;
	assert_int_equal(import_text(&home, text, LK_IMPORT_SKIP_BAD |
	    LK_IMPORT_CHECK), LK_EDATA);
	assert_int_equal(keys(), before);
	assert_int_equal(import_text(&home, text, LK_IMPORT_SKIP_BAD), 0);
	assert_int_equal(home.n.records, 10);
	assert_int_equal(home.n.bad, 5);
	assert_int_equal(home.n.added, 5);
	assert_int_equal(keys(), before + 5);
	lk_store_keys(home.lk->store, NULL, "eve", 1, first_of, &k);
	assert_string_equal(k.id, "");
	assert_int_equal(import_text(&home, text, LK_IMPORT_SKIP_BAD), 0);
	assert_int_equal(home.n.bad, 5);
	assert_int_equal(home.n.there, 5);
	assert_int_equal(home.n.added, 0);
}

/* Where the next record begins cannot be told: then nothing is taken. */
static void
test_skip_open(void **state)
{
	size_t	 before = keys();

	(void)state;
	assert_int_equal(import_text(&home, H "open,o," SHA("60") ",,,,\nopen,"
	    "o," SHA("61") ",a\"b,,,\nopen,eve," SHA("62") ",,,,\n",
	    LK_IMPORT_SKIP_BAD), LK_ESYNTAX);
	assert_int_equal(home.e.line, 3);
	assert_int_equal(keys(), before);
}

static void
test_long(void **state)
{
	static char	 text[40000];
	size_t		 n;

	(void)state;
	n = (size_t)snprintf(text, sizeof text, "%sopen,long,%s,", H,
	    SHA("70"));
	memset(text + n, 'x', 20000);
	snprintf(text + n + 20000, sizeof text - n - 20000,
	    ",,,\nopen,long,%s,,,,\n", SHA("71"));
	assert_int_equal(import_text(&home, text, LK_IMPORT_SKIP_BAD), 0);
	assert_string_equal(home.found.text, "over 16384 octets");
	assert_int_equal(home.found.line, 2);
	assert_int_equal(home.n.added, 1);
}

static void
test_nul(void **state)
{
	static const char	 text[] = H "open,n\0ul," SHA("72") ",,,,\n";

	(void)state;
	assert_int_equal(import_octets(&home, text, sizeof text - 1, 0),
	    LK_EDATA);
	assert_int_equal(home.found.column, 6);
	assert_non_null(strstr(home.found.text, "a NUL octet in account"));
}

/* A deleted key stays so. */
static void
test_deleted(void **state)
{
	static const char	 text[] = H "open,gone," SHA("80") ",,,,\n";
	struct lk_key		 k = { .id = "" };
	const char		*id = k.id;

	(void)state;
	assert_int_equal(import_text(&home, text, 0), 0);
	lk_store_keys(home.lk->store, NULL, "gone", 0, first_of, &k);
	assert_int_equal(lk_delete(home.lk, &home.op, &id, 1, &home.e), 0);
	assert_int_equal(import_text(&home, text, 0), 0);
	assert_int_equal(home.n.there, 1);
	assert_int_equal(lk_store_key(home.lk->store, id, &k), 1);
	assert_int_equal(k.state, LK_STATE_DELETED);
}

/* From where it stands; what is no file is copied. */
static void
test_pipe(void **state)
{
	static const char	 text[] = H "open,pipe," SHA("81") ",,,,\n";
	struct lk_import	 o = { .size = sizeof o, .name = "-" };
	int			 fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, sizeof text - 1),
	    sizeof text - 1);
	close(fd[1]);
	o.fd = fd[0];
	assert_int_equal(lk_import(home.lk, &home.op, &o, &home.n, &home.e),
	    0);
	assert_int_equal(home.n.added, 1);
	close(fd[0]);
	assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
	assert_int_equal(pipe(fd), 0);
	close(fd[1]);
	o.fd = fd[0];
	assert_int_equal(lk_import(home.lk, &home.op, &o, &home.n, &home.e),
	    LK_EIO);
	assert_non_null(strstr(home.e.text, "TMPDIR"));
	close(fd[0]);
	unsetenv("TMPDIR");
}

/* Between the two passes the file says another thing: what may not be done may
 * not be done then. */
#define ROW(id, package)	id ",open,late,,h,active,,,,,," package "," \
				C64 ",1,%C\n"

static void
say_other(void *arg, const struct lk_error *e, const char *source)
{
	const int	*fd = arg;
	char		*text = checked(OWN_H ROW("abcDEF012377", "essential")
			    "bad\n");

	(void)e;
	(void)source;
	assert_int_equal(pwrite(*fd, text, strlen(text), 0), strlen(text));
	free(text);
}

static void
test_changed(void **state)
{
	struct lk_import	 o = { .size = sizeof o, .name = "f",
				     .flags = LK_IMPORT_SKIP_BAD };
	struct lk_operator	 op = home.op;
	char			*text = checked(OWN_H ROW("abcDEF012377", "")
				    "bad\n\n\n\n\n\n\n\n\n\n\n");
	size_t			 before = keys();

	(void)state;
	op.uid = getpwnam("nobody")->pw_uid;
	op.ngroups = 0;
	o.fd = memfd_create("import", 0);
	assert_int_equal(pwrite(o.fd, text, strlen(text), 0), strlen(text));
	o.finding = say_other;
	o.finding_arg = &o.fd;
	assert_int_equal(lk_import(home.lk, &op, &o, &home.n, &home.e),
	    LK_EPERM);
	assert_int_equal(keys(), before);
	close(o.fd);
	free(text);
}

static void
test_arguments(void **state)
{
	struct lk_import	 o = { .size = sizeof o, .name = "-" };

	(void)state;
	assert_int_equal(lk_import(home.lk, &home.op, NULL, &home.n, NULL),
	    LK_EUSAGE);
	o.size--;
	assert_int_equal(lk_import(home.lk, &home.op, &o, &home.n, NULL),
	    LK_EUSAGE);
	o.size++;
	home.op.uid++;
	assert_int_equal(lk_import(home.lk, &home.op, &o, &home.n, &home.e),
	    LK_EPERM);
	home.op.uid--;
}

int
main(void)
{
	struct table	 t = { 0 };
	struct lk_hmac	*mac;
	uint8_t		 octets[LK_MAC_SIZE];
	int		 r;

	import_home_make(&home, NULL);
	if (lk_pepper_journal(atomic_load(&home.lk->pepper), &mac, octets,
	    NULL) != 0)
		return 1;
	lk_hmac_free(&mac);
	lk_base64url(octets, sizeof octets, check);
	TABLE_ROWS(&t, test_bad, bad_cases);
	TABLE_ROWS(&t, test_good, good_cases);
	TABLE_TEST(&t, test_kept);
	TABLE_ROWS(&t, test_other, other_cases);
	TABLE_TEST(&t, test_skip);
	TABLE_TEST(&t, test_skip_open);
	TABLE_TEST(&t, test_long);
	TABLE_TEST(&t, test_nul);
	TABLE_TEST(&t, test_deleted);
	TABLE_TEST(&t, test_pipe);
	TABLE_TEST(&t, test_changed);
	TABLE_TEST(&t, test_arguments);
	r = table_run(&t, "import");
	import_home_remove(&home);
	return r;
}
