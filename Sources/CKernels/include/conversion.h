// Conversions between the number formats of checkpoint files and float32.
#pragma once
#include <stddef.h>
#include <stdint.h>
