#include "CKernels.h"
#include "kernels.h"

KERNEL void mgk_adam(size_t n, float rate, float beta1, float beta2, float epsilon,
                     float coupled_decay, float decoupled_decay, double correction1,
                     double correction2, const float *gradient, float *parameter, float *first,
                     float *second) {
    float step = (float)((double)rate / correction1);
    float root = (float)sqrt(correction2);
    for (size_t i = 0; i < n; i++) {
        float p = parameter[i] * (1.0f - rate * decoupled_decay);
        float g = gradient[i] + coupled_decay * p;
        float m = first[i] + (1.0f - beta1) * (g - first[i]);
        float v = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        parameter[i] = p - step * (m / (sqrtf(v) / root + epsilon));
    }
}

KERNEL void mgk_sgd(size_t n, float rate, float momentum, float decay, int first_step,
                    const float *gradient, float *parameter, float *velocity) {
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i] + decay * parameter[i];
        float v = first_step ? g : momentum * velocity[i] + g;
        velocity[i] = v;
        parameter[i] -= rate * v;
    }
}
