/*
 * remote.h: what latchkey and latchkey-remote, which speaks HTTP for it, say to
 * each other: frames on standard input, one on standard output for each.
 *
 * A request has
 *	server	https://HOST[:PORT][/PATH], http://LOOPBACK…, or unix:/PATH
 *	method	GET, POST, PUT or DELETE
 *	target	/v1/…, with its query
 *	owner	number of the user who, beside root, may serve a unix socket
 *	token	of the operator
 *	ca	a file of certificates to trust instead of the system's
 *	once	the value of Idempotency-Key
 *	body	JSON
 *	seconds	for all of it
 * and those that are not there or empty are left out.  An answer has either
 *	status	the number of HTTP
 *	type	the media type
 *	body	at most LK_REMOTE_BODY_MAX octets
 * or
 *	failed	one of LK_REMOTE_*
 *	text	a few words of why
 */
#ifndef LK_REMOTE_REMOTE_H
#define LK_REMOTE_REMOTE_H

#define LK_REMOTE_BODY_MAX	8388608	/* octets of an answer               */
#define LK_REMOTE_FRAME_MAX	(LK_REMOTE_BODY_MAX + 4096)

#define LK_REMOTE_USAGE		"usage"	/* the server is of no such form     */
#define LK_REMOTE_ABSENT	"absent"	/* no socket, or none listens */
#define LK_REMOTE_BARRED	"barred"	/* no socket for this user   */
#define LK_REMOTE_UNREACHED	"unreached"	/* no connection             */
#define LK_REMOTE_DISTRUST	"distrust"	/* TLS: not who it should be */
#define LK_REMOTE_LATE		"late"	/* the time is over                  */
#define LK_REMOTE_WRONG		"wrong"	/* cut off, too long, or no HTTP     */

#endif
