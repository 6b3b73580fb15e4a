/*
 * http.c: the only user of libcurl.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>

#include <arpa/inet.h>

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/frame.h"
#include "remote/http.h"
#include "remote/remote.h"

#define CONNECT_TIME	10L		/* seconds                           */
#define AGENT		"latchkey/" PACKAGE_VERSION
#define UNIX_URL	"http://latchkey"	/* whom the Host header names */
#define WORD		64		/* octets of a method, a number      */
#define TARGET_MAX	4096
#define BEARER_MAX	(sizeof("Authorization: Bearer ") + LK_TOKEN_MAX)

struct lk_http {
	CURL		*curl;
	struct curl_slist *headers;
	struct lk_buf	 body;
	int		 too_long;
	int		 fd;		/* of a unix socket of               */
	long		 owner;		/* this user or root; served by      */
	long		 served_by;	/* somebody else; -1: it is not      */
	char		 why[CURL_ERROR_SIZE];
};

/* ------------------------------------------------------------------ server */

/* An address of this machine; a name may be another's tomorrow. */
static int
loopback(const char *host)
{
	struct in_addr	 in;
	size_t		 n = strlen(host);

	if (strcmp(host, "[::1]") == 0)
		return 1;
	return n < INET_ADDRSTRLEN && inet_pton(AF_INET, host, &in) == 1 &&
	    ntohl(in.s_addr) >> 24 == 127;
}

/* What is wrong with a server's scheme, host and the rest, or NULL. */
static const char *
judge(CURLU *u)
{
	static const CURLUPart	 none[] = { CURLUPART_USER, CURLUPART_PASSWORD,
				    CURLUPART_QUERY, CURLUPART_FRAGMENT };
	char			*scheme = NULL, *host = NULL, *part;
	const char		*why = NULL;
	size_t			 i;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		why = "no host is named";
	else if (strcmp(scheme, "http") == 0 && !loopback(host))
		why = "http shows the token to whoever listens: https, or http "
		    "to 127.0.0.1 or [::1]";
	else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		why = "neither https:// nor unix:/PATH";
	for (i = 0; i < sizeof(none) / sizeof(none[0]) && why == NULL; i++)
		if (curl_url_get(u, none[i], &part, 0) == CURLUE_OK) {
			why = "a host, a port and a path are all there may be";
			curl_free(part);
		}
	curl_free(scheme);
	curl_free(host);
	return why;
}

/* The path of the server, and the target behind it.  0, or -1. */
static int
join(CURLU *u, const char *target)
{
	char	*base = NULL, path[2 * TARGET_MAX];
	size_t	 n = strcspn(target, "?");
	int	 len, r = -1;

	if (curl_url_get(u, CURLUPART_PATH, &base, 0) != CURLUE_OK)
		return -1;
	len = (int)strlen(base);
	if (len != 0 && base[len - 1] == '/')
		len--;
	len = snprintf(path, sizeof(path), "%.*s%.*s", len, base, (int)n,
	    target);
	if (len > 0 && (size_t)len < sizeof(path) &&
	    curl_url_set(u, CURLUPART_PATH, path, 0) == CURLUE_OK &&
	    (target[n] == '\0' || curl_url_set(u, CURLUPART_QUERY,
	    target + n + 1, 0) == CURLUE_OK))
		r = 0;
	curl_free(base);
	return r;
}

/* To have it at hand once it is connected. */
static curl_socket_t
open_unix(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
	struct lk_http	*h = arg;

	(void)purpose;
	h->fd = socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
	return h->fd != -1 ? h->fd : CURL_SOCKET_BAD;
}

