/*
 * plugin.h: what a latchkey plugin and the core promise each other (ABI v1).
 *
 * A plugin is a shared object that exports one constant, lk_plugin_v1, and
 * links nothing of latchkey's: all that it needs from the core comes in the
 * host table that configure is given.  A type plugin knows how the keys of one
 * API type look and travel; a check plugin is one more condition.
 *
 * Caveats
 *  - A plugin is trusted code; it runs in the process of whoever verifies.
 *  - Its file, name.so, and each folder above it may be written by root or the
 *    running user alone, or it is not loaded.
 *  - It is never unloaded, and its constructors run before any handshake.
 *
 * Conventions
 *  1. Octets from outside are a pointer and a length, never ended by NUL.
 *     p == NULL means "not there"; n == 0 with p != NULL means "there, empty".
 *  2. What the core hands over is borrowed until the call returns.  Slices that
 *     a plugin hands back point into the request or into what a host service
 *     gave; the core copies nothing, so they must live until verify returned.
 *  3. A plugin never sees the pepper, writes nothing to a request, keeps no
 *     token, and prints nothing; it says what it has to say in its answer.
 *  4. Without LK_PLUGIN_THREAD_SAFE the core enters the plugin one thread at a
 *     time.
 *  5. An answer outside of the list that its call documents is a fault: the
 *     decision is then *error*, reason plugin_fault, never an allow.
 *  6. A call ends by return, and soon: no exit, no jump, no waiting.
 *     A plugin starts no threads and no processes and needs no constructors.
 *  7. The process is its host's: umask, locale, signals, working directory, how
 *     floating point rounds, environment and descriptors are left as they were.
 *     A plugin that changes one of the first five while it is loaded or
 *     configured is refused.
 *  8. Only configure and release write to an instance, or the plugin is not
 *     LK_PLUGIN_THREAD_SAFE.  What it allocates it frees.
 *  9. What cannot be known is LK_BROKEN, with a note: no memory, a service of
 *     the host that failed.  It is no denial, and least of all a pass.
 * 10. size says where a struct ends.  A plugin that wants more than minor 0 had
 *     looks at host->minor first.
 *
 * latchkey plugin check tries all of this out; latchkey-plugin(7) is the way to
 * a plugin of one's own, tests/unit/test_plugin_abi.c holds the layout.
 *
 * Growing it: fields are only ever appended, at the end of a struct whose size
 * travels with it; minor then goes up.  The core loads a plugin whose major is
 * equal and whose minor is at most its own; each side ignores a tail that it
 * does not know and never reads beyond the size that the other one stated.
 *
 * Minor 1 added budgets (struct lk_budget, budget_new and budget of the host,
 * LK_PLUGIN_COUNTS), and words that may stand for a DURATION.
 */
#ifndef LATCHKEY_PLUGIN_H
#define LATCHKEY_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LK_PLUGIN_MAGIC		0x6c6b706cU	/* "lkpl"                    */
#define LK_PLUGIN_MAJOR		1
#define LK_PLUGIN_MINOR		1

#define LK_PLUGIN_TYPE		0x54595045U	/* lk_plugin.kind            */
#define LK_PLUGIN_CHECK		0x4348454bU

/* lk_plugin.flags */
#define LK_PLUGIN_THREAD_SAFE	0x00000001U	/* any number of threads     */
#define LK_PLUGIN_SIGNS		0x00000002U	/* present finds key id and  */
						/* proof, never a token      */
#define LK_PLUGIN_COUNTS	0x00000004U	/* check, since minor 1: it  */
						/* runs after all without    */

#define LK_SECRET_SIZE		32	/* octets of derive, mac and sha256  */
#define LK_KEYID_LEN		12	/* base62 digits of a key id         */
#define LK_ANSWER_NOTE		160	/* octets of a note, NUL included    */

/* What a call of a plugin answers.  Any two differ in eight bits or more. */
#define LK_PASS			0x2f9a51c6U	/* nothing against it        */
#define LK_REFUSE		0x91c4e83bU	/* deny, lk_answer.reason    */
#define LK_WAIT			0x5ce3172dU	/* limit, lk_answer.wait     */
#define LK_NOT_MINE		0xb81d6e54U	/* present: nothing of mine  */
#define LK_BROKEN		0xc7568a91U	/* cannot know: error        */

