// How a library's complaint leaves it: the words are kept and control jumps back to the caller.
#pragma once
#include "CImages.h"
#include <setjmp.h>
#include <stdio.h>

typedef struct mgi_fault {
    mgi_outcome outcome;
    char *message;
    jmp_buf caller;
} mgi_fault;

static inline _Noreturn void mgi_fail(mgi_fault *fault, mgi_outcome outcome, const char *message) {
    fault->outcome = outcome;
    snprintf(fault->message, MGI_MESSAGE_CAPACITY, "%s", message);
    longjmp(fault->caller, 1);
}
