/*
 * prefix.c: which prefixes a type may have.
 *
 * Scanners of other vendors watch for theirs in public places and revoke, or
 * report to them, what they find.  Source: the lists of patterns of GitHub's
 * secret scanning, gitleaks and trufflehog; only what stands before the first
 * '_' or '-' and is [a-z0-9] can collide.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "token/token.h"

static const struct vendor {
	const char	*name;
	const char	*prefixes[8];
} vendors[] = {
	{ "GitHub",	{ "ghp", "gho", "ghu", "ghs", "ghr", "github" } },
	{ "npm",	{ "npm" } },
	{ "Stripe",	{ "sk", "pk", "rk", "whsec" } },
	{ "HashiCorp",	{ "hvs", "hvb", "hvr", "atlasv1" } },
	{ "Slack",	{ "xoxa", "xoxb", "xoxe", "xoxp", "xoxr", "xoxs",
			  "xapp" } },
	{ "GitLab",	{ "glpat", "gldt", "glrt", "glcbt", "glptt", "glft",
			  "glsoat" } },
	{ "PyPI",	{ "pypi" } },
	{ "DigitalOcean", { "dop", "doo", "dor" } },
	{ "Shopify",	{ "shpat", "shpca", "shppa", "shpss" } },
	{ "Docker",	{ "dckr" } },
	{ "Hugging Face", { "hf" } },
	{ "RubyGems",	{ "rubygems" } },
	{ "Grafana",	{ "glsa", "glc" } },
	{ "Sentry",	{ "sntrys", "sntryu" } },
	{ "Tailscale",	{ "tskey" } },
	{ "PlanetScale", { "pscale" } },
	{ "Square",	{ "sq0atp", "sq0csp" } },
	{ "Google",	{ "ya29" } },
	{ "Figma",	{ "figd" } },
	{ "Notion",	{ "ntn" } },
	{ "New Relic",	{ "nrak" } },
};

#define VENDORS		(sizeof vendors / sizeof vendors[0])
#define EACH		(sizeof vendors[0].prefixes / \
			    sizeof vendors[0].prefixes[0])

/* Whose prefix it is, or NULL. */
static const char *
vendor_of(const char *prefix, size_t n)
{
	const char	*p;
	size_t		 i, j;

	for (i = 0; i < VENDORS; i++) {
		for (j = 0; j < EACH; j++) {
			p = vendors[i].prefixes[j];
			if (p != NULL && strlen(p) == n &&
			    memcmp(p, prefix, n) == 0)
				return vendors[i].name;
		}
	}
	return NULL;
}

int
lk_prefix_check(const char *prefix, size_t n, struct lk_error *e)
{
	const char	*vendor;
	size_t		 i;

	if (n < LK_PREFIX_MIN || n > LK_PREFIX_MAX)
		return lk_fail(e, LK_EDATA, "a prefix has %d to %d octets, "
		    "this one has %zu", LK_PREFIX_MIN, LK_PREFIX_MAX, n);
	for (i = 0; i < n; i++) {
		if ((prefix[i] < 'a' || prefix[i] > 'z') &&
		    (prefix[i] < '0' || prefix[i] > '9'))
			return lk_fail(e, LK_EDATA, "a prefix has only "
			    "a-z and 0-9; octet %zu of this one is neither",
			    i + 1);
	}
	if ((vendor = vendor_of(prefix, n)) != NULL)
		return lk_fail(e, LK_EDATA, "prefix %.*s is that of %s: its "
		    "scanners would take these tokens for theirs; choose "
		    "another", (int)n, prefix, vendor);
	return 0;
}