/*
 * Reasons.  Those that a plugin may refuse with are marked; each is in the one
 * table of core/decision.c with its outcome, exit status and HTTP status.
 */
enum lk_reason {
	LK_REASON_NONE = 0,
	LK_REASON_ALLOWED,
	LK_REASON_NO_ROUTE,
	LK_REASON_NO_CREDENTIAL,	/* present                           */
	LK_REASON_TWO_CREDENTIALS,	/* present                           */
	LK_REASON_BAD_REQUEST,		/* present, verify                   */
	LK_REASON_MALFORMED,		/* present, verify                   */
	LK_REASON_UNKNOWN,
	LK_REASON_WRONG_TYPE,
	LK_REASON_WRONG_ACCOUNT,	/* verify                            */
	LK_REASON_DISABLED,
	LK_REASON_EXPIRED,		/* verify (a proof too old)          */
	LK_REASON_NOT_YET,		/* verify (a proof from the future)  */
	LK_REASON_TYPE_CLOSED,
	LK_REASON_NOT_ENTITLED,		/* check                             */
	LK_REASON_ADDRESS_REFUSED,	/* check                             */
	LK_REASON_RATE_LIMITED,		/* check, with LK_WAIT               */
	LK_REASON_PLUGIN_FAULT,
	LK_REASON_UNAVAILABLE,
	LK_REASON_COUNT
};

/* n octets at p, borrowed, without a NUL of their own. */
struct lk_slice {
	const char	*p;
	size_t		 n;
};

/* A network: an IPv4 or IPv6 address and how many of its bits count. */
struct lk_net {
	uint8_t		 family;	/* 4 or 6; 0: none                   */
	uint8_t		 bits;		/* 0..32 or 0..128                   */
	uint8_t		 addr[16];	/* network order; IPv4 in the first 4 */
};

/* One call of verify as the core holds it; opaque, handed back to services. */
struct lk_call;
/* What configure and mint hand back to services; opaque. */
struct lk_setup;

/* Why a call was not passed; the core cleared it, and the note is "". */
struct lk_answer {
	uint32_t	 size;		/* sizeof, as the core knows it      */
	uint32_t	 reason;	/* enum lk_reason, with LK_REFUSE    */
	uint32_t	 wait;		/* seconds, at least 1, with LK_WAIT */
	char		 note[LK_ANSWER_NOTE];	/* for the trace; no secrets */
};

/* The request, borrowed from the caller of lk_verify. */
struct lk_view {
	uint32_t	 size;
	uint32_t	 reserved;
	struct lk_slice	 method;	/* GET                               */
	struct lk_slice	 target;	/* as received, with its query       */
	struct lk_slice	 body;		/* p == NULL: none was handed over   */
	struct lk_net	 peer;		/* family 0: not known; bits all     */
};

/*
 * What present found.  Either a bearer token (token.p set, key_id.p NULL), or a
 * key id with a proof (key_id.p and proof.p set, token.p NULL).
 */
struct lk_credential {
	uint32_t	 size;
	uint32_t	 reserved;
	struct lk_slice	 token;
	struct lk_slice	 key_id;
	struct lk_slice	 proof;
	struct lk_slice	 account;	/* the claimed one; p NULL: none     */
};

/* The key that the core found, of this type, alive now. */
struct lk_record {
	uint32_t	 size;
	uint32_t	 naddresses;
	struct lk_slice	 key_id;
	struct lk_slice	 account;
	int64_t		 created;	/* seconds UTC since 1970            */
	int64_t		 expires;	/* likewise; 0: never                */
	const struct lk_net *addresses;	/* the key's own list, or NULL       */
};

/*
 * An option that a plugin takes, as data: the loader checks the policy against
 * it, so that a typo is reported with line and column.
 */
enum lk_option_kind {
	LK_OPTION_STRING = 1,	/* min..max octets                           */
	LK_OPTION_INTEGER,	/* min..max                                  */
	LK_OPTION_BOOLEAN,	/* true or false                             */
	LK_OPTION_DURATION,	/* min..max seconds; 30s 15m 24h 90d         */
	LK_OPTION_NETS,		/* a list of min..max addresses or CIDRs     */
	LK_OPTION_HEADER,	/* a header's name (RFC 9110 token)          */
	LK_OPTION_CHOICE	/* one of choices                    */
};

