/*
 * latchkey.h: a verifier of API keys, as a library.
 *
 * Open a policy once, ask for each request whether its key may do what it asks
 * for, and close it at the end.  The command latchkey uses this header alone.
 *
 * Caveats
 *  - Call lk_open before other threads exist, or initialise libgcrypt yourself.
 *  - One handle a process and policy; a handle may be used by any number of
 *    threads at once.  After fork, a child may go on to use it.
 *  - A verdict is no error: lk_verify returns 0 and a decision, whatever it is.
 *    Allow only on LK_ALLOW; treat each other value, known or not, as no.
 *  - LK_ERROR means *cannot know*.  Never show it to a caller as a denial: it
 *    would throw away a good key.
 *  - libgcrypt keeps what it makes of the pepper in ordinary memory, and ends
 *    the process when it gets none: forbid core dumps (RLIMIT_CORE, or
 *    prctl(PR_SET_DUMPABLE)) where they could be read by others.
 *
 * Conventions
 *  1. A call that can fail returns 0 or one of enum lk_code, all negative, and
 *     then leaves one sentence for people in the caller's struct lk_error.
 *  2. Structs that the caller fills begin with their size: set it to sizeof.
 *     Those that the library fills have room to grow and keep their size.
 *  3. Slices and strings that go in are borrowed for the call.  What comes out
 *     is in the caller's struct or static; nothing dangles after a reload.
 *  4. Times are seconds UTC since 1970; 0 stands for never.
 */
#ifndef LATCHKEY_LATCHKEY_H
#define LATCHKEY_LATCHKEY_H

#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* Limits, with their units. */
#define LK_NAME_MAX		32	/* octets: a type, an API, a package */
#define LK_ACCOUNT_MAX		64	/* octets                            */
#define LK_LABEL_MAX		128	/* octets of UTF-8                   */
#define LK_TOKEN_MAX		256	/* octets of a credential            */
#define LK_HINT_MAX		20	/* octets of ucd_...9aZ2             */
#define LK_ADDRESSES_MAX	64	/* networks a key                    */
#define LK_HEADERS_MAX		100	/* headers a request                 */
#define LK_HEADER_MAX		8192	/* octets of a header's name, value  */
#define LK_PATH_MAX		4096	/* octets of a request target        */
#define LK_BODY_DEFAULT		65536	/* octets of a body                  */
#define LK_BODY_MAX		1048576
#define LK_TYPES_MAX		1024	/* types a policy                    */
#define LK_TRACE_MAX		32	/* steps of a trace                  */

/* Why a call failed, and the exit status that the command gives for it. */
enum lk_code {
	LK_EUSAGE	= -1,	/* 64 arguments, or a type not in the policy */
	LK_EDATA	= -2,	/* 65 a value that cannot be taken           */
	LK_ENOTFOUND	= -3,	/* 66 no such key, account or file           */
	LK_EUNAVAIL	= -4,	/* 69 a plugin or the store does not answer  */
	LK_EDAMAGE	= -5,	/* 69 the store is damaged                   */
	LK_ENOMEM	= -6,	/* 69 no memory                              */
	LK_EINDOUBT	= -7,	/* 71 indeterminate: a sync failed           */
	LK_ELIMIT	= -8,	/* 73 the account holds as many as it may    */
	LK_EIO		= -9,	/* 74 input or output, a full disk           */
	LK_EAGAIN	= -10,	/* 75 another writer did not end in time     */
	LK_EPERM	= -11,	/* 77 not permitted                          */
	LK_ECONFIG	= -12,	/* 78 policy, pepper or plugin               */
	LK_ESYNTAX	= -13	/* 65 not of the form                        */
};

/* A failure, for people.  Filled by the library, never allocated. */
struct lk_error {
	int		 code;		/* enum lk_code, or 0                */
	unsigned	 line;		/* from 1; 0: none                   */
	unsigned	 column;	/* in characters, from 1; 0: none    */
	char		 file[256];	/* "": none                          */
	char		 text[768];	/* one sentence, no newline          */
	char		 reserved[64];
};

/* The exit status of sysexits(3) for a code; 0 for 0. */
int	lk_exit_status(int code);

/* ------------------------------------------------------------- decisions */

/* Outcomes: any two differ in eight bits or more. */
#define LK_ALLOW	0x5a3c96e1U
#define LK_DENY		0xa6c31d78U
#define LK_LIMIT	0x39e5c20bU
#define LK_ERROR	0xc50a6b94U

struct lk_decision {
	uint32_t	 outcome;	/* one of the four                   */
	uint32_t	 reason;	/* enum lk_reason                    */
	int		 status;	/* HTTP: 200 400 401 403 429 503     */
	unsigned	 retry_after;	/* seconds; 0: none                  */
	const char	*reason_name;	/* static: "not_entitled"            */
	const char	*caller_text;	/* static: what the caller may read  */
	const char	*challenge;	/* static: WWW-Authenticate, or NULL */
	char		 key_id[LK_KEYID_LEN + 1];	/* "" if none known  */
	char		 type[LK_NAME_MAX + 1];
	char		 account[LK_ACCOUNT_MAX + 1];
	char		 api[LK_NAME_MAX + 1];
	char		 fault[LK_NAME_MAX + 1];	/* plugin at fault   */
	char		 observed_check[LK_NAME_MAX + 1];	/* the first  */
	uint32_t	 observed_reason;	/* it would deny for this   */
	uint32_t	 observed;	/* checks that would have, but have
					 * observe: true in the policy       */
	/* Of the rate limit that stopped it or, of an allow, is nearest to its
	 * end after it; all 0: there is none that is enforced. */
	uint32_t	 rate_limit;	/* calls in rate_period              */
	uint32_t	 rate_period;	/* seconds; of a day 86400           */
	uint32_t	 rate_left;	/* calls that may follow at once     */
	uint32_t	 rate_reset;	/* seconds: of an allow until all is
					 * given back, else retry_after      */
	char		 reserved[8];
};

/* One step of a verify, in order. */
struct lk_step {
	const char	*step;		/* static: route present parse …     */
	char		 name[LK_NAME_MAX + 1];	/* of a check or type, or "" */
	char		 observed;	/* not 0: reason did not count       */
	uint32_t	 reason;	/* LK_REASON_NONE: passed            */
	unsigned	 line;		/* of the policy; 0: none            */
	char		 note[LK_ANSWER_NOTE];
};

struct lk_trace {
	uint32_t	 size;		/* set by the caller                 */
	uint32_t	 n;		/* steps filled                      */
	struct lk_step	 steps[LK_TRACE_MAX];
};

/* Static facts of a reason. */
const char	*lk_reason_name(uint32_t reason);
const char	*lk_outcome_name(uint32_t outcome);	/* "allow" …         */
uint32_t	 lk_reason_outcome(uint32_t reason);
int		 lk_reason_exit(uint32_t reason);

