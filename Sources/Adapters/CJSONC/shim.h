#ifndef RKTLET_CJSONC_SHIM_H
#define RKTLET_CJSONC_SHIM_H

#include <json-c/json.h>

#endif