/*
 * Since minor 1 a DURATION may have choices as well: words that may stand for
 * one.  option_string then gives the word, and option_number 0.
 */
struct lk_option {
	const char	*name;		/* [a-z][a-z0-9_]*                   */
	uint32_t	 kind;		/* enum lk_option_kind               */
	uint32_t	 required;	/* not 0: must be given              */
	int64_t		 min, max;	/* both 0: the kind's own range      */
	const char	*fallback;	/* as it would be written; or NULL   */
	const char	*choices;	/* words parted by a space, or NULL  */
	const char	*help;		/* one line                          */
};

/* Who has a budget, each one of his own.  Of an IPv6 address the first 64 bits
 * count: whoever has one has them all. */
enum lk_budget_by {
	LK_BY_ACCOUNT = 1,
	LK_BY_KEY,
	LK_BY_ADDRESS
};

#define LK_BUDGET_CALLS	1000000000	/* at most: a limit, a burst         */
#define LK_BUDGET_PERIOD 3155760000U	/* seconds, at most: a century       */

/*
 * How many calls, in what time, by whom.  Since minor 1.  The plugin fills it
 * (pool is borrowed as long as it is used), host->budget_new takes it, and from
 * then on it is constant.
 */
struct lk_budget {
	uint32_t	 size;		/* sizeof(struct lk_budget)          */
	uint32_t	 by;		/* enum lk_budget_by                 */
	uint32_t	 limit;		/* calls, 1..LK_BUDGET_CALLS         */
	uint32_t	 burst;		/* at once, likewise; of a day: 0    */
	uint32_t	 seconds;	/* in which they are; 0: in each     */
					/* calendar day, UTC                 */
	uint32_t	 reserved;
	const char	*pool;		/* shared by all budgets of that     */
					/* name; NULL: of this check alone   */
	uint64_t	 host[3];	/* the core's own                    */
};

/*
 * Services of the core.  Each is safe from any thread; those that take a call
 * are for within that call.  Slices live until the call of lk_verify returns.
 */
struct lk_host {
	uint32_t	 size;		/* sizeof, as the core knows it      */
	uint16_t	 major, minor;

	/*
	 * A header of the request, by name without case, blanks around its
	 * value cut.  1 found; 0 absent; -1 several that differ.
	 */
	int	(*header)(const struct lk_call *, const char *name,
		    struct lk_slice *value);
	/*
	 * A string member of the JSON object that the body is, on its top
	 * level.  1 found; 0 no body or no such member; -1 the body is over
	 * the limit, not JSON, not an object, has a member twice or is too
	 * deep; -2 the member is not a string.  Parsed once a request.
	 */
	int	(*json)(struct lk_call *, const char *name,
		    struct lk_slice *value);
	/* The request; its method.p is NULL where a token alone is judged. */
	const struct lk_view *(*view)(const struct lk_call *);
	/* Seconds UTC since 1970, the same all through a call. */
	int64_t	(*now)(const struct lk_call *);
	/* 1 the account's package holds the API; 0 it does not. */
	int	(*entitled)(const struct lk_call *);

	/* 0, or -1 when the hash cannot be computed. */
	int	(*sha256)(const void *, size_t, uint8_t out[LK_SECRET_SIZE]);
	/* HMAC-SHA-256.  0, or -1 (also for a key of no octets). */
	int	(*mac)(const void *key, size_t key_len, const void *, size_t,
		    uint8_t out[LK_SECRET_SIZE]);
	/* 1 equal, 0 not; its time depends on n alone. */
	int	(*equal)(const void *, const void *, size_t n);
	/*
	 * The secret of one key, for types whose callers sign; nothing of it
	 * is stored.  HMAC(pepper, "sign" | type | key id).  0 or -1.
	 */
	int	(*derive)(const struct lk_call *, const struct lk_slice *key_id,
		    uint8_t out[LK_SECRET_SIZE]);
	int	(*derive_new)(const struct lk_setup *,
		    uint8_t out[LK_SECRET_SIZE]);

