/*
 * sweep_verbs.c: the verbs, and the exit statuses that a fault may give each
 * of them (latchkey(1), EXIT STATUS).  What is not in a row must not happen: a
 * good key is never denied (1), a key that is there is never not found (66).
 */
#include "sweep.h"

#define READING		{ 69, 74, 77, 78 }
#define WRITING		{ 69, 71, 74, 75, 77, 78 }

#define SHA(x)		"0123456789abcdef0123456789abcdef0123456789abcdef" \
			"0123456789abcde" x
#define IMPORTED	"type,account,sha256\n" \
			"ucd,acme," SHA("1") "\n" \
			"ucd,acme," SHA("2") "\n" \
			"ucd,gamma," SHA("3") "\n"

const struct sweep_verb sweep_verbs[] = {
	{ "init", { "init", "--plugins", "@plugins" },
	    .start = START_NOTHING, .kind = SWEEP_INIT,
	    .failed = { 69, 71, 74, 77, 78 } },
	{ "types", { "types" }, .kind = SWEEP_READS, .failed = READING },
	{ "generate", { "generate", "ucd", "--account", "acme" },
	    .kind = SWEEP_TOKEN, .failed = WRITING },
	{ "generate --json", { "generate", "ucd", "--account", "beta",
	    "--json" }, .kind = SWEEP_TOKEN, .failed = WRITING },
	{ "generate, torn tail", { "generate", "ucd", "--account", "acme" },
	    .start = START_TORN, .kind = SWEEP_TOKEN, .failed = WRITING },
	{ "generate, touched", { "generate", "ucd", "--account", "acme" },
	    .start = START_TOUCHED, .kind = SWEEP_TOKEN, .failed = WRITING },
	{ "list", { "list", "--all" }, .kind = SWEEP_READS,
	    .failed = READING },
	{ "list --json", { "list", "--json" }, .kind = SWEEP_READS,
	    .failed = READING },
	{ "show", { "show", "@live.id" }, .kind = SWEEP_READS,
	    .failed = READING },
	{ "delete", { "delete", "@ending.id" }, .kind = SWEEP_ENDS,
	    .failed = WRITING },
	{ "delete, touched", { "delete", "@ending.id" },
	    .start = START_TOUCHED, .kind = SWEEP_ENDS, .failed = WRITING },
	{ "delete, torn tail", { "delete", "@ending.id" },
	    .start = START_TORN, .kind = SWEEP_ENDS, .failed = WRITING },
	{ "delete --store", { "delete", "@ending.id", "--store", "@store" },
	    .kind = SWEEP_ENDS, .failed = WRITING },
	{ "verify, allowed", { "verify", "-X", "POST", "/api/user/v1/upsert",
	    "-H", "@live.headers" }, .kind = SWEEP_READS,
	    .failed = { 66, 69, 74, 77, 78 } },
	{ "verify, counted", { "verify", "-X", "POST", "/api/user/v1/upsert",
	    "-H", "@live.headers", "--consume" }, .kind = SWEEP_READS,
	    .failed = { 66, 69, 74, 77, 78 } },
	{ "verify, deleted", { "verify", "-X", "POST", "/api/user/v1/upsert",
	    "-H", "@gone.headers" }, .kind = SWEEP_READS | SWEEP_DENIES,
	    .clean = 1, .failed = { 66, 69, 74, 77, 78 } },
	{ "verify, no such route", { "verify", "-X", "POST", "/nowhere",
	    "-H", "@live.headers" }, .kind = SWEEP_READS | SWEEP_DENIES,
	    .clean = 1, .failed = { 66, 69, 74, 77, 78 } },
	{ "verify --type, allowed", { "verify", "--type", "ucd",
	    "--account", "acme" }, "@live.token", .kind = SWEEP_READS,
	    .failed = READING },
	{ "verify --type, deleted", { "verify", "--type", "ucd",
	    "--account", "acme", "--explain" }, "@gone.token",
	    .kind = SWEEP_READS | SWEEP_DENIES, .clean = 1,
	    .failed = READING },
	{ "account set", { "account", "set", "acme", "--package",
	    "essential" }, .kind = SWEEP_PACKAGE, .failed = WRITING },
	{ "account list", { "account", "list" }, .kind = SWEEP_READS,
	    .failed = READING },
	{ "policy check", { "policy", "check" }, .kind = SWEEP_READS,
	    .failed = { 66, 69, 74, 77, 78 } },
	{ "policy check, wrong", { "policy", "check" }, .start = START_WRONG,
	    .kind = SWEEP_READS | SWEEP_DENIES | SWEEP_NO_CHECK,
	    .clean = 78,
	    .failed = { 66, 69, 74, 77, 78 } },
	{ "plugin list", { "plugin", "list" },
	    .kind = SWEEP_READS | SWEEP_FAULTY, .failed = READING },
	/* Without a policy it is that of the installed folder: any output. */
	{ "plugin show", { "plugin", "show", "ucd" },
	    .failed = { 1, 66, 69, 74, 77, 78 } },
	{ "store check", { "store", "check" },
	    .kind = SWEEP_READS | SWEEP_NOTES,
	    .failed = { 1, 69, 74, 77, 78 } },
	{ "store check, damaged", { "store", "check" },
	    .start = START_DAMAGED, .kind = SWEEP_DENIES | SWEEP_NO_CHECK,
	    .clean = 1, .failed = READING },
	{ "store log", { "store", "log" }, .kind = SWEEP_READS,
	    .failed = READING },
	{ "store rebuild", { "store", "rebuild" }, .failed = WRITING },
	{ "store compact", { "store", "compact" }, .failed = WRITING },
	{ "store restore", { "store", "restore", "@copy" },
	    .failed = WRITING },
	{ "store repair", { "store", "repair", "--accept", "2" },
	    .start = START_DAMAGED, .kind = SWEEP_NO_CHECK,
	    .failed = WRITING },
	{ "import", { "import", "-" }, IMPORTED, .kind = SWEEP_MORE,
	    .failed = WRITING },
	{ "generate --count", { "generate", "ucd", "--account", "acme",
	    "--count", "3" }, .kind = SWEEP_MORE, .failed = WRITING },
	{ "export", { "export" }, .kind = SWEEP_READS, .failed = READING },
	{ "pepper rotate", { "pepper", "rotate" }, .failed = WRITING },
	{ "pepper status", { "pepper", "status" }, .kind = SWEEP_READS,
	    .failed = READING },
};

const size_t sweep_nverbs = sizeof sweep_verbs / sizeof sweep_verbs[0];
