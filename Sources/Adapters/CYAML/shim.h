#ifndef RKTLET_CYAML_SHIM_H
#define RKTLET_CYAML_SHIM_H

#include <yaml.h>

#endif
