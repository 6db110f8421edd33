#ifndef RKTLET_CNGHTTP2_H
#define RKTLET_CNGHTTP2_H

#include <nghttp2/nghttp2.h>

#endif