/* Whoever is faster to listen on a path that is free could tell anything. */
static int
check_peer(void *arg, char *there, char *here, int port, int local_port)
{
	struct lk_http	*h = arg;
	struct ucred	 peer;
	socklen_t	 n = sizeof(peer);

	(void)there;
	(void)here;
	(void)port;
	(void)local_port;
	if (getsockopt(h->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == -1)
		return CURL_PREREQFUNC_ABORT;
	if (peer.uid == 0 || (long)peer.uid == h->owner)
		return CURL_PREREQFUNC_OK;
	h->served_by = (long)peer.uid;
	return CURL_PREREQFUNC_ABORT;
}

static void
set_unix(struct lk_http *h, const struct lk_buf *in, const char *path)
{
	char	 owner[WORD];

	curl_easy_setopt(h->curl, CURLOPT_UNIX_SOCKET_PATH, path);
	lk_frame_text(in, "owner", owner, sizeof(owner));
	if (owner[0] == '\0')
		return;
	h->owner = strtol(owner, NULL, 10);
	curl_easy_setopt(h->curl, CURLOPT_OPENSOCKETFUNCTION, open_unix);
	curl_easy_setopt(h->curl, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(h->curl, CURLOPT_PREREQFUNCTION, check_peer);
	curl_easy_setopt(h->curl, CURLOPT_PREREQDATA, h);
}

/* Where it goes: NULL, or what is wrong with that. */
static const char *
set_server(struct lk_http *h, CURLU *u, const struct lk_buf *in)
{
	struct lk_endpoint	 at;
	char			 server[TARGET_MAX], target[TARGET_MAX];
	const char		*url = server, *why = NULL;

	lk_frame_text(in, "server", server, sizeof(server));
	lk_frame_text(in, "target", target, sizeof(target));
	if (strncmp(server, "unix:", 5) == 0) {
		if (lk_endpoint_parse(server, &at, &why) != 0)
			return why;
		set_unix(h, in, lk_endpoint_path(&at));
		url = UNIX_URL;
	}
	if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
		return "no URL (https://HOST, unix:/PATH)";
	if (url == server && (why = judge(u)) != NULL)
		return why;
	if (target[0] != '/' || join(u, target) != 0)
		return "what is asked for is too long";
	curl_easy_setopt(h->curl, CURLOPT_CURLU, u);
	return NULL;
}

/* ----------------------------------------------------------------- request */

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct lk_http	*h = arg;

	if (n > LK_REMOTE_BODY_MAX - h->body.n) {
		h->too_long = 1;
		return 0;
	}
	lk_buf_add(&h->body, p, size * n);
	return h->body.failed ? 0 : n;
}

static int
header(struct lk_http *h, const char *text)
{
	struct curl_slist	*more = curl_slist_append(h->headers, text);

	if (more != NULL)
		h->headers = more;
	return more != NULL;
}

/* 0, or -1: no memory. */
static int
set_headers(struct lk_http *h, const struct lk_buf *in)
{
	char		 token[LK_TOKEN_MAX + 1], once[WORD], line[BEARER_MAX];
	struct lk_slice	 body;
	int		 ok;

	lk_frame_text(in, "token", token, sizeof(token));
	lk_frame_text(in, "once", once, sizeof(once));
	/* Expect: 100-continue would cost a second where nobody says it. */
	ok = header(h, "Accept: application/json") && header(h, "Expect:");
	if (ok && lk_frame_get(in, "body", &body))
		ok = header(h, "Content-Type: application/json");
	if (ok && token[0] != '\0') {
		snprintf(line, sizeof(line), "Authorization: Bearer %s",
		    token);
		ok = header(h, line);
	}
	if (ok && once[0] != '\0') {
		snprintf(line, sizeof(line), "Idempotency-Key: %s", once);
		ok = header(h, line);
	}
	lk_wipe(token, sizeof(token));
	lk_wipe(line, sizeof(line));
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
	return ok ? 0 : -1;
}

/* Deprecated by one that older ones lack. */
static void
set_protocols(CURL *c)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void
set_manners(struct lk_http *h, const struct lk_buf *in)
{
	char	 ca[TARGET_MAX], seconds[WORD];
	CURL	*c = h->curl;

	lk_frame_text(in, "ca", ca, sizeof(ca));
	lk_frame_text(in, "seconds", seconds, sizeof(seconds));
	set_protocols(c);
	if (ca[0] != '\0') {
		curl_easy_setopt(c, CURLOPT_CAINFO, ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIME);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, strtol(seconds, NULL, 10));
	curl_easy_setopt(c, CURLOPT_USERAGENT, AGENT);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->why);
}

/* The body is borrowed from in. */
static void
set_method(struct lk_http *h, const struct lk_buf *in)
{
	char		 method[WORD];
	struct lk_slice	 body;

	lk_frame_text(in, "method", method, sizeof(method));
	if (lk_frame_get(in, "body", &body)) {
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)body.n);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body.p);
	}
	curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, method);
}

/* ------------------------------------------------------------------ answer */