/* ---------------------------------------------------------------- verify */

struct lk;			/* an open policy; opaque */

#define LK_VERIFY_ONLY	0x1U	/* the store is opened to read               */
#define LK_LIST_ONLY	0x2U	/* no pepper or plugin is needed; list, show */
#define LK_REMOVE_ONLY	0x4U	/* likewise; list, show, delete              */

struct lk_header {
	const char	*name;		/* name_len octets, without case     */
	size_t		 name_len;
	const char	*value;
	size_t		 value_len;
};

struct lk_request {
	size_t		 size;		/* sizeof(struct lk_request)         */
	const char	*method;	/* ended by NUL                      */
	const char	*path;		/* target in origin form, NUL-ended  */
	const struct lk_header *headers;
	size_t		 nheaders;	/* at most LK_HEADERS_MAX            */
	const void	*body;		/* NULL: none at hand                */
	size_t		 body_len;
	const void	*peer;		/* sockaddr_in or _in6, or NULL      */
	const char	*type;		/* it must be of this one; or NULL   */
};

/*
 * lk_open: load a policy, its plugins, its pepper and its store.
 *
 * policy  path of the YAML file; what it names is relative to its folder.
 * flags   0, or one of the three above.
 *
 * 0             *out is the handle; close it with lk_close
 * LK_ECONFIG    policy, pepper or trust in a file; e names it with its mend.
 *               So while keys are under the old pepper and that is missing
 * LK_EPERM      the store belongs to another user
 * LK_EUNAVAIL   the store cannot be read, or its file system is refused
 * LK_EDAMAGE    the store's state or journal is of no form that is known
 * LK_EIO, LK_ENOMEM
 *
 * With LK_LIST_ONLY and 0, e may be a note (e->code LK_NOTE): the journal was
 * not checked, since the pepper is missing or another one, or it is damaged; or
 * the old pepper is missing.
 *
 * A plugin that is missing or faulty is no error here: verifies of its type
 * are LK_ERROR, plugin_fault (lk_plugins tells which and why).
 */
int	lk_open(const char *policy, unsigned flags, struct lk **out,
	    struct lk_error *e);
/*
 * Open a store alone, without policy or pepper; flags: LK_LIST_ONLY, and e is
 * then a note that its MACs are not checked or of its damage, or
 * LK_REMOVE_ONLY.
 */
int	lk_open_store(const char *dir, unsigned flags, struct lk **out,
	    struct lk_error *e);
/* No other thread may be in a call.  Sets *lk to NULL; NULL is fine. */
void	lk_close(struct lk **lk);

/*
 * lk_reload: read the policy again, and serve by it from now on.
 *
 * All of the new one is made and tried beside the old: the file, each plugin
 * with what it is given and a key of its own, the peppers, and whether the keys
 * and accounts of the store still fit.  Then one pointer is changed.  Calls in
 * flight, in whatever thread, end as they began; the old one is freed when the
 * last of them is over, for which this waits a second at most: else the next
 * lk_reload or lk_close frees it.  A new or retired pepper is taken over, and a
 * build of a plugin that was put in the place of another.
 *
 * 0, or nothing is changed, the old policy goes on, and e has the findings, as
 * many as fit:
 * LK_ECONFIG    policy, plugin, pepper; or keys or accounts do not fit; or it
 *               names another store; or too many builds of plugins: start anew
 * LK_EUSAGE     opened to list, to remove, or without a policy
 * LK_EPERM, LK_EUNAVAIL, LK_EDAMAGE, LK_EIO, LK_ENOMEM
 *
 * Any thread, not from within a call of this handle; one at a time, others wait
 * for it.
 */
int	lk_reload(struct lk *lk, struct lk_error *e);

/*
 * Can the store be asked?  0; or verifies are LK_ERROR, unavailable, and e says
 * why: LK_EUNAVAIL, LK_ENOMEM, LK_EUSAGE.  Any thread; as a verify, it may wait
 * for another one that reads new lines.
 */
int	lk_ready(struct lk *lk, struct lk_error *e);

/* How a handle is. */
struct lk_health {
	uint64_t	 generation;	/* of the policy: 1, and one more with
					 * each that took its place          */
	int64_t		 loaded;	/* since when it serves              */
	int64_t		 degraded;	/* since when not as it should be: why
					 * says; 0: all is well              */
	uint64_t	 refused;	/* reloads, since it was opened      */
	struct lk_error	 why;		/* the last reload that was refused or,
					 * before one, a plugin at fault     */
	char		 reserved[64];
};

/* Any thread, at once.  0; LK_EUSAGE. */
int	lk_health(struct lk *lk, struct lk_health *out);

/* What a handle has, in numbers, for who watches over it. */
struct lk_measures {
	uint64_t	 keys;		/* in the index, ended ones too      */
	uint64_t	 index;		/* its generation; 0: there is none  */
	uint64_t	 journal;	/* octets that count                 */
	uint64_t	 usage;		/* octets of it                      */
	int		 usage_shared;	/* 0: this process counts by itself  */
	int		 damaged;	/* see lk_store_check                */
	unsigned	 types, faulty;	/* of the policy; by a plugin        */
	char		 reserved[64];
};

/* Any thread; it may wait for another one that reads new lines.  0; LK_EUSAGE:
 * NULL, or without a policy; LK_EUNAVAIL. */
int	lk_measure(struct lk *lk, struct lk_measures *out,
	    struct lk_error *e);

/*
 * lk_guard: live on when a file of a store is made shorter by hand.
 *
 * A process that has a file mapped dies of SIGBUS when somebody cuts it off, or
 * copies another one over it, and it touches what is gone.  This installs a
 * handler of SIGBUS for the whole process: what is gone reads as zeros then,
 * which is damage, so that verifies are LK_ERROR until files are there again
 * that can be used, which is looked for once a second.  Each other SIGBUS goes
 * to the handler that was there before, or has the effect that it had.
 *
 * Caveats
 *  - Call it before lk_open and once; a second call does nothing.  The command
 *    calls it, a library does not without being asked.
 *  - Whoever installs a handler after this one must hand on to it what is not
 *    his own, or nothing is guarded.
 *  - It holds for state, index.* and usage.  What lk_open maps after the table
 *    of maps could not be made bigger, for want of memory, is not guarded.
 *
 * 0; LK_EUNAVAIL, a handler cannot be installed.
 */
int	lk_guard(void);

/*
 * lk_verify: may this request be served?  0, and the decision in *d.
 * LK_EUSAGE when an argument is NULL or a size is unknown; *d is then
 * LK_ERROR as well.  Likewise when there is no type such as rq->type; with one
 * that has no APIs, any path will do.
 * Any thread; no lock, system call (but one fstat of the journal) or allocation
 * (but for a JSON body, and what libgcrypt takes and gives back within one
 * HMAC) after a thread's first call.
 */
