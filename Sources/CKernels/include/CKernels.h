#pragma once
#include "combination.h"
#include "conversion.h"
#include "elementwise.h"
#include "normalization.h"
#include "optimization.h"
#include "predictions.h"
#include "process.h"
