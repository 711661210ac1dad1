// One step of an optimizer over contiguous floats, in place.
#pragma once
#include <stddef.h>

// Adam (Kingma and Ba, arXiv:1412.6980) with decoupled weight decay (arXiv:1711.05101), in the
// order of operations PyTorch uses. `correction1` and `correction2` are 1 - beta^step.
void mgk_adam(size_t n, float rate, float beta1, float beta2, float epsilon, float coupled_decay,
              float decoupled_decay, double correction1, double correction2, const float *gradient,
              float *parameter, float *first, float *second);
void mgk_sgd(size_t n, float rate, float momentum, float decay, int first_step,
             const float *gradient, float *parameter, float *velocity);
