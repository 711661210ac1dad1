#pragma once
#include "decoding.h"
#include "resampling.h"