	/* A token of the core's form; NUL-ended; its length, or -1. */
	int	(*mint)(const struct lk_setup *, char *out, size_t size);
	/* The id that the key will have; NUL-ended; static to the setup. */
	const char *(*key_id)(const struct lk_setup *);
	/* The prefix of the type. */
	const char *(*prefix)(const struct lk_setup *);

	/*
	 * Options, already checked and with their fallbacks, borrowed for the
	 * life of the instance.  0 found, -1 not given and no fallback.
	 */
	int	(*option_string)(const struct lk_setup *, const char *name,
		    const char **out);
	int	(*option_number)(const struct lk_setup *, const char *name,
		    int64_t *out);	/* INTEGER, BOOLEAN, DURATION */
	int	(*option_nets)(const struct lk_setup *, const char *name,
		    const struct lk_net **out, size_t *n);
	/* Whether addr lies in one of n nets: 1, or 0. */
	int	(*in_nets)(const struct lk_net *addr, const struct lk_net *,
		    size_t n);
	/* A line for the operator; never a secret.  level as syslog(3). */
	void	(*log)(int level, const char *text);

	/* -- since minor 1 -- */

	/*
	 * While a check is configured: name its budget.  0, or -1 with a
	 * sentence in why: out of range, or another check of the policy has
	 * the pool with other numbers.
	 */
	int	(*budget_new)(const struct lk_setup *, struct lk_budget *,
		    char *why, size_t size);
	/*
	 * Is there room in a budget?  1 there is; 0 there is none for *wait
	 * seconds, at least 1; -1 cannot be told: by address, and that is not
	 * known; -2 never named, or too many in one call.
	 *
	 * This takes nothing.  The core remembers it, and takes one of each
	 * when all checks have passed; who then finds that others were faster
	 * is limited, and what was taken is given back.  To ask for the same
	 * budget again in a call changes nothing.
	 */
	int	(*budget)(struct lk_call *, const struct lk_budget *,
		    uint32_t *wait);
};

/* How a new key is sent: one line for the operator who made it. */
struct lk_usage {
	uint32_t	 size;
	uint32_t	 reserved;
	struct lk_slice	 method;	/* of one API of the type            */
	struct lk_slice	 path;
	struct lk_slice	 account;
	struct lk_slice	 token;		/* a stand-in such as $TOKEN         */
};

struct lk_plugin {
	uint32_t	 magic;		/* LK_PLUGIN_MAGIC                   */
	uint16_t	 major, minor;	/* LK_PLUGIN_MAJOR, LK_PLUGIN_MINOR  */
	uint32_t	 size;		/* sizeof(struct lk_plugin)          */
	uint32_t	 kind;		/* LK_PLUGIN_TYPE or LK_PLUGIN_CHECK */
	uint32_t	 flags;
	uint32_t	 option_size;	/* sizeof(struct lk_option)          */
	const char	*name;		/* as its file, without .so          */
	const char	*version;	/* its own, for people               */
	const char	*title;		/* one line of what it is            */
	const struct lk_option *options;
	size_t		 noptions;

	/*
	 * Make an instance for one type, or one line of checks.  host and the
	 * option values live as long as the instance; setup does not.
	 * LK_PASS, or LK_BROKEN with a note.
	 */
	uint32_t (*configure)(const struct lk_host *, const struct lk_setup *,
		    void **instance, struct lk_answer *);
	void	 (*release)(void *instance);	/* may be NULL */

	/* -- type plugins -- */

