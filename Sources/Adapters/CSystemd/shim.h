#ifndef RKTLET_CSYSTEMD_SHIM_H
#define RKTLET_CSYSTEMD_SHIM_H

/* With it sd_journal_sendv is a function; without, a macro that says this header is where the message came from. */
#define SD_JOURNAL_SUPPRESS_LOCATION

/* How the thread of the bus connection is woken; the Swift overlay of glibc leaves it out. */
#include <sys/eventfd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