int	lk_verify(struct lk *lk, const struct lk_request *rq,
	    struct lk_decision *d);
int	lk_verify_trace(struct lk *lk, const struct lk_request *rq,
	    struct lk_decision *d, struct lk_trace *t);
/*
 * The same where there is no request: a token of type, len octets, and the
 * account that the caller claims, or NULL.  api NULL stands for "*", any: then
 * the checks of every API of the type must pass, but entitlement wants one API
 * alone, and rates are those of the type.
 * LK_EUSAGE also when there is no such type, or t->size is unknown.
 */
int	lk_verify_token(struct lk *lk, const char *type, const char *token,
	    size_t len, const char *account, const char *api,
	    struct lk_decision *d);
int	lk_verify_token_trace(struct lk *lk, const char *type,
	    const char *token, size_t len, const char *account,
	    const char *api, const void *peer, struct lk_decision *d,
	    struct lk_trace *t);
/* A token to be judged where there is no request; as lk_verify_token. */
struct lk_token_request {
	size_t		 size;		/* sizeof(struct lk_token_request)   */
	const char	*type;		/* ended by NUL; so are account, api */
	const char	*token;
	size_t		 token_len;
	const char	*account;	/* the claimed one, or NULL          */
	const char	*api;		/* NULL: "*"                         */
	const void	*peer;		/* sockaddr_in or _in6, or NULL      */
};

/*
 * lk_verify_many, lk_verify_token_many: judge n requests, rq[i] into d[i].
 *
 * Each decision is what lk_verify or lk_verify_token would have made of that
 * request alone, in the order of the array: rate limits are taken from one
 * after the other.  It is less time that they take: with many keys, most of a
 * verify is waiting for memory, and what several of them wait for comes at
 * once.  So it is for who has several requests at hand, as a server that reads
 * a queue; any n will do, 16 gain most of what there is.  Nobody else's request
 * should have to wait until there are as many.
 *
 * 0, and all are judged.  LK_EUSAGE when rq or d is NULL (and n is not 0);
 * and when one of the requests cannot be judged, as there: its decision is
 * LK_ERROR then, and all others are judged.
 *
 * Any thread, with the promises of lk_verify; on 40 KiB of its stack.
 */
int	lk_verify_many(struct lk *lk, const struct lk_request *rq, size_t n,
	    struct lk_decision *d);
int	lk_verify_token_many(struct lk *lk,
	    const struct lk_token_request *rq, size_t n,
	    struct lk_decision *d);
/*
 * What lk_verify_trace and lk_verify_token_trace would decide now, and nothing
 * is changed by it: no call is taken from a rate limit, and the key was not
 * used.
 */
int	lk_peek(struct lk *lk, const struct lk_request *rq,
	    struct lk_decision *d, struct lk_trace *t);
int	lk_peek_token(struct lk *lk, const char *type, const char *token,
	    size_t len, const char *account, const char *api,
	    const void *peer, struct lk_decision *d, struct lk_trace *t);

/* ------------------------------------------------------------- operators */

#define LK_MAY_GENERATE	0x1U
#define LK_MAY_DELETE	0x2U
#define LK_MAY_LIST	0x4U
#define LK_MAY_ACCOUNTS	0x8U

#define LK_GROUPS_MAX	1024

/* Who asks.  lk_operator_self fills it; a front end may fill it itself. */
struct lk_operator {
	size_t		 size;
	char		 name[64];	/* of the effective uid              */
	char		 from[128];	/* "cli", "cli sudo=ann", "api 1.2…" */
	uid_t		 uid;
	size_t		 ngroups;
	gid_t		 groups[LK_GROUPS_MAX];
	char		 role[LK_NAME_MAX + 1];	/* "" : those of uid, groups;
					 * else what it may, and nothing
					 * that uid or groups may            */
};

/* The effective user of this process and its groups.  0 or LK_EUNAVAIL. */
int	lk_operator_self(struct lk_operator *op, struct lk_error *e);

/*
 * lk_operator_bearer: who asks, by a key of the type plugin "operator" in rq.
 *
 * rq is judged as lk_verify does, by each type of the policy that has that
 * plugin; its path is of no account.  What op->from says is kept.
 *
 * 0             *d is the decision; when it is LK_ALLOW, op is the account of
 *               the key with the key's role
 * LK_ENOTFOUND  the policy has no such type: nobody can ask so
 * LK_EPERM      an allow of a key without a role
 * LK_EUSAGE, LK_EUNAVAIL, LK_ENOMEM
 */
int	lk_operator_bearer(struct lk *lk, const struct lk_request *rq,
	    struct lk_operator *op, struct lk_decision *d,
	    struct lk_error *e);
/* The same as lk_peek does: no rate limit is spent. */
int	lk_operator_peek(struct lk *lk, const struct lk_request *rq,
	    struct lk_operator *op, struct lk_decision *d,
	    struct lk_error *e);

/*
 * 0 when a role of the policy lets op do what, one of LK_MAY_*; LK_EPERM with a
 * sentence that names who may, and a line to syslog.  A handle without a policy
 * lets its store's owner list and delete: files say who that is.  Each call
 * below asks this by itself.
 */
int	lk_operator_may(struct lk *lk, const struct lk_operator *op,
	    unsigned what, struct lk_error *e);

/* ------------------------------------------------------------------ keys */

#define LK_STATE_ACTIVE		1
#define LK_STATE_DISABLED	2
#define LK_STATE_DELETED	3
#define LK_STATE_EXPIRED	4	/* as listed; derived from expires   */
#define LK_STATE_UNSURE		5	/* a damaged line may have ended it  */

/* A key as listed.  Never its token: that was shown once. */
struct lk_key {
	char		 id[LK_KEYID_LEN + 1];
	char		 type[LK_NAME_MAX + 1];
	char		 account[LK_ACCOUNT_MAX + 1];
	char		 label[LK_LABEL_MAX + 1];
	char		 hint[LK_HINT_MAX + 1];	/* ucd_…9aZ2, UTF-8          */
	char		 created_by[64];
	int		 state;			/* LK_STATE_*                */
	int64_t		 created, expires, deleted, last_used;
	size_t		 naddresses;
	struct lk_net	 addresses[LK_ADDRESSES_MAX];
	int64_t		 not_before;	/* 0: at once                        */
	/* Of a rotation: the key whose place this one took, the key that took
	 * this one's; or "". */
	char		 replaces[LK_KEYID_LEN + 1];
	char		 replaced_by[LK_KEYID_LEN + 1];
	char		 role[LK_NAME_MAX + 1];	/* of an operator's; or ""   */
	char		 reserved[61];
};

