/*
 * admin_routes.c: what /v1 has, with the right that each takes.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "daemon/admin.h"

#define CURSOR	TEXT("cursor", "next of the page before")
#define TEXT(name, help)	{ name, LK_PARAM_TEXT, 0, help }
#define PAGE	{ "limit", LK_PARAM_NUMBER, 0, "rows of an answer, 1 to " \
		"1000; 100 when not given" }

static const struct lk_param page_query[] = {
	PAGE, CURSOR, { NULL }
};

static const struct lk_param set_body[] = {
	{ "package", LK_PARAM_TEXT, 1, "a package of the policy" },
	{ NULL }
};

static const struct lk_param delete_query[] = {
	TEXT("keys", "delete: end the keys that it still holds"),
	{ NULL }
};

static const struct lk_param list_query[] = {
	TEXT("type", "of one type"),
	TEXT("account", "of one account"),
	{ "all", LK_PARAM_BOOL, 0, "true: deleted ones as well" },
	{ "expiring", LK_PARAM_DURATION, 0,
	  "those that expire within that time" },
	{ "unused", LK_PARAM_DURATION, 0,
	  "those that nobody used for that time" },
	PAGE, CURSOR, { NULL }
};

static const struct lk_param generate_body[] = {
	{ "type", LK_PARAM_TEXT, 1, "a type of the policy" },
	{ "account", LK_PARAM_TEXT, 1, "the account that will hold the key" },
	TEXT("label", "a word for people, at most 128 octets"),
	{ "expires", LK_PARAM_WHEN, 0, "90d, or RFC 3339" },
	{ "not_before", LK_PARAM_WHEN, 0, "refused until then; likewise" },
	{ "addresses", LK_PARAM_TEXTS, 0,
	  "addresses and networks it may come from" },
	TEXT("role", "of an operator's key: what its bearer may do"),
	{ NULL }
};

static const struct lk_param rotate_body[] = {
	{ "grace", LK_PARAM_DURATION, 0,
	  "how long the old key lives on: 0 or up to 30d; 24h when not "
	  "given" },
	{ NULL }
};

static const struct lk_param log_query[] = {
	TEXT("key", "of one key"),
	TEXT("account", "of one account and its keys"),
	{ "after", LK_PARAM_NUMBER, 0, "those behind this number" },
	PAGE, CURSOR, { NULL }
};

static const struct lk_param verify_body[] = {
	TEXT("method", "of a request; GET when not given"),
	TEXT("path", "of a request: its target"),
	{ "headers", LK_PARAM_PAIRS, 0, "of a request: [\"Name\", \"value\"]" },
	TEXT("body", "of a request"),
	TEXT("address", "where it comes from; 127.0.0.1 when not given"),
	TEXT("type", "of a token"),
	TEXT("token", "to be judged where there is no request"),
	TEXT("account", "that is claimed with a token"),
	{ "consume", LK_PARAM_BOOL, 0,
	  "true: take it from the rate limits; it takes the right to delete" },
	{ NULL }
};

static int
healthz(struct lk_admin_call *c)
{
	lk_serve_healthz(c->s, c->rq, "", c->r);
	return 0;
}

static int
readyz(struct lk_admin_call *c)
{
	lk_serve_readyz(c->s, c->rq, "", c->r);
	return 0;
}

const struct lk_admin_route lk_admin_routes[] = {
	{ .path = "/v1/types", .method = LK_GET,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_types,
	  .name = "listTypes", .shape = "Types",
	  .summary = "List the types of keys." },
	{ .path = "/v1/accounts", .method = LK_GET,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_accounts,
	  .query = page_query,
	  .name = "listAccounts", .shape = "Accounts",
	  .summary = "List accounts, by name." },
	{ .path = "/v1/accounts/{account}", .method = LK_PUT,
	  .right = LK_MAY_ACCOUNTS, .status = 200, .fn = lk_v1_account_set,
	  .body = set_body,
	  .name = "setAccount", .shape = "Account",
	  .also = "404",
	  .summary = "Give an account a package." },
	{ .path = "/v1/accounts/{account}", .method = LK_DELETE,
	  .right = LK_MAY_ACCOUNTS, .status = 200, .fn = lk_v1_account_delete,
	  .ahead = 1,
	  .query = delete_query,
	  .name = "deleteAccount", .shape = "DeletedAccount",
	  .also = "404 409",
	  .summary = "Forget an account and its package." },
	{ .path = "/v1/keys", .method = LK_GET,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_keys,
	  .query = list_query,
	  .name = "listKeys", .shape = "Keys",
	  .also = "404",
	  .summary = "List keys, oldest first." },
	{ .path = "/v1/keys", .method = LK_POST,
	  .right = LK_MAY_GENERATE, .status = 201, .fn = lk_v1_generate,
	  .body = generate_body, .once = 1,
	  .name = "generateKey", .shape = "NewKey",
	  .also = "404 409",
	  .summary = "Make a key; its token is in this answer alone." },
	{ .path = "/v1/keys/{id}", .method = LK_GET,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_key,
	  .name = "showKey", .shape = "KeyWithHistory",
	  .also = "404",
	  .summary = "All that is known of a key." },
	{ .path = "/v1/keys/{id}", .method = LK_DELETE,
	  .right = LK_MAY_DELETE, .status = 200, .fn = lk_v1_delete,
	  .ahead = 1,
	  .name = "deleteKey", .shape = "Deleted",
	  .also = "404",
	  .summary = "End a key, for good." },
	{ .path = "/v1/keys/{id}/rotate", .method = LK_POST,
	  .right = LK_MAY_GENERATE, .status = 201, .fn = lk_v1_rotate,
	  .body = rotate_body, .once = 1,
	  .name = "rotateKey", .shape = "NewKey",
	  .also = "404 409",
	  .summary = "Make a successor of a key." },
	{ .path = "/v1/keys/{id}/disable", .method = LK_POST,
	  .right = LK_MAY_DELETE, .status = 200, .fn = lk_v1_disable,
	  .ahead = 1,
	  .name = "disableKey", .shape = "Disabled",
	  .also = "404",
	  .summary = "Refuse a key until it is enabled." },
	{ .path = "/v1/keys/{id}/enable", .method = LK_POST,
	  .right = LK_MAY_GENERATE, .status = 200, .fn = lk_v1_enable,
	  .name = "enableKey", .shape = "Enabled",
	  .also = "404",
	  .summary = "Let a disabled key in again." },
	{ .path = "/v1/log", .method = LK_GET,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_log,
	  .query = log_query,
	  .name = "listEvents", .shape = "Events",
	  .also = "404",
	  .summary = "Who did what, from where, when." },
	{ .path = "/v1/verify", .method = LK_POST,
	  .right = LK_MAY_LIST, .status = 200, .fn = lk_v1_verify,
	  .body = verify_body,
	  .name = "verify", .shape = "Decision",
	  .summary = "Judge a request, or a token." },
	{ .path = "/healthz", .method = LK_GET, .status = 200, .fn = healthz,
	  .quick = 1, .name = "health", .media = "text/plain",
	  .summary = "Is it alive?" },
	{ .path = "/readyz", .method = LK_GET, .status = 200, .fn = readyz,
	  .quick = 1, .name = "ready", .media = "text/plain", .also = "503",
	  .summary = "Can it be asked?" },
	{ .path = "/openapi.json", .method = LK_GET, .status = 200,
	  .fn = lk_v1_openapi, .quick = 1, .name = "openapi",
	  .media = "application/json", .summary = "This." },
	{ NULL }
};
