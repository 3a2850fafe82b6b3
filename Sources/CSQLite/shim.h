#ifndef BROKER_CSQLITE_SHIM_H
#define BROKER_CSQLITE_SHIM_H

#include <sqlite3.h>

#endif