struct lk_generate {
	size_t		 size;
	const char	*type;
	const char	*account;
	const char	*label;		/* UTF-8 without controls, or NULL   */
	int64_t		 expires;	/* 0: never                          */
	const struct lk_net *addresses;
	size_t		 naddresses;
	int		 accept_clock;	/* write although the clock is off   */
	int64_t		 not_before;	/* 0: at once                        */
	/* Of a type with the plugin "operator", and of no other: what the key
	 * lets its bearer do, a role of the policy that may no more than op. */
	const char	*role;
};

/*
 * lk_generate: make a key and hand out its token, once.
 *
 * token  of LK_TOKEN_MAX + 1 octets; ended by NUL on 0, else all zero.  Wipe
 *        it when it was shown.  It is durable before this returns 0.
 * key    the record, or NULL.
 * usage  how to send it, a curl line of at most usage_len, or NULL.
 *
 * LK_EUSAGE   no such type          LK_EDATA   account, label, expiry, address,
 * LK_EPERM    op's role may not,               role
 *             or less than role;    LK_ELIMIT  limit, holding and mend in e
 *             or the type is closed
 * LK_EUNAVAIL plugin at fault       LK_EDAMAGE the journal must be mended first
 * LK_EIO      disk full             LK_EINDOUBT the sync failed: not handed out
 * LK_EAGAIN   another writer holds the lock; e names it
 */
int	lk_generate(struct lk *lk, const struct lk_operator *op,
	    const struct lk_generate *g, char *token, struct lk_key *key,
	    char *usage, size_t usage_len, struct lk_error *e);

/*
 * How a key of a type is sent, as lk_generate says it; "" : it does not say.
 * 0, LK_EUSAGE no such type, LK_EUNAVAIL, LK_ENOMEM.
 */
int	lk_type_usage(struct lk *lk, const char *type, const char *account,
	    char *out, size_t size, struct lk_error *e);

#define LK_GENERATE_MAX	1000000	/* keys of one lk_generate_many      */

/* Given the token of a new key and its record; not 0: it could not be shown. */
typedef int (*lk_made_fn)(void *arg, const char *token,
	    const struct lk_key *key);

/*
 * lk_generate_many: make n keys alike, durable in batches, and hand out the
 * token of each.  *shown: how many were.
 *
 * LK_ELIMIT   there is no room for all of them; of the first batch, no key was
 *             made
 * LK_EIO      also: fn could not show a token; its key and those that were made
 *             with it and not shown are deleted again, or e says so
 * else as lk_generate; what was shown is there
 */
int	lk_generate_many(struct lk *lk, const struct lk_operator *op,
	    const struct lk_generate *g, uint64_t n, lk_made_fn fn, void *arg,
	    uint64_t *shown, struct lk_error *e);

#define LK_GRACE_DEFAULT	86400	/* seconds: of latchkey rotate       */
#define LK_GRACE_MAX		2592000	/* seconds: 30 days                  */

struct lk_rotate {
	size_t		 size;
	const char	*id;		/* of the key that is to go          */
	int64_t		 grace;		/* seconds that it still lives       */
	int		 accept_clock;	/* as struct lk_generate's           */
};

/*
 * lk_rotate: make a successor of a key, with its type, account, label and
 * addresses; the old key expires when the grace is over, or before if it would
 * have.  The successor gets as long a life as the old key was given, from now,
 * and a not_before that is still to come.
 * Where both live they count as one against the limit of the type, and the
 * successor is that one; when it is deleted first, the old key counts again.
 * Both are durable at once, or neither.
 *
 * fn is given the token and the record of the successor, once; its answer other
 * than 0 says that it could not be shown: the successor is deleted then, and
 * the old key lives on as before.  It takes the rights to generate and delete.
 *
 * LK_EDATA     the key is disabled, has expired or has a successor that lives;
 *              the grace is none from 0 to LK_GRACE_MAX; or as lk_generate
 * LK_ELIMIT    the key is itself a successor of one that still lives
 * LK_ENOTFOUND no such key, or it is deleted
 * LK_EIO       not shown, and taken back; e says what is left where that failed
 * else as lk_generate
 */
int	lk_rotate(struct lk *lk, const struct lk_operator *op,
	    const struct lk_rotate *o, lk_made_fn fn, void *arg,
	    struct lk_error *e);

/*
 * lk_delete: end n keys, all of them or, when one is not known, none.
 * LK_ENOTFOUND names the first that is not there, or says that all of them are
 * deleted already; where some are, it is 0 and e is a note (LK_NOTE) of them.
 */
int	lk_delete(struct lk *lk, const struct lk_operator *op,
	    const char *const *ids, size_t n, struct lk_error *e);
/*
 * lk_disable: refuse n keys until they are enabled, all of them or none; they
 * go on counting against the limit.  It takes the right to delete, and as
 * little else as lk_delete: a handle of lk_open_store will do.  LK_ENOTFOUND
 * names the first that is not there or is deleted; where some are disabled
 * already, or all, it is 0 and e is a note of them.
 */
int	lk_disable(struct lk *lk, const struct lk_operator *op,
	    const char *const *ids, size_t n, struct lk_error *e);
/*
 * lk_enable: take that back, likewise.  It takes the right to generate, and
 * all that lk_generate takes: LK_ECONFIG no pepper is at hand; LK_EDAMAGE the
 * journal must be mended first.  LK_EPERM also: a key of an operator has a role
 * that may more than op.
 */
int	lk_enable(struct lk *lk, const struct lk_operator *op,
	    const char *const *ids, size_t n, struct lk_error *e);

/* Which keys to prune.  NULL stands for all. */
struct lk_prune {
	size_t		 size;
	const char	*type, *account;
	int64_t		 older_than;	/* seconds since they expired        */
	int		 dry_run;	/* not 0: none is deleted            */
};

/* Given the id of each; not 0 ends it and is handed back. */
typedef int (*lk_pruned_fn)(void *arg, const char *id);

/*
 * lk_prune: delete keys that expired, and tell of each, or of those that would
 * be deleted.  fn may be NULL.  They are durable in batches, each before it is
 * told of.  It takes the right to delete and as little else as lk_delete.
 * LK_EPERM, LK_EUNAVAIL, LK_EIO, LK_EINDOUBT, LK_EAGAIN, LK_ENOMEM; what was
 * told of is deleted.
 */
int	lk_prune(struct lk *lk, const struct lk_operator *op,
	    const struct lk_prune *o, lk_pruned_fn fn, void *arg,
	    struct lk_error *e);

/* What to list.  NULL or 0 stands for all. */
struct lk_filter {
	size_t		 size;
	const char	*type;
	const char	*account;
	int		 deleted;	/* not 0: deleted ones as well       */
	/* Seconds, 0: whichever; of keys that are not deleted and have not
	 * expired: those that do within that time, and those that nobody used
	 * for as long, nor made, nor was let use before. */
	int64_t		 expiring, unused;
	const char	*after;		/* those behind this key, or NULL    */
	size_t		 page;		/* fn will end it after some of these;
					 * 0: it will see all of them        */
};

