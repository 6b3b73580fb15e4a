/*
 * test_nonip: what setsockopt of latchkeyd says of a socket.
 */
#include "table.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cmocka.h>

static int
cork(int fd, int level)
{
	int	 on = 1;

	errno = 0;
	return setsockopt(fd, level, TCP_CORK, &on, sizeof(on)) == 0 ? 0 :
	    errno;
}

static void
test_kinds(void **state)
{
	int	 on = 0, tcp, pair[2];
	socklen_t len = sizeof(on);

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true((tcp = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	/* The library asks no more of a socket that says this. */
	assert_int_equal(cork(pair[0], IPPROTO_TCP), ENOPROTOOPT);
	/* All else is as it was. */
	assert_int_equal(cork(tcp, IPPROTO_TCP), 0);
	assert_int_equal(getsockopt(tcp, IPPROTO_TCP, TCP_CORK, &on, &len), 0);
	assert_int_equal(on, 1);
	assert_int_equal(cork(pair[0], IPPROTO_IP), EOPNOTSUPP);
	assert_int_equal(cork(-1, IPPROTO_TCP), EBADF);
	on = 1;
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)), 0);
	close(tcp);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