static void
failed(struct lk_buf *out, const char *what, const char *why)
{
	lk_frame_str(out, "failed", what);
	lk_frame_str(out, "text", why);
}

static const struct {
	CURLcode	 code;
	const char	*what;
} kinds[] = {
	{ CURLE_OPERATION_TIMEDOUT,	LK_REMOTE_LATE },
	{ CURLE_COULDNT_RESOLVE_HOST,	LK_REMOTE_UNREACHED },
	{ CURLE_COULDNT_CONNECT,	LK_REMOTE_UNREACHED },
	{ CURLE_SSL_CONNECT_ERROR,	LK_REMOTE_UNREACHED },
	{ CURLE_PEER_FAILED_VERIFICATION, LK_REMOTE_DISTRUST },
	{ CURLE_SSL_CACERT_BADFILE,	LK_REMOTE_DISTRUST },
	{ CURLE_SSL_ISSUER_ERROR,	LK_REMOTE_DISTRUST },
};

static const char *
kind(struct lk_http *h, CURLcode code, long err)
{
	size_t	 i;

	if (code == CURLE_COULDNT_CONNECT && (err == EACCES || err == EPERM))
		return LK_REMOTE_BARRED;
	if (code == CURLE_COULDNT_CONNECT && (err == ENOENT || err ==
	    ECONNREFUSED || err == ENOTSOCK || err == ENOTDIR))
		return LK_REMOTE_ABSENT;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].code == code)
			return kinds[i].what;
	return h->body.failed ? LK_REMOTE_UNREACHED : LK_REMOTE_WRONG;
}

static void
tell_failed(struct lk_http *h, CURLcode code, struct lk_buf *out)
{
	const char	*why = h->why;
	char		 text[WORD];
	long		 err = 0;

	curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &err);
	if (h->served_by != -1) {
		snprintf(text, sizeof(text), "uid %ld serves it, who is not "
		    "the owner of the store", h->served_by);
		failed(out, LK_REMOTE_DISTRUST, text);
		return;
	}
	if (h->too_long)
		why = "it is longer than 8 MiB";
	else if (code == CURLE_COULDNT_CONNECT && err != 0)
		why = strerror((int)err);
	else if (why[0] == '\0')
		why = curl_easy_strerror(code);
	failed(out, kind(h, code, err), why);
}

static void
tell_answer(struct lk_http *h, struct lk_buf *out)
{
	char	*type = NULL, number[WORD];
	long	 status = 0;

	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(h->curl, CURLINFO_CONTENT_TYPE, &type);
	snprintf(number, sizeof(number), "%ld", status);
	lk_frame_str(out, "status", number);
	lk_frame_str(out, "type", type != NULL ? type : "");
	lk_frame_add(out, "body", h->body.p, h->body.n);
}

static void
reset(struct lk_http *h)
{
	curl_easy_reset(h->curl);	/* keeps the connection */
	curl_slist_free_all(h->headers);
	h->headers = NULL;
	lk_buf_free(&h->body);
	h->too_long = 0;
	h->served_by = -1;
	h->why[0] = '\0';
}

void
lk_http_ask(struct lk_http *h, const struct lk_buf *in, struct lk_buf *out)
{
	CURLU		*u = curl_url();
	const char	*why;
	CURLcode	 code;

	lk_buf_reset(out);
	if (u == NULL)
		failed(out, LK_REMOTE_UNREACHED, "no memory");
	else if ((why = set_server(h, u, in)) != NULL)
		failed(out, LK_REMOTE_USAGE, why);
	else if (set_headers(h, in) != 0)
		failed(out, LK_REMOTE_UNREACHED, "no memory");
	else {
		set_manners(h, in);
		set_method(h, in);
		if ((code = curl_easy_perform(h->curl)) == CURLE_OK)
			tell_answer(h, out);
		else
			tell_failed(h, code, out);
	}
	reset(h);
	curl_url_cleanup(u);
}

struct lk_http *
lk_http_new(void)
{
	struct lk_http	*h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	if ((h = calloc(1, sizeof(*h))) == NULL ||
	    (h->curl = curl_easy_init()) == NULL) {
		free(h);
		curl_global_cleanup();
		return NULL;
	}
	reset(h);
	return h;
}

void
lk_http_free(struct lk_http **h)
{
	reset(*h);
	curl_easy_cleanup((*h)->curl);
	curl_global_cleanup();
	free(*h);
	*h = NULL;
}