/* Called with each key, oldest first; not 0 ends the listing. */
typedef int (*lk_key_fn)(void *arg, const struct lk_key *);

/* LK_EDATA: there is no key such as f->after, of that account. */
int	lk_list(struct lk *lk, const struct lk_operator *op,
	    const struct lk_filter *f, lk_key_fn fn, void *arg,
	    struct lk_error *e);
int	lk_show(struct lk *lk, const struct lk_operator *op, const char *id,
	    struct lk_key *key, struct lk_error *e);

/* -------------------------------------------------------------- accounts */

struct lk_account {
	char		 name[LK_ACCOUNT_MAX + 1];
	char		 package[LK_NAME_MAX + 1];	/* "" : the default  */
	size_t		 keys;				/* alive             */
	char		 reserved[64];
};

typedef int (*lk_account_fn)(void *arg, const struct lk_account *);

/* Give an account, which has a key already, a package.  LK_ENOTFOUND. */
int	lk_account_set(struct lk *lk, const struct lk_operator *op,
	    const char *account, const char *package, struct lk_error *e);
int	lk_account_list(struct lk *lk, const struct lk_operator *op,
	    lk_account_fn fn, void *arg, struct lk_error *e);

#define LK_DELETE_KEYS	0x1U

/*
 * lk_account_delete: forget an account and its package.  A key that is made for
 * it later begins it anew, with the default package; until then nothing of it
 * is there but what the journal says and lk_list of deleted keys shows.
 *
 * It takes the right to change accounts.  LK_ELIMIT it holds keys that are not
 * deleted, expired ones too; with LK_DELETE_KEYS, which takes the right to
 * delete as well, they are deleted first, and *ended, or NULL, is how many.
 * Up to 10,000 of them go with the account or not at all; of more, some may be
 * deleted when this fails.  LK_ENOTFOUND; else as lk_enable.
 */
int	lk_account_delete(struct lk *lk, const struct lk_operator *op,
	    const char *account, unsigned flags, uint64_t *ended,
	    struct lk_error *e);

/* ------------------------------------------------------------------ types */

struct lk_type {
	char		 name[LK_NAME_MAX + 1];
	char		 title[128];
	char		 prefix[16];
	char		 plugin[LK_NAME_MAX + 1];
	char		 generators[256];	/* roles that may, by ", "   */
	unsigned	 limit;			/* 0: none                   */
	size_t		 held;			/* keys alive, all accounts  */
	size_t		 apis;
	unsigned	 line;
	int64_t		 closes;		/* 0: never                  */
	char		 reserved[120];
};

typedef int (*lk_type_fn)(void *arg, const struct lk_type *);

int	lk_types(struct lk *lk, const struct lk_operator *op, lk_type_fn fn,
	    void *arg, struct lk_error *e);

/* ----------------------------------------------------------------- daemon */

#define LK_LISTEN_MAX	8	/* sockets a duty                            */
#define LK_LISTEN_LEN	128	/* octets of unix:PATH, with a NUL           */
#define LK_TRUSTED_MAX	64	/* networks                                  */

#define LK_ORIGINAL_X_ORIGINAL	1	/* X-Original-Method, -URI, -Address */
#define LK_ORIGINAL_X_FORWARDED	2	/* X-Forwarded-Method, -Uri, -For    */

#define LK_STATUSES_EXACT	1	/* each reason's own                 */
#define LK_STATUSES_GATEWAY	2	/* 200, 401, and 403 for all else    */

#define LK_LOG_DENIALS	1	/* what is not an allow: a line each         */
#define LK_LOG_ALL	2
#define LK_LOG_NONE	3

/* Where one duty of latchkeyd listens. */
struct lk_listening {
	size_t		 n;
	char		 at[LK_LISTEN_MAX][LK_LISTEN_LEN];
	unsigned	 mode;		/* of unix sockets                   */
	char		 group[64];	/* likewise; "": that of the process */
};

/* What a policy says of latchkeyd, with the default of what it does not. */
struct lk_daemon {
	struct lk_listening verify, admin, metrics;
	size_t		 ntrusted;
	struct lk_net	 trusted[LK_TRUSTED_MAX];	/* peers besides     */
							/* the loopback ones */
	unsigned	 original;	/* LK_ORIGINAL_*                     */
	unsigned	 statuses;	/* LK_STATUSES_*                     */
	unsigned	 threads;	/* 0: one a core                     */
	unsigned	 log;		/* LK_LOG_*                          */
	unsigned	 log_lines;	/* of denials, a minute, reason and
					 * address; the rest is counted      */
	unsigned	 head;		/* octets of request line, headers   */
	unsigned	 body;		/* octets                            */
	unsigned	 head_time;	/* seconds for all of the head       */
	unsigned	 body_time;	/* seconds for body and answer       */
	unsigned	 idle;		/* seconds between requests          */
	unsigned	 stop_time;	/* seconds to end answers in flight  */
	unsigned	 connections;	/* in all                            */
	unsigned	 connections_per_peer;	/* that come by TCP          */
	unsigned	 requests;	/* of one connection                 */
	unsigned	 kept;		/* connections left open after an
					 * answer; others end with it        */
	char		 reserved[124];
};

/* The policy that lk_open read.  0, LK_EUSAGE: NULL, or a store alone. */
int	lk_daemon_settings(struct lk *lk, struct lk_daemon *out,
	    struct lk_error *e);
/* The policy of that path, without its store, for who may not open it.  0;
 * LK_ENOTFOUND, LK_ECONFIG faults, or trust in the file; LK_EUSAGE, LK_EPERM,
 * LK_EIO, LK_ENOMEM. */
int	lk_daemon_read(const char *policy, struct lk_daemon *out,
	    struct lk_error *e);

/* ----------------------------------------------------------------- policy */

/* Called with each finding, in the order of the file. */
typedef void (*lk_finding_fn)(void *arg, const struct lk_error *finding,
	    const char *source_line);	/* the line of the file, or NULL */

#define LK_NOTE		1	/* lk_error.code of a note: no error */

/*
 * lk_policy_check: every fault of a policy.  Writes nothing, binds nothing,
 * needs no pepper; plugins NULL takes the policy's folder of plugins.  store: a
 * folder whose keys and accounts the policy must still fit, or NULL; with it
 * there is a note of who runs this, where he would lock himself out.
 * 0 when sound; LK_ECONFIG with the count in e.
 */
int	lk_policy_check(const char *policy, const char *plugins,
	    const char *store, lk_finding_fn fn, void *arg,
	    struct lk_error *e);

