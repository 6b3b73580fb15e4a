#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

#include "hmac.h"

#define PEPPER_MAX	4096		/* octets                            */

gcry_md_hd_t
hmac_open(const struct home *h)
{
	char		 path[PATH_MAX + 16], key[PEPPER_MAX];
	gcry_md_hd_t	 md;
	ssize_t		 n;
	int		 fd;

	snprintf(path, sizeof(path), "%s/pepper/1", h->dir);
	if ((fd = open(path, O_RDONLY)) == -1 ||
	    (n = read(fd, key, sizeof(key))) <= 0)
		err(1, "%s", path);
	close(fd);
	if (gcry_md_open(&md, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC) != 0 ||
	    gcry_md_setkey(md, key, (size_t)n) != 0)
		errx(1, "libgcrypt gives no handle");
	return md;
}
