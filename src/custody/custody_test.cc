#include "custody/custody.h"
#include <gtest/gtest.h>