/* One line of what holds for a request. */
struct lk_explained {
	const char	*step;		/* as latchkey(1) lists them          */
	const char	*name;
	const char	*text;		/* what it says; "" : nothing        */
	unsigned	 line;		/* of the policy                     */
	char		 reserved[36];
};

typedef void (*lk_explain_fn)(void *arg, const struct lk_explained *);

/*
 * lk_policy_explain: which type and API a request is of, and what is asked
 * there, in order, as the policy says: strings are borrowed for the call.
 * Needs no pepper and no store; plugins as in lk_policy_check.
 * 0; LK_ENOTFOUND: of no API, e says why; LK_ECONFIG: the policy has faults.
 */
int	lk_policy_explain(const char *policy, const char *plugins,
	    const char *method, const char *path, lk_explain_fn fn, void *arg,
	    struct lk_error *e);

/*
 * lk_home_init: make a home that works at once (DESIGN.md 10).
 * home NULL: the default one of this user.  verifiers: a group, or NULL.
 * plugins: the folder to name in the policy, or NULL for the installed one;
 * it must exist, and is named by its real path.
 * out: the home's path.  LK_ECONFIG where a policy exists; nothing changed.
 */
int	lk_home_init(const char *home, const char *verifiers,
	    const char *plugins, char *out, size_t out_len,
	    struct lk_error *e);
/*
 * lk_home_find: --home (or NULL), $LATCHKEY_HOME, /etc/latchkey if it is
 * there, $XDG_CONFIG_HOME/latchkey.  LK_ENOTFOUND names the mend.
 */
int	lk_home_find(const char *home, char *out, size_t out_len,
	    struct lk_error *e);
/* The store that a policy names, without reading more than that of it. */
int	lk_home_store(const char *policy, char *out, size_t out_len,
	    struct lk_error *e);

/* ---------------------------------------------------------------- plugins */

struct lk_plugin_info {
	char		 name[LK_NAME_MAX + 1];
	char		 path[256];
	char		 version[32];
	char		 title[128];
	char		 sha256[65];		/* hex                       */
	char		 used_by[256];		/* types, by ", "            */
	char		 fault[768];		/* "" : sound                */
	uint32_t	 kind;			/* LK_PLUGIN_TYPE or _CHECK  */
	uint16_t	 major, minor;
	int		 thread_safe;
	const struct lk_option *options;	/* never freed       */
	size_t		 noptions;
	char		 reserved[128];
};

typedef int (*lk_plugin_fn)(void *arg, const struct lk_plugin_info *);

/* Each plugin that the policy names. */
int	lk_plugins(struct lk *lk, lk_plugin_fn fn, void *arg,
	    struct lk_error *e);
/*
 * One plugin by name or by the path of its file.  Of a name the policy's pin
 * counts, and without dir the policy's folder; policy NULL, not there or with
 * faults: no pin, and the installed folder.
 */
int	lk_plugin_show(const char *policy, const char *dir, const char *name,
	    lk_plugin_fn fn, void *arg, struct lk_error *e);

/* What a policy pins a plugin to. */
struct lk_plugin_pin {
	char		 name[LK_NAME_MAX + 1];
	char		 sha256[65];		/* hex                       */
	char		 path[256];
	char		 reserved[64];
};

/*
 * The SHA-256 of a plugin as it is now, by name or by the path of its file, as
 * lk_plugin_show finds it but whatever the policy pins; its file is judged and
 * hashed, and not loaded.  0; LK_ECONFIG, LK_EIO, LK_ENOMEM.
 */
int	lk_plugin_pin(const char *policy, const char *dir, const char *name,
	    struct lk_plugin_pin *out, struct lk_error *e);

/* ------------------------------------------------------------------ store */

struct lk_event {
	uint64_t	 seq;
	uint64_t	 line;			/* of the journal, from 1    */
	int64_t		 time;
	char		 event[16];
	char		 actor[64];
	char		 from[128];
	char		 key_id[LK_KEYID_LEN + 1];
	char		 details[2048];		/* lk_event_detail   */
	int		 unsigned_line;		/* its MAC is "-"            */
	char		 reserved[64];
};

typedef int (*lk_event_fn)(void *arg, const struct lk_event *);

#define LK_DETAIL_TEXT		0
#define LK_DETAIL_NUMBER	1
#define LK_DETAIL_TIME		2	/* seconds UTC since 1970            */
#define LK_DETAIL_NETS		3	/* networks, by ","                  */

/* One of the names and values of an event. */
struct lk_detail {
	const char	*name, *value;	/* borrowed from the event           */
	int		 kind;		/* LK_DETAIL_*                       */
	int64_t		 number;	/* a number's or time's, else 0      */
};

/*
 * The next detail; *at is 0 for the first.  1, or 0: there are no more.  What a
 * newer version wrote, under a name that is not known, is text.
 */
int	lk_event_detail(const struct lk_event *v, size_t *at,
	    struct lk_detail *out);

/*
 * lk_store_check: each finding of the journal as PATH:LINE and its cause, of
 * the index, or an old pepper that keys are under and that is missing or is
 * another, as PATH.  0 when sound, LK_EDAMAGE with the count in e.  Reads only;
 * needs the pepper.  With policy NULL, store is the folder: no MAC is checked
 * then, but the form of each line and what follows on what.
 */
int	lk_store_check(const char *policy, const char *store, lk_finding_fn fn,
	    void *arg, struct lk_error *e);
#define LK_ANCHOR_MAX	48		/* octets of SEQ:MAC, with a NUL     */

/*
 * lk_store_anchor: number and MAC of the last line that has one, to be noted
 * elsewhere; "" there is none.  want, or NULL: one that was noted, which must
 * still be there, or in a journal that was kept when this one was written anew;
 * so a journal that was cut off, or an older one in its place, is found.
 * LK_EDAMAGE it is not there, or that cannot be told; LK_EDATA no anchor;
 * policy and store as in lk_store_check.
 */
int	lk_store_anchor(const char *policy, const char *store,
	    const char *want, char out[LK_ANCHOR_MAX], struct lk_error *e);
/* Of a long work: so many octets of all are done.  all may be 0. */
typedef void (*lk_progress_fn)(void *arg, uint64_t done, uint64_t all);
/*
 * lk_store_rebuild: make the index anew from the journal, all of which is read.
 * Verifies go on with the one that is there.  0, and e is a note (LK_NOTE)
 * where the journal is damaged; LK_EPERM, LK_EAGAIN, LK_EIO, LK_ENOMEM.
 */
int	lk_store_rebuild(struct lk *lk, const struct lk_operator *op,
	    lk_progress_fn progress, void *arg, struct lk_error *e);
/* What a call did that wrote the journal anew.  The journal that was is kept
 * beside it under the name file. */
