#ifndef BROKER_CYAML_SHIM_H
#define BROKER_CYAML_SHIM_H

#include <yaml.h>

#endif
