#include "services/training/day_effects.h"