struct lk_rewritten {
	size_t		 size;
	uint64_t	 before, after;	/* lines, the first one not counted  */
	uint64_t	 discarded;	/* journals that were kept, removed  */
	uint64_t	 lacking;	/* keys that are in the old one only */
	uint64_t	 ended;		/* keys that were deleted for it     */
	char		 file[64];
	char		 reserved[64];
};

#define LK_COMPACT	0x1U	/* write the journal anew            */
#define LK_DISCARD	0x2U	/* then remove all that were kept    */

/*
 * lk_store_compact: a journal of what is alive in place of the one that is,
 * which is kept; what: LK_COMPACT, LK_DISCARD or both.  Others go on meanwhile.
 * LK_EUSAGE; LK_EPERM; LK_EDAMAGE mend the journal first; LK_EAGAIN another one
 * is at it, or a writer holds the lock; LK_EIO nothing was changed, as on a
 * full disk; LK_EINDOUBT it is done, but a power cut may take it back.
 */
int	lk_store_compact(struct lk *lk, const struct lk_operator *op,
	    unsigned what, lk_progress_fn progress, void *arg,
	    struct lk_rewritten *out, struct lk_error *e);
/*
 * lk_store_repair: a journal without the n lines, which are damaged and
 * accepted as lost; each damaged one must be among them.  LK_ENOTFOUND one is
 * not damaged; LK_EDAMAGE one more is, which e names; or as lk_store_compact.
 */
int	lk_store_repair(struct lk *lk, const struct lk_operator *op,
	    const uint64_t *lines, size_t n, lk_progress_fn progress,
	    void *arg, struct lk_rewritten *out, struct lk_error *e);
#define LK_ACCEPT_LOSS	0x1U

/*
 * lk_store_restore: what a copy of the journal says, in its place; keys that
 * were deleted or disabled since stay so, and out->ended says how many.  Keys
 * that the copy lacks are lost: out->lacking.  LK_EDAMAGE the copy is damaged;
 * or the journal is, behind what the copy has, and flags is not LK_ACCEPT_LOSS.
 * LK_ECONFIG no pepper is there that the copy is under; LK_ENOTFOUND no such
 * file; or as lk_store_compact.
 */
int	lk_store_restore(struct lk *lk, const struct lk_operator *op,
	    const char *file, unsigned flags, lk_progress_fn progress,
	    void *arg, struct lk_rewritten *out, struct lk_error *e);
/*
 * lk_pepper_rotate: make the next pepper and write the journal anew under it;
 * keys that are there go on under the old one, new ones are under the new one.
 * Processes that run learn of it.  LK_EPERM also: the folder of peppers is
 * another user's, and e has the command that makes the file by him, after which
 * this takes it.  LK_ECONFIG two are live already; or as
 * lk_store_compact.
 */
int	lk_pepper_rotate(struct lk *lk, const struct lk_operator *op,
	    lk_progress_fn progress, void *arg, struct lk_rewritten *out,
	    struct lk_error *e);

/*
 * lk_pepper_retire: remove the old pepper.  LK_ELIMIT keys are under it that
 * are not deleted; with LK_DELETE_KEYS they are deleted first, and out->ended
 * says how many.  LK_ENOTFOUND there is none.  A handle of LK_REMOVE_ONLY will
 * do, and does without an old one that is missing.
 */
int	lk_pepper_retire(struct lk *lk, const struct lk_operator *op,
	    unsigned flags, struct lk_rewritten *out, struct lk_error *e);

#define LK_PEPPER_OLD		1	/* serves the keys under it          */
#define LK_PEPPER_CURRENT	2	/* new keys are under it             */
#define LK_PEPPER_UNUSED	3	/* of a rotation that did not end    */
#define LK_PEPPER_MISSING	4	/* keys are under it: no verify opens */

struct lk_pepper_info {
	unsigned	 version;
	int		 state;			/* LK_PEPPER_*               */
	int64_t		 made;			/* 0: not known              */
	uint64_t	 keys;			/* not deleted               */
	char		 path[256];
	char		 reserved[64];
};

typedef int (*lk_pepper_fn)(void *arg, const struct lk_pepper_info *);

/* Each pepper, the oldest first. */
int	lk_pepper_status(struct lk *lk, const struct lk_operator *op,
	    lk_pepper_fn fn, void *arg, struct lk_error *e);
/* The id of each key that is not deleted under a version.  LK_ENOTFOUND. */
int	lk_pepper_keys(struct lk *lk, const struct lk_operator *op,
	    unsigned version, int (*fn)(void *arg, const char *id), void *arg,
	    struct lk_error *e);
/* The audit trail, oldest first; key_id NULL: all. */
int	lk_store_log(struct lk *lk, const struct lk_operator *op,
	    const char *key_id, lk_event_fn fn, void *arg,
	    struct lk_error *e);

#define LK_CURSOR_MAX	72		/* octets, with a NUL                */

/* A page of it. */
struct lk_trail {
	size_t		 size;
	const char	*key_id;	/* NULL: of all                      */
	const char	*account;	/* NULL: of all; or it and its keys  */
	uint64_t	 after;		/* those with a higher number        */
	const char	*cursor;	/* NULL: from the first on; or next  */
	uint64_t	 octets;	/* of the journal, about; 0: all     */
	char		 next[LK_CURSOR_MAX];	/* of the page before        */
};

/*
 * lk_store_log_page: the events that f says, oldest first, until fn answers
 * other than 0, which is returned, or so many octets of the journal were looked
 * through; f->next is then the cursor to go on with, from the event that fn did
 * not take, else "".  Unless the journal is damaged, what is before the cursor,
 * the number or the key is not read.  LK_EDATA, the cursor is none, or the
 * journal was written anew meanwhile.
 */
int	lk_store_log_page(struct lk *lk, const struct lk_operator *op,
	    struct lk_trail *f, lk_event_fn fn, void *arg, struct lk_error *e);

/* ------------------------------------------------------- import and export */

#define LK_FORMAT_AUTO	0	/* { as the first octet: JSON Lines          */
#define LK_FORMAT_CSV	1	/* RFC 4180, with a line of names            */
#define LK_FORMAT_JSONL	2	/* an object a line                          */

#define LK_IMPORT_CHECK		0x1U	/* nothing is taken                  */
#define LK_IMPORT_SKIP_BAD	0x2U	/* bad records are left out          */
#define LK_IMPORT_ACCEPT_CLOCK	0x4U	/* as struct lk_generate's           */

/* How far an import is: so many of all octets are checked or, with taking not
 * 0, so many of all new keys are taken. */
typedef void (*lk_import_fn)(void *arg, int taking, uint64_t done,
	    uint64_t all);

