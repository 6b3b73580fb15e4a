# core/token: base62, CRC-32, parse, mask, mint, digest, pepper.

libcore_la_SOURCES =

libcore_la_SOURCES += core/token/base62.c
libcore_la_SOURCES += core/token/crc32.c
libcore_la_SOURCES += core/token/digest.c core/token/digest.h
libcore_la_SOURCES += core/token/digits.h
libcore_la_SOURCES += core/token/mint.c
libcore_la_SOURCES += core/token/pepper.c core/token/pepper.h
libcore_la_SOURCES += core/token/pepper_make.c
libcore_la_SOURCES += core/token/prefix.c
libcore_la_SOURCES += core/token/sift.c core/token/sift.h
libcore_la_SOURCES += core/token/token.c core/token/token.h