	/*
	 * Find the credential and the claimed account.  LK_PASS; LK_REFUSE
	 * with no_credential, two_credentials, bad_request or malformed;
	 * LK_NOT_MINE (taken as no_credential); LK_BROKEN.
	 */
	uint32_t (*present)(void *instance, struct lk_call *,
		    struct lk_credential *, struct lk_answer *);
	/*
	 * The text that the caller will present or sign with, NUL-ended, of
	 * 16 to size - 1 printable octets.  What is presented has the core's
	 * form (host->mint) and the prefix of the type; only a plugin with
	 * LK_PLUGIN_SIGNS is free in this; what reads KEYID.SECRET, with the
	 * 64 hex digits of derive_new, latchkey scan finds.  LK_PASS or
	 * LK_BROKEN.
	 */
	uint32_t (*mint)(void *instance, const struct lk_setup *, char *out,
		    size_t size, struct lk_answer *);
	/*
	 * Judge credential against record.  The core has compared digest,
	 * type, state, times and, where one was claimed, the account.
	 * LK_PASS; LK_REFUSE with malformed, bad_request, wrong_account,
	 * expired or not_yet; LK_BROKEN.
	 */
	uint32_t (*verify)(void *instance, struct lk_call *,
		    const struct lk_credential *, const struct lk_record *,
		    struct lk_answer *);
	/* One curl line, NUL-ended.  LK_PASS or LK_BROKEN.  May be NULL. */
	uint32_t (*usage)(void *instance, const struct lk_usage *, char *out,
		    size_t size);

	/* -- check plugins -- */

	/*
	 * LK_PASS; LK_REFUSE with not_entitled or address_refused; LK_WAIT
	 * with the seconds to wait; LK_BROKEN.
	 */
	uint32_t (*check)(void *instance, struct lk_call *,
		    const struct lk_record *, struct lk_answer *);
};

/* The one symbol that a plugin exports. */
#ifdef __GNUC__
#define LK_PLUGIN_EXPORT	__attribute__((visibility("default")))
#else
#define LK_PLUGIN_EXPORT
#endif

extern LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1;

/* How a plugin's table begins: all that says which ABI it was built for. */
#define LK_PLUGIN_HEAD(what)						\
	.magic = LK_PLUGIN_MAGIC,					\
	.major = LK_PLUGIN_MAJOR,					\
	.minor = LK_PLUGIN_MINOR,					\
	.size = sizeof(struct lk_plugin),				\
	.kind = (what),							\
	.option_size = sizeof(struct lk_option)

/*
 * What most plugins would write, written once: inline, so that nothing is
 * linked, and no part of the ABI.
 */

/* Refuse for reason; what and why, a blank between them, are the note. */
static inline uint32_t
lk_plugin_refuse(struct lk_answer *a, uint32_t reason, const char *what,
    const char *why)
{
	a->reason = reason;
	snprintf(a->note, sizeof(a->note), "%s %s", what, why);
	return LK_REFUSE;
}

static inline uint32_t
lk_plugin_broken(struct lk_answer *a, const char *why)
{
	snprintf(a->note, sizeof(a->note), "%s", why);
	return LK_BROKEN;
}

/* Are n octets the same, but for the case of A to Z?  In every locale. */
static inline int
lk_plugin_same(const char *a, const char *b, size_t n)
{
	unsigned char	 x, y;

	for (; n > 0; n--, a++, b++) {
		x = (unsigned char)*a;
		y = (unsigned char)*b;
		if (x >= 'A' && x <= 'Z')
			x = (unsigned char)(x | 0x20);
		if (y >= 'A' && y <= 'Z')
			y = (unsigned char)(y | 0x20);
		if (x != y)
			return 0;
	}
	return 1;
}

/* The text of an option, or NULL where it is not given or says none. */
static inline const char *
lk_plugin_option(const struct lk_host *host, const struct lk_setup *setup,
    const char *name)
{
	const char	*text = NULL;

	if (host->option_string(setup, name, &text) != 0 ||
	    strcmp(text, "none") == 0)
		return NULL;
	return text;
}

/* mint of a type whose tokens have the core's form. */
static inline uint32_t
lk_plugin_mint(const struct lk_host *host, const struct lk_setup *setup,
    char *out, size_t size, struct lk_answer *a)
{
	return host->mint(setup, out, size) > 0 ? LK_PASS :
	    lk_plugin_broken(a, "the core minted nothing");
}

/*
 * verify of a type whose callers present the token itself: it is proven by its
 * digest, which the core has compared.
 */
static inline uint32_t
lk_plugin_verify_bearer(void *instance, struct lk_call *call,
    const struct lk_credential *credential, const struct lk_record *record,
    struct lk_answer *a)
{
	(void)instance;
	(void)call;
	if (record == NULL || credential->token.p == NULL)
		return lk_plugin_broken(a, "a bearer token is expected");
	return LK_PASS;
}

#ifdef __cplusplus
}
#endif
#endif
