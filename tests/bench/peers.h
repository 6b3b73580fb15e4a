/*
 * peers.h: the peers that are built in, since they take no library.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "peer.h"

extern const struct peer peer_linear;

#endif
