// PID 1 of a pod's shared PID namespace: what containers find there holds nothing that they lack.
#pragma once

#include "gantry_supervisor.h"

// In a child that is PID 1 of a new PID namespace and has a mount namespace of its own: gives up everything and becomes the program. It writes
// its step (GANTRY_INIT_*) and errno, 32 bits each, to `channel`, which closes otherwise.
_Noreturn void gantry_become_pod_init(const gantry_pod_init *init, int channel);