struct lk_import {
	size_t		 size;
	int		 fd;		/* to read, from where it stands     */
	const char	*name;		/* of the file, for findings         */
	int		 format;	/* LK_FORMAT_*                       */
	unsigned	 flags;		/* LK_IMPORT_*                       */
	lk_finding_fn	 finding;	/* each bad record, or NULL          */
	void		*finding_arg;
	lk_import_fn	 progress;	/* or NULL                           */
	void		*progress_arg;
};

/* What came of it; filled as far as it got, whatever lk_import returns. */
struct lk_imported {
	uint64_t	 records;	/* that were read                    */
	uint64_t	 bad;
	uint64_t	 there;		/* keys of the store already         */
	uint64_t	 fresh;		/* good, and not there               */
	uint64_t	 expired;	/* of fresh: their time is over      */
	uint64_t	 added;		/* durable                           */
	char		 reserved[64];
};

/*
 * lk_import: take keys of another system, by the SHA-256 of their tokens, or
 * what lk_export wrote from a store of the same pepper.  Columns and formats
 * are those of latchkey(1).
 *
 * All of it is read twice: the first time each record is checked, and its key
 * against the others and the limit of its type; unless all are good, or bad
 * ones are to be skipped, nothing is taken.  What is no regular file is copied
 * to a temporary one that has no name, in $TMPDIR or /var/tmp.  A record whose
 * key is in the store, with the same type and account, counts as done: so an
 * import that did not end is ended by doing it again.  Keys are durable in
 * batches of some 40 ms, between which others may write.
 *
 * A large file is read, checked and digested by a thread that this call starts
 * and ends, with all signals blocked; callbacks come from the calling thread.
 *
 * 0            *out says what was done
 * LK_EDATA     bad records, nothing was taken; or the file changed meanwhile
 * LK_ELIMIT    another writer was faster to make the last keys that an account
 *              may hold; out->added were taken before
 * LK_EPERM     op's role may not generate or, where export's packages are to be
 *              given to accounts, not change accounts
 * LK_ECONFIG   exported under another pepper
 * LK_EUSAGE, LK_EUNAVAIL, LK_EDAMAGE, LK_EIO, LK_EINDOUBT, LK_EAGAIN,
 * LK_ENOMEM    as lk_generate; out->added were taken before
 */
int	lk_import(struct lk *lk, const struct lk_operator *op,
	    const struct lk_import *o, struct lk_imported *out,
	    struct lk_error *e);

/* Given the next n octets; not 0 ends the export. */
typedef int (*lk_sink_fn)(void *arg, const char *p, size_t n);

struct lk_export {
	size_t		 size;
	int		 format;	/* LK_FORMAT_CSV or _JSONL           */
	const char	*type;		/* NULL: all                         */
	const char	*account;	/* likewise                          */
	lk_sink_fn	 sink;
	void		*sink_arg;
	lk_progress_fn	 progress;	/* of the journal's octets, or NULL  */
	void		*progress_arg;
};

/*
 * lk_export: write the keys that are not deleted, oldest first, with their
 * digests: lk_import takes them into a store of the same pepper.  *keys: how
 * many.  It takes the right to generate, since whoever has it may import.
 *
 * LK_EPERM; LK_EIO, the sink ended it; LK_EDAMAGE, a damaged line may have
 * ended a key; LK_EUSAGE, LK_EUNAVAIL, LK_ENOMEM
 */
int	lk_export(struct lk *lk, const struct lk_operator *op,
	    const struct lk_export *o, uint64_t *keys, struct lk_error *e);

/* ------------------------------------------------------------------ scan */

#define LK_STATE_UNKNOWN	0x100	/* of a token: no key of this store  */

/* A token of ours in what others wrote: where, and whose.  Never its text. */
struct lk_leak {
	uint64_t	 line;		/* from 1                            */
	uint64_t	 at;		/* octets before it                  */
	char		 type[LK_NAME_MAX + 1];
	char		 hint[LK_HINT_MAX + 1];
	char		 key_id[LK_KEYID_LEN + 1];	/* "" : not known    */
	char		 account[LK_ACCOUNT_MAX + 1];	/* likewise          */
	int		 state;		/* LK_STATE_*                        */
	char		 reserved[128];
};

/* Called with each, in the order of the octets; not 0 ends the search. */
typedef int (*lk_leak_fn)(void *arg, const struct lk_leak *);

struct lk_search {
	size_t		 size;
	int		 fd;		/* read from where it stands         */
	const char	*const *types;	/* ntypes of the policy; 0: all      */
	size_t		 ntypes;
	lk_leak_fn	 fn;
	void		*arg;
	lk_progress_fn	 progress;	/* or NULL; all is 0                 */
	void		*progress_arg;
};

/*
 * lk_scan: find tokens of ours in octets of any kind, up to their end.
 *
 * What has the prefix of a type of the policy and a sound checksum is one,
 * whatever stands next to it; so is a key id, a dot and 64 digits of hex, as
 * callers sign with, where the store has that key.  LK_STATE_UNKNOWN: the store
 * has no key of it, or has it no more; LK_STATE_UNSURE: the store cannot tell.
 * It takes no right but to read store and pepper, as a verify does; any flags
 * of lk_open will do.  Takes 128 KiB of memory, however long a line is.
 *
 * 0            all was read      LK_EUSAGE  an argument, or no such type
 * LK_ECONFIG   without the pepper of the store nobody knows whose a token is
 * LK_EIO       fd cannot be read, e says why; what was found was told
 * LK_ENOMEM; else what fn returned
 */
int	lk_scan(struct lk *lk, const struct lk_search *what,
	    struct lk_error *e);

/*
 * Hide the tokens in n octets of text, a file's name for one: of what has the
 * form and checksum of one, of any prefix, or is a key id, a dot and 64 digits
 * of hex, the secret digits but the last four.  The new length, at most n.
 */
size_t	lk_mask(char *text, size_t n);

/* -------------------------------------------------------------- utilities */

/* Parse 127.0.0.1, 10.0.0.0/8, ::1 or 2001:db8::/32.  0 or LK_ESYNTAX. */
int	lk_net_parse(const char *text, size_t len, struct lk_net *out);
/* Write it, ended by NUL; size of 64 is enough.  Its length. */
size_t	lk_net_format(const struct lk_net *net, char *out, size_t size);
/* 30s 15m 24h 90d to seconds, or RFC 3339 to seconds since 1970. */
int	lk_duration_parse(const char *text, size_t len, int64_t *seconds);
int	lk_time_parse(const char *text, size_t len, int64_t *when);
/* 2026-11-23T22:38:38Z; size of 32 is enough. */
void	lk_time_format(int64_t when, char *out, size_t size);
/* Overwrite n octets so that no compiler leaves it out. */
void	lk_wipe(void *p, size_t n);
/* The version of the library, and the folder its plugins went to. */
const char	*lk_version(void);
const char	*lk_plugin_dir(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
